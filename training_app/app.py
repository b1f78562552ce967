"""The site put together: floors below know nothing of each other's names, so they are joined here."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask
from flask_babel import lazy_gettext as _l
from werkzeug.middleware.proxy_fix import ProxyFix

from question_bank.criteria_loading import load_criteria
from training_app.audit.services import chain_findings
from training_app.bank import item_views, review_views, upload_views
from training_app.bank import views as bank_views
from training_app.bank.invariants import bank_findings, bank_health, review_findings
from training_app.bookings import closure_views, kit_views, record_views, seat_views
from training_app.bookings import views as booking_views
from training_app.bookings.invariants import booking_findings
from training_app.chores import job_kinds, turns
from training_app.config import Settings, secret_of
from training_app.db import Database
from training_app.entrance import init_entrance
from training_app.exams import entry_views
from training_app.exams import views as exam_views
from training_app.exams.console import act_views as console_act_views
from training_app.exams.console import late_views
from training_app.exams.console import views as console_views
from training_app.exams.day import door_views, photo_views, waiting_views
from training_app.exams.invariants import exam_findings
from training_app.exams.item_use import use_of_items
from training_app.exams.marking import correction_views
from training_app.exams.marking import key_views as marking_key_views
from training_app.exams.marking import own_views as marking_own_views
from training_app.exams.marking import views as marking_views
from training_app.exams.marking.own import own_results
from training_app.exams.objections import desk_views as objection_desk_views
from training_app.exams.objections import views as objection_views
from training_app.exams.paper import receipt_views, shell_views
from training_app.exams.paper import views as paper_views
from training_app.exams.practice import views as practice_views
from training_app.exams.rehearsal import views as rehearsal_views
from training_app.exams.rehearsal.checking import place_in_rehearsal
from training_app.exams.review import init_review
from training_app.exams.setup import act_views as sitting_act_views
from training_app.exams.setup import planning_views, roster_views
from training_app.exams.setup import prints as sitting_prints
from training_app.exams.setup import views as sitting_views
from training_app.exams.setup.invariants import sitting_findings
from training_app.files.store import Store
from training_app.installation import installation_of
from training_app.jobs.health import worker_health
from training_app.observations import place_views, plan_views, studio_views, venue_views, watch_views
from training_app.observations import setting_views as venue_setting_views
from training_app.observations import views as observation_views
from training_app.observations.attendance import watched_by
from training_app.observations.invariants import observation_findings
from training_app.people import account_views, admission_views, organisation_views
from training_app.people import people_views as people_pages
from training_app.people import views as people_views
from training_app.people.passwords import Passwords
from training_app.presentation import init_presentation
from training_app.progress import audit_views, job_views
from training_app.progress import views as progress_views
from training_app.registry import Invariant, NavigationEntry, Registry
from training_app.signing import Keys
from training_app.streams.health import media_health
from training_app.web import health
from training_app.web.access import PUBLIC, SIGNED_IN
from training_app.web.bodies import init_bodies
from training_app.web.error_pages import init_error_pages
from training_app.web.headers import init_headers
from training_app.web.lasting import init_lasting
from training_app.web.logs import init_request_log
from training_app.web.requests import close_read_session
from training_app.web.unreadable import init_unreadable

PACKAGE = Path(__file__).parent
BLUEPRINTS = (
    health.bp,
    people_views.bp,
    booking_views.bp,
    bank_views.bp,
    exam_views.bp,
    observation_views.bp,
    progress_views.bp,
)
PAGES = (
    item_views,
    review_views,
    upload_views,
    entry_views,
    paper_views,
    receipt_views,
    shell_views,
    practice_views,
    sitting_views,
    planning_views,
    sitting_act_views,
    roster_views,
    sitting_prints,
    rehearsal_views,
    door_views,
    waiting_views,
    photo_views,
    console_views,
    console_act_views,
    late_views,
    marking_views,
    marking_key_views,
    correction_views,
    marking_own_views,
    objection_views,
    objection_desk_views,
    watch_views,
    studio_views,
    venue_views,
    plan_views,
    place_views,
    venue_setting_views,
    people_pages,
    admission_views,
    account_views,
    organisation_views,
    record_views,
    seat_views,
    kit_views,
    closure_views,
    audit_views,
    job_views,
)
"""Modules whose views hang on the blueprint of their package."""


def folder(name: str) -> Path:
    """`templates` or `static`: inside the installed package, or beside it in a checkout."""
    inside = PACKAGE / name
    return inside if inside.is_dir() else PACKAGE.parent / name


class Site(Flask):
    """No view of it is a coroutine, which Flask would ask of each at every request."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """The view as it is."""
        return func


def create_app(settings: Settings) -> Flask:
    """The WSGI application over a database that is migrated and filled."""
    app = Site(__name__, template_folder=str(folder("templates")), static_folder=str(folder("static")))
    _furnish(app, settings)
    if settings.proxy_hops:
        hops = settings.proxy_hops
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]  # Flask's documented way
    app.teardown_appcontext(close_read_session)
    init_request_log(app)
    init_bodies(app, at_once=settings.web_threads)
    init_unreadable(app)
    init_lasting(app)
    init_entrance(app)
    init_headers(app, settings)
    init_error_pages(app)
    init_presentation(app)
    init_review(app)
    bank_views.init_reader(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    setattr(app.view_functions["static"], "permission", PUBLIC)  # noqa: B010 - Flask made the view
    return app


def _furnish(app: Flask, settings: Settings) -> None:
    """What every view finds in `app.config` and `app.extensions`."""
    keys = Keys(settings.data_dir / "keys")
    database = Database(settings.database_url, pool_size=settings.web_threads + 1, keys=keys)
    with database.read() as session:
        installation = installation_of(session)
    demonstration = installation is not None and installation.demonstration
    app.config.update(_configuration(settings, demonstration=demonstration))
    store = Store(settings.data_dir / "files", quota_bytes=settings.files_mb << 20)
    registry = _registry()
    registry.job_kinds.update(job_kinds(registry.invariants))
    registry.turns.update(turns(settings, store))
    app.extensions.update(
        database=database,
        settings=settings,
        registry=registry,
        keys=keys,
        files=store,
        passwords=Passwords(os.cpu_count() or 1, slots=settings.data_dir),
        criteria=load_criteria(),
        demonstration=demonstration,
        demo_accounts=_demo_accounts(settings.data_dir) if demonstration else [],
    )


def _configuration(settings: Settings, *, demonstration: bool) -> dict[str, object]:
    return {
        "SECRET_KEY": secret_of(settings, demonstration=demonstration),
        "SESSION_COOKIE_NAME": "training",
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.secure_cookies,
        "PERMANENT_SESSION_LIFETIME": settings.session_hours * 3600,
        # an answer that comes late, even a picture's, would bring back a session that was changed or ended meanwhile
        "SESSION_REFRESH_EACH_REQUEST": False,
        "WTF_CSRF_TIME_LIMIT": None,
        "MAX_CONTENT_LENGTH": 1 << 20,
        "MAX_FORM_MEMORY_SIZE": 1 << 20,
        "BABEL_DEFAULT_LOCALE": "zh_CN",
        "BABEL_DEFAULT_TIMEZONE": "Asia/Shanghai",
    }


def invariants() -> dict[str, Invariant]:
    """What must always hold in the records, by name."""
    return {
        "audit_chain": chain_findings,
        "bank": bank_findings,
        "bookings": booking_findings,
        "exams": exam_findings,
        "observations": observation_findings,
        "reviews": review_findings,
        "sittings": sitting_findings,
    }


def _registry() -> Registry:
    registry = Registry()
    registry.invariants.update(invariants())
    registry.health_parts.update(bank=bank_health, worker=worker_health, media=media_health)
    registry.person_parts["exams/marking/_person.html"] = own_results
    registry.person_parts["observations/_person.html"] = watched_by
    registry.use_of_items = use_of_items
    registry.place_in_rehearsal = place_in_rehearsal
    registry.navigation.extend(
        NavigationEntry(endpoint, label, permission, position)
        for position, (endpoint, label, permission) in enumerate(
            (
                ("progress.home", _l("Home"), SIGNED_IN),
                ("bank.criteria_home", _l("Criteria"), "criteria.read"),
                ("exams.overview", _l("Exams"), "practice.take"),
                ("observations.observations", _l("Observations"), "observations.read"),
                ("exams.sittings", _l("Sittings"), "sittings.read"),
                ("exams.objections", _l("Objections"), "objections.decide"),
                ("people.people", _l("People"), "people.read"),
                ("people.organisations", _l("Organisations"), "organisations.read"),
                ("bookings.rooms", _l("Rooms"), "rooms.read"),
                ("bank.items", _l("Item bank"), "bank.read"),
                ("progress.jobs", _l("Jobs"), "jobs.read"),
                ("progress.audit_log", _l("Audit log"), "audit.read"),
            )
        )
    )
    return registry


def _demo_accounts(data_dir: Path) -> list[dict[str, object]]:
    path = data_dir / "demo-accounts.json"
    return list(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else []

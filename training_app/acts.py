"""Acts of the command line that write: filling an empty database, loading content, helping an administrator back in."""

import json
import os
import re
import tempfile
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from question_bank.criteria_loading import load_criteria
from question_bank.errors import ContentRefused
from question_bank.identifiers import mask_identity_numbers
from question_bank.loading import SHIPPED, LoadedContent, load_bank
from training_app import clock, schema
from training_app.audit import services as audit
from training_app.bank.loading import load_content
from training_app.bank.models import ItemVersion
from training_app.bank.parsing import content_of_a_base
from training_app.bookings.demonstration import rooms_of_the_demonstration
from training_app.config import Settings, make_data_dir, secret_of
from training_app.control import Act, Say
from training_app.db import Database
from training_app.demo import Account, accounts_of_the_demonstration, people_of_the_demonstration
from training_app.errors import Refused
from training_app.exams.day.demonstration import open_sittings_of_the_demonstration
from training_app.exams.demonstration import past_of_the_demonstration
from training_app.exams.marking.demonstration import results_of_the_demonstration
from training_app.exams.objections.demonstration import objections_of_the_demonstration
from training_app.exams.setup.demonstration import sittings_of_the_demonstration
from training_app.installation import Installation, installation_of, require_site
from training_app.jobs.children import ChildFailed, Limits, run_in_child
from training_app.observations.demonstration import observations_of_the_demonstration
from training_app.people.admission import NewPerson, add_person, give_role
from training_app.people.models import Person, RoleGrant, TrainingBase
from training_app.people.rules import Role
from training_app.people.sign_in import issue_code
from training_app.programmes.services import found_programme
from training_app.rehearsing import REHEARSAL_ACTS
from training_app.signing import key_for

BASES = (
    ("suzhou", "SZV", "苏州", "Suzhou"),
    ("shenzhen", "SZX", "深圳", "Shenzhen"),
    ("guangzhou", "CAN", "广州", "Guangzhou"),
)
PARSING = Limits(seconds=300)
PAST_OF_DEMONSTRATION = timedelta(days=60)
"""How long before its foundation the programme of a demonstration has rules, for what its people have done already."""
USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,59}")


def require_empty(database: Database) -> None:
    """Nothing, or Refused when the database holds anything: `init` and `demo` only ever fill an empty one."""
    if not schema.is_empty(database) and (schema.revision_of(database) is None or _is_filled(database)):
        raise Refused(
            "This database is not empty. `init` and `demo` only fill an empty one; "
            "point DATA_DIR or DATABASE_URL elsewhere, or use `upgrade` for an older site."
        )


def _is_filled(database: Database) -> bool:
    with database.read() as session:
        return installation_of(session) is not None


def _first_administrator(arguments: Mapping[str, str]) -> NewPerson:
    username = arguments["username"].strip().lower()
    if not USERNAME.fullmatch(username):
        raise Refused(
            "A sign-in name takes 2 to 60 letters a to z, digits, dots and dashes, the first a letter or digit."
        )
    names = [mask_identity_numbers(" ".join(arguments[name].split())) for name in ("name_zh", "name_en")]
    if not all(name.isprintable() and 0 < len(name) <= 60 for name in names):
        raise Refused("Each of the two names takes 1 to 60 characters.")
    return NewPerson(username=username, kind="staff", name_zh=names[0], name_en=names[1])


def init(database: Database, settings: Settings, arguments: Mapping[str, str], say: Say) -> int:
    """An empty database becomes a site: tables, three bases, shipped bank, first administrator with a one-time code."""
    require_empty(database)
    administrator = _first_administrator(arguments)
    content = load_bank(SHIPPED)
    secret = secret_of(settings, demonstration=False)
    schema.migrate(database)
    now = clock.now()
    with database.write() as session:
        _found(session, content, demonstration=False, now=now)
        person = add_person(session, administrator, now)
        give_role(session, person, Role.PROGRAMME_ADMIN, None, now=now)
        code = issue_code(session, person, issuer_id=None, key=key_for(secret, "door", 0), now=now)
        audit.record(session, audit.Act("site.founded", "person", person.id), now)
    say(f"The site is ready. Programme administrator: {person.username}")
    say(f"One-time code for the first sign-in, valid for 14 days, shown only now: {code}")
    say("Next: training-app serve")
    return 0


def demo(database: Database, settings: Settings, arguments: Mapping[str, str], say: Say) -> int:  # noqa: ARG001 - an act
    """An empty database becomes a demonstration, for ever, with invented people and their passwords in a file."""
    file = settings.data_dir / "demo-accounts.json"
    if not file.exists() and _is_demonstration(database):
        write_accounts(file, accounts_of_the_demonstration())
        say(f"The demonstration is there already; its accounts stand in {file} again.")
        return 0
    require_empty(database)
    content = load_bank(SHIPPED)
    secret_of(settings, demonstration=True)
    schema.migrate(database)
    now = clock.now()
    with database.write() as session:
        _found(session, content, demonstration=True, now=now)
        accounts = people_of_the_demonstration(session, now)
        rooms_of_the_demonstration(session, now)
        criteria = load_criteria()
        past_of_the_demonstration(session, criteria, now)
        results_of_the_demonstration(session, criteria, now)
        sittings_of_the_demonstration(session, criteria, now)
        open_sittings_of_the_demonstration(session, criteria, now)
        objections_of_the_demonstration(session, settings.appeal_days, now)
        observations_of_the_demonstration(session, now)
        audit.record(session, audit.Act("site.founded", "site", "demonstration"), now)
    write_accounts(file, accounts)
    say(f"Demonstration data are loaded: {len(accounts)} invented people, see {file}")
    return 0


def _is_demonstration(database: Database) -> bool:
    if schema.fault_of(database):
        return False
    with database.read() as session:
        found = installation_of(session)
    return found is not None and found.demonstration


def _found(session: Session, content: LoadedContent, *, demonstration: bool, now: datetime) -> None:
    session.add(Installation(id=1, demonstration=demonstration, created_at=now))
    rows = [
        {"id": slug, "code": code, "name_zh": zh, "name_en": en, "position": position}
        for position, (slug, code, zh, en) in enumerate(BASES, start=1)
    ]
    session.execute(insert(TrainingBase), rows)
    load_content(session, content, origin="shipped", now=now)
    before = PAST_OF_DEMONSTRATION if demonstration else timedelta()
    found_programme(session, clock.shanghai_day(now) - before)


def write_accounts(path: Path, accounts: list[Account]) -> None:
    """The demonstration accounts as a JSON list, readable by the owner only, whole or not at all."""
    make_data_dir(path.parent)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".accounts")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump([account.as_json() for account in accounts], file, ensure_ascii=False, indent=1)
    Path(name).replace(path)


def load_shipped(database: Database, settings: Settings, arguments: Mapping[str, str], say: Say) -> int:  # noqa: ARG001 - an act
    """The content that ships with this version becomes current."""
    require_site(database)
    content = load_bank(SHIPPED)
    now = clock.now()
    with database.write() as session:
        outcome = load_content(session, content, origin="shipped", now=now)
        found_programme(session, clock.shanghai_day(now))
        audit.record(
            session,
            audit.Act(
                "bank.shipped_loaded", "bank", "shipped", details={"new": outcome.new, "changed": outcome.changed}
            ),
            now,
        )
    say(
        f"Shipped content: {outcome.new} new, {outcome.changed} changed, {outcome.unchanged} unchanged, "
        f"{outcome.withdrawn} withdrawn."
    )
    return 0


def bank_load(database: Database, settings: Settings, arguments: Mapping[str, str], say: Say) -> int:  # noqa: ARG001 - an act
    """A base's own items become current, all of the folder or nothing."""
    folder = Path(arguments["folder"])
    require_site(database)
    with database.read() as session:
        known = frozenset(session.scalars(select(ItemVersion.item_id).where(ItemVersion.superseded_at.is_(None))))
    try:
        content = run_in_child(content_of_a_base, folder, known, limits=PARSING)
    except ContentRefused as refusal:
        for fault in refusal.faults:
            say(str(fault))
        say(f"{len(refusal.faults)} faults. Nothing was loaded.")
        return 1
    except ChildFailed as failure:
        raise Refused(f"{failure} Nothing was loaded.") from failure
    now = clock.now()
    with database.write() as session:
        author = _person(session, arguments.get("author", ""))
        loader = _person(session, arguments.get("loaded_by", ""))
        outcome = load_content(session, content, origin="base", now=now, author_id=author, loaded_by=loader)
        details = {"new": outcome.new, "changed": outcome.changed, "folder": folder.name}
        audit.record(session, audit.Act("bank.loaded", "bank", "base", details=details), now)
    say(f"Loaded {folder}: {outcome.new} new, {outcome.changed} changed, {outcome.unchanged} unchanged.")
    if loader is None:
        say("Nobody is named as loader. With --loaded-by NAME the person who loads is not asked to confirm as well.")
    return 0


def _person(session: Session, username: str) -> int | None:
    if not username:
        return None
    person = session.scalar(select(Person.id).where(Person.username == username.lower()))
    if person is None:
        raise Refused(f"Nobody here has the sign-in name {username}. Leave the option out or give another name.")
    return person


def reset_admin(database: Database, settings: Settings, arguments: Mapping[str, str], say: Say) -> int:
    """A one-time code for a programme administrator who cannot sign in any more; a block is lifted."""
    require_site(database)
    now = clock.now()
    with database.write() as session:
        installation = installation_of(session)
        secret = secret_of(settings, demonstration=bool(installation and installation.demonstration))
        query = (
            select(Person)
            .join(RoleGrant, RoleGrant.person_id == Person.id)
            .where(RoleGrant.role == Role.PROGRAMME_ADMIN, RoleGrant.ended_at.is_(None))
            .order_by(Person.id)
        )
        administrators = session.scalars(query).unique().all()
        wanted = arguments.get("username", "").strip().lower()
        person = next((one for one in administrators if wanted in {"", one.username}), None)
        if person is None:
            names = ", ".join(one.username for one in administrators) or "nobody"
            raise Refused(f"{wanted} is no programme administrator. These are: {names}.")
        person.blocked_at = person.blocked_reason = None
        code = issue_code(session, person, issuer_id=None, key=key_for(secret, "door", 0), now=now)
        audit.record(session, audit.Act("code.issued", "person", person.id, details={"by": "command"}), now)
    say(f"One-time code for {person.username}, shown only now: {code}")
    say("Use it at /sign-in/code.")
    return 0


ACTS: dict[str, Act] = {
    "init": init,
    "demo": demo,
    "load-shipped": load_shipped,
    "bank-load": bank_load,
    "reset-admin": reset_admin,
    **REHEARSAL_ACTS,
}

"""Every address of the site, walked by every role: who may, may; who may not gets 403 and stands in the audit log."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.support.addresses import Call, calls
from tests.support.databases import Databases
from tests.support.inner_site import Guest, InnerSite, inner_site
from training_app.audit.models import AuditEntry
from training_app.audit.services import chain_findings
from training_app.bank.models import ItemVersion
from training_app.people.models import Organisation
from training_app.people.rules import PERMISSIONS, Role
from training_app.web.access import PUBLIC, SIGNED_IN, declared_permission

ENDS_THE_SESSION = {"people.sign_out", "people.sign_out_everywhere"}


@pytest.fixture(scope="module")
def site(sqlite_databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[InnerSite]:
    """One site for the walk of every role. Forms need no token here: what they ask for is looked at elsewhere."""
    with inner_site(sqlite_databases, tmp_path_factory.mktemp("walk") / "var") as opened:
        opened.app.config["WTF_CSRF_ENABLED"] = False
        yield opened


@pytest.fixture(scope="module")
def postgres_site(postgres_databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[InnerSite]:
    """The same on PostgreSQL, for pages that are only looked at."""
    with inner_site(postgres_databases, tmp_path_factory.mktemp("walk-postgres") / "var") as opened:
        yield opened


def permission_of(site: InnerSite, endpoint: str) -> str | None:
    return declared_permission(site.app.view_functions[endpoint])


def ask(guest: Guest, call: Call) -> int:
    return guest.browser.open(call.path, method=call.method, headers={"Accept-Language": "en"}).status_code


def refusals(site: InnerSite) -> int:
    with site.database.read() as session:
        return session.scalar(select(func.count()).where(AuditEntry.act == "refused")) or 0


# declarations


def test_every_endpoint_declares_who_may_use_it(site: InnerSite) -> None:
    known = {*PERMISSIONS, PUBLIC, SIGNED_IN}
    undeclared = [e for e in site.app.view_functions if permission_of(site, e) not in known]
    assert undeclared == []


def test_every_permission_is_asked_for_somewhere_or_decides_about_rows(site: InnerSite) -> None:
    asked = {permission_of(site, endpoint) for endpoint in site.app.view_functions}
    assert set(PERMISSIONS) - asked <= {"results.read"}


def test_an_endpoint_that_declares_nothing_is_closed_to_everyone(sqlite_databases: Databases, tmp_path: Path) -> None:
    with inner_site(sqlite_databases, tmp_path / "var") as site:
        site.app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
        member = site.member(Role.PROGRAMME_ADMIN)
        answer = member.get("/forgotten")
    assert answer.status_code == 403 and "secret" not in answer.text


def test_only_the_door_and_what_it_needs_are_public(site: InnerSite) -> None:
    public = {endpoint for endpoint in site.app.view_functions if permission_of(site, endpoint) == PUBLIC}
    door = {"people.sign_in", "people.use_code", "people.switch_language"}
    exam_door = {"exams.door", "exams.door_by_code", "exams.other_person"}
    paper = {"exams.deliveries", "exams.paper_shell", "exams.paper_worker"}
    receipts = {"exams.find_receipt", "exams.public_receipt"}
    of_venues = {
        "observations.venue",
        "observations.publish",
        "observations.encoder",
        "observations.listen",
        "observations.venue_state",
    }
    assert public == {"static", "health.healthz"} | door | exam_door | paper | receipts | of_venues


# the walk


def test_who_is_not_signed_in_is_led_to_the_door(site: InnerSite) -> None:
    guest = site.guest()
    closed = [call for call in calls(site.app) if permission_of(site, call.endpoint) != PUBLIC]
    answers = {str(call): guest.browser.open(call.path, method=call.method).location or "" for call in closed}
    assert {call: location for call, location in answers.items() if not location.startswith("/sign-in")} == {}


@pytest.mark.parametrize("role", list(Role), ids=str)
def test_a_role_is_never_refused_what_it_may(site: InnerSite, role: Role) -> None:
    member = site.member(role)
    allowed = [call for call in calls(site.app) if may(site, role, call) and call.endpoint not in ENDS_THE_SESSION]
    answers = {str(call): ask(member, call) for call in allowed}
    assert {call: status for call, status in answers.items() if status in {403, 500}} == {}


@pytest.mark.parametrize("role", list(Role), ids=str)
def test_a_role_is_refused_what_it_may_not_and_it_is_written_down(site: InnerSite, role: Role) -> None:
    member = site.member(role)
    forbidden = [call for call in calls(site.app) if not may(site, role, call)]
    before = refusals(site)
    answers = {str(call): ask(member, call) for call in forbidden}
    assert {call: status for call, status in answers.items() if status != 403} == {}
    assert refusals(site) - before == len(forbidden)


def may(site: InnerSite, role: Role, call: Call) -> bool:
    """Whether the table gives the role what the endpoint asks for."""
    permission = permission_of(site, call.endpoint) or ""
    return permission in {PUBLIC, SIGNED_IN} or role in PERMISSIONS[permission]


def test_a_refusal_names_person_page_and_permission(site: InnerSite) -> None:
    member = site.member(Role.TRAINEE, base="guangzhou")
    member.get("/audit")
    entry = site.acts("refused")[-1]
    person = site.person(site.account(Role.TRAINEE, base="guangzhou").username)
    assert (entry.actor_id, entry.chain, entry.object_id) == (person.id, "guangzhou", "progress.audit_log")
    assert entry.details == {"permission": "audit.read", "path": "/audit"}


def test_the_log_of_all_refusals_is_whole(site: InnerSite) -> None:
    site.member(Role.TRAINEE).get("/audit")
    with site.database.read() as session:
        assert list(chain_findings(session)) == []


# another base


def test_people_of_another_base_are_not_there_for_its_administrator(site: InnerSite) -> None:
    stranger = site.person(site.account(Role.TRAINEE, base="suzhou").username)
    far = site.member(Role.BASE_ADMIN, base="shenzhen")
    on_people = [call for call in calls(site.app, {"person_id": stranger.id}) if "person_id" in call.arguments]
    answers = {str(call): far.browser.open(call.path, method=call.method) for call in on_people}
    assert on_people and {call: a.status_code for call, a in answers.items() if a.status_code not in {403, 404}} == {}
    assert [call for call, answer in answers.items() if stranger.name_zh in answer.text] == []


def test_organisations_of_another_base_are_not_there_for_its_administrator(site: InnerSite) -> None:
    with site.database.read() as session:
        foreign = session.scalars(select(Organisation).where(Organisation.base_id == "suzhou")).first()
    assert foreign is not None
    far = site.member(Role.BASE_ADMIN, base="shenzhen")
    answers = [far.get(f"/organisations/{foreign.id}{page}") for page in ("", "/edit")]
    assert [(a.status_code, foreign.name_zh in a.text) for a in answers] == [(404, False)] * 2


def test_lists_of_another_base_hold_nobody_of_it(site: InnerSite) -> None:
    stranger = site.person(site.account(Role.TRAINEE, base="suzhou").username)
    far = site.member(Role.BASE_ADMIN, base="shenzhen")
    for path in ("/", "/people", f"/people?q={stranger.username}", "/organisations", "/audit"):
        assert stranger.name_zh not in far.get(path).text, path


# every page renders


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("role", list(Role), ids=str)
def test_every_page_of_a_role_renders(postgres_site: InnerSite, role: Role, language: str) -> None:
    member = postgres_site.member(role, language=language)
    mine = postgres_site.person(postgres_site.account(role).username)
    with postgres_site.database.read() as session:
        firm = session.scalars(select(Organisation.id).where(Organisation.base_id == "suzhou")).first()
        version = session.scalars(select(ItemVersion.id).where(ItemVersion.public)).first()
    known = {"person_id": mine.id, "organisation_id": firm, "version_id": version, "language": language}
    looks = [c for c in calls(postgres_site.app, known) if c.method == "GET" and may(postgres_site, role, c)]
    statuses = {call.path: member.get(call.path).status_code for call in looks}
    assert {path: status for path, status in statuses.items() if status not in {200, 302, 404, 403}} == {}


@pytest.mark.parametrize("role", list(Role), ids=str)
def test_a_home_is_in_the_language_that_was_chosen(postgres_site: InnerSite, role: Role) -> None:
    pages = {language: postgres_site.member(role, language=language).get("/").text for language in ("zh", "en")}
    assert '<html lang="zh-CN"' in pages["zh"] and '<html lang="en"' in pages["en"]

"""The whole exam day attacked over HTTP: by the wrong person, from another base, with numbers that nothing has."""

from collections.abc import Sequence
from itertools import product

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests.support.attacking import Attack, attacks, begun, may, refusals, things_of
from tests.support.exam_day import CANDIDATES, ExamDay
from training_app.audit.services import chain_findings
from training_app.exams.models import AttemptEvent
from training_app.exams.sitting_models import RosterPlace, SittingEvent
from training_app.people.rules import Role

OF_A_CANDIDATE = {"place_id", "attempt_id", "objection_id"}
OF_A_SITTING = {"sitting_id", "place_id", "attempt_id", "objection_id"}
OUT_OF_RANGE = (0, 2**31, 2**63, 10**30)
NUMBERS = (
    *("sitting_id", "place_id", "attempt_id", "version_id", "duty_id"),
    *("objection_id", "standard_id", "proposal_id", "answer_id", "blueprint_id"),
)
ROLES = {
    "trainee": Role.TRAINEE,
    "watcher": Role.INVIGILATOR,
    "base.admin": Role.BASE_ADMIN,
    "head": Role.PROGRAMME_ADMIN,
    "auditor": Role.AUDITOR,
    "rater": Role.RATER,
    "coordinator": Role.COORDINATOR,
    "contact": Role.CONTACT,
}


@pytest.fixture
def browsers(day: ExamDay) -> dict[str, FlaskClient]:
    """Three candidates who have begun."""
    return begun(day)


def state_of(day: ExamDay) -> tuple[object, ...]:
    """What no attack may change: states of places and attempts, how often anything was done."""
    with day.exam.home.database.read() as session:
        places = session.execute(
            select(RosterPlace.id, RosterPlace.state, RosterPlace.seat_id).order_by(RosterPlace.id)
        )
        events = session.scalar(select(func.count()).select_from(SittingEvent))
        changes = session.scalar(select(func.count()).select_from(AttemptEvent))
        return (tuple(tuple(row) for row in places), events, changes, day.stored().state)


def names(day: ExamDay) -> list[str]:
    people = [day.exam.home.person(username) for username in CANDIDATES]
    return [name for person in people for name in (person.name_zh, person.name_en)]


def told(browser: FlaskClient, tries: Sequence[Attack], **more: object) -> dict[str, tuple[int, str]]:
    """Status and text of each answer."""
    return {str(one): (answer.status_code, answer.text) for one in tries for answer in [one.by(browser, **more)]}


def test_another_candidate_reaches_nothing_of_ones_own(day: ExamDay, browsers: dict[str, FlaskClient]) -> None:
    known = things_of(day)
    tries = [
        one for one in attacks(day.exam.home.app, known) if one.arguments & OF_A_CANDIDATE and may(Role.TRAINEE, one)
    ]
    before, counted = state_of(day), refusals(day)
    answers = told(browsers["second.trainee"], tries)
    assert len(tries) > 15
    assert {call: answer for call, answer in answers.items() if answer[0] != 404} == {}
    assert [call for call, (_, text) in answers.items() if any(name in text for name in names(day)[:2])] == []
    assert refusals(day) - counted == len(tries)
    assert state_of(day) == before


@pytest.mark.parametrize(("username", "role"), [("far.admin", Role.BASE_ADMIN), ("far.watcher", Role.INVIGILATOR)])
def test_another_base_reaches_nothing(
    day: ExamDay, browsers: dict[str, FlaskClient], username: str, role: Role
) -> None:
    assert browsers
    tries = [one for one in attacks(day.exam.home.app, things_of(day)) if one.arguments & OF_A_SITTING]
    before, counted = state_of(day), refusals(day)
    answers = told(day.browser(username), tries)
    expected = {str(one): 404 if may(role, one) else 403 for one in tries}
    assert {call: status for call, (status, _) in answers.items() if status != expected[call]} == {}
    assert [call for call, (_, text) in answers.items() if any(name in text for name in names(day))] == []
    assert refusals(day) - counted == len(tries)
    assert state_of(day) == before


@pytest.mark.parametrize(("username", "role"), ROLES.items())
def test_a_role_without_the_permission_is_refused_and_it_stands_in_the_log(
    day: ExamDay, browsers: dict[str, FlaskClient], username: str, role: Role
) -> None:
    tries = [one for one in attacks(day.exam.home.app, things_of(day)) if not may(role, one)]
    before, counted = state_of(day), refusals(day)
    answers = told(browsers.get(username) or day.browser(username), tries)
    assert {call: status for call, (status, _) in answers.items() if status != 403} == {}
    assert refusals(day) - counted == len(tries) > 0
    assert state_of(day) == before


def test_the_refusals_form_a_whole_chain(day: ExamDay, browsers: dict[str, FlaskClient]) -> None:
    told(browsers["trainee"], [one for one in attacks(day.exam.home.app, things_of(day)) if "console" in one.path])
    with day.exam.home.database.read() as session:
        assert list(chain_findings(session)) == []


@pytest.mark.parametrize(
    ("username", "role"),
    [("trainee", Role.TRAINEE), ("base.admin", Role.BASE_ADMIN), ("head", Role.PROGRAMME_ADMIN)],
)
def test_a_number_out_of_range_is_not_there(day: ExamDay, username: str, role: Role) -> None:
    browser, statuses = day.browser(username), {}
    for number in OUT_OF_RANGE:
        for one in attacks(day.exam.home.app, dict.fromkeys(NUMBERS, number)):
            if may(role, one) and one.arguments & OF_A_SITTING:
                statuses[str(one)] = one.by(browser).status_code
    assert statuses and {call: status for call, status in statuses.items() if status != 404} == {}


@pytest.mark.parametrize(("username", "role"), [("base.admin", Role.BASE_ADMIN), ("head", Role.PROGRAMME_ADMIN)])
def test_a_number_out_of_range_inside_a_real_sitting_does_nothing(
    day: ExamDay, browsers: dict[str, FlaskClient], username: str, role: Role
) -> None:
    real, desk, statuses = things_of(day), day.browser(username), {}
    before, typed = state_of(day), {"reason": "why", "text": "what", "minutes": "5"}
    for argument, number in product(("place_id", "version_id", "duty_id", "standard_id", "proposal_id"), OUT_OF_RANGE):
        for one in attacks(day.exam.home.app, real | {argument: number}):
            if {"sitting_id", argument} <= one.arguments and may(role, one):
                statuses[str(one)] = one.by(desk, data=typed).status_code
    assert browsers and {call: status for call, status in statuses.items() if status not in {302, 403, 404}} == {}
    assert state_of(day) == before


def test_every_refusal_is_a_sentence(day: ExamDay, browsers: dict[str, FlaskClient]) -> None:
    tries = [one for one in attacks(day.exam.home.app, things_of(day)) if one.arguments & OF_A_CANDIDATE]
    for status, text in told(browsers["second.trainee"], tries).values():
        assert status in {403, 404} and ("You " in text or "There is no" in text or "Your roles" in text), text
        assert "Traceback" not in text and "sqlalchemy" not in text


def test_no_form_of_the_day_is_taken_without_the_token_of_its_page(
    day: ExamDay, browsers: dict[str, FlaskClient]
) -> None:
    known = things_of(day)
    day.exam.home.app.config["WTF_CSRF_ENABLED"] = True
    before = state_of(day)
    for username, role in (("trainee", Role.TRAINEE), ("base.admin", Role.BASE_ADMIN), ("head", Role.PROGRAMME_ADMIN)):
        tries = [one for one in attacks(day.exam.home.app, known) if one.method == "POST" and may(role, one)]
        answers = told(browsers.get(username) or day.browser(username), tries)
        assert {call: status for call, (status, _) in answers.items() if status not in {400, 403}} == {}
    assert state_of(day) == before

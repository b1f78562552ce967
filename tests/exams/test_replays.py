"""Forms sent again, stale ones, hostile texts and two at once, over the whole exam day and through HTTP."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Select, func, select

from question_bank.scoring import key_response
from tests.support.attacking import TEXT, begun, things_of
from tests.support.exam_day import ExamDay
from training_app.audit.models import AuditEntry
from training_app.exams.attempts import paper_of
from training_app.exams.day_models import DeadlineEvent, Incident, LateEvent, Receipt
from training_app.exams.marking_models import Objection
from training_app.exams.models import AttemptEvent, ResponseEvent

IDENTITY = "11010519491231002X"
HOSTILE = {
    "script": '<script>alert("x")</script><img src=x onerror=alert(1)>',
    "template": "{{ config }} {% raw %} %(name)s {0}",
    "direction": "pass\u202efail \u2066hidden\u2069 zero\u200bwidth",
    "nul": "before\x00after the zero byte",
    "identity": f"the candidate showed {IDENTITY} at the door",
    "quotes": "'; DROP TABLE attempt; --",
    "long": "x" * 100_000,
    "emoji": "\U0001f4a3" * 50,
    "halves": "\ud83d alone",
}
JSON = {"Accept": "application/json"}
MISSHAPEN: tuple[object, ...] = (
    None,
    "\x00",
    "x" * 100_000,
    -1,
    2**80,
    1e308,
    [],
    {},
    [[]],
    [{"item": 1}],
    {"a": {"b": {}}},
    True,
)
TAKEN = {200, 302, 303}
REFUSED = {400, 413, 422}


@pytest.fixture
def browsers(day: ExamDay) -> dict[str, FlaskClient]:
    """Three candidates who have begun."""
    return begun(day)


def count(day: ExamDay, statement: Select[Any]) -> int:
    with day.exam.home.database.read() as session:
        return session.scalar(statement) or 0


def delivery(day: ExamDay, seq: int = 1, device: str = "profile/tab") -> dict[str, object]:
    """The right answer to the first item."""
    with day.exam.home.database.read() as session:
        place = paper_of(session, day.attempt())[0]
    entry = {"item": place.version_id, "seq": seq, "at": day.now.isoformat(), "payload": key_response(place.item)}
    return {"device": device, "entries": [entry]}


def saved(day: ExamDay) -> int:
    return count(day, select(func.count()).select_from(ResponseEvent))


# sent again


def test_a_save_sent_again_is_stored_once(day: ExamDay, browsers: dict[str, FlaskClient]) -> None:
    path, body = f"/attempts/{day.attempt().id}/saves", delivery(day)
    replies = [browsers["trainee"].post(path, json=body).get_json() for _ in range(3)]
    assert saved(day) == 1 and [reply["stored"] for reply in replies] == [replies[0]["stored"]] * 3


def test_a_start_sent_again_starts_nothing(day: ExamDay, browsers: dict[str, FlaskClient]) -> None:
    before = day.attempt()
    day.at(20)
    browsers["trainee"].post(f"/places/{day.places['trainee']}/start")
    assert (day.attempt().started_at, day.attempt().deadline_at) == (before.started_at, before.deadline_at)


def test_a_hand_in_sent_again_gives_the_same_receipt_and_later_answers_go_to_the_pile(
    day: ExamDay, browsers: dict[str, FlaskClient]
) -> None:
    number, body = day.attempt().id, delivery(day)
    claims = {"claims": {str(body["entries"][0]["item"]): 1}}  # type: ignore[index]  # as made above
    replies = [browsers["trainee"].post(f"/attempts/{number}/hand-in", json=body | claims).get_json() for _ in range(2)]
    assert [reply["state"] for reply in replies] == ["submitted"] * 2
    assert count(day, select(func.count()).select_from(Receipt)) == 1
    browsers["trainee"].post(f"/attempts/{number}/saves", json=delivery(day, 2))
    assert saved(day) == 1
    assert count(day, select(func.count()).where(LateEvent.why == "handed_in")) == 1


def test_time_that_was_approved_is_not_approved_again(day: ExamDay, browsers: dict[str, FlaskClient]) -> None:
    known = things_of(day)
    path = f"/sittings/{day.sitting}/console/proposals/{known['proposal_id']}/approve"
    for _ in range(2):
        day.browser("base.admin").post(path)
    assert browsers and count(day, select(func.count()).select_from(DeadlineEvent)) == 1


def test_who_proposed_time_does_not_approve_it(day: ExamDay, browsers: dict[str, FlaskClient]) -> None:
    known = things_of(day)
    answer = day.browser("watcher").post(f"/sittings/{day.sitting}/console/proposals/{known['proposal_id']}/approve")
    assert browsers and answer.status_code == 403
    assert count(day, select(func.count()).select_from(DeadlineEvent)) == 0


def test_a_stale_form_of_the_console_does_nothing(day: ExamDay, browsers: dict[str, FlaskClient]) -> None:
    path = f"/sittings/{day.sitting}/console/places/{day.places['trainee']}/hand-in"
    answer = day.browser("base.admin").post(path, data={"seen": "expected/waiting", "reason": "he asked for it"})
    assert browsers and answer.status_code == 409 and day.attempt().state == "running"


def test_a_delivery_token_that_was_changed_proves_nothing(day: ExamDay, browsers: dict[str, FlaskClient]) -> None:
    for token in ("", "x", "1", f"{day.attempt().id}", "a.b.c", "\x00", "x" * 100_000):
        answer = day.guest().post("/deliveries", json=delivery(day) | {"token": token})
        assert answer.status_code in {400, 403, 404, 413, 422}, token[:20]
    assert browsers and saved(day) == 0 and count(day, select(func.count()).select_from(LateEvent)) == 0


# two at once


def test_of_two_windows_that_start_at_once_one_starts(day: ExamDay) -> None:
    day.at(-10)
    browsers = [day.come_in(), day.browser("trainee")]
    day.at(1)
    path = f"/places/{day.places['trainee']}/start"
    started = AttemptEvent.to_state == "running"
    for browser in browsers:
        browser.post(path)
    assert count(day, select(func.count()).where(started, AttemptEvent.attempt_id == day.attempt().id)) == 1


def test_of_two_who_approve_time_at_once_one_does(day: ExamDay, browsers: dict[str, FlaskClient]) -> None:
    from_console = things_of(day)["proposal_id"]
    path = f"/sittings/{day.sitting}/console/proposals/{from_console}/approve"
    desks = [day.exam.home.app.test_client() for _ in range(2)]
    for desk, username in zip(desks, ("base.admin", "second.admin"), strict=True):
        person = day.exam.home.person(username)
        with desk.session_transaction() as cookie:
            cookie["_user_id"] = f"{person.id}.{person.session_version}"
    with ThreadPoolExecutor(2) as pool:
        statuses = list(pool.map(lambda desk: desk.post(path).status_code, desks))
    assert browsers and max(statuses) < 500
    assert count(day, select(func.count()).select_from(DeadlineEvent)) == 1


# hostile texts


def typed(kind: str) -> bytes:
    """The text as a form sends it."""
    return HOSTILE[kind].encode("utf-8", "surrogatepass")


def breaks_out(*texts: str) -> list[str]:
    """What of the hostile texts stands there as more than plain words."""
    signs = ("<script>alert", "onerror=alert(1)>", "\x00", "\u202e", IDENTITY)
    return [sign for sign in signs if any(sign in text for text in texts)]


def test_a_hostile_incident_is_text_or_refused(day: ExamDay, browsers: dict[str, FlaskClient]) -> None:
    desk, place = day.browser("base.admin"), day.places["trainee"]
    path = f"/sittings/{day.sitting}/console/places/{place}/incident"
    answers = {kind: desk.post(path, data={"text": typed(kind), "seen": ""}) for kind in HOSTILE}
    page = desk.get(f"/sittings/{day.sitting}/console?seat={place}").text
    with day.exam.home.database.read() as session:
        held = [str(text) for text in session.scalars(select(Incident.text))]
    assert {
        kind: answer.status_code for kind, answer in answers.items() if answer.status_code not in TAKEN | REFUSED
    } == {}
    assert browsers and held and breaks_out(page) == []
    assert [text for text in held if set(breaks_out(text)) & {"\x00", "\u202e", IDENTITY}] == []


def test_a_hostile_notice_reaches_papers_as_text(day: ExamDay, browsers: dict[str, FlaskClient]) -> None:
    desk, path = day.browser("base.admin"), f"/sittings/{day.sitting}/console/notice"
    answers = {kind: desk.post(path, data={"text": typed(kind), "room": ""}) for kind in HOSTILE}
    number = day.attempt().id
    reply = browsers["trainee"].post(f"/attempts/{number}/saves", json={"device": "profile/tab"})
    page = browsers["trainee"].get(f"/attempts/{number}").text
    assert {
        kind: answer.status_code for kind, answer in answers.items() if answer.status_code not in TAKEN | REFUSED
    } == {}
    # the reply is JSON, which the page's script sets as text
    assert breaks_out(page) == [] and IDENTITY not in reply.text and "\\u202e" not in reply.text


def test_a_hostile_objection_is_text_or_refused(day: ExamDay, browsers: dict[str, FlaskClient]) -> None:
    number, candidate, desk = day.attempt().id, browsers["trainee"], day.browser("base.admin")
    candidate.post(f"/attempts/{number}/hand-in", json={"device": "profile/tab", "entries": []})
    path = f"/attempts/{number}/objections"
    answers, pages = {}, []
    for kind in HOSTILE:
        answers[kind] = candidate.post(path, data={"kind": "procedure", "text": typed(kind)}).status_code
        last = count(day, select(func.max(Objection.id)))
        pages += [candidate.get(path).text, desk.get("/objections").text, desk.get(f"/objections/{last}").text]
        candidate.post(f"/objections/{last}/take-back")
    with day.exam.home.database.read() as session:
        held = [*session.scalars(select(Objection.text))]
        logged = str([entry.details for entry in session.scalars(select(AuditEntry))])
    assert {kind: status for kind, status in answers.items() if status not in TAKEN | REFUSED} == {}
    assert len(held) > 5 and breaks_out(logged, *pages) == []
    assert [text for text in held if breaks_out(text) not in ([], ["<script>alert", "onerror=alert(1)>"])] == []


def test_a_hostile_ticket_or_code_at_the_door_is_told_as_text(day: ExamDay) -> None:
    day.at(-10)
    answers = {}
    for kind in HOSTILE:
        for path in ("/door", "/door/code"):
            for browser in (day.guest(), day.browser("trainee")):
                answer = browser.post(path, data={"ticket": typed(kind), "code": typed(kind)})
                answers[kind, path] = (answer.status_code, breaks_out(answer.text))
    # the field keeps what was typed, for nobody but who typed it
    known, own_echo = TAKEN | REFUSED | {403, 404, 409, 429}, {IDENTITY, "\u202e"}
    assert {call: told for call, told in answers.items() if told[0] not in known or set(told[1]) - own_echo} == {}


def test_a_delivery_of_the_wrong_shape_is_a_sentence(day: ExamDay, browsers: dict[str, FlaskClient]) -> None:
    path, wrong = f"/attempts/{day.attempt().id}/saves", {}
    for field in ("device", "entries", "facts", "marks", "position", "unsent", "sent_at", "beacon", "take_over"):
        for value in MISSHAPEN:
            answer = browsers["trainee"].post(path, json=delivery(day) | {field: value}, headers=JSON)
            told = answer.status_code == 200 or (answer.status_code in {413, 422} and answer.get_json()["error"])
            wrong[f"{field}={value!r:.40}"] = told
    assert [call for call, told in wrong.items() if not told] == []


def test_a_page_of_another_candidate_never_shows_what_was_objected(
    day: ExamDay, browsers: dict[str, FlaskClient]
) -> None:
    things_of(day)
    assert TEXT not in browsers["second.trainee"].get("/exams").text

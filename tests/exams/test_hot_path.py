"""The hot path of an exam day over HTTP: few statements a request, nobody looked up, revoking still counts at once."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Connection, Engine, event, select, text, update
from werkzeug.test import TestResponse

from question_bank.texts import Text
from tests.support.exam_day import ExamDay
from training_app.exams.attempts import paper_of_form
from training_app.exams.models import AttemptEvent, FormItem, ResponseEvent
from training_app.exams.paper import known, printed
from training_app.exams.paper.receipts import recompute
from training_app.exams.sitting_models import Sitting
from training_app.people.models import Person, RoleGrant
from training_app.web.access import quick_way_of

JSON = {"Accept": "application/json"}
DEVICE = "profile/tab"
PERSONAL_S = 600


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements that the database is given meanwhile, each change of the transaction as COMMIT or ROLLBACK."""
    given: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        given.append(statement)

    def commit(connection: Connection) -> None:
        if connection.get_isolation_level() != "AUTOCOMMIT":
            given.append("COMMIT")

    event.listen(Engine, "before_cursor_execute", note)
    event.listen(Engine, "commit", commit)
    yield given
    event.remove(Engine, "before_cursor_execute", note)
    event.remove(Engine, "commit", commit)


def asked(given: list[str]) -> list[str]:
    """Those that the issue counts."""
    return [one for one in given if not one.startswith(("BEGIN", "COMMIT"))]


class Hot:
    """A sitting that runs: the first candidate is at work, so that nothing is done for the first time any more."""

    def __init__(self, day: ExamDay) -> None:
        self.day = day
        self.database = day.exam.home.database
        day.at(-5)
        self.browsers = {name: day.come_in(name) for name in day.places}
        self.tickets = {name: day.ticket(name) for name in day.places}
        self.labels = {name: day.seat(name) for name in day.places}
        self.attempts = {name: day.attempt(name).id for name in day.places}
        day.at(1)
        self.start("trainee")
        self.page("trainee")
        with self.database.read() as session:
            form = session.get_one(Sitting, day.sitting)
            first = day.attempt("trainee").form_id
            self.item = session.scalars(select(FormItem.item_version_id).where(FormItem.form_id == first)).first()
        assert form.state == "running"

    def start(self, who: str = "second.trainee") -> TestResponse:
        return self.browsers[who].post(f"/places/{self.day.places[who]}/start", headers=JSON)

    def page(self, who: str = "second.trainee") -> TestResponse:
        return self.browsers[who].get(f"/attempts/{self.attempts[who]}")

    def seat(self, who: str = "second.trainee") -> TestResponse:
        return self.browsers[who].post(f"/places/{self.day.places[who]}/seat", data={"seat": self.labels[who]})

    def place(self, who: str = "second.trainee") -> TestResponse:
        return self.browsers[who].get(f"/places/{self.day.places[who]}")

    def ticket(self, who: str = "second.trainee") -> TestResponse:
        return self.browsers[who].post("/door", data={"ticket": self.tickets[who]})

    def waiting(self, who: str = "second.trainee") -> TestResponse:
        return self.browsers[who].get(f"/places/{self.day.places[who]}/waiting", headers=JSON)

    def deliver(self, seq: int, who: str = "second.trainee") -> TestResponse:
        entries = [{"item": self.item, "seq": seq, "payload": []}] if seq else []
        return self._send("saves", {"entries": entries}, who)

    def hand_in(self, who: str = "second.trainee") -> TestResponse:
        return self._send("hand-in", {"claims": {}}, who)

    def _send(self, to: str, body: dict[str, object], who: str) -> TestResponse:
        address = f"/attempts/{self.attempts[who]}/{to}"
        return self.browsers[who].post(address, json={"device": DEVICE, **body}, headers=JSON)


@pytest.fixture
def hot(day: ExamDay) -> Hot:
    return Hot(day)


def test_each_request_costs_few_statements_and_looks_nobody_up(hot: Hot) -> None:
    counted: dict[str, int] = {}

    def count(what: str, ask: Callable[[], TestResponse], status: int = 200) -> TestResponse:
        with statements() as given:
            answer = ask()
        assert answer.status_code == status, answer.text
        assert not [one for one in asked(given) if "username" in one], what
        assert given.count("COMMIT") <= 1, what
        counted[what] = len(asked(given))
        return answer

    count("waiting room", hot.place)
    count("waiting", hot.waiting)
    send_out(hot)
    count("ticket", hot.ticket, 302)
    count("details", hot.place)
    count("seat", hot.seat, 302)
    count("start", hot.start)
    count("page", hot.page)
    hot.deliver(0)
    assert count("save", lambda: hot.deliver(1)).get_json()["stored"][0]["server_seq"] == 1
    count("sign of life", lambda: hot.deliver(0))
    assert count("hand-in", hot.hand_in).get_json()["state"] == "submitted"
    entry = {"ticket": 1, "details": 1, "seat": 4, "waiting room": 2, "waiting": 2}
    most = {**entry, "start": 4, "page": 3, "save": 3, "sign of life": 3, "hand-in": 3}
    assert {what: number for what, number in counted.items() if number > most[what]} == {}
    with hot.database.write() as session:
        assert recompute(session, hot.day.attempt("second.trainee")).is_sound


def send_out(hot: Hot) -> None:
    """The second candidate has not come in yet."""
    with hot.database.write() as session:
        session.merge(hot.day.place("second.trainee")).entered_at = None
        session.merge(hot.day.attempt("second.trainee")).state = "created"


def test_only_the_own_seat_lets_in_and_a_second_time_is_the_first_one(hot: Hot) -> None:
    send_out(hot)
    right = hot.labels["second.trainee"]
    hot.labels["second.trainee"] = hot.labels["third.trainee"]
    assert hot.seat().status_code == 422 and hot.day.place("second.trainee").entered_at is None
    hot.labels["second.trainee"] = right
    assert [hot.seat().status_code, hot.seat().status_code] == [302, 302]
    assert hot.day.place("second.trainee").entered_at == hot.day.now
    assert states(hot) == ["created", "waiting", "waiting"]


def states(hot: Hot) -> Sequence[str]:
    """Through which states the second candidate's attempt went."""
    with hot.database.read() as session:
        mine = AttemptEvent.attempt_id == hot.day.attempt("second.trainee").id
        return session.scalars(select(AttemptEvent.to_state).where(mine).order_by(AttemptEvent.id)).all()


def test_personal_time_is_given_by_the_quick_start_too(hot: Hot) -> None:
    with hot.database.write() as session:
        place = hot.day.place("second.trainee")
        session.merge(place).personal_time_s = PERSONAL_S
    assert hot.start().status_code == 200
    attempt = hot.day.attempt("second.trainee")
    assert attempt.started_at is not None and attempt.deadline_at is not None
    assert (attempt.deadline_at - attempt.started_at).total_seconds() == (attempt.length_s or 0) + PERSONAL_S


def test_a_second_start_is_the_first_one(hot: Hot) -> None:
    assert [hot.start().get_json() for _ in range(2)] == [
        {"url": f"/attempts/{hot.day.attempt('second.trainee').id}"}
    ] * 2
    assert states(hot) == ["created", "waiting", "running"]


def test_the_page_is_the_same_by_both_ways(hot: Hot, monkeypatch: pytest.MonkeyPatch) -> None:
    hot.start()
    quick = hot.page().text
    monkeypatch.setattr("training_app.entrance.claimed", lambda: None)
    assert _without_signatures(hot.page().text) == _without_signatures(quick)


@pytest.mark.parametrize("prepare", [send_out, lambda _hot: None], ids=["details", "waiting room"])
def test_the_own_place_is_the_same_by_both_ways(
    hot: Hot, prepare: Callable[[Hot], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare(hot)
    quick = hot.place().text
    monkeypatch.setattr("training_app.entrance.claimed", lambda: None)
    assert hot.tickets["second.trainee"] in quick
    assert without_tokens(hot.place().text) == without_tokens(quick)


def without_tokens(page: str) -> str:
    return re.sub(r'name="csrf_token"[^>]*value="[^"]*"', "", page)


def _without_signatures(page: str) -> str:
    return re.sub(r'"(beacon|csrf)": ?"[^"]*"', "", page)


def test_what_another_process_stored_meanwhile_is_told_and_kept(hot: Hot) -> None:
    hot.start()
    hot.deliver(0)
    hot.deliver(1)
    stale = _remembered(hot)
    assert stale is not None
    hot.deliver(2)
    with hot.database.look() as connection:
        known.remember(connection, stale)
    told = hot.deliver(3).get_json()
    assert (told["stored"][0]["server_seq"], told["head"]["server_seq"]) == (3, 3)
    with hot.database.read() as session:
        assert recompute(session, hot.day.attempt("second.trainee")).is_sound


def _remembered(hot: Hot) -> known.Known | None:
    with hot.database.look() as connection:
        return known.remembered(connection, hot.attempts["second.trainee"])


def test_a_connection_that_was_cut_a_moment_ago_costs_nobody_an_answer(hot: Hot) -> None:
    hot.start()
    hot.deliver(0)
    for deliver in (lambda: hot.deliver(1), lambda: hot.deliver(0), hot.hand_in):
        cut(hot)
        assert deliver().status_code == 200


def cut(hot: Hot) -> None:
    """The connection for single statements is gone, and was used a moment ago."""
    if not hot.database.on_sqlite:
        with hot.database.look() as connection, hot.database.read() as session:
            number = connection.scalar(text("SELECT pg_backend_pid()"))
            session.execute(text("SELECT pg_terminate_backend(:number, 5000)"), {"number": number})


# revoked


def block(hot: Hot, person_id: int) -> None:
    with hot.database.write() as session:
        session.get_one(Person, person_id).blocked_at = hot.day.now


def end_sessions(hot: Hot, person_id: int) -> None:
    with hot.database.write() as session:
        session.get_one(Person, person_id).session_version += 1


def take_role(hot: Hot, person_id: int) -> None:
    with hot.database.write() as session:
        session.execute(update(RoleGrant).where(RoleGrant.person_id == person_id).values(ended_at=hot.day.now))


REQUESTS = {
    "exams.door": Hot.ticket,
    "exams.own_place": Hot.place,
    "exams.take_seat": Hot.seat,
    "exams.waiting": Hot.waiting,
    "exams.start_paper": Hot.start,
    "exams.paper": Hot.page,
    "exams.saves": lambda hot: hot.deliver(2),
    "exams.hand_in_paper": Hot.hand_in,
}


def test_every_quick_way_is_tried_here(hot: Hot) -> None:
    views = hot.day.exam.home.app.view_functions
    assert {name for name, view in views.items() if quick_way_of(view)} == set(REQUESTS)


@pytest.mark.parametrize("revoke", [block, end_sessions, take_role])
def test_what_is_revoked_counts_at_the_next_request(hot: Hot, revoke: Callable[[Hot, int], None]) -> None:
    hot.start()
    hot.deliver(0)
    assert hot.deliver(1).status_code == 200
    revoke(hot, hot.day.exam.home.number("second.trainee"))
    answers = {name: ask(hot).status_code for name, ask in REQUESTS.items()}
    assert answers.pop("exams.door") == 422
    assert set(answers.values()) <= {302, 401, 403}, answers
    with hot.database.read() as session:
        assert session.scalars(select(ResponseEvent.server_seq)).all() == [1]
    assert hot.day.attempt("second.trainee").state == "running"


def test_a_session_by_entry_code_has_its_own_quick_ways_and_no_others(hot: Hot) -> None:
    person = hot.day.exam.home.number("second.trainee")
    for name, sees in (("second.trainee", 200), ("trainee", 403)):
        limited(hot.browsers["second.trainee"], person, hot.day.places[name])
        assert (hot.waiting().status_code, hot.start().status_code, hot.page().status_code) == (sees,) * 3, name


def limited(browser: FlaskClient, person: int, place: int) -> None:
    with browser.session_transaction() as cookie:
        cookie["_user_id"] = f"{person}.1.{place}"


def test_nobody_saves_on_the_paper_of_another(hot: Hot) -> None:
    hot.start()
    hot.browsers["second.trainee"] = hot.browsers["third.trainee"]
    answers = {name: ask(hot).status_code for name, ask in REQUESTS.items()}
    assert answers.pop("exams.door") == 422
    assert set(answers.values()) == {404}, answers


# items


def test_a_hostile_word_of_the_bank_stays_a_word_in_what_is_kept(hot: Hot) -> None:
    with hot.database.read() as session:
        place = paper_of_form(session, hot.day.attempt("trainee").form_id)[0]
    spoiled = replace(place, item=replace(place.item, stem=Text("<script>甲</script>", "<img src=x onerror=alert(1)>")))
    with hot.day.exam.home.app.test_request_context():
        block = printed._block(spoiled, "another content")
    assert "&lt;script&gt;" in block and "<script" not in block and "<img" not in block


def test_the_page_has_every_item_once_and_no_key(hot: Hot) -> None:
    page = hot.page("trainee").text
    data = json.loads(re.search(r'id="paper-data">(.*?)</script>', page, re.DOTALL)[1])  # type: ignore[index]
    positions = [int(found) for found in re.findall(r'<article class="paper-item" id="item-(\d+)"', page)]
    assert positions == [one["position"] for one in data["items"]] == list(range(1, len(positions) + 1))

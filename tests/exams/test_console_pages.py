"""The console over HTTP: what it shows, what its forms do, who is refused, and how little it asks of the database."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, func, select, update
from werkzeug.test import TestResponse

from tests.support.databases import Databases
from tests.support.exam_room import begin_all, in_every_state
from tests.support.school import NOW
from tests.support.watched import Watched
from tests.support.watched import watched as watched_room
from training_app.exams.console.added_time import open_proposals, propose_for_person
from training_app.exams.console.pausing import pause_person
from training_app.exams.day_models import LateEvent, Presence, RoomNotice
from training_app.exams.models import ResponseEvent
from training_app.exams.sitting_models import Sitting

PART = {"HX-Request": "true", "HX-Target": "side"}
REASON = {"reason": "power cut in row A"}


@pytest.fixture(autouse=True)
def _still_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training_app.clock.now", lambda: NOW)


@pytest.fixture
def full(databases: Databases, tmp_path: Path) -> Iterator[Watched]:
    """A room of 36 seats with somebody in every state."""
    with watched_room(databases, tmp_path / "var", states=in_every_state) as opened:
        yield opened


def console(watched: Watched, more: str = "") -> str:
    return f"/sittings/{watched.room.sitting}/console{more}"


def act_path(watched: Watched, seat: str, act: str) -> str:
    return console(watched, f"/places/{watched.room.places[seat]}/{act}")


def seen_in(page: str) -> str:
    found = re.search(r'name="seen"[^>]*value="([^"]*)"', page)
    assert found is not None
    return found[1]


def send(browser: FlaskClient, path: str, fields: dict[str, str], *, part: bool = True) -> TestResponse:
    """The form of an act filled in and sent, with what was seen when it was opened."""
    seen = re.search(r'name="seen"[^>]*value="([^"]*)"', browser.get(path).text)
    return browser.post(path, data={"seen": seen[1] if seen else "", **fields}, headers=PART if part else {})


# what is shown


def test_the_board_shows_trouble_first_with_its_reason_in_words(full: Watched) -> None:
    page = full.exam.home.signed_in("watcher").get(console(full)).text
    reasons = (
        "Disconnected 3 min 20 s",
        "Opened on a second device",
        "Sits on a wrong seat",
        "Late answers wait: 3",
    )
    more = ("No answer for 6 min", "Left the window: 1 ×", "Paused for 2 min", "Document doubtful")
    assert [reason for reason in (*reasons, *more) if reason not in page] == []
    assert page.index("Need attention") < page.index("At work")
    assert page.index("Disconnected") < page.index("Late answers wait") < page.index("Document doubtful")


def test_every_person_stands_on_the_board_once(full: Watched) -> None:
    for view in ("", "?view=plan"):
        page = full.exam.home.signed_in("watcher").get(console(full, view)).text
        found = re.findall(r'id="seat-(\d+)"', page)
        assert sorted(map(int, found)) == sorted(full.room.places.values()), view


def test_counts_and_the_common_end_are_told(full: Watched) -> None:
    page = full.exam.home.signed_in("watcher").get(console(full)).text
    assert re.search(r"<b>3</b> handed in|<b>2</b> handed in", page) and "27:49" in page and "ends 15:27" in page


def test_a_seat_tells_its_history(full: Watched) -> None:
    page = full.exam.home.signed_in("watcher").get(console(full, f"?seat={full.room.places['C-07']}")).text
    assert "Opened on a second device, which was stopped" in page and "Began to work" in page
    assert "Confirmed details and seat" in page


def test_the_console_never_claims_to_know_what_an_unreachable_computer_holds(full: Watched) -> None:
    page = full.exam.home.signed_in("watcher").get(console(full, f"?seat={full.room.places['B-04']}")).text
    assert "seen when it is connected again" in page


def test_computers_without_trusted_https_are_counted_and_named(full: Watched) -> None:
    at_work = next(tile for tile in full.board().tiles if tile.stage == "running" and tile.known.seen_at)
    with full.exam.home.database.write() as session:
        session.execute(update(Presence).where(Presence.attempt_id == at_work.attempt_id).values(secure=False))
    browser = full.exam.home.signed_in("watcher")
    assert "1 computer has no trusted HTTPS to this site" in browser.get(console(full)).text
    assert "no trusted HTTPS" in browser.get(console(full, f"?seat={at_work.place_id}")).text


def test_what_renews_itself_holds_board_counts_clock_and_the_open_seat(full: Watched) -> None:
    path = console(full, f"/board?seat={full.room.places['B-04']}&live=1")
    part = full.exam.home.signed_in("watcher").get(path).text
    assert "<html" not in part
    assert [name for name in ("console-counts", "server-time", "seat-now") if f'id="{name}"' not in part] == []


def test_a_form_that_is_open_is_left_alone_when_the_board_renews_itself(full: Watched) -> None:
    part = full.exam.home.signed_in("watcher").get(console(full, f"/board?seat={full.room.places['B-04']}")).text
    assert "seat-now" not in part and 'aria-current="true"' in part


def test_a_room_can_be_chosen(full: Watched) -> None:
    browser = full.exam.home.signed_in("watcher")
    room = full.board().rooms[0].id
    assert len(re.findall(r'id="seat-\d', browser.get(console(full, f"?room={room}")).text)) == 34
    assert len(re.findall(r'id="seat-\d', browser.get(console(full, "?room=999999")).text)) == 36


def test_no_stem_key_or_rationale_reaches_the_console(full: Watched) -> None:
    browser = full.exam.home.signed_in("watcher")
    pages = [console(full), console(full, f"?seat={full.room.places['D-01']}"), console(full, "/late")]
    text = "".join(browser.get(page).text for page in pages)
    with full.exam.home.database.read() as session:
        stems = [item.stem for item in full.paper(session)]
    assert [stem.zh for stem in stems if stem.zh in text or stem.en in text] == []


# reading costs the same however many sit


def statements(watched: Watched, path: str) -> int:
    browser = watched.exam.home.signed_in("watcher")
    browser.get(path)
    seen: list[str] = []
    engine = watched.exam.home.database.engine

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    assert browser.get(path).status_code == 200
    event.remove(engine, "before_cursor_execute", note)
    return len(seen)


def test_the_board_asks_the_database_the_same_few_questions_for_a_few_seats_and_for_eighty(
    watched: Watched, databases: Databases, tmp_path: Path
) -> None:
    few = statements(watched, console(watched, "/board"))
    with watched_room(databases, tmp_path / "many", seats=80, states=begin_all) as many:
        assert statements(many, console(many, "/board")) == few
        seat = many.room.places["A-01"]
        with_seat = statements(many, console(many, f"/board?seat={seat}&live=1"))
    assert few <= 20 and with_seat <= few + 12


# acts


def test_an_act_at_a_seat_is_carried_out_and_said(watched: Watched) -> None:
    browser = watched.exam.home.signed_in("watcher")
    done = send(browser, act_path(watched, "A-01", "pause"), REASON)
    assert done.status_code == 200 and "stands still" in done.text and "<html" not in done.text
    assert done.headers["HX-Trigger"] == "console-changed"
    assert watched.attempt("A-01").state == "paused"


def test_without_a_script_the_same_form_leads_back_to_the_console(watched: Watched) -> None:
    browser = watched.exam.home.signed_in("watcher")
    done = send(browser, act_path(watched, "A-01", "pause") + "?view=plan", REASON, part=False)
    assert done.status_code == 302 and "view=plan" in done.location and "seat=" in done.location
    assert "stands still" in browser.get(done.location).text


def test_an_act_without_a_reason_is_not_carried_out(watched: Watched) -> None:
    browser = watched.exam.home.signed_in("watcher")
    answer = send(browser, act_path(watched, "A-01", "hand-in"), {"reason": " "})
    assert answer.status_code == 422 and "Please fill this in" in answer.text
    assert watched.attempt("A-01").state == "running"


def test_what_was_typed_stays_when_an_act_is_refused(watched: Watched) -> None:
    browser = watched.exam.home.signed_in("watcher")
    answer = send(browser, act_path(watched, "A-01", "time"), {"minutes": "500", "reason": "late computer"})
    assert answer.status_code == 422 and "late computer" in answer.text


def test_of_two_invigilators_the_slower_is_told_who_was_faster(watched: Watched) -> None:
    first, second = watched.exam.home.signed_in("watcher"), watched.exam.home.signed_in("visitor")
    path = act_path(watched, "A-01", "pause")
    seen = seen_in(second.get(path).text)
    assert send(first, path, REASON).status_code == 200
    slower = second.post(path, data={"seen": seen, **REASON}, headers=PART)
    assert slower.status_code == 409 and "Somebody was faster: Watcher" in slower.text
    assert "Paused a paper" in slower.text


def test_time_is_proposed_by_one_and_approved_by_another(watched: Watched) -> None:
    first, second = watched.exam.home.signed_in("watcher"), watched.exam.home.signed_in("visitor")
    before = watched.attempt("A-01").deadline_at
    send(first, act_path(watched, "A-01", "time"), {"minutes": "5", "reason": "late computer"})
    assert "You proposed it, so another person decides" in first.get(console(watched)).text
    approve = re.search(r'action="([^"]+/approve)"', second.get(console(watched)).text)
    assert approve is not None
    assert first.post(approve[1], headers=PART).status_code == 403
    assert "Time added: 1" in second.post(approve[1], headers=PART).text
    assert before is not None and watched.attempt("A-01").deadline_at == before + timedelta(minutes=5)
    again = second.post(approve[1], headers=PART)
    assert again.status_code == 409 and "approved this time" in again.text


def test_a_seat_is_moved_in_the_middle(watched: Watched) -> None:
    browser = watched.exam.home.signed_in("watcher")
    assert "No seat of this sitting is free" in browser.get(act_path(watched, "A-01", "move")).text
    watched.add_seat("Z-01")
    page = browser.get(act_path(watched, "A-01", "move")).text
    choice = re.search(r'<option value="(\d+)">[^<]*Z-01', page)
    assert choice is not None
    done = send(browser, act_path(watched, "A-01", "move"), {"seat": choice[1], **REASON})
    assert done.status_code == 200 and watched.tile("A-01").seat == "Z-01" and watched.attempt("A-01").device is None


def test_an_entry_code_is_shown_once_and_kept_as_a_digest(watched: Watched) -> None:
    browser = watched.exam.home.signed_in("watcher")
    done = send(browser, act_path(watched, "A-01", "code"), {})
    code = re.search(r'class="slip-code"[^>]*>([^<]+)<', done.text)
    assert done.status_code == 200 and code is not None
    assert code[1] not in browser.get(console(watched, f"?seat={watched.room.places['A-01']}")).text


def test_a_notice_reaches_the_room(watched: Watched) -> None:
    browser = watched.exam.home.signed_in("watcher")
    assert send(browser, console(watched, "/notice"), {"room": "", "text": "Ten minutes left."}).status_code == 200
    with watched.exam.home.database.read() as session:
        assert session.scalars(select(RoomNotice.text)).all() == ["Ten minutes left."]


def test_the_end_asks_first_for_whom_it_hands_in(watched: Watched) -> None:
    browser = watched.exam.home.signed_in("watcher")
    page = browser.get(console(watched, "/end")).text
    assert "Still working: 9" in page
    refused = browser.post(console(watched, "/end"), data={"working": "9", **REASON}, headers=PART)
    assert refused.status_code == 422 and "9 people are still working" in refused.text
    done = browser.post(console(watched, "/end"), data={"working": "9", "also": "y", **REASON}, headers=PART)
    assert done.status_code == 200 and watched.board().sitting.state == "closed"


def test_time_that_is_over_closes_a_paper_when_the_console_is_read(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training_app.clock.now", lambda: NOW + timedelta(hours=1))
    page = watched.exam.home.signed_in("auditor").get(console(watched)).text
    assert "Time is over, not handed in" not in page and watched.attempt("A-01").state == "submitted"


# the late pile


def test_late_answers_stand_beside_those_that_count_and_are_decided_one_by_one(full: Watched) -> None:
    browser = full.exam.home.signed_in("watcher")
    page = browser.get(console(full, "/late")).text
    numbers = re.findall(r'name="late\.(\d+)"', page)
    assert len(numbers) == 3 and "Would count" in page
    path = console(full, f"/late/{full.room.places['D-01']}")
    fields = {f"late.{numbers[0]}": "accepted", f"late.{numbers[1]}": "refused", f"late.{numbers[2]}": ""}
    assert browser.post(path, data=fields | REASON).status_code == 302
    with full.exam.home.database.read() as session:
        decisions = list(session.scalars(select(LateEvent.decision).order_by(LateEvent.id)))
        accepted = session.scalar(select(func.count()).where(ResponseEvent.late_event_id == int(numbers[0])))
    assert (decisions, accepted) == (["accepted", "refused", None], 1)


def test_a_late_answer_that_a_colleague_decided_is_not_decided_again(full: Watched) -> None:
    browser = full.exam.home.signed_in("watcher")
    (number, *_) = re.findall(r'name="late\.(\d+)"', browser.get(console(full, "/late")).text)
    path = console(full, f"/late/{full.room.places['D-01']}")
    assert browser.post(path, data={f"late.{number}": "refused", **REASON}).status_code == 302
    again = full.exam.home.signed_in("visitor").post(path, data={f"late.{number}": "accepted", **REASON})
    assert again.status_code == 422 and "decided on this answer already" in again.text


@pytest.mark.parametrize("name", ["late.999999", "late.٣", "late.-1", "late.99999999999999999999"])
def test_a_late_answer_that_is_not_there_changes_nothing(full: Watched, name: str) -> None:
    path = console(full, f"/late/{full.room.places['D-01']}")
    answer = full.exam.home.signed_in("watcher").post(path, data={name: "accepted", **REASON})
    assert answer.status_code in {404, 422}
    with full.exam.home.database.read() as session:
        assert set(session.scalars(select(LateEvent.decision))) == {None}


def test_a_late_answer_of_somebody_else_is_not_decided_here(full: Watched) -> None:
    browser = full.exam.home.signed_in("watcher")
    (number, *_) = re.findall(r'name="late\.(\d+)"', browser.get(console(full, "/late")).text)
    path = console(full, f"/late/{full.room.places['D-08']}")
    assert browser.post(path, data={f"late.{number}": "accepted", **REASON}).status_code == 404


# attacks


@pytest.mark.parametrize("who", ["auditor", "head"])
def test_who_only_reads_sees_no_acts_and_is_refused_them(watched: Watched, who: str) -> None:
    browser = watched.exam.home.signed_in(who)
    page = browser.get(console(watched, f"?seat={watched.room.places['A-01']}"))
    assert page.status_code == 200 and "side-acts" not in page.text
    assert browser.post(act_path(watched, "A-01", "expel"), data=REASON).status_code == 403
    assert watched.attempt("A-01").state == "running"


@pytest.mark.parametrize("who", ["far.admin", "far.watcher"])
def test_the_console_of_another_base_is_not_there_and_the_try_is_written_down(watched: Watched, who: str) -> None:
    browser = watched.exam.home.signed_in(who)
    paths = ["", "/board", "/late", "/end", f"/places/{watched.room.places['A-01']}/expel"]
    answers = [browser.get(console(watched, path)) for path in paths]
    assert {answer.status_code for answer in answers} == {404}
    assert [answer for answer in answers if "Candidate" in answer.text] == []
    assert len(watched.exam.home.acts("refused")) == len(paths)


def test_a_trainee_has_no_console(watched: Watched) -> None:
    browser = watched.exam.home.signed_in("trainee")
    assert {browser.get(console(watched, path)).status_code for path in ("", "/board", "/late")} == {403}


def test_an_invigilator_of_the_base_without_duty_looks_on(watched: Watched) -> None:
    home = watched.exam.home
    watched.make_invigilator("second.trainee")
    browser = home.signed_in("second.trainee")
    page = browser.get(console(watched))
    assert page.status_code == 200 and "You look on" in page.text
    for path in ("/end", "/pause", "/notice", f"/places/{watched.room.places['A-01']}/expel"):
        assert browser.post(console(watched, path), data={"text": "x", **REASON}).status_code == 403, path
    assert watched.board().count("running") == 9


def test_a_place_of_another_sitting_cannot_be_reached_by_this_console(watched: Watched) -> None:
    other = watched.exam.planned()
    (place,) = watched.exam.place(other, "second.trainee")
    answer = watched.exam.home.signed_in("watcher").post(console(watched, f"/places/{place}/expel"), data=REASON)
    assert answer.status_code == 404 and watched.exam.places(other)[0].state == "expected"


@pytest.mark.parametrize("path", ["?seat=999999", "?seat=x", "?room=x&view=x", "?seat=99999999999999999999"])
def test_an_address_that_no_page_has_shows_the_console_itself(watched: Watched, path: str) -> None:
    answer = watched.exam.home.signed_in("watcher").get(console(watched, path))
    assert answer.status_code == 200 and "The sitting" in answer.text


def test_a_proposal_of_another_sitting_is_not_decided_here(watched: Watched) -> None:
    proposal = watched.do(propose_for_person, "A-01", 300, reason="late computer")
    other = watched.exam.planned()
    path = f"/sittings/{other}/console/proposals/{proposal.id}/approve"
    assert watched.exam.home.signed_in("base.admin").post(path).status_code == 404
    with watched.exam.home.database.read() as session:
        assert len(open_proposals(session, session.get_one(Sitting, watched.room.sitting))) == 1


def test_a_name_or_a_reason_is_never_markup(watched: Watched) -> None:
    watched.do(pause_person, "A-01", "<b>power</b> cut")
    page = watched.exam.home.signed_in("visitor").get(console(watched, f"?seat={watched.room.places['A-01']}")).text
    assert "&lt;b&gt;power" in page and "<b>power" not in page


# ways in


def test_the_page_of_a_sitting_leads_to_its_console(watched: Watched) -> None:
    page = watched.exam.home.signed_in("watcher").get(f"/sittings/{watched.room.sitting}").text
    assert f'href="{console(watched)}"' in page


def test_the_home_of_an_invigilator_lists_the_consoles_of_today(watched: Watched) -> None:
    page = watched.exam.home.signed_in("watcher").get("/").text
    assert f'href="{console(watched)}"' in page

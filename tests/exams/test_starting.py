"""The waiting room and the start: never too early, never too late, once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, insert, select

from tests.support.exam_day import ExamDay
from tests.support.examination import THURSDAY
from training_app.errors import Refused
from training_app.exams.attempts import paper_of
from training_app.exams.day.opening import announce_start
from training_app.exams.day.starting import start
from training_app.exams.day_models import DeadlineEvent, RoomNotice
from training_app.exams.models import AttemptEvent
from training_app.exams.setup.calling_off import declare_void
from training_app.exams.sitting_models import RosterPlace, Sitting
from training_app.people.rules import Grant, Holder, Role

JSON = {"Accept": "application/json"}


def address(day: ExamDay, username: str = "trainee", rest: str = "") -> str:
    return f"/places/{day.places[username]}{rest}"


def holder(day: ExamDay, username: str = "trainee") -> Holder:
    return Holder(day.exam.home.number(username), "suzhou", None, (Grant(Role.TRAINEE, "suzhou"),))


def starts(day: ExamDay, username: str = "trainee") -> int:
    """How often the attempt of that person was started."""
    with day.exam.home.database.read() as session:
        mine = (AttemptEvent.attempt_id == day.attempt(username).id, AttemptEvent.to_state == "running")
        return session.scalar(select(func.count()).where(*mine)) or 0


# the waiting room


def test_the_page_of_the_waiting_room_has_rules_in_both_languages_and_a_trial_item(day: ExamDay) -> None:
    day.at(-10)
    page = day.come_in().get(address(day)).text
    assert "Until the beginning" in page and "Trial item" in page
    assert "只有服务器确认后" in page and "only when the server has it" in page


def test_the_page_is_told_how_things_stand(day: ExamDay) -> None:
    day.at(-10)
    told = day.come_in().get(address(day, rest="/waiting")).get_json()
    assert (told["state"], told["entered"], told["announced"], told["seat"]) == ("waiting", True, False, day.seat())
    assert datetime.fromisoformat(told["start_at"]) == THURSDAY
    assert datetime.fromisoformat(told["server_now"]) == day.now
    spread = datetime.fromisoformat(told["first_page_at"]) - THURSDAY
    assert timedelta() <= spread < timedelta(seconds=10)


def test_what_the_invigilator_announces_reaches_the_page(day: ExamDay) -> None:
    day.at(-10)
    browser = day.come_in()
    with day.exam.home.database.write() as session:
        later = THURSDAY + timedelta(minutes=3)
        announce_start(session, session.get_one(Sitting, day.sitting), later, day.by("watcher"))
        sentences = [("for all", None), ("for another", day.places["second.trainee"])]
        rows = [
            {
                "sitting_id": day.sitting,
                "place_id": place,
                "text": text,
                "by": day.by("watcher").holder.id,
                "at": day.now,
            }
            for text, place in sentences
        ]
        session.execute(insert(RoomNotice), rows)
    told = browser.get(address(day, rest="/waiting")).get_json()
    assert told["announced"] and datetime.fromisoformat(told["start_at"]) == later
    assert [notice["text"] for notice in told["notices"]] == ["for all"]


def test_the_waiting_room_gives_nothing_of_the_paper_away(day: ExamDay) -> None:
    day.at(-10)
    browser = day.come_in()
    attempt = day.attempt()
    with day.exam.home.database.read() as session:
        stems = [text for place in paper_of(session, attempt) for text in (place.item.stem.zh, place.item.stem.en)]
    told = browser.get(address(day)).text + browser.get(address(day, rest="/waiting")).text
    assert len(stems) > 20 and [stem for stem in stems if stem in told] == []
    paper = browser.get(f"/attempts/{attempt.id}").text
    assert [stem for stem in stems if stem in paper] == []


def test_a_sitting_that_is_declared_void_is_told_to_who_waits(day: ExamDay) -> None:
    day.at(-10)
    browser = day.come_in()
    day.exam.act(day.sitting, lambda session, sitting, by: declare_void(session, sitting, "alarm", by))
    assert browser.get(address(day, rest="/waiting")).get_json()["state"] == "cancelled"
    assert browser.get(address(day)).location == "/door"


# the start


def test_the_paper_starts_at_the_common_start(day: ExamDay) -> None:
    day.at(-10)
    browser = day.come_in()
    day.at(0)
    answer = browser.post(address(day, rest="/start"), headers=JSON)
    attempt = day.attempt()
    assert answer.get_json() == {"url": f"/attempts/{attempt.id}"}
    assert (attempt.state, attempt.started_at) == ("running", THURSDAY)
    assert attempt.deadline_at == THURSDAY + timedelta(minutes=90)
    assert day.stored().state == "running" and browser.get(address(day)).location == f"/attempts/{attempt.id}"


@pytest.mark.parametrize("minutes", [-5, -0.01])
def test_nobody_starts_before_the_common_start(day: ExamDay, minutes: float) -> None:
    day.at(-10)
    browser = day.come_in()
    day.at(minutes)
    assert browser.post(address(day, rest="/start")).status_code == 409
    assert day.attempt().state == "waiting" and day.stored().state == "open"


def test_an_announced_start_counts_in_place_of_the_ticket(day: ExamDay) -> None:
    day.at(-10)
    browser = day.come_in()
    with day.exam.home.database.write() as session:
        later = THURSDAY + timedelta(minutes=3)
        announce_start(session, session.get_one(Sitting, day.sitting), later, day.by("watcher"))
    day.at(2)
    assert browser.post(address(day, rest="/start")).status_code == 409
    day.at(3)
    assert browser.post(address(day, rest="/start")).status_code == 302


def test_nobody_starts_without_a_confirmed_seat(day: ExamDay) -> None:
    day.at(-10)
    browser = day.browser("trainee")
    browser.post("/door", data={"ticket": day.ticket()})
    day.at(1)
    assert browser.post(address(day, rest="/start")).status_code == 409 and starts(day) == 0


def test_after_the_latest_start_nobody_starts_and_that_is_logged(day: ExamDay) -> None:
    day.at(-10)
    browser = day.come_in()
    day.at(15.1)
    assert browser.post(address(day, rest="/start")).status_code == 422
    (entry,) = day.exam.home.acts("refused")
    assert day.attempt().state == "waiting" and entry.details is not None and entry.details["why"] == "late"


def test_the_latest_start_does_not_shorten_a_paper(day: ExamDay) -> None:
    day.at(0)
    browser = day.come_in()
    day.at(15)
    browser.post(address(day, rest="/start"))
    assert day.attempt().deadline_at == THURSDAY + timedelta(minutes=105)
    day.at(60)
    assert browser.post("/door", data={"ticket": day.ticket()}).location == f"/attempts/{day.attempt().id}"


def test_starting_again_later_gives_the_same_start(day: ExamDay) -> None:
    browser = day.come_in()
    browser.post(address(day, rest="/start"))
    day.at(20)
    second = browser.post(address(day, rest="/start"))
    assert second.location == f"/attempts/{day.attempt().id}"
    assert (day.attempt().started_at, starts(day)) == (THURSDAY, 1)


def test_two_tabs_that_start_at_once_start_once(day: ExamDay) -> None:
    day.come_in()
    who = holder(day)

    def begin(_tab: int) -> datetime | None:
        with day.exam.home.database.write() as session:
            return start(session, who, day.places["trainee"], day.now).started_at

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(begin, range(6))) == {THURSDAY}
    assert starts(day) == 1


def test_candidates_who_start_at_once_begin_the_sitting_once(day: ExamDay) -> None:
    for name in day.places:
        day.come_in(name)
    holders = {name: holder(day, name) for name in day.places}

    def begin(name: str) -> str:
        with day.exam.home.database.write() as session:
            return start(session, holders[name], day.places[name], day.now).state

    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(begin, day.places)) == ["running"] * 3
    assert len(day.exam.home.acts("sitting.begun")) == 1


def test_personal_time_is_a_deadline_event_of_the_start(day: ExamDay) -> None:
    with day.exam.home.database.write() as session:
        session.get_one(RosterPlace, day.places["trainee"]).personal_time_s = 1800
    day.come_in().post(address(day, rest="/start"))
    with day.exam.home.database.read() as session:
        events = session.scalars(select(DeadlineEvent)).all()
    assert [(event.kind, event.seconds) for event in events] == [("personal", 1800)]
    assert day.attempt().deadline_at == THURSDAY + timedelta(minutes=120)


def test_who_was_excluded_does_not_start(day: ExamDay) -> None:
    browser = day.come_in()
    with day.exam.home.database.write() as session:
        session.get_one(RosterPlace, day.places["trainee"]).state = "expelled"
    assert browser.post(address(day, rest="/start")).status_code == 422
    assert browser.post(address(day, rest="/start")).status_code == 422 and starts(day) == 0


def test_another_persons_paper_is_not_started(day: ExamDay) -> None:
    day.come_in()
    with day.exam.home.database.write() as session, pytest.raises(Refused):
        start(session, holder(day, "second.trainee"), day.places["trainee"], day.now)
    assert starts(day) == 0


# what leads there


def test_home_and_exams_lead_to_the_door_on_the_day(day: ExamDay) -> None:
    browser = day.browser("trainee")
    link = f"/door?ticket={day.ticket()}"
    day.at(-90)
    assert link not in browser.get("/").text and link not in browser.get("/exams").text
    day.at(-20)
    assert link in browser.get("/").text and link in browser.get("/exams").text
    assert "Your examination: the door is open." in browser.get("/").text


def test_home_leads_back_to_a_running_paper(day: ExamDay) -> None:
    browser = day.come_in()
    browser.post(address(day, rest="/start"))
    page = browser.get("/").text
    assert "Your paper is running." in page and f"/attempts/{day.attempt().id}" in page

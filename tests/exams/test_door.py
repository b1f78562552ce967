"""The door: who comes in with which ticket, who is turned away with which sentence, which seat."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.support.exam_day import PASSWORD, ExamDay
from tests.support.examination import THURSDAY
from training_app.errors import Conflict, Refused
from training_app.exams.day.opening import announce_start, open_due, open_if_due, open_sitting
from training_app.exams.day_models import PaperFact
from training_app.exams.models import AttemptEvent
from training_app.exams.setup.calling_off import cancel
from training_app.exams.setup.roster import withdraw
from training_app.exams.sitting_models import RosterPlace, Sitting, SittingEvent


def knock(day: ExamDay, ticket: str, username: str = "trainee") -> tuple[int, str]:
    answer = day.browser(username).post("/door", data={"ticket": ticket})
    return answer.status_code, answer.text


def refusals(day: ExamDay) -> list[object]:
    return [(entry.details or {}).get("why") for entry in day.exam.home.acts("refused")]


def facts(day: ExamDay) -> list[dict[str, object]]:
    with day.exam.home.database.read() as session:
        found = select(PaperFact.details).where(PaperFact.kind == "wrong_seat").order_by(PaperFact.id)
        return list(session.scalars(found))


def history(day: ExamDay) -> list[str]:
    with day.exam.home.database.read() as session:
        return list(
            session.scalars(
                select(SittingEvent.act).where(SittingEvent.sitting_id == day.sitting).order_by(SittingEvent.id)
            )
        )


# who comes in


def test_with_ticket_and_password_a_candidate_is_led_to_the_own_place(day: ExamDay) -> None:
    day.give_password("trainee")
    day.at(-20)
    guest = day.guest()
    fields = {"ticket": day.ticket().lower(), "username": "trainee", "password": PASSWORD}
    answer = guest.post("/door", data=fields)
    assert (answer.status_code, answer.location) == (302, f"/places/{day.places['trainee']}")
    page = guest.get(answer.location).text
    assert "沈知夏" in page and day.ticket() in page and "Seat number on your desk" in page


def test_a_wrong_password_at_the_door_opens_nothing_and_counts(day: ExamDay) -> None:
    day.give_password("trainee")
    guest = day.guest()
    fields = {"ticket": day.ticket(), "username": "trainee", "password": "wrong password"}
    assert guest.post("/door", data=fields).status_code == 422
    assert guest.get(f"/places/{day.places['trainee']}").location.startswith("/sign-in")
    assert len(day.exam.home.acts("sign_in.failed")) == 1


def test_who_is_turned_away_is_not_signed_in_on_that_computer(day: ExamDay) -> None:
    day.give_password("trainee")
    guest = day.guest()
    fields = {"ticket": day.ticket("second.trainee"), "username": "trainee", "password": PASSWORD}
    assert guest.post("/door", data=fields).status_code == 422
    assert guest.get("/exams").location.startswith("/sign-in")


def test_somebody_elses_ticket_is_refused_without_a_name_and_logged(day: ExamDay) -> None:
    status, page = knock(day, day.ticket("second.trainee"))
    assert status == 422 and "somebody else" in page and "程砚" not in page
    (entry,) = day.exam.home.acts("refused")
    assert entry.details is not None and entry.details["ticket"] == day.ticket("second.trainee")
    assert (entry.details["why"], entry.actor_id) == ("another", day.exam.home.number("trainee"))


def test_a_ticket_that_does_not_exist_is_refused_and_logged(day: ExamDay) -> None:
    status, page = knock(day, "SZV261203-999-9999")
    assert (status, refusals(day)) == (422, ["unknown"]) and "There is no ticket with this number" in page


@pytest.mark.parametrize(
    ("minutes", "why", "sentence"),
    [
        (-31, "early", "The door opens at 08:30"),
        (-26 * 60, "other_day", "not for today"),
        (16, "late", "The latest start was 2026-12-03 Thu 09:15"),
    ],
)
def test_the_time_of_the_door_is_told(day: ExamDay, minutes: int, why: str, sentence: str) -> None:
    day.at(minutes)
    status, page = knock(day, day.ticket())
    assert (status, refusals(day)) == (422, [why]) and sentence in page
    assert day.stored().state == "prepared"


def test_a_place_that_was_given_up_opens_nothing(day: ExamDay) -> None:
    def act(session, sitting, by):  # type: ignore[no-untyped-def]  # as Examination.act calls it
        withdraw(session, sitting, session.get_one(RosterPlace, day.places["trainee"]), "ill", by=by)

    day.exam.act(day.sitting, act)
    status, page = knock(day, day.ticket())
    assert (status, refusals(day)) == (422, ["place_void"]) and "counts no more" in page


def test_a_sitting_that_was_cancelled_is_told(day: ExamDay) -> None:
    day.exam.act(day.sitting, lambda session, sitting, by: cancel(session, sitting, "no power", by))
    assert knock(day, day.ticket())[0] == 422 and refusals(day) == ["cancelled"]


def test_with_the_ticket_of_another_sitting_the_right_number_is_told(day: ExamDay) -> None:
    other = day.exam.planned(THURSDAY + timedelta(days=7))
    (later,) = day.exam.place(other, "trainee")
    with day.exam.home.database.read() as session:
        number = session.get_one(RosterPlace, later).ticket_number
    status, page = knock(day, number)
    assert (status, refusals(day)) == (422, ["other_sitting"]) and day.ticket() in page


def test_staff_do_not_come_in_as_candidates(day: ExamDay) -> None:
    status, page = knock(day, day.ticket(), "watcher")
    assert status == 422 and "Only candidates come in here" in page


@pytest.mark.parametrize("typed", ["x" * 5000, "１２３", "%' or 1=1 --"])
def test_what_no_ticket_has_on_it_is_refused_with_a_sentence(day: ExamDay, typed: str) -> None:
    assert knock(day, typed)[0] == 422


def test_the_next_person_at_the_computer_takes_the_place_of_the_former_one(day: ExamDay) -> None:
    browser = day.come_in()
    assert "You are signed in as Trainee" in browser.get("/door").text
    assert browser.post("/door/other-person").location == "/door"
    assert browser.get(f"/places/{day.places['trainee']}").location.startswith("/sign-in")


# opening


def test_the_clock_opens_the_sitting_for_the_first_who_comes(day: ExamDay) -> None:
    day.at(-30)
    assert knock(day, day.ticket())[0] == 302
    assert day.stored().state == "open" and history(day)[-1] == "sitting.opened"
    (entry,) = day.exam.home.acts("sitting.opened")
    assert entry.actor_id is None and entry.chain == "suzhou"


def test_the_clock_opens_it_once_and_not_too_early(day: ExamDay) -> None:
    with day.exam.home.database.write() as session:
        assert open_due(session, THURSDAY - timedelta(minutes=31)) == 0
        assert open_due(session, THURSDAY - timedelta(minutes=30)) == 1
        assert open_due(session, THURSDAY - timedelta(minutes=30)) == 0


def test_of_two_who_open_at_once_one_does(day: ExamDay) -> None:
    def opens(_number: int) -> bool:
        with day.exam.home.database.write() as session:
            return open_if_due(session, session.get_one(Sitting, day.sitting), THURSDAY)

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(opens, range(4))) == [False, False, False, True]
    assert history(day).count("sitting.opened") == 1


def test_an_invigilator_opens_at_the_earliest_an_hour_before(day: ExamDay) -> None:
    day.at(-61)
    with day.exam.home.database.write() as session, pytest.raises(Refused):
        open_sitting(session, session.get_one(Sitting, day.sitting), day.by("watcher"))
    day.at(-60)
    with day.exam.home.database.write() as session:
        open_sitting(session, session.get_one(Sitting, day.sitting), day.by("watcher"))
    with day.exam.home.database.write() as session, pytest.raises(Conflict):
        open_sitting(session, session.get_one(Sitting, day.sitting), day.by("watcher"))
    assert day.stored().state == "open" and knock(day, day.ticket())[0] == 302


def announce(day: ExamDay, minutes: float | None) -> None:
    at = None if minutes is None else THURSDAY + timedelta(minutes=minutes)
    with day.exam.home.database.write() as session:
        announce_start(session, session.get_one(Sitting, day.sitting), at, day.by("watcher"))


def test_a_start_is_announced_within_the_times_of_the_sitting(day: ExamDay) -> None:
    day.at(-10)
    day.come_in()
    for minutes in (-5, 16):
        with pytest.raises(Refused):
            announce(day, minutes)
    announce(day, 5)
    assert day.stored().start_at == THURSDAY + timedelta(minutes=5)
    assert history(day)[-1] == "start.announced"


def test_a_start_now_lies_far_enough_ahead_for_every_page_to_hear_of_it(day: ExamDay) -> None:
    day.at(2)
    day.come_in()
    announce(day, None)
    assert day.stored().start_at == day.now + timedelta(seconds=20)


def test_nothing_is_announced_before_it_is_open(day: ExamDay) -> None:
    day.at(-31)
    with pytest.raises(Conflict):
        announce(day, 5)


# the seat


def test_with_the_right_seat_the_person_waits(day: ExamDay) -> None:
    day.at(-20)
    day.come_in()
    assert (day.attempt().state, day.place().entered_at) == ("waiting", day.now)
    with day.exam.home.database.read() as session:
        last = session.scalars(select(AttemptEvent).order_by(AttemptEvent.id.desc())).first()
    assert last is not None and (last.from_state, last.to_state, last.by) == (
        "created",
        "waiting",
        day.exam.home.number("trainee"),
    )


def test_confirming_the_seat_twice_changes_nothing(day: ExamDay) -> None:
    day.at(-20)
    browser = day.come_in()
    before = day.place().entered_at
    day.at(-10)
    assert browser.post(f"/places/{day.places['trainee']}/seat", data={"seat": day.seat()}).status_code == 302
    assert day.place().entered_at == before


def test_a_seat_of_somebody_else_is_told_and_kept_for_the_invigilators(day: ExamDay) -> None:
    day.at(-20)
    typed = day.seat("second.trainee")
    answer = day.browser("trainee").post(f"/places/{day.places['trainee']}/seat", data={"seat": typed})
    assert answer.status_code == 422 and "somebody else" in answer.text and day.seat() in answer.text
    assert facts(day) == [{"typed": typed, "own": day.seat(), "why": "taken"}]
    assert (day.attempt().state, day.place().entered_at) == ("created", None)


def test_a_seat_that_nobody_has_and_one_that_does_not_exist_are_told_apart(day: ExamDay) -> None:
    day.at(-20)
    taken = {day.seat(name) for name in day.places}
    free = next(f"{row}-{place}" for row in range(1, 4) for place in range(1, 5) if f"{row}-{place}" not in taken)
    browser = day.browser("trainee")
    for typed in (free, "Z-99"):
        assert browser.post(f"/places/{day.places['trainee']}/seat", data={"seat": typed}).status_code == 422
    assert [fact["why"] for fact in facts(day)] == ["wrong", "unknown"]


def test_somebody_who_tries_every_seat_does_not_fill_the_records(day: ExamDay) -> None:
    day.at(-20)
    browser = day.browser("trainee")
    for number in range(25):
        browser.post(f"/places/{day.places['trainee']}/seat", data={"seat": f"Z-{number}"})
    assert len(facts(day)) == 20


def test_a_seat_is_not_taken_before_the_door_is_open(day: ExamDay) -> None:
    day.at(-40)
    answer = day.browser("trainee").post(f"/places/{day.places['trainee']}/seat", data={"seat": day.seat()})
    assert (answer.location, day.attempt().state, refusals(day)) == ("/door", "created", ["early"])


# other people


@pytest.mark.parametrize(("path", "method"), [("", "GET"), ("/waiting", "GET"), ("/seat", "POST"), ("/start", "POST")])
def test_another_persons_place_is_not_there_and_that_is_logged(day: ExamDay, path: str, method: str) -> None:
    browser = day.browser("second.trainee")
    answer = browser.open(f"/places/{day.places['trainee']}{path}", method=method, data={"seat": day.seat()})
    assert answer.status_code == 404 and "沈知夏" not in answer.text
    (entry,) = day.exam.home.acts("refused")
    assert entry.details is not None and entry.details["permission"] == "exam.sit"


@pytest.mark.parametrize("username", ["watcher", "base.admin", "head", "auditor", "contact"])
def test_who_is_no_candidate_has_no_place_of_the_day(day: ExamDay, username: str) -> None:
    browser = day.browser(username)
    assert browser.get(f"/places/{day.places['trainee']}").status_code == 403
    assert browser.post(f"/places/{day.places['trainee']}/start").status_code == 403

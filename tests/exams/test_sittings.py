"""Sittings planned, changed, prepared and ended: all bookings move or none does."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from tests.support.examination import THURSDAY, WEEK, Examination, furnish
from tests.support.house import CRITERIA, House
from training_app.audit.services import chain_findings
from training_app.bookings.models import Booking, Claim, Room, Seat
from training_app.bookings.rooms import retire
from training_app.errors import Conflict, NotFound, Refused
from training_app.exams.invariants import exam_findings
from training_app.exams.models import Attempt, Form, FormItem
from training_app.exams.setup.calling_off import cancel, declare_void
from training_app.exams.setup.checks import shortage_lines
from training_app.exams.setup.claims import RoomRefused
from training_app.exams.setup.drawing import what_lacks
from training_app.exams.setup.duties import assign, end_duty
from training_app.exams.setup.invariants import sitting_findings
from training_app.exams.setup.preparing import prepare, unprepare
from training_app.exams.setup.roster import grant_time, place_of, take_over_roster, withdraw
from training_app.exams.setup.seating import allocate_all, give_seat
from training_app.exams.setup.sittings import ChangedMeanwhile, change, claim_version, plan, sitting_within
from training_app.exams.sitting_models import RosterPlace, Sitting, SittingEvent


def live_claims(exam: Examination) -> dict[str, object]:
    """Beginning of the live claim on each resource."""
    with exam.home.database.read() as session:
        rows = session.execute(select(Claim.resource, Claim.starts_at).where(Claim.state == "confirmed"))
        return {row.resource: row.starts_at for row in rows}


def findings(exam: Examination) -> list[object]:
    with exam.home.database.read() as session:
        return [*sitting_findings(session), *exam_findings(session), *chain_findings(session)]


def acts_on(exam: Examination, sitting: int) -> list[str]:
    with exam.home.database.read() as session:
        return list(
            session.scalars(
                select(SittingEvent.act).where(SittingEvent.sitting_id == sitting).order_by(SittingEvent.id)
            )
        )


def prepared(exam: Examination, *usernames: str) -> int:
    sitting = exam.planned()
    exam.place(sitting, *(usernames or ("trainee", "second.trainee")))
    exam.act(sitting, lambda s, found, by: allocate_all(s, found, "a", by))
    exam.act(sitting, lambda s, found, by: prepare(s, found, CRITERIA, by))
    return sitting


# planning


def test_a_planned_sitting_holds_its_rooms_and_stands_in_the_log(exam: Examination) -> None:
    sitting = exam.planned(rooms=exam.rooms())
    assert live_claims(exam) == {f"room:{room}": THURSDAY for room in exam.rooms()}
    assert [act.object_id for act in exam.home.acts("sitting.planned")] == [str(sitting)]
    assert findings(exam) == []


def test_a_room_that_is_taken_is_named_and_nothing_stays(exam: Examination) -> None:
    exam.planned()
    with pytest.raises(RoomRefused, match="大考场"):
        exam.planned(THURSDAY + timedelta(hours=1), exam.rooms())
    with exam.home.database.read() as session:
        assert len(session.scalars(select(Sitting)).all()) == 1
        assert len(session.scalars(select(Booking)).all()) == 1


@pytest.mark.parametrize("starts", [THURSDAY.replace(hour=6), THURSDAY.replace(hour=16), THURSDAY + timedelta(days=2)])
def test_a_sitting_outside_of_opening_hours_is_refused(exam: Examination, starts) -> None:
    with pytest.raises(RoomRefused, match="open on a"):
        exam.planned(starts)


def test_a_room_out_of_use_is_refused(exam: Examination) -> None:
    rooms, now = exam.rooms(), exam.by().now
    with exam.home.database.write() as session:
        retire(session, session.get_one(Room, rooms[0]), now)
    with pytest.raises(RoomRefused, match="out of use"):
        exam.planned(rooms=rooms)


def test_a_room_of_another_base_is_refused(exam: Examination) -> None:
    with pytest.raises(RoomRefused, match="no exam room"):
        exam.planned(rooms=exam.rooms("shenzhen"))


def test_another_base_is_not_there_for_an_administrator(exam: Examination) -> None:
    far, entered, by = exam.far(), exam.entered(), exam.by("far.admin")
    with exam.home.database.read() as session, pytest.raises(NotFound):
        sitting_within(session, exam.by().holder, "sittings.read", far)
    with pytest.raises(NotFound), exam.home.database.write() as session:
        plan(session, "suzhou", entered, by)


def test_outside_of_a_demonstration_the_bank_lacks_secret_confirmed_items(home: House) -> None:
    with home.database.write() as session:
        furnish(session)
    exam = Examination(home)
    with home.app.test_request_context(headers={"Accept-Language": "en"}):
        sitting = exam.planned()
        with home.database.read() as session:
            lacking = what_lacks(session, session.get_one(Sitting, sitting), CRITERIA)
            assert lacking is not None
            lines = shortage_lines(lacking)
    assert "items in all: 60 wanted, 0 can be drawn." in lines
    assert any("draws secret items only" in line for line in lines)


# changing and postponing


def test_a_postponed_sitting_takes_every_booking_along(exam: Examination) -> None:
    sitting = exam.planned()
    exam.place(sitting, "trainee")
    exam.act(sitting, lambda s, found, by: assign(s, found, exam.home.number("watcher"), exam.rooms()[0], by=by))
    exam.act(sitting, lambda s, found, by: allocate_all(s, found, "a", by))
    later = exam.entered(THURSDAY + WEEK)
    exam.act(sitting, lambda s, found, by: change(s, found, later, reason="flood", by=by))
    assert set(live_claims(exam).values()) == {THURSDAY + WEEK}
    assert len(live_claims(exam)) == 4
    assert findings(exam) == [] and acts_on(exam, sitting)[-1] == "sitting.postponed"


def test_when_one_person_is_busy_nothing_of_a_sitting_moves(exam: Examination) -> None:
    first, second = exam.planned(), exam.planned(THURSDAY + WEEK, exam.rooms()[1:])
    exam.place(first, "trainee", "second.trainee")
    exam.place(second, "trainee")
    before = live_claims(exam)
    later = exam.entered(THURSDAY + WEEK)
    with pytest.raises(Conflict):
        exam.act(first, lambda s, found, by: change(s, found, later, reason="flood", by=by))
    assert live_claims(exam) == before
    assert exam.stored(first).starts_at == THURSDAY and findings(exam) == []


def test_a_new_title_moves_nothing(exam: Examination) -> None:
    sitting = exam.planned()
    before = {place.booking_id for place in exam.stored(sitting).rooms}
    entered = replace(exam.entered(), title_en="Another title")
    exam.act(sitting, lambda s, found, by: change(s, found, entered, reason="slip", by=by))
    assert {place.booking_id for place in exam.stored(sitting).rooms} == before
    assert acts_on(exam, sitting)[-1] == "sitting.changed"


def test_a_stale_version_is_refused(exam: Examination) -> None:
    found = exam.stored(exam.planned())
    with pytest.raises(ChangedMeanwhile):
        claim_version(found, found.version - 1)


def test_a_room_given_up_leaves_its_people_without_a_seat(exam: Examination) -> None:
    sitting = exam.planned()
    exam.place(sitting, "trainee")
    exam.act(sitting, lambda s, found, by: allocate_all(s, found, "a", by))
    entered = exam.entered(rooms=exam.rooms()[1:])
    exam.act(sitting, lambda s, found, by: change(s, found, entered, reason="smaller", by=by))
    assert [place.seat_id for place in exam.places(sitting)] == [None] and findings(exam) == []


def test_another_day_gives_the_form_up_because_another_law_may_hold(exam: Examination) -> None:
    sitting = prepared(exam)
    entered = exam.entered(THURSDAY + WEEK)
    exam.act(sitting, lambda s, found, by: change(s, found, entered, reason="flood", by=by))
    found = exam.stored(sitting)
    assert (found.state, found.forms, {place.attempt_id for place in found.places}) == ("planned", [], {None})
    assert findings(exam) == []


# preparing


def test_preparing_draws_one_form_and_makes_an_attempt_for_everybody(exam: Examination) -> None:
    sitting = prepared(exam)
    found = exam.stored(sitting)
    with exam.home.database.read() as session:
        attempts = session.scalars(select(Attempt).where(Attempt.sitting_id == sitting)).all()
        form = session.get_one(Form, found.forms[0].form_id)
        items = session.scalars(select(FormItem).where(FormItem.form_id == form.id)).all()
    assert {(a.kind, a.state, a.form_id, a.started_at) for a in attempts} == {("sitting", "created", form.id, None)}
    assert {a.id for a in attempts} == {place.attempt_id for place in found.places} and len(attempts) == 2
    assert (len(items), form.cut, form.in_force_on) == (60, None, THURSDAY.date())
    assert findings(exam) == []


def test_who_is_placed_after_preparing_gets_an_attempt_at_once(exam: Examination) -> None:
    sitting = prepared(exam)
    exam.place(sitting, "third.trainee")
    assert all(place.attempt_id for place in exam.places(sitting)) and findings(exam) == []


def test_preparing_waits_for_people_and_seats(exam: Examination) -> None:
    sitting = exam.planned()
    with pytest.raises(Refused, match="Nobody is placed"):
        exam.act(sitting, lambda s, found, by: prepare(s, found, CRITERIA, by))
    exam.place(sitting, "trainee")
    with pytest.raises(Refused, match="no seat yet"):
        exam.act(sitting, lambda s, found, by: prepare(s, found, CRITERIA, by))


def test_preparing_can_be_taken_back_and_done_again(exam: Examination) -> None:
    sitting = prepared(exam)
    exam.act(sitting, unprepare)
    exam.act(sitting, lambda s, found, by: prepare(s, found, CRITERIA, by))
    with exam.home.database.read() as session:
        states = session.scalars(select(Attempt.state).where(Attempt.sitting_id == sitting)).all()
    assert sorted(states) == ["created", "created", "voided", "voided"] and findings(exam) == []


def test_preparing_is_not_taken_back_once_somebody_began(exam: Examination) -> None:
    sitting = prepared(exam)
    with exam.home.database.write() as session:
        first = exam.places(sitting)[0].attempt_id
        session.execute(update(Attempt).where(Attempt.id == first).values(state="running"))
    with pytest.raises(Refused, match="begun already"):
        exam.act(sitting, unprepare)
    assert exam.stored(sitting).state == "prepared"


def test_a_paper_that_has_not_begun_leads_to_the_place_and_takes_nothing(exam: Examination) -> None:
    sitting = prepared(exam)
    place = next(p for p in exam.places(sitting) if p.person_id == exam.home.number("trainee"))
    browser = exam.home.signed_in("trainee")
    page = browser.get(f"/attempts/{place.attempt_id}")
    assert (page.status_code, page.headers["Location"]) == (302, f"/places/{place.id}")
    for other in ("result", "receipt"):
        assert browser.get(f"/attempts/{place.attempt_id}/{other}").status_code == 302
    reply = browser.post(f"/attempts/{place.attempt_id}/hand-in", json={"device": "a/b"}).get_json()
    assert (reply["state"], reply["receipt"]) == ("waiting", None)
    assert browser.get("/exams").status_code == 200


# the end


def test_a_cancelled_sitting_frees_everything(exam: Examination) -> None:
    sitting = prepared(exam)
    exam.act(sitting, lambda s, found, by: assign(s, found, exam.home.number("watcher"), exam.rooms()[0], by=by))
    exam.act(sitting, lambda s, found, by: cancel(s, found, "no power", by))
    assert live_claims(exam) == {} and exam.stored(sitting).state == "cancelled"
    assert findings(exam) == []
    assert exam.planned()


def test_a_cancelled_sitting_cannot_be_changed_or_cancelled_again(exam: Examination) -> None:
    sitting, entered = exam.planned(), exam.entered()
    exam.act(sitting, lambda s, found, by: cancel(s, found, "no power", by))
    for act in (cancel, declare_void):
        with pytest.raises(Refused):
            exam.act(sitting, lambda s, found, by, act=act: act(s, found, "again", by))
    with pytest.raises(Refused):
        exam.act(sitting, lambda s, found, by: change(s, found, entered, reason="x", by=by))


def test_a_void_sitting_is_set_anew_with_its_people_and_their_time(exam: Examination) -> None:
    sitting = prepared(exam)
    place = exam.places(sitting)[0].id
    exam.act(
        sitting, lambda s, found, by: grant_time(s, found, place_of(s, found, place), 30, reason="approved", by=by)
    )
    with exam.home.database.write() as session:
        session.execute(update(Sitting).where(Sitting.id == sitting).values(state="running"))
    exam.act(sitting, lambda s, found, by: declare_void(s, found, "fire", by))
    anew = exam.replaced(sitting, THURSDAY + WEEK)
    assert exam.act(anew, take_over_roster) == []
    places = exam.places(anew)
    assert [(p.resit_of is not None, p.personal_time_s, p.seat_id) for p in places] == [
        (True, 1800, None),
        (True, 0, None),
    ]
    assert exam.stored(anew).replaces_id == sitting and findings(exam) == []


def test_only_a_sitting_that_ended_without_counting_is_set_anew(exam: Examination) -> None:
    sitting = exam.planned()
    with pytest.raises(Refused, match="void or cancelled"):
        exam.replaced(sitting, THURSDAY + WEEK)


# invigilators


def test_an_invigilator_is_in_one_room_at_a_time_and_free_afterwards(exam: Examination) -> None:
    first, second = exam.planned(), exam.planned(rooms=exam.rooms()[1:])
    watcher = exam.home.number("watcher")
    duty = exam.act(first, lambda s, found, by: assign(s, found, watcher, exam.rooms()[0], by=by).id)
    with pytest.raises(Conflict):
        exam.act(second, lambda s, found, by: assign(s, found, watcher, exam.rooms()[1], by=by))
    exam.act(first, lambda s, found, by: end_duty(s, found, duty, by=by))
    exam.act(second, lambda s, found, by: assign(s, found, watcher, exam.rooms()[1], by=by))
    assert findings(exam) == []


@pytest.mark.parametrize("username", ["far.watcher", "trainee"])
def test_only_an_invigilator_of_the_base_watches(exam: Examination, username: str) -> None:
    sitting = exam.planned()
    with pytest.raises(NotFound):
        exam.act(sitting, lambda s, found, by: assign(s, found, exam.home.number(username), exam.rooms()[0], by=by))


# seats


def test_seats_are_given_by_chance_without_the_unusable_ones(exam: Examination) -> None:
    small = exam.rooms()[1:]
    with exam.home.database.write() as session:
        session.execute(update(Seat).where(Seat.room_id == small[0], Seat.place == 1).values(usable=False))
    sitting = exam.planned(rooms=small)
    exam.place(sitting, "trainee")
    exam.act(sitting, lambda s, found, by: allocate_all(s, found, "a", by))
    assert [place.seat.place for place in exam.places(sitting) if place.seat] == [2] and findings(exam) == []
    exam.place(sitting, "second.trainee")
    with pytest.raises(Refused, match="2 people, but only 1 usable seats"):
        exam.act(sitting, lambda s, found, by: allocate_all(s, found, "b", by))


def test_a_seat_is_given_by_hand_and_moved_and_never_given_twice(exam: Examination) -> None:
    sitting = exam.planned()
    first, second = exam.place(sitting, "trainee", "second.trainee")
    with exam.home.database.read() as session:
        seats = session.scalars(select(Seat.id).where(Seat.room_id == exam.rooms()[0]).order_by(Seat.id)).all()

    def seat(place: int, number: int) -> None:
        exam.act(sitting, lambda s, found, by: give_seat(s, found, place_of(s, found, place), number, by=by))

    seat(first, seats[0])
    seat(first, seats[1])
    with pytest.raises(Conflict, match="seat"):
        seat(second, seats[1])
    seat(second, seats[0])
    assert {place.seat_id for place in exam.places(sitting)} == set(seats[:2]) and findings(exam) == []


def test_a_place_whose_booking_was_lost_is_found(exam: Examination) -> None:
    sitting = prepared(exam)
    with exam.home.database.write() as session:
        session.execute(update(RosterPlace).values(seat_id=None).where(RosterPlace.sitting_id == sitting))
        session.execute(update(Attempt).values(state="voided").where(Attempt.sitting_id == sitting))
        session.execute(update(RosterPlace).values(attempt_id=None).where(RosterPlace.sitting_id == sitting))
    messages = {finding.message for finding in findings(exam)}  # type: ignore[attr-defined]  # of three kinds
    assert any("does not hold" in message for message in messages)
    assert any("no attempt" in message for message in messages)


def test_withdrawing_frees_person_and_seat(exam: Examination) -> None:
    sitting = prepared(exam)
    place = exam.places(sitting)[0]
    exam.act(sitting, lambda s, found, by: withdraw(s, found, place_of(s, found, place.id), "ill", by=by))
    assert f"person:{place.person_id}" not in live_claims(exam)
    assert f"seat:{place.seat_id}" not in live_claims(exam) and findings(exam) == []


def test_the_history_of_a_sitting_only_grows(exam: Examination) -> None:
    sitting = exam.planned()
    with pytest.raises(DBAPIError, match="append-only"), exam.home.database.write() as session:
        session.execute(update(SittingEvent).where(SittingEvent.sitting_id == sitting).values(act="nothing"))

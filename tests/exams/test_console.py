"""Acts of the console by its services: what each does, who may, what the slower of two is told."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from tests.support.school import NOW
from tests.support.watched import Watched
from training_app.bookings.models import Claim, Seat
from training_app.bookings.rules import LIVE_STATES
from training_app.errors import Conflict, NotAllowed, NotFound, Refused
from training_app.exams.console.access import claim, console_of, console_to_act, token
from training_app.exams.console.added_time import (
    decide,
    lost_time,
    open_proposals,
    propose_for_person,
    propose_for_room,
    propose_lost,
)
from training_app.exams.console.ending import end_sitting
from training_app.exams.console.moves import move
from training_app.exams.console.pausing import pause_all, pause_person, resume_all, resume_person
from training_app.exams.console.seat_acts import (
    SeatOf,
    expel,
    hand_in_for,
    mark_absent,
    mark_document,
    note_incident,
    put_off,
    tell,
)
from training_app.exams.day_models import DeadlineEvent, Gap, Incident, PaperFact, Presence, Receipt, RoomNotice
from training_app.exams.models import Attempt, AttemptEvent
from training_app.exams.sitting_acts import By
from training_app.exams.sitting_models import InvigilatorDuty, RosterPlace, Sitting, SittingEvent

SECOND = timedelta(seconds=1)


def count(watched: Watched, table: type, *where: object) -> int:
    with watched.exam.home.database.read() as session:
        return session.scalar(select(func.count()).select_from(table).where(*where)) or 0  # type: ignore[arg-type]  # conditions


def history(watched: Watched, act: str) -> list[tuple[int | None, str | None]]:
    with watched.exam.home.database.read() as session:
        found = select(SittingEvent).where(SittingEvent.sitting_id == watched.room.sitting, SittingEvent.act == act)
        return [(event.place_id, event.reason) for event in session.scalars(found.order_by(SittingEvent.id))]


def note_incident_at(session: Session, sitting: Sitting, seat: SeatOf, text: str, *, by: By) -> None:
    note_incident(session, sitting, seat[0], text, by=by)


def tell_at(session: Session, sitting: Sitting, seat: SeatOf, text: str, *, by: By) -> None:
    tell(session, sitting, seat[0], text, by=by)


# who may


def test_an_invigilator_on_duty_and_the_administrator_of_the_base_act(watched: Watched) -> None:
    watched.do(note_incident_at, "A-01", "a fan is loud")
    watched.do(note_incident_at, "A-01", "the fan is off", who="base.admin")
    assert [reason for _, reason in history(watched, "incident.noted")] == ["a fan is loud", "the fan is off"]


@pytest.mark.parametrize("who", ["second.trainee", "far.admin", "far.watcher", "auditor", "head"])
def test_nobody_else_acts(watched: Watched, who: str) -> None:
    with pytest.raises(NotFound):
        watched.do(pause_person, "A-01", "no reason", who=who)
    assert watched.attempt("A-01").state == "running"


def test_an_invigilator_whose_duty_has_ended_looks_on_and_does_not_act(watched: Watched) -> None:
    database = watched.exam.home.database
    with database.write() as session:
        session.execute(update(InvigilatorDuty).values(ended_at=NOW))
    with pytest.raises(NotAllowed):
        watched.do(pause_person, "A-01", "no reason")
    with database.read() as session:
        assert console_of(session, watched.by().holder, watched.room.sitting).id == watched.room.sitting


@pytest.mark.parametrize("who", ["auditor", "head", "base.admin", "watcher"])
def test_these_read_the_console(watched: Watched, who: str) -> None:
    with watched.exam.home.database.read() as session:
        assert console_of(session, watched.by(who).holder, watched.room.sitting)


def test_who_sits_the_sitting_neither_reads_nor_acts(watched: Watched) -> None:
    database, admin = watched.exam.home.database, watched.exam.home.number("second.admin")
    with database.write() as session:
        place = session.get_one(RosterPlace, watched.room.places["A-09"])
        place.person_id = admin
    by = watched.by("second.admin")
    with pytest.raises(NotAllowed), database.write() as session:
        console_to_act(session, by, watched.room.sitting)
    with pytest.raises(NotAllowed), database.read() as session:
        console_of(session, by.holder, watched.room.sitting)


def test_a_place_of_another_sitting_is_not_at_this_console(watched: Watched) -> None:
    other = watched.exam.planned()
    (place,) = watched.exam.place(other, "second.trainee")
    room = watched.room
    strange = Watched(watched.exam, type(room)(room.sitting, {"X": place}, {}, room.now))
    with pytest.raises(NotFound):
        strange.do(pause_person, "X", "no reason")


# clocks


def test_a_pause_stops_the_clock_and_going_on_gives_the_time_back(watched: Watched) -> None:
    before = watched.attempt("A-01").deadline_at
    watched.do(pause_person, "A-01", "power cut")
    assert watched.attempt("A-01").state == "paused"
    assert watched.do(resume_person, "A-01", "power is back", after=90 * SECOND) == 90
    assert before is not None and watched.attempt("A-01").deadline_at == before + 90 * SECOND
    assert [reason for _, reason in history(watched, "attempt.paused")] == ["power cut"]
    assert watched.exam.home.acts("attempt.resumed")[0].details["seconds"] == 90


def test_a_pause_of_the_room_leaves_out_who_has_handed_in(watched: Watched) -> None:
    watched.do(hand_in_for, "A-09", "finished, computer broken")
    assert watched.do_all(pause_all, None, "fire alarm") == 8
    assert watched.board().count("paused") == 8
    assert watched.board().group("trouble") == []
    assert watched.do_all(resume_all, None, "over", after=60 * SECOND) == 8


def test_the_second_of_two_who_pause_the_room_is_told(watched: Watched) -> None:
    watched.do_all(pause_all, None, "fire alarm")
    with pytest.raises(Conflict):
        watched.do_all(pause_all, None, "fire alarm", who="visitor")
    assert count(watched, AttemptEvent, AttemptEvent.to_state == "paused") == 9


@pytest.mark.parametrize("act", [pause_person, resume_person, hand_in_for])
def test_a_paper_that_is_handed_in_takes_no_act_on_its_clock(watched: Watched, act: Callable[..., object]) -> None:
    watched.do(hand_in_for, "A-01", "computer broken")
    with pytest.raises(Conflict):
        watched.do(act, "A-01", "again")


# added time


def test_proposed_time_is_added_when_a_second_person_approves(watched: Watched) -> None:
    before = watched.attempt("A-01").deadline_at
    proposal = watched.do(propose_for_person, "A-01", 300, reason="late start of the computer")
    assert watched.attempt("A-01").deadline_at == before
    assert watched.do_all(decide, proposal.id, "approved", who="visitor") == (1, 0)
    assert before is not None and watched.attempt("A-01").deadline_at == before + 300 * SECOND
    with watched.exam.home.database.read() as session:
        event = session.scalars(select(DeadlineEvent).where(DeadlineEvent.proposal_id == proposal.id)).one()
        proposer, approver = watched.by().holder.id, watched.by("visitor").holder.id
        assert (event.kind, event.by, event.approved_by) == ("compensation", proposer, approver)


def test_nobody_approves_the_own_proposal(watched: Watched) -> None:
    proposal = watched.do(propose_for_person, "A-01", 300, reason="late start")
    with pytest.raises(NotAllowed):
        watched.do_all(decide, proposal.id, "approved")
    assert count(watched, DeadlineEvent) == 0


def test_a_refused_proposal_adds_nothing_and_another_can_follow(watched: Watched) -> None:
    proposal = watched.do(propose_for_person, "A-01", 300, reason="late start")
    assert watched.do_all(decide, proposal.id, "refused", who="base.admin") == (0, 1)
    watched.do(propose_for_person, "A-01", 120, reason="late start, measured")
    assert count(watched, DeadlineEvent) == 0


def test_two_proposals_for_one_person_do_not_stand_at_once(watched: Watched) -> None:
    watched.do(propose_for_person, "A-01", 300, reason="late start")
    with pytest.raises(Conflict):
        watched.do_all(propose_for_room, None, 300, reason="late start of all", who="visitor")


def test_a_proposal_is_decided_once(watched: Watched) -> None:
    proposal = watched.do(propose_for_person, "A-01", 300, reason="late start")
    watched.do_all(decide, proposal.id, "approved", who="visitor")
    with pytest.raises(Conflict, match="Visitor approved"):
        watched.do_all(decide, proposal.id, "approved", who="base.admin")
    assert count(watched, DeadlineEvent) == 1


def test_time_for_a_room_reaches_who_still_works(watched: Watched) -> None:
    proposal = watched.do_all(propose_for_room, None, 240, reason="noise")
    watched.do(hand_in_for, "A-02", "wishes to leave")
    assert watched.do_all(decide, proposal.id, "approved", who="visitor") == (8, 1)


@pytest.mark.parametrize("seconds", [0, -60, 121 * 60])
def test_only_a_sensible_length_is_proposed(watched: Watched, seconds: int) -> None:
    with pytest.raises(Refused):
        watched.do(propose_for_person, "A-01", seconds, reason="no reason")


def test_lost_time_is_counted_from_gaps_and_the_present_silence(watched: Watched) -> None:
    number = watched.room.attempts["A-01"]
    with watched.exam.home.database.write() as session:
        session.add(Gap(attempt_id=number, from_at=NOW - 600 * SECOND, to_at=NOW - 500 * SECOND))
        session.execute(update(Presence).where(Presence.attempt_id == number).values(seen_at=NOW - 200 * SECOND))
        session.flush()
        found = lost_time(session, session.get_one(Sitting, watched.room.sitting), NOW)
        assert [(lost.attempt_id, lost.seconds, lost.seat) for lost in found] == [(number, 300, "A-01")]


def test_lost_time_that_was_given_back_is_not_proposed_again(watched: Watched) -> None:
    number = watched.room.attempts["A-01"]
    with watched.exam.home.database.write() as session:
        session.add(Gap(attempt_id=number, from_at=NOW - 600 * SECOND, to_at=NOW - 500 * SECOND))
    proposal = watched.do_all(propose_lost, [number, 999_999], reason="switch restarted")
    assert proposal.lines == {str(number): 100}
    watched.do_all(decide, proposal.id, "approved", who="visitor")
    with pytest.raises(Refused):
        watched.do_all(propose_lost, [number], reason="switch restarted")


# seats


def test_a_move_takes_the_claim_along_and_lets_the_new_computer_hold_the_paper(watched: Watched) -> None:
    seat = watched.add_seat("Z-01")
    watched.do(move, "A-04", seat, reason="the screen flickers")
    place, attempt = watched.place("A-04"), watched.attempt("A-04")
    assert (place.seat_id, attempt.device, attempt.state) == (seat, None, "running")
    with watched.exam.home.database.read() as session:
        claims = session.scalars(
            select(Claim.resource).where(Claim.booking_id == place.booking_id, Claim.state.in_(LIVE_STATES))
        )
        assert set(claims) == {f"person:{place.person_id}", f"seat:{seat}"}
    assert watched.tile("A-04").seat == "Z-01"


def test_a_taken_seat_is_refused_with_a_sentence(watched: Watched) -> None:
    taken = watched.place("A-05").seat_id
    with pytest.raises(Conflict, match="just been taken"):
        watched.do(move, "A-04", taken, reason="the screen flickers")
    assert watched.tile("A-04").seat == "A-04"


def test_a_seat_of_another_room_of_the_house_is_refused(watched: Watched) -> None:
    with watched.exam.home.database.read() as session:
        mine = session.get_one(Sitting, watched.room.sitting).rooms[0].room_id
        other = session.scalars(select(Seat.id).where(Seat.room_id != mine)).first()
    with pytest.raises(Refused):
        watched.do(move, "A-04", other, reason="the screen flickers")


def test_a_wrong_seat_is_settled_by_the_move(watched: Watched) -> None:
    with watched.exam.home.database.write() as session:
        session.add(PaperFact(attempt_id=watched.room.attempts["A-04"], kind="wrong_seat", details={}, at=NOW - SECOND))
    assert [trouble.kind for trouble in watched.tile("A-04").troubles] == ["wrong_seat"]
    watched.do(move, "A-04", watched.add_seat("Z-01"), reason="sits there already")
    assert watched.tile("A-04").troubles == ()


# documents, incidents, notices


def test_a_document_is_marked_with_outcome_time_and_person_and_nothing_else(watched: Watched) -> None:
    watched.do(mark_document, "A-01", "doubtful", reason="the photograph is old", after=5 * SECOND)
    place = watched.place("A-01")
    assert (place.document_outcome, place.document_seen_at) == ("doubtful", NOW + 5 * SECOND)
    assert place.document_seen_by == watched.by().holder.id
    assert [trouble.kind for trouble in watched.tile("A-01").troubles] == ["document"]


def test_what_is_missing_or_doubtful_is_said(watched: Watched) -> None:
    with pytest.raises(Refused):
        watched.do(mark_document, "A-01", "missing", reason="")


def test_an_identity_number_typed_into_a_note_is_not_kept(watched: Watched) -> None:
    watched.do(note_incident_at, "A-01", "shows 11010519491231002X")
    with watched.exam.home.database.read() as session:
        assert "11010519491231002X" not in str(session.scalars(select(Incident.text)).all())
    assert "11010519491231002X" not in str(history(watched, "incident.noted"))


def test_a_note_settles_what_happened_before_it(watched: Watched) -> None:
    with watched.exam.home.database.write() as session:
        session.add(PaperFact(attempt_id=watched.room.attempts["A-01"], kind="elsewhere", details={}, at=NOW - SECOND))
    assert watched.tile("A-01").group == "trouble"
    watched.do(note_incident_at, "A-01", "went to the seat: the second device is the candidate's own")
    assert watched.tile("A-01").group == "working"


def test_a_notice_is_for_one_place_a_room_or_everybody(watched: Watched) -> None:
    room = watched.board().rooms[0].id
    watched.do(tell_at, "A-01", "Raise your hand.")
    watched.do_all(tell, room, "Ten minutes left.")
    watched.do_all(tell, None, "The fire alarm is a drill.")
    with watched.exam.home.database.read() as session:
        told = [(n.place_id, n.room_id) for n in session.scalars(select(RoomNotice).order_by(RoomNotice.id))]
    assert told == [(watched.room.places["A-01"], None), (None, room), (None, None)]


def test_a_notice_to_a_room_of_another_sitting_is_refused(watched: Watched) -> None:
    strange = watched.exam.rooms()[0]
    with pytest.raises(Refused):
        watched.do_all(tell, strange, "Ten minutes left.")


# ends


def test_handing_in_for_somebody_makes_the_receipt(watched: Watched) -> None:
    watched.do(hand_in_for, "A-01", "computer broken, wishes to end")
    assert (watched.attempt("A-01").state, watched.place("A-01").state) == ("submitted", "sat")
    assert count(watched, Receipt, Receipt.attempt_id == watched.room.attempts["A-01"]) == 1
    assert watched.tile("A-01").stage == "handed_in"


def test_who_is_excluded_has_a_receipt_and_no_result(watched: Watched) -> None:
    watched.do(expel, "A-01", "used a telephone")
    assert (watched.attempt("A-01").state, watched.place("A-01").state) == ("voided", "expelled")
    assert count(watched, Receipt, Receipt.attempt_id == watched.room.attempts["A-01"]) == 1
    with pytest.raises(Conflict):
        watched.do(expel, "A-01", "again", who="visitor")


def test_who_has_begun_is_neither_absent_nor_deferred(watched: Watched) -> None:
    for act in (mark_absent, put_off):
        with pytest.raises(Conflict):
            watched.do(act, "A-01", "no reason")
    assert (watched.attempt("A-01").state, watched.place("A-01").state) == ("running", "expected")


def test_a_sitting_does_not_end_over_the_heads_of_who_works(watched: Watched) -> None:
    with pytest.raises(Refused):
        watched.do_all(end_sitting, "time is up", also_working=0)
    assert watched.board().sitting.state == "running"


def test_the_end_hands_in_closes_and_frees(watched: Watched) -> None:
    ending = watched.do_all(end_sitting, "time is up", also_working=9)
    assert (ending.sat, ending.handed_in_for, ending.absent) == (9, 9, 0)
    board = watched.board()
    assert (board.sitting.state, board.count("handed_in")) == ("closed", 9)
    assert count(watched, Receipt) == 9
    bookings = [watched.place(seat).booking_id for seat in watched.room.places]
    assert count(watched, Claim, Claim.booking_id.in_(bookings), Claim.state.in_(LIVE_STATES)) == 0


def test_before_the_latest_start_it_ends_only_when_everybody_has_begun(watched: Watched) -> None:
    with watched.exam.home.database.write() as session:
        session.get_one(Sitting, watched.room.sitting).latest_start_at = NOW + timedelta(minutes=10)
        session.get_one(Attempt, watched.room.attempts["A-01"]).state = "waiting"
    with pytest.raises(Refused, match="may still begin"):
        watched.do_all(end_sitting, "all are here", also_working=9)
    with watched.exam.home.database.write() as session:
        session.get_one(Attempt, watched.room.attempts["A-01"]).state = "running"
    assert watched.do_all(end_sitting, "all are here", also_working=9).sat == 9


def test_the_second_who_ends_the_sitting_is_told(watched: Watched) -> None:
    watched.do_all(end_sitting, "time is up", also_working=9)
    with pytest.raises(Conflict):
        watched.do_all(end_sitting, "time is up", also_working=9, who="visitor")


# two at once


def test_a_form_that_was_shown_before_somebody_acted_does_nothing_and_names_who_was_faster(watched: Watched) -> None:
    with watched.exam.home.database.read() as session:
        place = session.get_one(RosterPlace, watched.room.places["A-01"])
        seen = token("pause", place, session.get(Attempt, place.attempt_id))
    watched.do(pause_person, "A-01", "power cut", who="visitor")
    with watched.exam.home.database.read() as session:
        place = session.get_one(RosterPlace, watched.room.places["A-01"])
        seat = (place, session.get(Attempt, place.attempt_id))
        with pytest.raises(Conflict, match="Visitor"):
            claim(session, "pause", seat, seen)


def test_an_incident_is_noted_whatever_happened_meanwhile(watched: Watched) -> None:
    with watched.exam.home.database.read() as session:
        place = session.get_one(RosterPlace, watched.room.places["A-01"])
        assert token("incident", place, None) == token("incident", place, session.get(Attempt, place.attempt_id))


def test_open_proposals_are_read_with_who_proposed_them(watched: Watched) -> None:
    watched.do(propose_for_person, "A-01", 300, reason="late start")
    with watched.exam.home.database.read() as session:
        (found,) = open_proposals(session, session.get_one(Sitting, watched.room.sitting))
        assert found.proposer.username == "watcher"

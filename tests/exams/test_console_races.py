"""Two invigilators in the same moment: one act counts, the other person is told, and nobody hangs."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

from sqlalchemy import func, select

from tests.support.watched import Watched
from training_app.bookings.models import Claim
from training_app.bookings.rules import LIVE_STATES
from training_app.errors import Conflict
from training_app.exams.console.added_time import decide, propose_for_person
from training_app.exams.console.ending import end_sitting
from training_app.exams.console.moves import move
from training_app.exams.console.pausing import pause_all, pause_person, resume_person
from training_app.exams.console.seat_acts import expel, hand_in_for
from training_app.exams.day_models import DeadlineEvent, Receipt
from training_app.exams.models import AttemptEvent

SECOND = timedelta(seconds=1)


def at_once(*acts: Callable[[], object]) -> list[object]:
    """What each act gives, or the Conflict it was refused with, when all begin in one moment."""
    gate = Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        gate.wait(timeout=30)
        try:
            return act()
        except Conflict as told:
            return told

    with ThreadPoolExecutor(len(acts)) as pool:
        return [future.result(timeout=60) for future in [pool.submit(run, act) for act in acts]]


def refused(answers: list[object]) -> int:
    return sum(isinstance(answer, Conflict) for answer in answers)


def count(watched: Watched, table: type, *where: object) -> int:
    with watched.exam.home.database.read() as session:
        return session.scalar(select(func.count()).select_from(table).where(*where)) or 0  # type: ignore[arg-type]  # conditions


def test_of_two_pauses_of_one_person_one_counts(watched: Watched) -> None:
    answers = at_once(
        *(lambda who=who: watched.do(pause_person, "A-01", "x", who=who) for who in ("watcher", "visitor"))
    )
    number = watched.room.attempts["A-01"]
    assert refused(answers) == 1
    assert count(watched, AttemptEvent, AttemptEvent.attempt_id == number, AttemptEvent.to_state == "paused") == 1


def test_time_that_stood_still_is_given_back_once(watched: Watched) -> None:
    watched.do(pause_person, "A-01", "power cut")
    later = 40 * SECOND
    answers = at_once(
        *(
            lambda who=who: watched.do(resume_person, "A-01", "power is back", who=who, after=later)
            for who in ("watcher", "visitor", "base.admin")
        )
    )
    assert refused(answers) == 2 and answers.count(40) == 1
    assert count(watched, DeadlineEvent, DeadlineEvent.attempt_id == watched.room.attempts["A-01"]) == 1


def test_of_two_who_are_moved_to_one_seat_one_sits_there(watched: Watched) -> None:
    seat = watched.add_seat("Z-01")
    answers = at_once(
        lambda: watched.do(move, "A-01", seat, reason="x"),
        lambda: watched.do(move, "A-02", seat, reason="x", who="visitor"),
    )
    assert refused(answers) == 1
    assert sorted(tile.seat or "" for tile in watched.board().tiles).count("Z-01") == 1
    assert count(watched, Claim, Claim.resource == f"seat:{seat}", Claim.state.in_(LIVE_STATES)) == 1


def test_two_moves_that_cross_do_not_hang(watched: Watched) -> None:
    first, second = watched.add_seat("Z-01"), watched.add_seat("Z-02")
    answers = at_once(
        lambda: watched.do(move, "A-01", first, reason="x"),
        lambda: watched.do(move, "A-02", second, reason="x", who="visitor"),
        lambda: watched.do(move, "A-01", second, reason="x", who="base.admin"),
        lambda: watched.do(move, "A-02", first, reason="x"),
    )
    seats = {watched.tile("A-01").seat, watched.tile("A-02").seat}
    assert len(seats) == 2 and refused(answers) < 4


def test_a_proposal_that_two_approve_at_once_adds_its_time_once(watched: Watched) -> None:
    proposal = watched.do(propose_for_person, "A-01", 300, reason="late computer")
    answers = at_once(
        lambda: watched.do_all(decide, proposal.id, "approved", who="visitor"),
        lambda: watched.do_all(decide, proposal.id, "refused", who="base.admin"),
        lambda: watched.do_all(decide, proposal.id, "approved", who="second.admin"),
    )
    assert refused(answers) == 2
    assert count(watched, DeadlineEvent, DeadlineEvent.proposal_id == proposal.id) <= 1


def test_a_hand_in_an_exclusion_and_a_pause_of_the_room_end_in_one_story(watched: Watched) -> None:
    at_once(
        lambda: watched.do(hand_in_for, "A-01", "x"),
        lambda: watched.do(expel, "A-01", "x", who="visitor"),
        lambda: watched.do_all(pause_all, None, "x", who="base.admin"),
    )
    number = watched.room.attempts["A-01"]
    assert (watched.attempt("A-01").state, watched.place("A-01").state) == ("voided", "expelled")
    assert count(watched, Receipt, Receipt.attempt_id == number) == 1
    assert watched.board().count("paused") == 8


def test_a_sitting_ends_once(watched: Watched) -> None:
    answers = at_once(
        *(
            lambda who=who: watched.do_all(end_sitting, "time is up", also_working=9, who=who)
            for who in ("watcher", "visitor", "base.admin")
        )
    )
    assert refused(answers) == 2 and count(watched, Receipt) == 9

"""The forms of a sitting dealt to its seats, so that neighbours have different ones; and who has which."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from training_app.bookings.models import Seat
from training_app.exams.models import Attempt, Form
from training_app.exams.paper.chaining import first_hash
from training_app.exams.setup.exposure import seen_before
from training_app.exams.setup.rules import Place, Seated, alike, deal
from training_app.exams.sitting_models import RosterPlace, Sitting, SittingForm


def dealt_forms(session: Session, sitting: Sitting, places: Sequence[RosterPlace]) -> dict[int, int]:
    """The form of each of the places, by their ids. Who has one keeps it where the neighbours allow that."""
    forms = [one.form_id for one in sitting.forms]
    seen = seen_before(session, [place.person_id for place in places], forms) if len(forms) > 1 else {}
    has = {
        row.id: row.form_id
        for row in session.execute(
            select(RosterPlace.id, Attempt.form_id)
            .join(Attempt, Attempt.id == RosterPlace.attempt_id)
            .where(RosterPlace.sitting_id == sitting.id)
        )
    }
    seated = [Seated(place.id, _stands_at(place), seen.get(place.person_id, {}), has.get(place.id)) for place in places]
    return deal(seated, forms, f"sitting/{sitting.id}")


def _stands_at(place: RosterPlace) -> Place:
    if place.seat is None:
        return 0, 2 * place.id, 0  # beside nobody
    return place.seat.room_id, place.seat.row, place.seat.place


def deal_again(session: Session, sitting: Sitting) -> None:
    """After a change of seats before the sitting opens: attempts that nobody began have the form of the new seat."""
    if sitting.state != "prepared" or len(sitting.forms) < 2:
        return
    session.flush()
    places = session.scalars(
        select(RosterPlace)
        .where(
            RosterPlace.sitting_id == sitting.id,
            RosterPlace.state == "expected",
            RosterPlace.attempt_id.is_not(None),
        )
        .order_by(RosterPlace.id)
        .execution_options(populate_existing=True)
    ).all()
    dealt = dealt_forms(session, sitting, places)
    hashes = {
        row.id: row.content_hash
        for row in session.execute(select(Form.id, Form.content_hash).where(Form.id.in_(dealt.values())))
    }
    attempts = session.scalars(select(Attempt).where(Attempt.id.in_([place.attempt_id for place in places]))).all()
    form_of = {place.attempt_id: dealt[place.id] for place in places}
    for attempt in attempts:
        form = form_of[attempt.id]
        if attempt.form_id == form:
            continue
        head = first_hash(hashes[form], attempt.person_id, attempt.number)
        session.execute(
            update(Attempt)
            .where(Attempt.id == attempt.id, Attempt.state == "created")
            .values(form_id=form, head_hash=head, version=Attempt.version + 1)
        )
    session.flush()


def letters_of(session: Session, sitting_id: int) -> Mapping[int, str]:
    """Id of a place -> the letter of its form; empty where the sitting has one form only."""
    if not _has_several(session, sitting_id):
        return {}
    rows = session.execute(
        select(RosterPlace.id, SittingForm.letter)
        .join(Attempt, Attempt.id == RosterPlace.attempt_id)
        .join(SittingForm, SittingForm.form_id == Attempt.form_id)
        .where(RosterPlace.sitting_id == sitting_id)
    )
    return {row.id: row.letter for row in rows}


def _has_several(session: Session, sitting_id: int) -> bool:
    return len(session.get_one(Sitting, sitting_id).forms) > 1


def alike_places(session: Session, sitting_id: int) -> Mapping[tuple[int, int], str]:
    """Ids of two places side by side or one behind the other with the same form, both ways -> label of the second seat.

    None where the sitting has one form only. It comes about when people are moved on the day and keep their paper.
    """
    if not _has_several(session, sitting_id):
        return {}
    rows = session.execute(
        select(RosterPlace.id, Seat.room_id, Seat.row, Seat.place, Seat.label, Attempt.form_id)
        .join(Seat, Seat.id == RosterPlace.seat_id)
        .join(Attempt, Attempt.id == RosterPlace.attempt_id)
        .where(RosterPlace.sitting_id == sitting_id, RosterPlace.state.in_(("expected", "sat")))
    ).all()
    known = {(row.room_id, row.row, row.place): row for row in rows}
    pairs = [(known[one], known[other]) for one, other in alike({place: row.form_id for place, row in known.items()})]
    return {(here.id, there.id): there.label for pair in pairs for here, there in (pair, pair[::-1])}


def alike_seats(session: Session, sitting_id: int) -> Mapping[int, tuple[str, ...]]:
    """Id of a place -> labels of the seats beside, in front and behind with the same form; others are absent."""
    found: dict[int, tuple[str, ...]] = {}
    for (place, _), label in alike_places(session, sitting_id).items():
        found[place] = (*found.get(place, ()), label)
    return found

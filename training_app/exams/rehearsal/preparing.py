"""A rehearsal made ready: a marked sitting, its forms, its accounts with places. Nothing is booked, nobody is told."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from question_bank.criteria import Criteria
from question_bank.parallel import labels, spread_of
from question_bank.texts import Text
from training_app.audit.services import Act, record
from training_app.bank.services import StoredBank
from training_app.bookings.models import Room, Seat
from training_app.errors import Refused
from training_app.exams.attempts import SITTING
from training_app.exams.day.rules import OPENS_BEFORE
from training_app.exams.models import Attempt, AttemptEvent, Form
from training_app.exams.paper.chaining import first_hash
from training_app.exams.papers import Drawing, Drawn, store_form
from training_app.exams.rehearsal.drawing import PublicForms, public_draft, public_forms
from training_app.exams.rehearsal.rules import MOST_CANDIDATES, username_of
from training_app.exams.rehearsal.words import NO_SEATS, NOTHING_PUBLIC, TOO_MANY, others_sit
from training_app.exams.setup.drawing import Draft
from training_app.exams.setup.rules import Place, Seated, deal
from training_app.exams.sitting_models import RosterPlace, Sitting, SittingForm, SittingRoom
from training_app.installation import installation_of
from training_app.people.models import Person, RoleGrant
from training_app.people.passwords import HASHER
from training_app.people.rules import Role
from training_app.web.words import moment

LASTS: Final = timedelta(hours=24)
LATEST_START: Final = timedelta(hours=20)
LENGTH_S: Final = 4 * 3600
"""Longer than any rehearsal answers, so that no clock ends it."""
PASSWORD_BYTES: Final = 18
BUSY: Final = ("prepared", "open", "running")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be rehearsed. sitting_id: the real one; its rooms lend seats, its forms are counted."""

    candidates: int
    base_id: str
    blueprint_version_id: int
    day: date
    sitting_id: int | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A rehearsal that can be driven. places: (place, username, ticket, seat) of everybody.

    items: of one form. forms: how many there are; forms_wished: how many the sitting has.
    password: of all its accounts; 144 random bits, stored nowhere but hashed as any password is.
    """

    marked_id: int
    items: int
    forms: int
    forms_wished: int
    lacks: tuple[Text, ...]
    password: str
    places: tuple[tuple[int, str, str, str], ...]


def require_quiet(session: Session, now: datetime, until: datetime) -> None:
    """Nothing, or Refused while people sit an examination on this machine, or will by `until`.

    In a demonstration nobody's examination is at stake.
    """
    installation = installation_of(session)
    if installation is not None and installation.demonstration:
        return
    sitting = session.scalars(
        select(Sitting)
        .where(
            Sitting.rehearsal.is_(False),
            Sitting.state.in_(BUSY),
            Sitting.starts_at <= until + OPENS_BEFORE,
            Sitting.ends_at > now,
        )
        .order_by(Sitting.starts_at)
    ).first()
    if sitting is not None:
        raise Refused(others_sit(moment(sitting.starts_at), moment(sitting.ends_at)))


def draft_for(session: Session, wanted: Wanted, criteria: Criteria) -> tuple[Draft, StoredBank]:
    """What the forms of the rehearsal are drawn from and by, and the bank as it is stored."""
    seed = f"rehearsal/{secrets.token_hex(8)}"
    drawing = Drawing(wanted.blueprint_version_id, seed, wanted.day, rehearsal=True)
    return public_draft(session, drawing, wanted.sitting_id, criteria)


def prepare(session: Session, wanted: Wanted, criteria: Criteria, *, by: int | None, now: datetime) -> Prepared:
    """The rehearsal with its accounts, all of it or nothing. by: None for the command line."""
    draft, bank = draft_for(session, wanted, criteria)
    return take(session, wanted, Forms(draft, bank, public_forms(draft)), by=by, now=now)


@dataclass(frozen=True, slots=True)
class Forms:
    """Forms that are drawn and not stored yet, by what, and the bank that gave them."""

    draft: Draft
    bank: StoredBank
    public: PublicForms


def take(session: Session, wanted: Wanted, found: Forms, *, by: int | None, now: datetime) -> Prepared:
    """The rehearsal with its accounts on these forms, all of it or nothing."""
    if not 0 < wanted.candidates <= MOST_CANDIDATES:
        raise Refused(TOO_MANY)
    if not found.public.forms:
        raise Refused(NOTHING_PUBLIC)
    seats = _seats(session, wanted)
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    series = secrets.token_hex(4)
    people = _people(session, wanted, series, password, now=now)
    sitting = _sitting(session, wanted, people[0], now)
    forms = _stored(session, sitting, found, now)
    dealt = [forms[number] for number in in_turn([seat.at for seat in seats], len(people), len(forms))]
    attempts = _attempts(session, sitting, dealt, people, now=now)
    places = _places(session, sitting, attempts, people, seats=seats)
    details = {"count": wanted.candidates, **({"sitting": wanted.sitting_id} if wanted.sitting_id else {})}
    record(session, Act("rehearsal.prepared", "sitting", sitting.id, by, wanted.base_id, details=details), now)
    names = [username_of(series, number) for number in range(wanted.candidates)]
    return Prepared(
        sitting.id,
        len(found.public.forms[0].entries),
        len(forms),
        found.public.wished,
        found.public.lacks,
        password,
        tuple((place, name, ticket, seat) for name, (place, ticket, seat) in zip(names, places, strict=True)),
    )


def _stored(session: Session, sitting: Sitting, found: Forms, now: datetime) -> list[Form]:
    """The forms, each with its letter."""
    stored: list[Form] = []
    for letter, one in zip(labels(len(found.public.forms)), found.public.forms, strict=True):
        drawing = replace(found.draft.drawing, seed=one.seed)
        form = store_form(session, Drawn(drawing, one, found.bank), cut=None, now=now)
        values = {"predicted": one.coverage.predicted, "spread": spread_of(one)}
        session.add(SittingForm(form_id=form.id, sitting_id=sitting.id, letter=letter, **values))
        stored.append(form)
    sitting.form_count = len(stored)
    session.flush()
    return stored


def in_turn(seats: Sequence[Place], candidates: int, forms: int) -> list[int]:
    """The number of the form of each candidate: neighbours differ, and who shares a seat gets the next one."""
    seated = [Seated(number, at) for number, at in enumerate(seats[:candidates])]
    of_seat = deal(seated, range(forms), "rehearsal")
    return [(of_seat[number % len(seats)] + number // len(seats)) % forms for number in range(candidates)]


@dataclass(frozen=True, slots=True)
class _Seat:
    id: int
    label: str
    at: Place


def _seats(session: Session, wanted: Wanted) -> list[_Seat]:
    """Those of the sitting's rooms, else of the base's. Simulated candidates share them."""
    seat = select(Seat.id, Seat.label, Seat.room_id, Seat.row, Seat.place)
    usable = seat.join(Room, Room.id == Seat.room_id).where(Seat.usable).order_by(Seat.id)
    rooms = select(SittingRoom.room_id).where(SittingRoom.sitting_id == wanted.sitting_id)
    of_base = usable.where(Room.base_id == wanted.base_id, Room.kind == "exam", Room.retired_at.is_(None))
    for query in (usable.where(Room.id.in_(rooms)), of_base):
        found = [_Seat(row.id, row.label, (row.room_id, row.row, row.place)) for row in session.execute(query)]
        if found:
            return found
    raise Refused(NO_SEATS)


def _people(session: Session, wanted: Wanted, series: str, password: str, *, now: datetime) -> Sequence[int]:
    """Ids of the simulated candidates. They share one random password, and so its hash: nobody real has it."""
    hashed = HASHER.hash(password)
    rows: list[dict[str, Any]] = [
        {
            "username": username_of(series, number),
            "kind": "officer",
            "name_zh": f"模拟考生 {number + 1:05d}",
            "name_en": f"Simulated candidate {number + 1:05d}",
            "language": "zh",
            "password_hash": hashed,
            "password_set_at": now,
            "rehearsal": True,
            "created_at": now,
        }
        for number in range(wanted.candidates)
    ]
    people = session.scalars(insert(Person).returning(Person.id, sort_by_parameter_order=True), rows).all()
    grants = [
        {"person_id": one, "role": Role.TRAINEE.value, "base_id": wanted.base_id, "granted_at": now} for one in people
    ]
    session.execute(insert(RoleGrant), grants)
    return people


def _sitting(session: Session, wanted: Wanted, first: int, now: datetime) -> Sitting:
    """Open from now on for a day. One of its own candidates stands for who made it: it leaves no trace of a person."""
    sitting = Sitting(
        base_id=wanted.base_id,
        title_zh="演练",
        title_en="Rehearsal",
        blueprint_version_id=wanted.blueprint_version_id,
        in_force_on=wanted.day,
        starts_at=now,
        latest_start_at=now + LATEST_START,
        ends_at=now + LASTS,
        length_s=LENGTH_S,
        state="open",
        rehearsal=True,
        made_by=first,
        made_at=now,
    )
    session.add(sitting)
    session.flush()
    return sitting


def _attempts(
    session: Session, sitting: Sitting, dealt: Sequence[Form], people: Sequence[int], *, now: datetime
) -> list[int]:
    attempts = [
        {
            "kind": SITTING,
            "person_id": person,
            "base_id": sitting.base_id,
            "number": 1,
            "form_id": form.id,
            "sitting_id": sitting.id,
            "state": "created",
            "head_hash": first_hash(form.content_hash, person, 1),
        }
        for person, form in zip(people, dealt, strict=True)
    ]
    made = insert(Attempt).returning(Attempt.id, sort_by_parameter_order=True)
    numbers = list(session.scalars(made, attempts))
    event = {"from_state": "created", "to_state": "created", "reason": "prepared", "at": now}
    session.execute(insert(AttemptEvent), [{"attempt_id": one, **event} for one in numbers])
    return numbers


def _places(
    session: Session, sitting: Sitting, attempts: Sequence[int], people: Sequence[int], *, seats: Sequence[_Seat]
) -> list[tuple[int, str, str]]:
    """Id, ticket number and seat of each; the seats go round."""
    of_each = [seats[number % len(seats)] for number in range(len(people))]
    rows: list[dict[str, Any]] = [
        {
            "sitting_id": sitting.id,
            "person_id": person,
            # no number of a real ticket: those begin with the letters of a base and go on with a day
            "ticket_number": f"R{sitting.id}C{number:05d}",
            "seat_id": seat.id,
            "attempt_id": attempt,
            "personal_time_s": 0,
            "personal_time_reason": "",
            "state": "expected",
        }
        for number, (person, attempt, seat) in enumerate(zip(people, attempts, of_each, strict=True), 1)
    ]
    places = session.scalars(insert(RosterPlace).returning(RosterPlace.id, sort_by_parameter_order=True), rows)
    return [(place, row["ticket_number"], seat.label) for place, row, seat in zip(places, rows, of_each, strict=True)]

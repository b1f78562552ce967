"""A sitting in the middle: a room of 36 seats in which candidates are in every state that a console can show."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from question_bank.items import Item
from question_bank.rng import SeededRandom
from question_bank.scoring import key_response
from tests.support.house import BEGAN, CRITERIA
from training_app.bank.models import BlueprintVersion
from training_app.bookings.models import Booking, Claim, Opening, Room, Seat
from training_app.bookings.rules import resource, seat_label
from training_app.bookings.services import release
from training_app.clock import SHANGHAI
from training_app.exams.console.seat_acts import expel, mark_absent, put_off
from training_app.exams.day_models import LateEvent, PaperFact, Presence
from training_app.exams.models import Attempt, Form, FormItem, ResponseEvent
from training_app.exams.paper.chaining import Head, Sender, following
from training_app.exams.paper.clockwork import begin, change_state, pause
from training_app.exams.paper.deciding import Given
from training_app.exams.paper.handing_in import submit
from training_app.exams.paper.parts import parts_of_form
from training_app.exams.rules import Times
from training_app.exams.setup.duties import assign
from training_app.exams.setup.preparing import prepare
from training_app.exams.setup.roster import add_place
from training_app.exams.setup.seating import give_seat
from training_app.exams.setup.sittings import Plan, plan
from training_app.exams.sitting_acts import By
from training_app.exams.sitting_models import InvigilatorDuty, RosterPlace, Sitting
from training_app.people.admission import NewPerson, add_person, give_role
from training_app.people.models import Person, RoleGrant
from training_app.people.rules import Role
from training_app.people.signed import holder_of

NAMES = (
    "周予安 何静姝 唐一鸣 许嘉禾 宋知远 冯若溪 沈知夏 曹景行 彭思齐 "
    "曾雨桐 萧亦凡 田文心 董书瑶 潘立言 袁千山 蔡清和 蒋暮云 余怀瑾 "
    "于思远 杜若 叶知秋 程砚 魏来 苏沐 吕望舒 丁一 任平生 卢照 姚远 韩子墨 钟灵 姜南 崔白 谭笑 陆鸣 汪洋"
)
LENGTH = timedelta(minutes=90)
WORKED = timedelta(minutes=62, seconds=11)
"""How long everybody has worked at the moment of the console."""


@dataclass(frozen=True, slots=True)
class ExamRoom:
    """The sitting, its places by the label of the seat, and the moment it stands at."""

    sitting: int
    places: Mapping[str, int]
    attempts: Mapping[str, int]
    now: datetime


@dataclass(slots=True)
class Filling:
    session: Session
    sitting: Sitting
    by: By
    now: datetime
    items: Mapping[int, Item]
    places: dict[str, RosterPlace] = field(default_factory=dict)

    def attempt(self, seat: str) -> Attempt:
        return self.session.get_one(Attempt, self.places[seat].attempt_id)


def prepared_room(session: Session, admin: Person, now: datetime, *, seats: int = 36, base: str = "suzhou") -> Filling:
    """A prepared sitting with so many people on their seats, which began WORKED before `now`.

    It is planned for tomorrow and moved into the past, as nobody plans the past.
    """
    by = By(holder_of(admin), "127.0.0.1", now)
    rows = -(-seats // 9)
    room = Room(base_id=base, kind="exam", name_zh="考场 A", name_en="Room A", note="")
    session.add(room)
    session.flush()
    session.add_all(Opening(room_id=room.id, weekday=day, from_minute=0, to_minute=1440) for day in range(7))
    session.add_all(
        Seat(room_id=room.id, label=_label(row, place), row=row, place=place, usable=True)
        for row in range(1, rows + 1)
        for place in range(1, 10)
    )
    session.flush()
    session.refresh(room)
    morning = datetime.combine(now.astimezone(SHANGHAI).date() + timedelta(days=1), datetime.min.time(), SHANGHAI)
    starts = morning + timedelta(hours=9)
    times = Times(starts, starts + timedelta(minutes=15), starts + timedelta(minutes=150), LENGTH)
    blueprint = session.scalars(
        select(BlueprintVersion.id).where(
            BlueprintVersion.purpose == "certification", BlueprintVersion.superseded_at.is_(None)
        )
    ).first()
    assert blueprint is not None
    entered = Plan("通用标准考试", "General standard examination", blueprint, times, (room.id,))
    sitting = plan(session, base, entered, by)
    filling = Filling(session, sitting, by, now, {})
    for number in range(seats):
        _place(filling, room, number, base)
    session.expire(sitting)
    prepare(session, sitting, CRITERIA, by)
    _shift(session, sitting, now - WORKED - starts)
    form = session.get_one(Form, sitting.forms[0].form_id)
    filling.items = parts_of_form(session, form.id, form.content_hash).items
    for seat, place in filling.places.items():
        session.refresh(place)
        filling.places[seat] = place
    return filling


def _label(row: int, place: int) -> str:
    return seat_label(row, place) if row <= 26 else f"{row}-{place:02}"


def _place(filling: Filling, room: Room, number: int, base: str) -> None:
    session, by = filling.session, filling.by
    name = NAMES.split()[number % 36]
    entered = NewPerson(f"seat{number}", "staff", name, f"Candidate {number + 1:03}", f"C-{number:04}", base=base)
    person = add_person(session, entered, by.now)
    give_role(session, person, Role.TRAINEE, base, now=by.now)
    session.refresh(person)
    place = add_place(session, filling.sitting, person, by)
    seat = room.seats[number]
    give_seat(session, filling.sitting, place, seat.id, by=by)
    filling.places[seat.label] = place


def _shift(session: Session, sitting: Sitting, delta: timedelta) -> None:
    """The sitting and everything booked for it, at another time."""
    starts, ends = sitting.starts_at + delta, sitting.ends_at + delta
    mine = select(Booking.id).where(Booking.occasion_kind == "sitting", Booking.occasion_id == sitting.id)
    numbers = list(session.scalars(mine))
    session.execute(update(Claim).where(Claim.booking_id.in_(numbers)).values(starts_at=starts, ends_at=ends))
    session.execute(update(Booking).where(Booking.id.in_(numbers)).values(starts_at=starts, ends_at=ends))
    sitting.latest_start_at += delta
    sitting.starts_at, sitting.ends_at = starts, ends
    session.flush()


def watch_over(session: Session, filling: Filling, *usernames: str) -> None:
    """These people invigilate the room; who does not hold the role gets it."""
    for username in usernames:
        person = session.scalars(select(Person).where(Person.username == username)).unique().one()
        held = select(RoleGrant.id).where(
            RoleGrant.person_id == person.id, RoleGrant.role == Role.INVIGILATOR, RoleGrant.ended_at.is_(None)
        )
        if session.scalars(held).first() is None:
            give_role(session, person, Role.INVIGILATOR, filling.sitting.base_id, now=filling.now)
        _free(session, person.id)
        before, filling.sitting.state = filling.sitting.state, "planned"
        session.flush()
        assign(session, filling.sitting, person.id, filling.sitting.rooms[0].room_id, by=filling.by)
        filling.sitting.state = before
        session.flush()


def _free(session: Session, person_id: int) -> None:
    """The person is nowhere else: other duties are given up."""
    busy = select(Claim.booking_id).where(Claim.resource == resource("person", person_id), Claim.state == "confirmed")
    for booking in session.scalars(busy).all():
        release(session, booking)
    session.execute(
        update(InvigilatorDuty)
        .where(InvigilatorDuty.person_id == person_id, InvigilatorDuty.ended_at.is_(None))
        .values(ended_at=BEGAN)
    )


def begin_all(filling: Filling, seats: Sequence[str] | None = None) -> None:
    """Everybody, or those, entered, showed a document and began; each has answered a part, as chance has it."""
    session, sitting = filling.session, filling.sitting
    sitting.state = "running"
    session.flush()
    starts = sitting.starts_at
    random = SeededRandom("exam room")
    order = list(session.scalars(select(FormItem.item_version_id).where(FormItem.form_id == sitting.forms[0].form_id)))
    for seat in seats or list(filling.places):
        place, attempt = filling.places[seat], filling.attempt(seat)
        place.entered_at = starts - timedelta(seconds=200 + random.below(600))
        place.document_outcome, place.document_seen_at = "seen", place.entered_at
        place.document_seen_by = filling.by.holder.id
        change_state(session, attempt, "created", "waiting", "entered", by=place.person_id, at=place.entered_at)
        begin(session, attempt, length_s=sitting.length_s, personal_s=place.personal_time_s, now=starts)
        answer(filling, seat, order[: 36 + random.below(21)], at=filling.now - timedelta(seconds=random.below(90)))
        breathe(filling, seat, timedelta(seconds=1 + random.below(9)))


def answer(filling: Filling, seat: str, items: Sequence[int], *, at: datetime) -> None:
    """The person has answered these items by their keys, the last one at that moment."""
    attempt = filling.attempt(seat)
    given = [Given(item, 1, key_response(filling.items[item]), at) for item in items]
    head, rows = following(Head(attempt.head_seq, attempt.head_hash), given, Sender(attempt.id, f"{seat}/tab", at))
    filling.session.execute(insert(ResponseEvent), rows)
    values = {"head_seq": head.server_seq, "head_hash": head.hash, "device": f"{seat}-profile/tab"}
    filling.session.execute(update(Attempt).where(Attempt.id == attempt.id).values(**values))
    filling.session.refresh(attempt)


def breathe(filling: Filling, seat: str, ago: timedelta) -> None:
    """The last sign of life of that seat's page was so long ago."""
    session, attempt = filling.session, filling.attempt(seat)
    found = session.get(Presence, attempt.id)
    if found is None:
        found = Presence(attempt_id=attempt.id, device=f"{seat}/tab", position=22, unsent=0, marks={})
        found.full_screen = True
        session.add(found)
    found.seen_at = filling.now - ago
    session.flush()


def fact(filling: Filling, seat: str, kind: str, ago: timedelta, seconds: int | None = None) -> None:
    """Something happened at the page of that seat."""
    attempt = filling.attempt(seat)
    values = {"kind": kind, "seconds": seconds, "details": {}, "at": filling.now - ago}
    filling.session.execute(insert(PaperFact).values(attempt_id=attempt.id, **values))


def late(filling: Filling, seat: str, count: int, why: str = "late") -> list[int]:
    """Ids of so many late answers of that seat."""
    session, attempt = filling.session, filling.attempt(seat)
    order = list(
        session.scalars(select(FormItem.item_version_id).where(FormItem.form_id == filling.sitting.forms[0].form_id))
    )
    made = []
    for number, item in enumerate(order[:count]):
        event = LateEvent(
            attempt_id=attempt.id,
            item_version_id=item,
            device=f"{seat}-old/tab",
            client_seq=9 + number,
            captured_at=filling.now - timedelta(minutes=5),
            received_at=filling.now - timedelta(minutes=1),
            payload=key_response(filling.items[item]),
            why=why,
        )
        session.add(event)
        session.flush()
        made.append(event.id)
    return made


def hand_in(filling: Filling, seat: str, ago: timedelta) -> None:
    """The person handed in so long ago."""
    attempt = filling.attempt(seat)
    submit(filling.session, attempt, reason="handed_in", by=attempt.person_id, now=filling.now - ago)


def as_in_the_picture(filling: Filling) -> None:
    """Four seats in trouble, three handed in, everybody else at work."""
    begin_all(filling)
    for seat, minutes in (("A-09", 11), ("D-01", 6), ("D-08", 2)):
        hand_in(filling, seat, timedelta(minutes=minutes))
    breathe(filling, "B-04", timedelta(minutes=3, seconds=20))
    fact(filling, "C-07", "elsewhere", timedelta(seconds=31))
    _quiet(filling, "A-02", timedelta(minutes=6, seconds=20))
    fact(filling, "D-05", "left_window", timedelta(minutes=4), 30)
    fact(filling, "D-05", "left_window", timedelta(minutes=3), 18)


def _quiet(filling: Filling, seat: str, ago: timedelta) -> None:
    """The last answer of that seat came so long ago: its answers are given anew with older times."""
    attempt = filling.attempt(seat)
    order = list(
        filling.session.scalars(
            select(FormItem.item_version_id).where(FormItem.form_id == filling.sitting.forms[0].form_id)
        )
    )
    item = order[20]
    given = [Given(item, 2, key_response(filling.items[item]), filling.now - ago)]
    sender = Sender(attempt.id, f"{seat}/tab", filling.now - ago)
    head, rows = following(Head(attempt.head_seq, attempt.head_hash), given, sender)
    filling.session.execute(insert(ResponseEvent), rows)
    values = {"head_seq": head.server_seq, "head_hash": head.hash}
    filling.session.execute(update(Attempt).where(Attempt.id == attempt.id).values(**values))
    filling.session.refresh(attempt)


def in_every_state(filling: Filling) -> None:
    """Each stage and each trouble at least once."""
    gone = {"B-09", "C-05", "D-09"}
    begin_all(filling, [seat for seat in filling.places if seat not in gone])
    session, sitting, by = filling.session, filling.sitting, filling.by
    for seat, minutes in (("A-09", 11), ("D-01", 6), ("D-08", 2)):
        hand_in(filling, seat, timedelta(minutes=minutes))
    breathe(filling, "B-04", timedelta(minutes=3, seconds=20))
    fact(filling, "C-07", "elsewhere", timedelta(seconds=31))
    fact(filling, "A-06", "wrong_seat", timedelta(minutes=2))
    late(filling, "D-01", 3)
    _quiet(filling, "A-02", timedelta(minutes=6, seconds=20))
    fact(filling, "D-05", "left_window", timedelta(minutes=4), 30)
    pause(session, filling.attempt("C-09"), reason="power", by=by.holder.id, now=filling.now - timedelta(minutes=2))
    filling.places["B-07"].document_outcome = "doubtful"
    for seat, act in (("B-09", mark_absent), ("C-05", put_off), ("C-04", expel)):
        act(session, sitting, (filling.places[seat], filling.attempt(seat)), "示例原因", by=by)
    closing = filling.attempt("A-05")
    session.execute(
        update(Attempt).where(Attempt.id == closing.id).values(deadline_at=filling.now - timedelta(seconds=2))
    )
    session.flush()


def fill_room(
    session: Session,
    admin: Person,
    now: datetime,
    *watchers: str,
    seats: int = 36,
    states: Callable[[Filling], None] = in_every_state,
) -> ExamRoom:
    """A sitting at `now` with so many seats, invigilated by `watchers`, in the states that `states` makes."""
    filling = prepared_room(session, admin, now, seats=seats)
    watch_over(session, filling, *watchers)
    states(filling)
    session.flush()
    places = {seat: place.id for seat, place in filling.places.items()}
    attempts = {seat: place.attempt_id for seat, place in filling.places.items() if place.attempt_id}
    return ExamRoom(filling.sitting.id, places, attempts, now)

"""Time given back: proposed by one person for a candidate, a room or all who lost time, decided by another."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from training_app.audit.services import Act
from training_app.bookings.models import Seat
from training_app.errors import Conflict, NotAllowed, NotFound, Refused
from training_app.exams.console.access import ON_THE_DAY, SeatOf, require_state
from training_app.exams.console.pausing import attempts_in
from training_app.exams.console.rules import LOST_AFTER, Stretch, lost_seconds
from training_app.exams.day.rules import BEGUN
from training_app.exams.day_models import DeadlineEvent, Gap, Presence, TimeProposal
from training_app.exams.models import Attempt, AttemptEvent
from training_app.exams.paper.clockwork import add_time
from training_app.exams.paper.standing import is_over
from training_app.exams.sitting_acts import By, write_down
from training_app.exams.sitting_models import RosterPlace, Sitting
from training_app.people.models import Person
from training_app.people.reach import LARGEST_ID
from training_app.web.words import clock, name_of

MOST_MINUTES = 120


@dataclass(frozen=True, slots=True)
class Lost:
    """Seconds that one person at work lost and was not given back yet."""

    attempt_id: int
    seconds: int
    person: Person
    seat: str | None


def lost_time(session: Session, sitting: Sitting, now: datetime) -> list[Lost]:
    """Everybody at work who lost time, by seat: silences of the page and the one that lasts, without pauses."""
    rows = session.execute(
        select(Attempt.id, Attempt.started_at, Attempt.paused_at, Presence.seen_at, Seat.label, Person)
        .join(RosterPlace, RosterPlace.attempt_id == Attempt.id)
        .join(Person, Person.id == RosterPlace.person_id)
        .outerjoin(Seat, Seat.id == RosterPlace.seat_id)
        .outerjoin(Presence, Presence.attempt_id == Attempt.id)
        .where(RosterPlace.sitting_id == sitting.id, Attempt.state.in_(BEGUN))
        .order_by(Seat.room_id, Seat.row, Seat.place)
    ).unique()
    silences, pauses, given = _silences(session, sitting), _pauses(session, sitting, now), _given(session, sitting)
    found = []
    for row in rows.all():
        own = list(silences.get(row.id, []))
        last = row.seen_at or row.started_at
        if now - last > LOST_AFTER:
            own.append(Stretch(last, now))
        seconds = lost_seconds(own, pauses.get(row.id, []), given.get(row.id, 0))
        if seconds:
            found.append(Lost(row.id, seconds, row.Person, row.label))
    return found


def _silences(session: Session, sitting: Sitting) -> dict[int, list[Stretch]]:
    rows = session.execute(
        select(Gap.attempt_id, Gap.from_at, Gap.to_at)
        .join(Attempt, Attempt.id == Gap.attempt_id)
        .where(Attempt.sitting_id == sitting.id)
    )
    found: dict[int, list[Stretch]] = {}
    for number, begun, ended in rows:
        found.setdefault(number, []).append(Stretch(begun, ended))
    return found


def _pauses(session: Session, sitting: Sitting, now: datetime) -> dict[int, list[Stretch]]:
    """From each change to paused to the next change, or to now."""
    rows = session.execute(
        select(AttemptEvent.attempt_id, AttemptEvent.to_state, AttemptEvent.at)
        .join(Attempt, Attempt.id == AttemptEvent.attempt_id)
        .where(Attempt.sitting_id == sitting.id)
        .order_by(AttemptEvent.id)
    )
    found: dict[int, list[Stretch]] = {}
    open_since: dict[int, datetime] = {}
    for number, state, at in rows:
        if number in open_since:
            found.setdefault(number, []).append(Stretch(open_since.pop(number), at))
        if state == "paused":
            open_since[number] = at
    for number, at in open_since.items():
        found.setdefault(number, []).append(Stretch(at, now))
    return found


def _given(session: Session, sitting: Sitting) -> dict[int, int]:
    """Seconds of earlier proposals for who lost time; what was given for other reasons stays apart."""
    rows = session.execute(
        select(DeadlineEvent.attempt_id, func.sum(DeadlineEvent.seconds))
        .join(TimeProposal, TimeProposal.id == DeadlineEvent.proposal_id)
        .where(TimeProposal.sitting_id == sitting.id, TimeProposal.scope == "lost")
        .group_by(DeadlineEvent.attempt_id)
    )
    return {number: int(seconds) for number, seconds in rows}


def propose_for_person(
    session: Session, sitting: Sitting, seat: SeatOf, seconds: int, *, reason: str, by: By
) -> TimeProposal:
    """Seconds for one person who is at work."""
    place, attempt = seat
    if attempt is None or attempt.state not in BEGUN:
        raise Conflict(_l("This person is not working, so no time can be added."))
    return _propose(session, sitting, ("person", None), {attempt.id: seconds}, reason=reason, by=by, place=place)


def propose_for_room(
    session: Session, sitting: Sitting, room_id: int | None, seconds: int, *, reason: str, by: By
) -> TimeProposal:
    """The same seconds for everybody who works in a room, or in the whole sitting."""
    lines = {attempt.id: seconds for attempt in attempts_in(session, sitting, room_id, BEGUN)}
    return _propose(session, sitting, ("room", room_id), lines, reason=reason, by=by)


def propose_lost(session: Session, sitting: Sitting, chosen: Sequence[int], *, reason: str, by: By) -> TimeProposal:
    """To each of the chosen attempts what it lost up to now, by the record of its page."""
    lines = {lost.attempt_id: lost.seconds for lost in lost_time(session, sitting, by.now)}
    wanted = {number: lines[number] for number in sorted(set(chosen)) if number in lines}
    return _propose(session, sitting, ("lost", None), wanted, reason=reason, by=by)


def _propose(
    session: Session,
    sitting: Sitting,
    scope: tuple[str, int | None],
    lines: dict[int, int],
    *,
    reason: str,
    by: By,
    place: RosterPlace | None = None,
) -> TimeProposal:
    require_state(sitting, ON_THE_DAY)
    if not lines:
        raise Refused(_l("There is nobody to whom this time could be added."))
    if any(not 0 < seconds <= MOST_MINUTES * 60 for seconds in lines.values()):
        raise Refused(_l("Time is added in steps of 1 to %(most)s minutes.", most=MOST_MINUTES))
    for other in open_proposals(session, sitting):
        if other.lines.keys() & {str(number) for number in lines}:
            text = _l(
                "%(name)s proposed time for some of these people at %(time)s already. Decide that proposal first.",
                name=name_of(other.proposer),
                time=clock(other.proposed_at),
            )
            raise Conflict(text)
    proposal = TimeProposal(
        sitting_id=sitting.id,
        scope=scope[0],
        room_id=scope[1],
        lines={str(number): seconds for number, seconds in lines.items()},
        reason=reason,
        proposed_by=by.holder.id,
        proposed_at=by.now,
    )
    session.add(proposal)
    session.flush()
    details = {"count": len(lines), "seconds": _range(proposal)}
    act = Act("time.proposed", "sitting", *by.stamp(sitting), details)
    write_down(session, sitting, act, by, place=place, reason=reason)
    return proposal


def _range(proposal: TimeProposal) -> str:
    least, most = min(proposal.lines.values()), max(proposal.lines.values())
    return str(least) if least == most else f"{least}-{most}"


def open_proposals(session: Session, sitting: Sitting) -> Sequence[TimeProposal]:
    """The proposals that nobody decided yet, oldest first."""
    return session.scalars(
        select(TimeProposal)
        .where(TimeProposal.sitting_id == sitting.id, TimeProposal.decision.is_(None))
        .order_by(TimeProposal.id)
    ).all()


def decide(session: Session, sitting: Sitting, proposal_id: int, decision: str, *, by: By) -> tuple[int, int]:
    """How many people got their time, and how many had finished meanwhile. decision: "approved" or "refused".

    By somebody else than who proposed it. Conflict when a colleague decided first.
    """
    proposal = session.get(TimeProposal, proposal_id) if proposal_id <= LARGEST_ID else None
    if proposal is None or proposal.sitting_id != sitting.id:
        raise NotFound(_l("There is no such proposal in this sitting."))
    if proposal.proposed_by == by.holder.id:
        raise NotAllowed(_l("You proposed this time, so a second person decides."), act="console.act")
    if by.holder.id in _candidates(session, proposal):
        raise NotAllowed(_l("You sit this examination yourself, so its console is closed to you."), act="console.act")
    decided = session.execute(
        update(TimeProposal)
        .where(TimeProposal.id == proposal.id, TimeProposal.decision.is_(None))
        .values(decision=decision, decided_by=by.holder.id, decided_at=by.now)
        .returning(TimeProposal.id),
        execution_options={"synchronize_session": False},
    ).scalar_one_or_none()
    session.refresh(proposal)
    if decided is None:
        raise _decided_before(session, proposal)
    given = _give(session, sitting, proposal, by) if decision == "approved" else 0
    details = {"count": given, "seconds": _range(proposal)}
    act = (
        Act("time.approved", "sitting", *by.stamp(sitting), details)
        if decision == "approved"
        else Act("time.refused", "sitting", *by.stamp(sitting), {"seconds": _range(proposal)})
    )
    write_down(session, sitting, act, by, place=_only_place(session, proposal), reason=proposal.reason)
    return given, len(proposal.lines) - given


def _decided_before(session: Session, proposal: TimeProposal) -> Conflict:
    assert proposal.decided_by is not None and proposal.decided_at is not None
    words = {"name": name_of(session.get_one(Person, proposal.decided_by)), "time": clock(proposal.decided_at)}
    if proposal.decision == "approved":
        return Conflict(_l("%(name)s approved this time at %(time)s.", **words))
    return Conflict(_l("%(name)s refused this time at %(time)s.", **words))


def _candidates(session: Session, proposal: TimeProposal) -> set[int]:
    numbers = [int(number) for number in proposal.lines]
    return set(session.scalars(select(Attempt.person_id).where(Attempt.id.in_(numbers))))


def _only_place(session: Session, proposal: TimeProposal) -> RosterPlace | None:
    if proposal.scope != "person":
        return None
    number = int(next(iter(proposal.lines)))
    return session.scalars(select(RosterPlace).where(RosterPlace.attempt_id == number)).first()


def _give(session: Session, sitting: Sitting, proposal: TimeProposal, by: By) -> int:
    """Everybody still at work has the time; who handed in meanwhile, or whose time is over, has not."""
    given = 0
    for attempt in attempts_in(session, sitting, None, BEGUN):
        seconds = proposal.lines.get(str(attempt.id))
        if seconds is None or is_over(attempt, by.now):
            continue
        add_time(
            session,
            attempt,
            seconds,
            kind="compensation",
            reason=proposal.reason,
            by=proposal.proposed_by,
            approved_by=by.holder.id,
            proposal_id=proposal.id,
            now=by.now,
        )
        given += 1
    return given

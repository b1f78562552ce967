"""Deciding what candidates ask: who may, the decision and its answer, what follows from one that is upheld."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, select, true, update
from sqlalchemy.orm import Session

from training_app.audit.services import Act
from training_app.bank.models import ItemReview, ItemVersion
from training_app.errors import Conflict, NotAllowed, NotFound, Refused
from training_app.exams.day_models import DeadlineEvent, Incident, LateEvent, TimeProposal
from training_app.exams.marking.stages import void_exam_result
from training_app.exams.marking_models import KeyChange, KeyRevision, Objection, Standard
from training_app.exams.models import Attempt, AttemptEvent
from training_app.exams.objections.names import WHY_NOT
from training_app.exams.objections.rules import Decision, Kind, Parts, why_not
from training_app.exams.paper.clockwork import change_state
from training_app.exams.rules import PLACE_CHANGES, may_become
from training_app.exams.sitting_acts import By, write_down
from training_app.exams.sitting_models import InvigilatorDuty, RosterPlace, Sitting, SittingEvent
from training_app.people.models import Person
from training_app.people.reach import LARGEST_ID
from training_app.people.rules import ALL_BASES, Holder

NO_OBJECTION = _l("There is no such objection within your reach.")
DECIDED_MEANWHILE = _l("This was decided or taken back meanwhile. The page shows how it stands now.")
THE_DAY_BEGINS: Final = timedelta(hours=1)
"""How long before the beginning acts on a place count as acts of the day."""
MOST_LOOKED_AT: Final = 12
"""How many waiting objections a home looks at."""
OF_THE_DAY: Final = ("waiting", "running", "paused", "submitted", "voided")


def within(holder: Holder) -> ColumnElement[bool]:
    """The condition on Attempt of those whose objections the holder reaches."""
    bases = holder.bases_for("objections.decide")
    return true() if bases == ALL_BASES else Attempt.base_id.in_(bases)


def waiting(holder: Holder) -> Select[Any]:
    """Objections within reach that wait for a decision and are not the holder's own, oldest first."""
    return (
        select(Objection)
        .join(Attempt, Attempt.id == Objection.attempt_id)
        .where(
            within(holder),
            Objection.decision.is_(None),
            Objection.withdrawn_at.is_(None),
            Objection.person_id != holder.id,
        )
        .order_by(Objection.at, Objection.id)
    )


@dataclass(frozen=True, slots=True)
class Waiting:
    """An objection that waits, with its sitting and who asked."""

    objection: Objection
    sitting: Sitting
    person: Person


def waiting_for(session: Session, holder: Holder) -> list[Waiting]:
    """What the holder may decide of the MOST_LOOKED_AT objections that wait longest, oldest first."""
    found = []
    for objection in session.scalars(waiting(holder).limit(MOST_LOOKED_AT)).all():
        attempt = session.get_one(Attempt, objection.attempt_id)
        if obstacle(session, holder, objection, attempt) is None:
            sitting = session.get_one(Sitting, attempt.sitting_id)
            found.append(Waiting(objection, sitting, session.get_one(Person, objection.person_id)))
    return found


def objection_within(
    session: Session, holder: Holder, objection_id: int, *, to_change: bool = False
) -> tuple[Objection, Attempt]:
    """The objection and its attempt. NotFound, the same for none and for another base's; the latter is noted."""
    lock = {"of": Objection} if to_change else None
    known = 0 < objection_id <= LARGEST_ID
    objection = session.get(Objection, objection_id, with_for_update=lock) if known else None
    if objection is None:
        raise NotFound(NO_OBJECTION)
    attempt = session.get_one(Attempt, objection.attempt_id)
    if not holder.reaches("objections.decide", attempt.base_id):
        raise NotFound(NO_OBJECTION, act="objections.decide")
    return objection, attempt


def place_of_attempt(session: Session, attempt: Attempt) -> RosterPlace | None:
    """The place in the sitting that the attempt belongs to."""
    mine = (RosterPlace.sitting_id == attempt.sitting_id, RosterPlace.person_id == attempt.person_id)
    places = session.scalars(select(RosterPlace).where(*mine).order_by(RosterPlace.id.desc())).unique().all()
    return next((place for place in places if place.attempt_id == attempt.id), places[0] if places else None)


def parts_in(session: Session, objection: Objection, attempt: Attempt) -> Parts:
    """Who had which part in what is objected to."""
    duties = select(InvigilatorDuty.person_id).where(InvigilatorDuty.sitting_id == attempt.sitting_id)
    standards = session.execute(
        select(Standard.entered_by, Standard.confirmed_by).where(Standard.form_id == attempt.form_id)
    )
    return Parts(
        candidate=objection.person_id,
        invigilators=frozenset(session.scalars(duties)),
        day=_of_the_day(session, attempt) - {objection.person_id},
        standard=frozenset(person for row in standards for person in row if person is not None),
        item=_of_the_item(session, objection),
    )


def _of_the_day(session: Session, attempt: Attempt) -> frozenset[int]:
    sitting = session.get_one(Sitting, attempt.sitting_id)
    place = place_of_attempt(session, attempt)
    place_id = place.id if place else 0
    changes = AttemptEvent.to_state.in_(OF_THE_DAY) & (AttemptEvent.from_state != "created")
    begins = sitting.starts_at - THE_DAY_BEGINS
    day = (SittingEvent.at >= begins) & (SittingEvent.at <= sitting.ends_at)
    statements: tuple[Any, ...] = (
        select(DeadlineEvent.by, DeadlineEvent.approved_by).where(DeadlineEvent.attempt_id == attempt.id),
        select(LateEvent.decided_by).where(LateEvent.attempt_id == attempt.id),
        select(AttemptEvent.by).where(AttemptEvent.attempt_id == attempt.id, changes),
        select(Incident.by).where(Incident.place_id == place_id),
        select(SittingEvent.by).where(SittingEvent.place_id == place_id, day),
    )
    people = {person for statement in statements for row in session.execute(statement) for person in row}
    if place is not None:
        people.add(place.document_seen_by)
    for proposal in session.scalars(select(TimeProposal).where(TimeProposal.sitting_id == attempt.sitting_id)):
        if str(attempt.id) in proposal.lines:
            people |= {proposal.proposed_by, proposal.decided_by}
    return frozenset(person for person in people if person is not None)


def _of_the_item(session: Session, objection: Objection) -> frozenset[int]:
    """Who wrote, loaded or reviewed the item, in whatever version, or corrected its key."""
    if objection.item_version_id is None:
        return frozenset()
    item = select(ItemVersion.item_id).where(ItemVersion.id == objection.item_version_id).scalar_subquery()
    versions = session.execute(
        select(ItemVersion.author_id, ItemVersion.loaded_by).where(ItemVersion.item_id == item)
    ).all()
    reviewers = session.scalars(
        select(ItemReview.reviewer_id)
        .join(ItemVersion, ItemVersion.id == ItemReview.item_version_id)
        .where(ItemVersion.item_id == item)
    )
    revisers = session.scalars(
        select(KeyRevision.made_by)
        .join(KeyChange, KeyChange.revision_id == KeyRevision.id)
        .where(KeyChange.item_version_id == objection.item_version_id)
    )
    return frozenset({*reviewers, *revisers, *(person for row in versions for person in row if person is not None)})


def may_read_item(session: Session, holder: Holder, objection: Objection) -> bool:
    """Whether the holder may see the item that is objected to; True when none is."""
    if objection.item_version_id is None or holder.may("bank.read"):
        return True
    return session.get_one(ItemVersion, objection.item_version_id).public


def obstacle(session: Session, holder: Holder, objection: Objection, attempt: Attempt) -> str | None:
    """What keeps the holder from deciding, a key of WHY_NOT; None when he or she may."""
    parts = parts_in(session, objection, attempt)
    may_read = may_read_item(session, holder, objection)
    return why_not(Kind(objection.kind), holder.id, parts, may_read=may_read)


def decide(session: Session, objection_id: int, decision: Decision, answer: str, *, by: By) -> Objection:
    """The objection, decided with an answer to the candidate. Of two at once the second is told.

    NotAllowed when the person had a part in it.
    """
    objection, attempt = objection_within(session, by.holder, objection_id, to_change=True)
    part = obstacle(session, by.holder, objection, attempt)
    if part is not None:
        raise NotAllowed(WHY_NOT[part], act="objections.decide")
    if not answer:
        raise Refused(_l("Say to the candidate how and why it is decided."))
    open_ = (Objection.id == objection.id, Objection.decision.is_(None), Objection.withdrawn_at.is_(None))
    values = {"decision": decision.value, "answer": answer, "decided_by": by.holder.id, "decided_at": by.now}
    decided = session.execute(
        update(Objection).where(*open_).values(values).returning(Objection.id)
    ).scalar_one_or_none()
    if decided is None:
        raise Conflict(DECIDED_MEANWHILE)
    session.refresh(objection)
    details = {"objection": objection.id, "matter": objection.kind, "decision": decision.value}
    sitting = session.get_one(Sitting, attempt.sitting_id)
    act = Act("objection.decided", "sitting", *by.stamp(sitting), details)
    write_down(session, sitting, act, by, place=place_of_attempt(session, attempt))
    return objection


# what follows


def may_void_place(objection: Objection, place: RosterPlace | None) -> bool:
    """Whether the place may be declared void because of this objection."""
    upheld = objection.kind == Kind.PROCEDURE and objection.decision == Decision.UPHELD
    return upheld and place is not None and may_become(PLACE_CHANGES, place.state, "void")


def void_place(session: Session, objection_id: int, reason: str, *, by: By) -> None:
    """The attempt does not count and the place is void, so that the person gets a place for a resit 补考.

    Only after an objection to the procedure was upheld. Whatever was answered and scored stays stored.
    """
    objection, attempt = objection_within(session, by.holder, objection_id, to_change=True)
    if not by.holder.reaches("sittings.edit", attempt.base_id):
        raise NotFound(NO_OBJECTION, act="sittings.edit")
    attempt = session.scalars(select(Attempt).where(Attempt.id == attempt.id).with_for_update()).one()
    place = place_of_attempt(session, attempt)
    if place is None or not may_void_place(objection, place):
        raise Conflict(_l("This place cannot be declared void, or it is void already."))
    sitting = session.get_one(Sitting, attempt.sitting_id)
    if attempt.state != "voided":
        change_state(session, attempt, attempt.state, "voided", "objection", by=by.holder.id, at=by.now)
    place.state, place.version = "void", place.version + 1
    session.flush()
    void_exam_result(session, place, base=sitting.base_id, by=by)
    act = Act("place.voided", "sitting", *by.stamp(sitting), {"objection": objection.id})
    write_down(session, sitting, act, by, place=place, reason=reason or None)

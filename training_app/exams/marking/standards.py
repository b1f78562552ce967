"""Cut scores: entered by one programme administrator for the keys that count, confirmed with these keys by another."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from training_app.audit.services import Act
from training_app.clock import shanghai_day
from training_app.errors import Conflict, NotAllowed, NotFound, Refused
from training_app.exams.marking.keys import OVER, maximum_of, newest_revision
from training_app.exams.marking_models import KeyRevision, Release, Standard
from training_app.exams.models import Form
from training_app.exams.sitting_acts import By, write_down
from training_app.exams.sitting_models import Sitting
from training_app.people.reach import LARGEST_ID

ENDED = ("closed", "released")
"""States of a sitting in which its answers are known, so that keys can be confirmed."""
BASIS_LENGTH = 2000
MEANWHILE = _l("This cut score was confirmed or withdrawn meanwhile. Look at what stands there now.")


@dataclass(frozen=True, slots=True)
class CutScore:
    """What is entered: points from which on one passes, what they rest on, and the day of that decision.

    form_id: of which form of the sitting; None for that of a sitting with one.
    """

    cut: int
    basis: str
    decided_on: date
    form_id: int | None = None


def standard_in_force(session: Session, form_id: int) -> Standard | None:
    """The last confirmed standard of the form that was not withdrawn."""
    return session.scalars(
        select(Standard)
        .where(Standard.form_id == form_id, Standard.confirmed_at.is_not(None), Standard.withdrawn_at.is_(None))
        .order_by(Standard.id.desc())
    ).first()


def open_standard(session: Session, form_id: int) -> Standard | None:
    """The standard that waits for its confirmation."""
    return session.scalar(
        select(Standard).where(
            Standard.form_id == form_id, Standard.confirmed_at.is_(None), Standard.withdrawn_at.is_(None)
        )
    )


def current_standard(session: Session, form_id: int) -> Standard | None:
    """The standard in force when it is for the newest keys; None while that one is missing."""
    found = standard_in_force(session, form_id)
    revision = newest_revision(session, form_id)
    return found if found and found.revision_id == (revision.id if revision else None) else None


def enter_standard(session: Session, sitting: Sitting, entered: CutScore, by: By) -> Standard:
    """The cut score stands and waits for a second person. Refused while another one waits."""
    form = _locked_form(session, sitting, entered.form_id)
    points = maximum_of(session, form.id)
    if not 1 <= entered.cut <= points:
        raise Refused(_l("The cut score lies between 1 and %(points)s points.", points=points))
    if not entered.basis.strip():
        raise Refused(_l("Say what the cut score rests on."))
    if entered.decided_on > shanghai_day(by.now):
        raise Refused(_l("The day of the decision lies in the future."))
    if open_standard(session, form.id) is not None:
        raise Conflict(_l("A cut score waits for its confirmation already. Withdraw it first."))
    revision = newest_revision(session, form.id)
    standard = Standard(
        form_id=form.id,
        revision_id=revision.id if revision else None,
        cut=entered.cut,
        points=points,
        basis=entered.basis.strip()[:BASIS_LENGTH],
        decided_on=entered.decided_on,
        entered_by=by.holder.id,
        entered_at=by.now,
    )
    session.add(standard)
    session.flush()
    details = _details(sitting, standard)
    write_down(session, sitting, Act("standard.entered", "sitting", *by.stamp(sitting), details), by)
    return standard


def _details(sitting: Sitting, standard: Standard) -> dict[str, object]:
    details: dict[str, object] = {"cut": standard.cut, "points": standard.points}
    letters = {one.form_id: one.letter for one in sitting.forms}
    return details | ({"form": letters[standard.form_id]} if len(letters) > 1 else {})


def _locked_form(session: Session, sitting: Sitting, form_id: int | None) -> Form:
    """The form of the sitting, locked so that keys and standards of it follow each other."""
    forms = [one.form_id for one in sitting.forms if form_id in {None, one.form_id}]
    if len(forms) != 1 or sitting.state in OVER:
        raise Refused(_l("This sitting has no form that counts."))
    return session.scalars(select(Form).where(Form.id == forms[0]).with_for_update()).one()


def standard_of(session: Session, sitting: Sitting, standard_id: int) -> Standard:
    """The standard of a form of this sitting with this id. Raises NotFound."""
    found = session.get(Standard, standard_id) if standard_id <= LARGEST_ID else None
    if found is None or found.form_id not in {one.form_id for one in sitting.forms}:
        raise NotFound(_l("There is no such cut score for this sitting."))
    return found


def confirm_fault(session: Session, sitting: Sitting, standard: Standard, person_id: int) -> Any:
    """Why this person cannot confirm the standard now, as a sentence; None when he or she can."""
    if sitting.state not in ENDED:
        return _l("Cut score and keys are confirmed when the sitting is closed and its answers are known.")
    if standard.entered_by == person_id:
        return _l("You entered this cut score, so another programme administrator confirms it.")
    newest = newest_revision(session, standard.form_id)
    if newest is not None and newest.made_by == person_id:
        return _l("You corrected these keys, so another programme administrator confirms them.")
    if standard.revision_id != (newest.id if newest else None):
        return _l("The keys were corrected since. Enter the cut score again.")
    return None


def confirm_standard(
    session: Session, sitting: Sitting, standard_id: int, *, unlooked: Collection[int] = (), by: By
) -> Standard:
    """Cut score and keys are confirmed by a second person.

    unlooked: flagged items that the person did not say to have looked at; confirmed only when there is none.
    """
    standard = standard_of(session, sitting, standard_id)
    _locked_form(session, sitting, standard.form_id)
    session.refresh(standard)
    if standard.confirmed_at is not None or standard.withdrawn_at is not None:
        raise Conflict(MEANWHILE)
    fault = confirm_fault(session, sitting, standard, by.holder.id)
    if fault is not None:
        mine = by.holder.id in {standard.entered_by, _reviser(session, standard)}
        raise NotAllowed(fault, act="standards.edit") if mine else Refused(fault)
    if unlooked:
        raise Refused(
            _l("%(count)s marked items are not looked at yet. Compare their keys, then tick them.", count=len(unlooked))
        )
    moved = session.execute(
        update(Standard)
        .where(Standard.id == standard.id, Standard.confirmed_at.is_(None), Standard.withdrawn_at.is_(None))
        .values(confirmed_by=by.holder.id, confirmed_at=by.now)
        .returning(Standard.id)
    ).scalar_one_or_none()
    if moved is None:
        raise Conflict(MEANWHILE)
    session.refresh(standard)
    details = _details(sitting, standard)
    write_down(session, sitting, Act("standard.confirmed", "sitting", *by.stamp(sitting), details), by)
    return standard


def _reviser(session: Session, standard: Standard) -> int | None:
    revision = session.get(KeyRevision, standard.revision_id) if standard.revision_id else None
    return revision.made_by if revision else None


def may_be_withdrawn(session: Session, standard: Standard) -> bool:
    """Whether the standard stands and no result was released by it."""
    released = session.scalar(select(Release.id).where(Release.standard_id == standard.id))
    return standard.withdrawn_at is None and released is None


def withdraw_standard(session: Session, sitting: Sitting, standard_id: int, *, reason: str, by: By) -> None:
    """The standard counts no more. Refused once results were released by it: a new one takes its place then."""
    standard = standard_of(session, sitting, standard_id)
    _locked_form(session, sitting, standard.form_id)
    session.refresh(standard)
    if not reason.strip():
        raise Refused(_l("Say why."))
    if not may_be_withdrawn(session, standard):
        raise Conflict(_l("Results were released by this cut score, or it is withdrawn already. Enter a new one."))
    standard.withdrawn_at = by.now
    session.flush()
    act = Act("standard.withdrawn", "sitting", *by.stamp(sitting), _details(sitting, standard))
    write_down(session, sitting, act, by, reason=reason.strip())

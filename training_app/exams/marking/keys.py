"""Corrected keys of a form: numbered revisions, each with every change that counts and the reason."""

from collections.abc import Mapping
from typing import Any, cast

from flask_babel import lazy_gettext as _l
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from question_bank.rekeying import ChangeKind, Corrections, KeyCorrection, maximum_under, merged
from training_app.audit.services import Act
from training_app.errors import Refused
from training_app.exams.attempts import PaperItem, paper_of_form
from training_app.exams.marking_models import KeyChange, KeyRevision, Standard
from training_app.exams.models import Form
from training_app.exams.objections.following import follow_with_keys
from training_app.exams.sitting_acts import By, write_down
from training_app.exams.sitting_models import Sitting, SittingForm

OVER = ("cancelled", "void")
"""States of a sitting whose results count for nobody."""


def newest_revision(session: Session, form_id: int) -> KeyRevision | None:
    """The corrected keys that count for the form; None while the keys of its items do."""
    return session.scalars(
        select(KeyRevision).where(KeyRevision.form_id == form_id).order_by(KeyRevision.number.desc())
    ).first()


def corrections_of(session: Session, revision_id: int | None) -> dict[int, KeyCorrection]:
    """Every change of the revision, by item version; none without a revision."""
    if revision_id is None:
        return {}
    rows = session.scalars(select(KeyChange).where(KeyChange.revision_id == revision_id))
    return {
        row.item_version_id: KeyCorrection(ChangeKind(row.kind), tuple(cast("list[Any]", row.response or [])))
        for row in rows
    }


def sitting_of_form(session: Session, form: Form) -> Sitting:
    """The sitting for which the form was drawn. Refused for the form of an entry test or of practice."""
    sitting = session.scalar(
        select(Sitting)
        .join(SittingForm, SittingForm.sitting_id == Sitting.id)
        .where(SittingForm.form_id == form.id, SittingForm.given_up.is_(False))
    )
    if sitting is None:
        raise Refused(_l("Keys are corrected for the form of a sitting only."))
    return sitting


def revise_keys(
    session: Session, form: Form, changes: Mapping[int, KeyCorrection | None], *, reason: str, by: By
) -> KeyRevision:
    """The next revision: what counted before with `changes` (by item version, None takes an earlier one back).

    An open standard is withdrawn, because it was for other keys. Nobody's result changes by this alone: two people set
    and confirm a standard for the revision, everybody is scored anew, and the results are released once more.
    """
    session.scalars(select(Form).where(Form.id == form.id).with_for_update()).one()
    sitting = sitting_of_form(session, form)
    if sitting.state in OVER:
        raise Refused(_l("This sitting counts for nobody, so its keys need no correction."))
    if not reason.strip():
        raise Refused(_l("Say why."))
    former = newest_revision(session, form.id)
    before = corrections_of(session, former.id if former else None)
    after = merged(before, changes)
    places = {place.version_id: place for place in paper_of_form(session, form.id)}
    _require_sound(places, before, after)
    revision = KeyRevision(
        form_id=form.id,
        number=former.number + 1 if former else 1,
        reason=reason.strip(),
        made_by=by.holder.id,
        made_at=by.now,
    )
    session.add(revision)
    session.flush()
    _store_changes(session, revision, after)
    _withdraw_open(session, form, by)
    follow_with_keys(session, revision, changes)
    items = ", ".join(places[version].item.id for version in sorted(changes, key=lambda v: places[v].position))
    details = {"revision": revision.number, "item": items}
    act = Act("keys.revised", "sitting", *by.stamp(sitting), details)
    write_down(session, sitting, act, by, reason=reason.strip())
    return revision


def _require_sound(places: Mapping[int, PaperItem], before: Corrections, after: Corrections) -> None:
    if not set(after) <= set(places):
        raise Refused(_l("One of these items does not stand on the form."))
    if after == before:
        raise Refused(_l("This changes nothing."))
    if maximum_under({version: place.item for version, place in places.items()}, after) < 1:
        raise Refused(_l("Not every item can be void. Declare the sitting void instead."))


def _store_changes(session: Session, revision: KeyRevision, after: Corrections) -> None:
    rows = [
        {
            "revision_id": revision.id,
            "item_version_id": version,
            "kind": found.kind.value,
            "response": list(found.responses) or None,
        }
        for version, found in sorted(after.items())
    ]
    if rows:
        session.execute(insert(KeyChange), rows)


def _withdraw_open(session: Session, form: Form, by: By) -> None:
    session.execute(
        update(Standard)
        .where(Standard.form_id == form.id, Standard.confirmed_at.is_(None), Standard.withdrawn_at.is_(None))
        .values(withdrawn_at=by.now)
    )


def maximum_of(session: Session, form_id: int) -> int:
    """The most that the form earns under the keys that count now."""
    revision = newest_revision(session, form_id)
    items = {place.version_id: place.item for place in paper_of_form(session, form_id)}
    return maximum_under(items, corrections_of(session, revision.id if revision else None))

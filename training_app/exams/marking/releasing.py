"""Releasing the results of a sitting: what must be there first, and the release itself, once for each standard."""

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from training_app.audit.services import Act
from training_app.errors import Conflict, Refused
from training_app.exams.day_models import LateEvent
from training_app.exams.marking.keys import newest_revision
from training_app.exams.marking.released import last_release, released_standards, results_by
from training_app.exams.marking.scoring import SCORABLE, UNCOUNTED, counted_attempts, due
from training_app.exams.marking.sitting_forms import used_forms
from training_app.exams.marking.stages import write_exam_result
from training_app.exams.marking.standards import ENDED, current_standard, open_standard, standard_in_force
from training_app.exams.marking_models import Release, Standard
from training_app.exams.models import Attempt, AttemptEvent
from training_app.exams.sitting_acts import By, write_down
from training_app.exams.sitting_models import RosterPlace, Sitting

MEANWHILE = _l("Somebody else released these results or changed the sitting meanwhile.")


@dataclass(frozen=True, slots=True)
class Requirement:
    """Something that a release needs. sentence: what is done, or what is missing and who does it. key: its name."""

    key: str
    done: bool
    sentence: str


def requirements(session: Session, sitting: Sitting) -> list[Requirement]:
    """What a release of the sitting needs, in the order in which it comes about."""
    return [
        _closed(sitting),
        _handed_in(session, sitting),
        _late(session, sitting),
        _standard(session, sitting),
        _scored(session, sitting),
        _new(session, sitting),
    ]


def _closed(sitting: Sitting) -> Requirement:
    if sitting.state in ENDED:
        return Requirement("closed", done=True, sentence=_("The sitting is closed."))
    return Requirement(
        "closed", done=False, sentence=_("The sitting is not closed yet. The invigilators close it on the console.")
    )


def _handed_in(session: Session, sitting: Sitting) -> Requirement:
    open_states = [a.id for a in session.scalars(counted_attempts(sitting.id)) if a.state not in SCORABLE]
    if sitting.state in ENDED and not open_states:
        return Requirement("handed_in", done=True, sentence=_("Every paper is handed in."))
    return Requirement(
        "handed_in",
        done=False,
        sentence=_("%(count)s papers are not handed in yet.", count=len(open_states))
        if open_states
        else _("Nobody can hand in any more once the sitting is closed."),
    )


def undecided_late(session: Session, sitting: Sitting) -> int:
    """How many late answers wait for a decision."""
    attempts = select(Attempt.id).where(Attempt.sitting_id == sitting.id, Attempt.state != "voided")
    statement = (
        select(func.count())
        .select_from(LateEvent)
        .where(LateEvent.attempt_id.in_(attempts), LateEvent.decision.is_(None))
    )
    return session.scalar(statement) or 0


def _late(session: Session, sitting: Sitting) -> Requirement:
    count = undecided_late(session, sitting)
    if not count:
        return Requirement("late", done=True, sentence=_("No late answer waits for a decision."))
    return Requirement(
        "late",
        done=False,
        sentence=_("%(count)s late answers wait for a decision. The invigilators decide them.", count=count),
    )


def _standard(session: Session, sitting: Sitting) -> Requirement:
    forms = used_forms(session, sitting)
    missing = [one for one in forms if current_standard(session, one.form_id) is None]
    if forms and not missing:
        return Requirement("standard", done=True, sentence=_("Cut score and keys are confirmed by two people."))
    if len(sitting.forms) < 2:
        return Requirement("standard", done=False, sentence=_lacks(session, missing[0].form_id if missing else 0))
    sentences = [
        _("Form %(letter)s: %(sentence)s", letter=one.letter, sentence=_lacks(session, one.form_id)) for one in missing
    ]
    return Requirement("standard", done=False, sentence=" ".join(sentences))


def _lacks(session: Session, form_id: int) -> Any:
    """What the form lacks of a confirmed cut score, and who does it."""
    if open_standard(session, form_id) is not None:
        return _("The cut score waits: another programme administrator confirms it together with the keys.")
    if newest_revision(session, form_id) and standard_in_force(session, form_id):
        return _("The keys were corrected. A programme administrator enters the cut score for the new keys.")
    return _("There is no cut score yet. A programme administrator enters it, another one confirms it.")


def _current(session: Session, sitting: Sitting) -> list[Standard]:
    """The confirmed standards of the forms that somebody sat."""
    found = [current_standard(session, one.form_id) for one in used_forms(session, sitting)]
    return [one for one in found if one is not None]


def _unreleased(session: Session, sitting: Sitting) -> list[Standard]:
    """Those of them by which nothing was released yet."""
    released = {standard.id for standard in released_standards(session, sitting.id).values()}
    return [one for one in _current(session, sitting) if one.id not in released]


def _scored(session: Session, sitting: Sitting) -> Requirement:
    if len(_current(session, sitting)) < max(1, len(used_forms(session, sitting))):
        return Requirement("scored", done=False, sentence=_("Scores follow when cut score and keys are confirmed."))
    waiting = len(due(session, sitting))
    if waiting:
        return Requirement(
            "scored",
            done=False,
            sentence=_("%(count)s papers are not scored yet; that goes on by itself.", count=waiting),
        )
    return Requirement("scored", done=True, sentence=_("Every paper is scored by them."))


def _new(session: Session, sitting: Sitting) -> Requirement:
    if _unreleased(session, sitting) or last_release(session, sitting.id) is None:
        return Requirement("new", done=True, sentence=_("These results are not released yet."))
    return Requirement("new", done=False, sentence=_("The results by this cut score and these keys are released."))


def release(session: Session, sitting: Sitting, seen_version: int, by: By) -> list[Release]:
    """Everybody's newest results are released and stand in the programme. Refused with all that is missing.

    Again released are those of forms with another standard than before; other forms stay as they were. The sitting is
    locked by the caller. Of two who release at once the second gets Conflict and changes nothing.
    """
    attempts = session.scalars(counted_attempts(sitting.id).with_for_update(of=Attempt)).all()
    missing = [found.sentence for found in requirements(session, sitting) if not found.done]
    if missing:
        raise Refused(" ".join(missing))
    _claim(session, sitting, seen_version)
    standards = _unreleased(session, sitting)
    again = last_release(session, sitting.id) is not None
    found = [
        Release(sitting_id=sitting.id, standard_id=standard.id, by=by.holder.id, at=by.now) for standard in standards
    ]
    session.add_all(found)
    session.flush()
    forms = {standard.form_id for standard in standards}
    touched = [attempt for attempt in attempts if attempt.form_id in forms]
    _release_attempts(session, touched, again=again, by=by)
    _write_stages(session, sitting, (standards, [attempt.id for attempt in touched]), by)
    details = {
        "count": len(touched),
        "cut": ", ".join(str(standard.cut) for standard in standards),
        "points": ", ".join(str(standard.points) for standard in standards),
    }
    first = Act("results.released", "sitting", *by.stamp(sitting), details)
    corrected = Act("results.released_again", "sitting", *by.stamp(sitting), details)
    write_down(session, sitting, corrected if again else first, by)
    return found


def _claim(session: Session, sitting: Sitting, seen_version: int) -> None:
    moved = session.execute(
        update(Sitting)
        .where(Sitting.id == sitting.id, Sitting.version == seen_version, Sitting.state.in_(ENDED))
        .values(state="released", version=Sitting.version + 1)
        .returning(Sitting.id)
    ).scalar_one_or_none()
    if moved is None:
        raise Conflict(MEANWHILE)
    session.refresh(sitting)


def _release_attempts(session: Session, attempts: Any, *, again: bool, by: By) -> None:
    events = []
    for attempt in attempts:
        before, attempt.state, attempt.version = attempt.state, "released", attempt.version + 1
        reason = "released_again" if again else "released"
        events.append(
            {
                "attempt_id": attempt.id,
                "from_state": before,
                "to_state": "released",
                "reason": reason,
                "by": by.holder.id,
                "at": by.now,
            }
        )
    session.flush()
    if events:
        session.execute(insert(AttemptEvent), events)


def _write_stages(session: Session, sitting: Sitting, scored: tuple[list[Standard], list[int]], by: By) -> None:
    standards, attempt_ids = scored
    results = results_by(session, standards, attempt_ids)
    places = session.scalars(
        select(RosterPlace)
        .where(RosterPlace.sitting_id == sitting.id, RosterPlace.state.not_in(UNCOUNTED))
        .order_by(RosterPlace.id)
    ).all()
    for place in places:
        found = results.get(place.attempt_id or 0)
        if found is not None:
            outcome = found.judgement.outcome.value
            write_exam_result(session, place, found.run_id, outcome, base=sitting.base_id, by=by)

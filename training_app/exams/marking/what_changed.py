"""What other keys or another cut score change: who passes now and who no longer does."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from question_bank.rekeying import KeyCorrection, maximum_under, merged
from question_bank.standard import Judgement, Outcome
from training_app.exams.marking.figures import Answers, answers_of
from training_app.exams.marking.keys import corrections_of, newest_revision
from training_app.exams.marking.released import released_standards
from training_app.exams.marking.scoring import Marking, marking_by
from training_app.exams.marking.standards import current_standard, open_standard
from training_app.exams.marking_models import Standard
from training_app.exams.sitting_models import RosterPlace, Sitting, SittingForm
from training_app.people.models import Person


@dataclass(frozen=True, slots=True)
class Changed:
    """One candidate before and after."""

    place: RosterPlace
    person: Person
    before: Judgement
    after: Judgement

    @property
    def flips(self) -> str:
        """The kind of change: "passes", "fails", "points", or "" for none."""
        if self.before.outcome is not self.after.outcome:
            return "passes" if self.after.outcome is Outcome.PASS else "fails"
        return "points" if (self.before.score, self.before.mark) != (self.after.score, self.after.mark) else ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two ways of scoring the same answers. supposed: the cut score after is only carried over, nobody entered it.

    letter: of the form.
    """

    letter: str
    before: Marking
    after: Marking
    supposed: bool
    rows: tuple[Changed, ...]

    def count(self, kind: str) -> int:
        """How many candidates change in that way."""
        return sum(row.flips == kind for row in self.rows)


def standard_before(session: Session, form: SittingForm) -> Standard | None:
    """What a change is compared with: the standard of the last release, else the newest one that was entered."""
    released = released_standards(session, form.sitting_id).get(form.form_id)
    if released is not None:
        return released
    return session.scalars(
        select(Standard).where(Standard.form_id == form.form_id).order_by(Standard.id.desc())
    ).first()


def carried_over(before: Marking, corrections: Mapping[int, KeyCorrection]) -> Marking:
    """Scoring by other keys with the cut score in the same proportion, rounded up in the candidates' disfavour."""
    items = {place.version_id: place.item for place in before.paper}
    points = maximum_under(items, corrections)
    cut = max(1, -(-before.cut * points // before.points))
    return replace(before, cut=cut, points=points, corrections=dict(corrections))


def compare(
    session: Session, sitting: Sitting, changes: Mapping[int, KeyCorrection | None], form: SittingForm | None = None
) -> Comparison | None:
    """What `changes` to the keys that count now would do on a form, the first one when none is named.

    None while no cut score was ever entered for it.

    Without changes: what the newest keys and the newest cut score do against those of the last release.
    """
    form = form or sitting.forms[0]
    former = standard_before(session, form)
    if former is None:
        return None
    before = marking_by(session, former)
    newest = newest_revision(session, form.form_id)
    corrections = merged(corrections_of(session, newest.id if newest else None), changes)
    entered = open_standard(session, form.form_id) or current_standard(session, form.form_id)
    supposed = bool(changes) or entered is None
    after = carried_over(before, corrections) if supposed or entered is None else marking_by(session, entered)
    if after.points < 1:
        return None
    rows = _rows(session, (before, after), answers_of(session, sitting, form.form_id))
    return Comparison(form.letter, before, after, supposed, rows)


def _rows(session: Session, markings: tuple[Marking, Marking], answers: Answers) -> tuple[Changed, ...]:
    before, after = markings
    found = session.execute(
        select(RosterPlace, Person)
        .join(Person, Person.id == RosterPlace.person_id)
        .where(RosterPlace.attempt_id.in_(list(answers)))
        .order_by(RosterPlace.ticket_number)
    ).unique()
    return tuple(
        Changed(
            row.RosterPlace,
            row.Person,
            before.judged(before.lines(answers[row.RosterPlace.attempt_id])),
            after.judged(after.lines(answers[row.RosterPlace.attempt_id])),
        )
        for row in found
    )

"""The certification examination as a step of the trainee's way: where it stands, in words."""

from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from training_app.clock import shanghai_day
from training_app.exams.day.occasions import Occasion
from training_app.exams.marking.own import OwnResult, own_results
from training_app.exams.marking.words import RESULT_STATES
from training_app.exams.setup.listing import title_of


@dataclass(frozen=True, slots=True)
class ExamStep:
    """A step of the track. state: "done", "current" or "todo"."""

    state: str
    word: str
    measure: str


def exam_step(session: Session, person_id: int, coming: list[Occasion]) -> ExamStep:
    """A pass for ever; else the next place; else how the last one ended; else nothing yet."""
    ended = own_results(session, person_id)
    passed = next((one for one in ended if one.state == "pass"), None)
    if passed is not None:
        return _ended(passed, "done")
    if coming:
        sitting = coming[0].sitting
        day = f"{shanghai_day(sitting.starts_at):%Y-%m-%d}"
        return ExamStep("current", _("on %(day)s", day=day), title_of(sitting))
    if ended:
        return _ended(ended[0], "current")
    return ExamStep("todo", _("no place yet"), _("your base gives you one"))


def _ended(own: OwnResult, state: str) -> ExamStep:
    word = str(RESULT_STATES[own.state])
    if own.result is not None:
        word = _("%(mark)s of 100", mark=own.result.judgement.mark)
    return ExamStep(state, word, f"{shanghai_day(own.sitting.starts_at):%Y-%m-%d}")

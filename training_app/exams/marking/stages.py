"""Results of the exam as stage results of the programme: passed or failed by a run, void when the sitting is."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from training_app.exams.marking_models import Release
from training_app.exams.models import Attempt
from training_app.exams.sitting_acts import By
from training_app.exams.sitting_models import RosterPlace, Sitting
from training_app.programmes.models import Cycle
from training_app.programmes.services import Evidence, write_stage_result

STAGE = "exam"
RUN = "score_run"
PLACE = "roster_place"


def write_exam_result(session: Session, place: RosterPlace, run_id: int, outcome: str, *, base: str, by: By) -> None:
    """The outcome of this run stands in the cycle of the place. Writing it again for the same run changes nothing."""
    cycle = session.get_one(Cycle, place.cycle_id)
    evidence = Evidence(RUN, run_id, base)
    write_stage_result(session, cycle, STAGE, outcome, evidence=evidence, by=by.holder.id, now=by.now)


def void_exam_result(session: Session, place: RosterPlace, *, base: str, by: By) -> None:
    """What was released for this place counts no more: the cycle has a later line that says so."""
    cycle = session.get_one(Cycle, place.cycle_id)
    evidence = Evidence(PLACE, place.id, base)
    write_stage_result(session, cycle, STAGE, "void", evidence=evidence, by=by.holder.id, now=by.now)


def void_released_results(session: Session, sitting: Sitting, by: By) -> None:
    """Every released result of the sitting counts no more; nothing when none was released."""
    if session.scalars(select(Release.id).where(Release.sitting_id == sitting.id)).first() is None:
        return
    attempts = select(Attempt.id).where(Attempt.sitting_id == sitting.id, Attempt.state == "released")
    places = select(RosterPlace).where(RosterPlace.sitting_id == sitting.id, RosterPlace.attempt_id.in_(attempts))
    for place in session.scalars(places).all():
        void_exam_result(session, place, base=sitting.base_id, by=by)

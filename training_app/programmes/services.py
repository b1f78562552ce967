"""Cycles and stage results: what every stage writes down, and certificates read later."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from flask_babel import lazy_gettext as _l
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from training_app.clock import shanghai_day
from training_app.errors import Refused
from training_app.programmes.models import Cycle, Programme, RuleSet, StageResult
from training_app.upserts import insert_into

PERSONNEL: Final = "aeo-personnel"
"""The one programme that a new site has."""


def found_programme(session: Session, on: date) -> None:
    """The programme of AEO certified personnel stands, with a rule set that says itself that nothing is decided."""
    if session.get(Programme, PERSONNEL) is not None:
        return
    titles = {"title_zh": "AEO认证人员培训项目", "title_en": "Programme for AEO certified personnel"}
    session.execute(insert(Programme).values(id=PERSONNEL, **titles))
    session.execute(
        insert(RuleSet).values(
            programme_id=PERSONNEL,
            label=f"{on.year}-0",
            effective_from=on,
            effective_to=None,
            decided=False,
            rules={"stages": ["field_training", "observation", "exam", "interview"]},
        )
    )


def rule_set_on(session: Session, programme: str, day: date) -> RuleSet:
    """The rule set in force on `day`. Refused when the programme has none."""
    found = session.scalars(
        select(RuleSet)
        .where(
            RuleSet.programme_id == programme,
            RuleSet.effective_from <= day,
            (RuleSet.effective_to.is_(None)) | (RuleSet.effective_to >= day),
        )
        .order_by(RuleSet.effective_from.desc(), RuleSet.id.desc())
    ).first()
    if found is None:
        raise Refused(_l("This programme has no rules in force on that day."))
    return found


def current_cycle(session: Session, person_id: int, programme: str = PERSONNEL) -> Cycle | None:
    """The newest cycle of the person, None before the first."""
    return session.scalars(
        select(Cycle).where(Cycle.person_id == person_id, Cycle.programme_id == programme).order_by(Cycle.number.desc())
    ).first()


def cycle_for(session: Session, person_id: int, now: datetime, programme: str = PERSONNEL) -> Cycle:
    """The newest cycle of the person; the first is opened when there is none, once even if two ask at a time."""
    cycle = current_cycle(session, person_id, programme)
    if cycle is not None:
        return cycle
    day = shanghai_day(now)
    values = {
        "person_id": person_id,
        "programme_id": programme,
        "number": 1,
        "rule_set_id": rule_set_on(session, programme, day).id,
        "opened_on": day,
    }
    session.execute(insert_into(session, Cycle).values(values).on_conflict_do_nothing())
    opened = current_cycle(session, person_id, programme)
    assert opened is not None
    return opened


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a stage result rests on: kind and id of the record, and the base at the time."""

    kind: str
    id: int
    base: str | None


def write_stage_result(
    session: Session, cycle: Cycle, stage: str, outcome: str, *, evidence: Evidence, by: int | None, now: datetime
) -> None:
    """The result stands in the cycle; writing it again for the same evidence changes nothing."""
    values = {
        "cycle_id": cycle.id,
        "stage": stage,
        "outcome": outcome,
        "evidence_kind": evidence.kind,
        "evidence_id": evidence.id,
        "base_id": evidence.base,
        "at": now,
        "by": by,
    }
    session.execute(insert_into(session, StageResult).values(values).on_conflict_do_nothing())


def stage_results_of(session: Session, cycle: Cycle) -> Sequence[StageResult]:
    """All results of the cycle, oldest first."""
    return session.scalars(select(StageResult).where(StageResult.cycle_id == cycle.id).order_by(StageResult.id)).all()

"""The evidence about an attempt, put together from what was kept: nothing of it is typed here."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from question_bank.criteria import Criteria
from training_app.exams.day_models import DeadlineEvent, LateEvent, Receipt
from training_app.exams.marking_models import KeyRevision, Objection, Release, Standard
from training_app.exams.models import Attempt, Form, ResponseEvent, Result, ScoreLine, ScoreRun
from training_app.exams.objections.deciding import place_of_attempt
from training_app.exams.objections.shown import SeenItem, seen_items
from training_app.exams.objections.timeline import Happening, happenings
from training_app.exams.paper.receipts import ChainReport, recompute
from training_app.exams.sitting_models import InvigilatorDuty, RosterPlace, Sitting
from training_app.people.models import Person
from training_app.people.rules import Holder


@dataclass(frozen=True, slots=True)
class SavedAnswer:
    """One stored answer. counts: it is the response of its item. faults: what its line of the chain breaks."""

    event: ResponseEvent
    position: int
    given: str
    counts: bool
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LateAnswer:
    """One answer of the late pile with its decision."""

    event: LateEvent
    position: int
    given: str


@dataclass(frozen=True, slots=True)
class Run:
    """One score run: by which standard and keys, what came out, the points of each item version."""

    run: ScoreRun
    result: Result | None
    standard: Standard | None
    revision: KeyRevision | None
    released: bool
    points: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that is kept about an attempt. devices: a short name of each page. names: who occurs, by id."""

    objection: Objection
    attempt: Attempt
    sitting: Sitting
    form: Form
    place: RosterPlace | None
    duties: Sequence[InvigilatorDuty]
    items: tuple[SeenItem, ...]
    saves: Sequence[SavedAnswer]
    late: Sequence[LateAnswer]
    clock: Sequence[DeadlineEvent]
    timeline: Sequence[Happening]
    runs: Sequence[Run]
    receipt: Receipt | None
    chain: ChainReport
    devices: Mapping[str | None, str]
    names: Mapping[int, Person]

    @property
    def subject(self) -> SeenItem | None:
        """The item that is objected to."""
        return next((item for item in self.items if item.version_id == self.objection.item_version_id), None)

    @property
    def responses(self) -> dict[int, SavedAnswer]:
        """The answer that counts for each item, by item version; what was not answered is absent."""
        return {save.event.item_version_id: save for save in self.saves if save.counts}


def evidence_of(session: Session, holder: Holder, objection: Objection, criteria: Criteria) -> Evidence:
    """What is kept about the attempt that the objection is about, as this reader may see it."""
    attempt = session.get_one(Attempt, objection.attempt_id)
    sitting = session.get_one(Sitting, attempt.sitting_id)
    place = place_of_attempt(session, attempt)
    items = seen_items(session, holder, attempt, criteria)
    by_version = {item.version_id: item for item in items}
    events = _ordered(session, ResponseEvent, attempt, ResponseEvent.server_seq)
    late = _ordered(session, LateEvent, attempt, LateEvent.id)
    timeline = happenings(session, sitting, attempt, place)
    sources: tuple[Sequence[Any], ...] = (events, late, timeline)
    chain = recompute(session, attempt)
    duties = session.scalars(
        select(InvigilatorDuty).where(InvigilatorDuty.sitting_id == sitting.id).order_by(InvigilatorDuty.id)
    ).all()
    found = Evidence(
        objection=objection,
        attempt=attempt,
        sitting=sitting,
        form=session.get_one(Form, attempt.form_id),
        place=place,
        duties=duties,
        items=items,
        saves=_saves(events, by_version, chain),
        late=[
            LateAnswer(event, item.position, item.given(event.payload))
            for event in late
            for item in [by_version[event.item_version_id]]
        ],
        clock=_ordered(session, DeadlineEvent, attempt, DeadlineEvent.id),
        timeline=timeline,
        runs=runs_of(session, attempt, sitting),
        receipt=session.get(Receipt, attempt.id),
        chain=chain,
        devices=device_names(one.device for rows in sources for one in rows),
        names={},
    )
    return _with_names(session, found)


def _ordered(session: Session, table: Any, attempt: Attempt, order: Any) -> Sequence[Any]:
    return session.scalars(select(table).where(table.attempt_id == attempt.id).order_by(order)).all()


def _saves(events: Sequence[ResponseEvent], items: Mapping[int, SeenItem], chain: ChainReport) -> list[SavedAnswer]:
    newest: dict[int, int] = {}
    for event in events:
        newest[event.item_version_id] = max(event.client_seq, newest.get(event.item_version_id, 0))
    return [
        SavedAnswer(
            event,
            item.position,
            item.given(event.payload),
            event.client_seq == newest[event.item_version_id],
            tuple(fault.message for fault in chain.faults if fault.server_seq == event.server_seq),
        )
        for event in events
        for item in [items[event.item_version_id]]
    ]


def device_names(devices: Iterable[str | None]) -> dict[str | None, str]:
    """A short name for each device, in the order in which they occur: "1", and "1/2" for its second window."""
    profiles: dict[str, list[str]] = {}
    names: dict[str | None, str] = {None: "–"}
    for device in devices:
        if device in names or device is None:
            continue
        profile, _slash, tab = device.partition("/")
        tabs = profiles.setdefault(profile, [])
        tabs.append(tab)
        computer = list(profiles).index(profile) + 1
        names[device] = f"{computer}" if len(tabs) == 1 else f"{computer}/{len(tabs)}"
    return names


def runs_of(session: Session, attempt: Attempt, sitting: Sitting) -> list[Run]:
    """Every score run of the attempt, oldest first."""
    released = set(session.scalars(select(Release.standard_id).where(Release.sitting_id == sitting.id)))
    runs = []
    for run in session.scalars(select(ScoreRun).where(ScoreRun.attempt_id == attempt.id).order_by(ScoreRun.id)).all():
        standard = session.get(Standard, run.standard_id) if run.standard_id else None
        lines = session.execute(
            select(ScoreLine.item_version_id, ScoreLine.points).where(ScoreLine.run_id == run.id)
        ).all()
        runs.append(
            Run(
                run=run,
                result=session.get(Result, run.id),
                standard=standard,
                revision=session.get(KeyRevision, standard.revision_id) if standard and standard.revision_id else None,
                released=run.standard_id in released,
                points={line.item_version_id: line.points for line in lines},
            )
        )
    return runs


def _with_names(session: Session, found: Evidence) -> Evidence:
    people: set[int | None] = {found.objection.decided_by}
    people |= {happening.by for happening in found.timeline}
    people |= {late.event.decided_by for late in found.late}
    people |= {person for event in found.clock for person in (event.by, event.approved_by)}
    for run in found.runs:
        if run.standard is not None:
            people |= {run.standard.entered_by, run.standard.confirmed_by}
        if run.revision is not None:
            people.add(run.revision.made_by)
    wanted = {person for person in people if person is not None}
    rows = session.scalars(select(Person).where(Person.id.in_(wanted))).unique()
    names = {person.id: person for person in rows}
    return replace(found, names=names)

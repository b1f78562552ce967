"""What an invigilator sees of a seat: how far it is, what is in trouble and how badly, what time was lost. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

LOST_AFTER: Final = timedelta(seconds=30)
"""A page gives a sign of life each 10 seconds: after three that are missing the connection counts as lost."""

QUIET_AFTER: Final = timedelta(minutes=6)
"""Without a new answer for longer than this an invigilator looks whether all is well."""

LEFT_COUNTS_FOR: Final = timedelta(minutes=10)
"""How long having left the window stands among what needs attention; in the history it stays."""

SEVERITY: Final[Mapping[str, int]] = {
    "lost": 1,
    "second_device": 1,
    "wrong_seat": 1,
    "late": 2,
    "over": 2,
    "no_answer": 2,
    "left_window": 2,
    "paused": 3,
    "document": 3,
    "not_arrived": 3,
}
"""Kind of trouble → 1 (grave) to 3, in the order in which reasons of one seat are told."""

FACTS_OF_TROUBLE: Final[Mapping[str, str]] = {
    "elsewhere": "second_device",
    "took_over": "second_device",
    "wrong_seat": "wrong_seat",
    "left_window": "left_window",
    "left_full_screen": "left_window",
}
"""Kind of a fact of the paper → the trouble that it makes, until somebody has noted something at that seat."""

AT_WORK: Final = frozenset({"running", "closing", "paused"})
"""Stages in which a paper is open and takes answers, or will again."""

HERE: Final = AT_WORK | {"waiting", "over"}
NOT_BEGUN: Final = frozenset({"expected", "waiting"})
ENDED: Final[Mapping[str, str]] = {
    "submitted": "handed_in",
    "marking": "handed_in",
    "marked": "handed_in",
    "released": "handed_in",
    "voided": "void",
}


@dataclass(frozen=True, slots=True)
class Happened:
    """How often something happened, how long it lasted together, when the last time was."""

    count: int
    seconds: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Known:
    """What the site knows of one place at a moment. seen_at: last sign of life. stored_at: of the last answer.

    working_since: when the attempt last began to run. late, late_since: answers that wait for a decision.
    happened: kinds of `PaperFact` since somebody last noted something there. all_answered: no item is open.
    """

    place_state: str
    attempt_state: str | None = None
    deadline_at: datetime | None = None
    paused_at: datetime | None = None
    working_since: datetime | None = None
    seen_at: datetime | None = None
    stored_at: datetime | None = None
    entered_at: datetime | None = None
    document: str | None = None
    document_at: datetime | None = None
    late: int = 0
    late_since: datetime | None = None
    all_answered: bool = False
    happened: Mapping[str, Happened] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that needs attention. since: when it began. count, seconds: how often and how long, where it tells."""

    kind: str
    since: datetime
    count: int = 1
    seconds: int = 0

    @property
    def severity(self) -> int:
        """1 for what cannot wait, up to 3."""
        return SEVERITY[self.kind]


def stage_of(known: Known, now: datetime, grace: timedelta) -> str:
    """How far the place is: expected, waiting, running, closing, over, paused, handed_in, absent, deferred, expelled,
    void or withdrawn.

    closing: the time is up, and answers on their way still count. over: not even these do, and nobody closed it yet.
    """
    if known.place_state not in {"expected", "sat"}:
        return known.place_state
    state = known.attempt_state
    if state in {None, "created", "waiting"}:
        return "waiting" if known.entered_at else "expected"
    if state != "running":
        return ENDED.get(str(state), str(state))
    if known.deadline_at is None or now <= known.deadline_at:
        return "running"
    return "closing" if now <= known.deadline_at + grace else "over"


def troubles_of(known: Known, stage: str, *, started_at: datetime | None, now: datetime) -> tuple[Trouble, ...]:
    """What needs attention at a place, gravest first. started_at: of the sitting, None before it has begun."""
    found = [
        *_silence(known, stage, now),
        *(_facts(known, now) if stage in HERE else ()),
        *([Trouble("late", known.late_since, known.late)] if known.late and known.late_since else ()),
        *([Trouble("over", known.deadline_at)] if stage == "over" and known.deadline_at else ()),
        *([Trouble("paused", known.paused_at)] if stage == "paused" and known.paused_at else ()),
    ]
    if known.document in {"missing", "doubtful"} and known.document_at and stage in HERE | NOT_BEGUN:
        found.append(Trouble("document", known.document_at))
    if stage == "expected" and started_at is not None and now >= started_at:
        found.append(Trouble("not_arrived", started_at))
    kinds = list(SEVERITY)
    return tuple(sorted(found, key=lambda trouble: kinds.index(trouble.kind)))


def _silence(known: Known, stage: str, now: datetime) -> Iterable[Trouble]:
    """A page that gives no sign of life, or one that does and takes no answers."""
    if stage not in AT_WORK:
        return
    begun = known.working_since or known.paused_at or now
    last = max(filter(None, (known.seen_at, known.working_since if known.seen_at is None else None)), default=begun)
    if now - last > LOST_AFTER:
        yield Trouble("lost", last)
        return
    quiet_since = max(filter(None, (known.stored_at, known.working_since)), default=begun)
    if stage == "running" and not known.all_answered and now - quiet_since > QUIET_AFTER:
        yield Trouble("no_answer", quiet_since)


def _facts(known: Known, now: datetime) -> Iterable[Trouble]:
    by_trouble: dict[str, list[Happened]] = {}
    for kind, happened in known.happened.items():
        if kind in FACTS_OF_TROUBLE:
            by_trouble.setdefault(FACTS_OF_TROUBLE[kind], []).append(happened)
    for kind, parts in by_trouble.items():
        last = max(part.last_at for part in parts)
        if kind != "left_window" or now - last <= LEFT_COUNTS_FOR:
            yield Trouble(kind, last, sum(part.count for part in parts), sum(part.seconds for part in parts))


def urgency(troubles: Sequence[Trouble]) -> tuple[int, datetime]:
    """By what seats in trouble are sorted: how grave the gravest is, then how long it has lasted."""
    gravest = min(troubles, key=lambda trouble: (trouble.severity, trouble.since))
    return gravest.severity, gravest.since


def foremost(troubles: Sequence[Trouble]) -> tuple[Trouble, ...]:
    """The troubles as a tile tells them: the one by which the seat is sorted first."""
    return tuple(sorted(troubles, key=lambda trouble: (trouble.severity, trouble.since)))


def paused_rooms(stages: Iterable[tuple[int | None, str]]) -> frozenset[int | None]:
    """Rooms in which everybody at work is paused, at least two: the pause of a room troubles no single seat.

    stages: (room id, stage) of each place.
    """
    rooms: dict[int | None, list[str]] = {}
    for room, stage in stages:
        if stage in AT_WORK:
            rooms.setdefault(room, []).append(stage)
    return frozenset(room for room, found in rooms.items() if len(found) > 1 and set(found) == {"paused"})


def group_of(stage: str, troubles: Sequence[Trouble]) -> str:
    """Where a tile stands: trouble, working, waiting, coming, handed_in or gone."""
    if troubles:
        return "trouble"
    if stage in AT_WORK | {"over"}:
        return "working"
    return {"waiting": "waiting", "expected": "coming", "handed_in": "handed_in"}.get(stage, "gone")


def common_end(deadlines: Sequence[datetime]) -> datetime | None:
    """The end that most candidates share: the middle one, as personal time and lost time move single ends."""
    return sorted(deadlines)[(len(deadlines) - 1) // 2] if deadlines else None


@dataclass(frozen=True, slots=True)
class Stretch:
    """Time from `start` to `end`."""

    start: datetime
    end: datetime


def lost_seconds(silences: Iterable[Stretch], pauses: Iterable[Stretch], given_s: int) -> int:
    """Whole seconds of silence of a running attempt, without its pauses, less what was given back already."""
    total = timedelta()
    stopped = _merged(pauses)
    for silence in _merged(silences):
        total += silence.end - silence.start
        for pause in stopped:
            total -= max(timedelta(), min(silence.end, pause.end) - max(silence.start, pause.start))
    return max(0, int(total.total_seconds()) - given_s)


def _merged(stretches: Iterable[Stretch]) -> list[Stretch]:
    found: list[Stretch] = []
    for one in sorted(stretches, key=lambda stretch: (stretch.start, stretch.end)):
        if found and one.start <= found[-1].end:
            found[-1] = Stretch(found[-1].start, max(found[-1].end, one.end))
        elif one.start < one.end:
            found.append(one)
    return found


def acts_at(stage: str, *, latest_start_over: bool) -> tuple[str, ...]:
    """Names of what can be done at a place in that stage, the usual first."""
    document = ("document",) if stage in HERE | NOT_BEGUN else ()
    if stage in {"expected", "waiting"}:
        absent = ("absent",) if latest_start_over else ()
        return (*document, "code", "move", "notice", "incident", *absent, "defer", "expel")
    if stage in {"running", "closing"}:
        pause = ("pause",) if stage == "running" else ()
        return ("move", "time", *pause, "incident", "notice", *document, "code", "hand-in", "expel")
    if stage == "paused":
        return ("resume", "move", "time", "incident", "notice", *document, "code", "hand-in", "expel")
    if stage == "over":
        return ("hand-in", "incident", *document, "expel")
    return ("incident", "expel") if stage == "handed_in" else ("incident",)


REMEDIES: Final[Mapping[str, str]] = {
    "lost": "move",
    "second_device": "incident",
    "wrong_seat": "move",
    "late": "late",
    "over": "hand-in",
    "no_answer": "incident",
    "left_window": "incident",
    "paused": "resume",
    "document": "document",
    "not_arrived": "absent",
}


def remedy(stage: str, troubles: Sequence[Trouble], *, latest_start_over: bool) -> str | None:
    """The act that stands first at a seat, by its foremost trouble; None when nothing presses."""
    offered = {*acts_at(stage, latest_start_over=latest_start_over), "late"}
    for trouble in foremost(troubles):
        if REMEDIES[trouble.kind] in offered:
            return REMEDIES[trouble.kind]
    return None


def sitting_acts(state: str, *, paused: int, working: int) -> tuple[str, ...]:
    """Names of what can be done with a sitting in that state, the usual first."""
    if state == "prepared":
        return ("open", "incident")
    if state == "open":
        return ("start", "notice", "incident", "end")
    if state == "running":
        resume = ("resume",) if paused else ()
        at_work = ("pause", "time", "lost") if working else ()
        return (*resume, "notice", *at_work, "incident", "end")
    return ("incident",) if state == "closed" else ()


def next_for_sitting(state: str, *, announced: bool, at_work: int, paused: int, latest_start_over: bool) -> str | None:
    """The act that the sitting itself waits for; None while people work."""
    if state == "prepared":
        return "open"
    if state == "open" and not announced:
        return "start"
    if state in {"open", "running"} and not at_work and latest_start_over:
        return "end"
    return "resume" if state == "running" and paused and paused == at_work else None

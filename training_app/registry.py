"""What a lower floor must ask of a higher one: registered by `app` at start, the only upward path.

Invariants for `check`, parts for `/healthz`, entries of the navigation, kinds of jobs, turns of the worker.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that must not be, found by an invariant."""

    invariant: str
    place: str
    message: str


Invariant = Callable[[Session], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class NavigationEntry:
    """A page of the head, shown to whoever holds `permission`. endpoint: of Flask. label: a lazy translation."""

    endpoint: str
    label: object
    permission: str
    position: int


@dataclass(frozen=True, slots=True)
class ItemUse:
    """How often a version of an item was used where it is over.

    responses, points, maximum: of first attempts that were scored, with what they earned and could have earned.
    """

    forms: int = 0
    sittings: int = 0
    attempts: int = 0
    practised: int = 0
    responses: int = 0
    points: int = 0
    maximum: int = 0


UseOfItems = Callable[[Session, Sequence[int]], Mapping[int, ItemUse]]
"""Ids of item versions -> their use; a version that was never used may be missing."""


class Work(Protocol):
    """A job as the function that does it sees it. `step` and `write` raise when it was cancelled or lost."""

    @property
    def arguments(self) -> Mapping[str, object]:
        """What is to be done."""

    def step(self, progress: int, total: int | None = None, message: object = "") -> None:
        """Progress is told, and the job goes on. message: a lazy translation."""

    def read(self) -> AbstractContextManager[Session]:
        """A session for looking."""

    def write(self) -> AbstractContextManager[Session]:
        """A session in one transaction, which is undone when another worker has taken the job meanwhile."""

    def is_over(self) -> bool:
        """Whether nobody wants the outcome any more: the `stop` of a child process."""


@dataclass(frozen=True, slots=True)
class JobKind:
    """A kind of long work.

    label: a lazy translation. run: does it and returns what is kept as its result (JSON); a worker may be killed at any
    moment, so what was done before a kill must be harmless to do again. repeatable: False when that cannot be; the job
    of a killed worker then fails with a sentence. result_words: the result for its page, as (word, value, address or
    "").
    """

    label: object
    run: Callable[[Work], Mapping[str, object] | None]
    repeatable: bool = True
    result_words: Callable[[Mapping[str, object]], Iterable[tuple[object, object, str]]] | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """What the worker does again and again, in a transaction of its own. run: how many things it dealt with.

    It is called again at once as long as it finds something, so that it may take a bounded number at a time. before,
    after: what goes out of the process, outside of the transaction: before it, and after its commit.
    """

    run: Callable[[Session, datetime], int]
    every_s: int = 60
    before: Callable[[], None] | None = None
    after: Callable[[], None] | None = None


PlaceInRehearsal = Callable[[Session, int, datetime], int | None]
"""Id of a simulated candidate and the moment -> the one place that the account opens; None when nothing any more."""

PersonPart = Callable[[Session, int], object]
"""Id of a person -> what a part of the person's record shows; the part is named by its template."""


@dataclass(slots=True)
class Registry:
    """Everything that was registered."""

    invariants: dict[str, Invariant] = field(default_factory=dict)
    health_parts: dict[str, Callable[[], dict[str, object]]] = field(default_factory=dict)
    navigation: list[NavigationEntry] = field(default_factory=list)
    job_kinds: dict[str, JobKind] = field(default_factory=dict)
    turns: dict[str, Turn] = field(default_factory=dict)
    use_of_items: UseOfItems | None = None
    place_in_rehearsal: PlaceInRehearsal | None = None
    person_parts: dict[str, PersonPart] = field(default_factory=dict)

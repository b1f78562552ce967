"""What a lower floor must ask of a higher one: registered by `app` at start, the only upward path.

Invariants for `check`, parts for `/healthz`, entries of the navigation.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

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


@dataclass(slots=True)
class Registry:
    """Everything that was registered."""

    invariants: dict[str, Invariant] = field(default_factory=dict)
    health_parts: dict[str, Callable[[], dict[str, object]]] = field(default_factory=dict)
    navigation: list[NavigationEntry] = field(default_factory=list)

"""The wire of the paper: what a page that shows an attempt sends, read strictly. Pure: no database, no request.

One delivery is one request: answers that wait, facts that the page noticed, where the candidate is. An empty one is a
sign of life. What cannot be read as a delivery at all is refused whole; a single answer with a bad number is not.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

MOST_BYTES: Final = 512 * 1024
MOST_ENTRIES: Final = 400
MOST_FACTS: Final = 200
MOST_MARKS: Final = 400
MOST_CLAIMS: Final = 400
LARGEST_SEQ: Final = 1_000_000
LARGEST_ITEM: Final = 2**31 - 1
LONGEST_TIME_S: Final = 24 * 3600

DEVICE: Final = re.compile(r"[A-Za-z0-9-]{1,39}/[A-Za-z0-9-]{1,39}")
FACTS: Final = frozenset({"opened", "left_window", "left_full_screen"})
"""What a page may tell; everything else is found here."""


class BadDelivery(ValueError):
    """A body that is not a delivery. The message names the field, for logs and developers."""


class TooLarge(BadDelivery):
    """A body, or a list in it, that is longer than a page ever sends."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An answer on its way in. item: of the item version. seq: counts up from 1 per attempt and item.

    at: when it was given, by the page's estimate of the server's time; None when it does not tell.
    beacon: the last signed time that the page had seen by then; None when that of the delivery holds for it.
    """

    item: int
    seq: int
    payload: object
    at: datetime | None = None
    beacon: str | None = None

    @property
    def is_numbered(self) -> bool:
        """Whether `seq` is a number that can be stored."""
        return 1 <= self.seq <= LARGEST_SEQ


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that the page noticed. seconds: how long it lasted."""

    kind: str
    at: datetime | None
    seconds: int | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One request of a page. device: `profile/tab`. claims: what it believes stored, seq by item, at hand-in.

    position: of the item on the screen. unsent: answers that it still keeps. flagged, seen: positions.
    """

    device: str
    entries: tuple[Entry, ...] = ()
    facts: tuple[Fact, ...] = ()
    beacon: str | None = None
    sent_at: datetime | None = None
    position: int | None = None
    unsent: int = 0
    flagged: tuple[int, ...] = ()
    seen: tuple[int, ...] = ()
    full_screen: bool | None = None
    secure: bool | None = None
    take_over: bool = False
    claims: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Parcel:
    """Answers of an attempt that were left on a computer. token: proves which attempt they belong to."""

    token: str
    device: str
    entries: tuple[Entry, ...]


def read_delivery(body: bytes) -> Delivery:
    """The delivery that `body` is. Raises BadDelivery, or TooLarge when it is longer than a page ever sends."""
    raw = _object(body)
    marks = raw.get("marks")
    marks = {} if marks is None else marks
    if not isinstance(marks, dict):
        raise BadDelivery("marks is not an object")
    return Delivery(
        device=_device(raw),
        entries=_entries(raw),
        facts=tuple(_fact(one) for one in _list(raw, "facts", MOST_FACTS)),
        beacon=_text(raw, "beacon", 100),
        sent_at=_moment(raw.get("sent_at")),
        position=_whole(raw, "position", (1, MOST_MARKS)),
        unsent=_whole(raw, "unsent", (0, LARGEST_SEQ)) or 0,
        flagged=_positions(marks, "flagged"),
        seen=_positions(marks, "seen"),
        full_screen=_yes_no(raw, "full_screen"),
        secure=_yes_no(raw, "secure"),
        take_over=bool(_yes_no(raw, "take_over")),
        claims=_claims(raw),
    )


def read_parcel(body: bytes) -> Parcel:
    """The parcel that `body` is. Raises BadDelivery or TooLarge."""
    raw = _object(body)
    token = _text(raw, "token", 300)
    if not token:
        raise BadDelivery("token is missing")
    return Parcel(token, _device(raw), _entries(raw))


def _object(body: bytes) -> dict[str, object]:
    if len(body) > MOST_BYTES:
        raise TooLarge(f"more than {MOST_BYTES} bytes")
    try:
        raw = json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError) as fault:
        raise BadDelivery("the body is not JSON") from fault
    if not isinstance(raw, dict):
        raise BadDelivery("the body is not an object")
    return raw


def _no_constant(name: str) -> None:
    raise BadDelivery(f"{name} is not JSON")


def _device(raw: Mapping[str, object]) -> str:
    device = raw.get("device")
    if not isinstance(device, str) or not DEVICE.fullmatch(device):
        raise BadDelivery("device is not profile/tab of letters, digits and hyphens")
    return device


def _entries(raw: Mapping[str, object]) -> tuple[Entry, ...]:
    return tuple(_entry(one) for one in _list(raw, "entries", MOST_ENTRIES))


def _entry(raw: object) -> Entry:
    if not isinstance(raw, dict):
        raise BadDelivery("an entry is not an object")
    item, seq = raw.get("item"), raw.get("seq")
    if type(item) is not int or not 0 <= item <= LARGEST_ITEM:
        raise BadDelivery("an entry names no item")
    if type(seq) is not int:
        raise BadDelivery("an entry has no number")
    return Entry(item, seq, raw.get("payload"), _moment(raw.get("at")), _text(raw, "beacon", 100))


def _fact(raw: object) -> Fact:
    kind = raw.get("kind") if isinstance(raw, dict) else None
    if not isinstance(raw, dict) or not isinstance(kind, str) or kind not in FACTS:
        raise BadDelivery("a fact has an unknown kind")
    return Fact(kind, _moment(raw.get("at")), _whole(raw, "seconds", (0, LONGEST_TIME_S)))


def _list(raw: Mapping[str, object], name: str, most: int) -> list[object]:
    found = raw.get(name)
    if found is None:
        return []
    if not isinstance(found, list):
        raise BadDelivery(f"{name} is not a list")
    if len(found) > most:
        raise TooLarge(f"{name} has more than {most} parts")
    return found


def _positions(marks: Mapping[str, object], name: str) -> tuple[int, ...]:
    found = _list(marks, name, MOST_MARKS)
    numbers = {one for one in found if type(one) is int and 1 <= one <= MOST_MARKS}
    if len(numbers) != len(found):
        raise BadDelivery(f"{name} is not a list of positions")
    return tuple(sorted(numbers))


def _claims(raw: Mapping[str, object]) -> dict[int, int]:
    found = raw.get("claims")
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise BadDelivery("claims is not an object")
    if len(found) > MOST_CLAIMS:
        raise TooLarge(f"claims has more than {MOST_CLAIMS} parts")
    claims = {}
    for item, seq in found.items():
        if not (item.isascii() and item.isdecimal() and len(item) < 11) or type(seq) is not int:
            raise BadDelivery("claims does not give a number by item")
        claims[int(item)] = seq
    return claims


def _whole(raw: Mapping[str, object], name: str, bounds: tuple[int, int]) -> int | None:
    """A whole number, brought into the bounds: where somebody is on the page is worth no refusal."""
    found = raw.get(name)
    if found is None:
        return None
    if type(found) is not int:
        raise BadDelivery(f"{name} is not a whole number")
    return min(max(found, bounds[0]), bounds[1])


def _yes_no(raw: Mapping[str, object], name: str) -> bool | None:
    found = raw.get(name)
    if found is not None and not isinstance(found, bool):
        raise BadDelivery(f"{name} is neither true nor false")
    return found


def _text(raw: Mapping[str, object], name: str, longest: int) -> str | None:
    found = raw.get(name)
    if found is not None and (not isinstance(found, str) or len(found) > longest):
        raise BadDelivery(f"{name} is not a short text")
    return found


def _moment(raw: object) -> datetime | None:
    """The moment, UTC; None for anything that is none, since a page's clock decides nothing."""
    if not isinstance(raw, str) or len(raw) > 40:
        return None
    try:
        found = datetime.fromisoformat(raw)
        return found.astimezone(UTC) if found.tzinfo else None
    except (ValueError, OverflowError):
        return None

"""What the site and the media process say to each other, and the names both use. Data only: no network, no files.

An *occasion* is what has streams: `o12` is observation 12. A *path* is one stream of it: `o12/v3` what venue 3 sends,
`o12/program` what the host chose among them, `o12/talkback` the host's voice for the venues.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

KEYS: Final = "media"
"""The purpose of the Ed25519 keys by which the site signs tokens (`signing.Keys` in DATA_DIR/keys)."""
FOLDER: Final = "media"
"""Below DATA_DIR: recordings, the spool of events, what the site said last."""
STAGES: Final = "stages"
"""Below that: a file for each occasion."""
CONTROL_SOCKET: Final = "media.sock"
"""Below DATA_DIR, mode 0600: where the media process takes orders of the site, as HTTP."""
COOKIE: Final = "media_viewer"
"""Set by the media process when it takes a token; paths of HLS hold for who brings it."""

OCCASION = re.compile(r"o[1-9][0-9]{0,9}")
PATH = re.compile(r"(?P<occasion>o[1-9][0-9]{0,9})/(?P<stream>v[1-9][0-9]{0,9}|program|talkback)")
PROGRAM: Final = "program"
TALKBACK: Final = "talkback"


class Act(StrEnum):
    """What a token allows on its path."""

    PUBLISH = "publish"
    """Send a stream, by WHIP."""
    VIEW = "view"
    """Watch what is on the air, by WHEP or HLS, and the recording afterwards."""
    MONITOR = "monitor"
    """Watch what a venue sends, also before it is on the air and while the picture is held: hosts only."""


class State(StrEnum):
    """How far an occasion is. Nothing reaches viewers, segments or the recording but ON_AIR."""

    CLOSED = "closed"
    """Nobody may publish."""
    OPEN = "open"
    """Venues may publish, and the host sees them."""
    ON_AIR = "on_air"
    HELD = "held"
    """The picture is held: all outputs are cut."""
    ENDED = "ended"
    """Publishers are sent away; the recording can be watched until its date."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says. sub: `p37`, a person, or `l12`, a link of a venue. exp: seconds UTC. jti: its own name, once.

    sound: a path whose sound goes with the picture of `path`, or "". until: for how long (seconds UTC) HLS paths hold.
    """

    sub: str
    path: str
    act: Act
    exp: int
    jti: str
    sound: str = ""
    until: int = 0


@dataclass(frozen=True, slots=True)
class Venue:
    """A venue of an occasion. path: its stream's name there (`v3`). links: ids of links (`l12`) that may publish.

    consented: whether its consent to be shown is on record; without it nothing of it goes out. recorded: as well to be
    recorded.
    """

    path: str
    links: tuple[str, ...]
    consented: bool
    recorded: bool


@dataclass(frozen=True, slots=True)
class Stage:
    """All that the media process must know of an occasion: always told whole.

    version: grows with every change; an older one than the last is refused. program: `v3`, or None. banned: subs whose
    tokens hold no more. keep_until: ISO date after which the recording is deleted, None while that is not known.
    synthetic: venues (`v1`) for which the media process itself publishes a test picture.
    """

    occasion: str
    version: int
    state: State
    program: str | None
    venues: tuple[Venue, ...]
    keep_until: str | None = None
    banned: tuple[str, ...] = ()
    synthetic: tuple[str, ...] = ()


class Kind(StrEnum):
    """What happened to a stream."""

    PUBLISHER_JOINED = "publisher_joined"
    PUBLISHER_LEFT = "publisher_left"
    """details: reason."""
    VIEWER_JOINED = "viewer_joined"
    """details: transport ("udp" or "hls"), jti."""
    VIEWER_LEFT = "viewer_left"
    """details: transport, jti, seconds watched (frames sent), reason."""
    WARNING = "warning"
    """details: name (of WARNINGS), is_over."""
    RECORDING_STARTED = "recording_started"
    RECORDING_ENDED = "recording_ended"
    """details: seconds, bytes, sha256 of the manifest, reason ("ended" or "reserve")."""
    RECORDING_DELETED = "recording_deleted"
    MEDIA_STARTED = "media_started"


WARNINGS: Final = (
    "b_frames",
    "keyframe_interval",
    "mono",
    "no_sound",
    "no_picture",
    "silent",
    "loss",
    "unreadable",
    "disk",
)
"""What can be wrong with a stream or its recording, as told in events and figures."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened. spool and number name it for ever: whoever takes it twice keeps it once."""

    spool: str
    number: int
    at: datetime
    kind: Kind
    path: str
    sub: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


class Unreadable(ValueError):
    """What came is not what this module describes."""


def stage_from(data: Mapping[str, Any]) -> Stage:
    """The stage in parsed JSON. Raises Unreadable."""
    try:
        stage = Stage(
            occasion=str(data["occasion"]),
            version=int(data["version"]),
            state=State(data["state"]),
            program=data["program"],
            venues=tuple(
                Venue(str(one["path"]), tuple(map(str, one["links"])), bool(one["consented"]), bool(one["recorded"]))
                for one in data["venues"]
            ),
            keep_until=data.get("keep_until"),
            banned=tuple(map(str, data.get("banned", ()))),
            synthetic=tuple(map(str, data.get("synthetic", ()))),
        )
    except (KeyError, TypeError, ValueError) as fault:
        raise Unreadable("not a stage") from fault
    names = [one.path for one in stage.venues]
    is_sound = OCCASION.fullmatch(stage.occasion) and all(PATH.fullmatch(f"{stage.occasion}/{name}") for name in names)
    if not is_sound or not {stage.program, *stage.synthetic} <= {*names, None}:
        raise Unreadable("not a stage")
    return stage


def stage_data(stage: Stage) -> dict[str, Any]:
    """The stage, ready for JSON."""
    return asdict(stage)


def event_from(data: Mapping[str, Any]) -> Event:
    """The event in parsed JSON. Raises Unreadable."""
    try:
        return Event(
            spool=str(data["spool"]),
            number=int(data["number"]),
            at=datetime.fromisoformat(data["at"]).astimezone(UTC),
            kind=Kind(data["kind"]),
            path=str(data["path"]),
            sub=str(data.get("sub", "")),
            details=dict(data.get("details", {})),
        )
    except (KeyError, TypeError, ValueError) as fault:
        raise Unreadable("not an event") from fault


def event_line(event: Event) -> str:
    """The event as one line of JSON."""
    return json.dumps({**asdict(event), "at": event.at.isoformat()}, ensure_ascii=True, separators=(",", ":"))


def occasion_of(path: str) -> str:
    """`o12` of `o12/v3`. Raises Unreadable."""
    found = PATH.fullmatch(path)
    if found is None:
        raise Unreadable("not a path")
    return found["occasion"]


def paths_of(stage: Stage) -> Sequence[str]:
    """The paths that can be watched: each venue's, then the program."""
    return [*(f"{stage.occasion}/{one.path}" for one in stage.venues), f"{stage.occasion}/{PROGRAM}"]

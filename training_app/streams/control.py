"""Orders to the media process over its private socket: quick, or refused in words when nobody answers there."""

import http.client
import json
import logging
import shutil
import socket
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any, ClassVar, Final

from flask_babel import lazy_gettext as _l

from training_app.config import Settings
from training_app.errors import Refused
from training_app.media.protocol import CONTROL_SOCKET, FOLDER, STAGES, Event, Stage, Unreadable, event_from, stage_data
from training_app.processes import short_address

log = logging.getLogger("training_app.streams")

ANSWERS_WITHIN_S: Final = 2.0
LONGEST_ANSWER: Final = 8 << 20


class MediaAway(Refused):
    """The media process does not answer."""

    status: ClassVar[int] = 503

    def __init__(self) -> None:
        super().__init__(_l("Streams are not available just now. Everything else works; try again in a moment."))


def tell(settings: Settings, stage: Stage) -> bool:
    """The media process knows the stage. False when it already knew a later one. Raises MediaAway."""
    status, _ = _asked(settings, "PUT", f"/occasions/{stage.occasion}", stage_data(stage))
    return status == HTTPStatus.OK


def figures(settings: Settings, occasion: str) -> Mapping[str, Any]:
    """What the media process measures of each path of the occasion, {} when it knows none. Raises MediaAway."""
    status, found = _asked(settings, "GET", f"/occasions/{occasion}")
    return found if status == HTTPStatus.OK else {}


def delete_recording(settings: Settings, occasion: str) -> bool:
    """Whether there was a recording of the occasion; now there is none. Raises MediaAway."""
    status, _ = _asked(settings, "DELETE", f"/occasions/{occasion}/recording")
    return status == HTTPStatus.OK


def health(settings: Settings) -> Mapping[str, Any]:
    """What the media process says of itself, with `stages`: occasions and versions. Raises MediaAway."""
    return _asked(settings, "GET", "/health")[1]


def events(settings: Settings, most: int) -> Sequence[Event]:
    """The oldest events that nobody took, in their order. Raises MediaAway."""
    _, found = _asked(settings, "GET", f"/events?limit={most}")
    read = []
    for line in found.get("events", ()):
        try:
            read.append(event_from(line))
        except Unreadable:
            log.warning("an event of the media process cannot be read", extra={"fields": {"event": line}})
    return read


def take(settings: Settings, spool: str, until: int) -> None:
    """The events of this spool up to this number are kept here; the media process forgets them. Raises MediaAway."""
    _asked(settings, "POST", "/events/taken", {"spool": spool, "until": until})


def forget_stages(settings: Settings) -> None:
    """The media process, which does not run, knows no stage: those of an older database would seem too old to it."""
    shutil.rmtree(settings.data_dir / FOLDER / STAGES, ignore_errors=True)


class _Connection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("media", timeout=ANSWERS_WITHIN_S)
        self._path = path

    def connect(self) -> None:
        """The connection stands."""
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        with short_address(self._path) as address:
            self.sock.connect(address)


def _asked(settings: Settings, method: str, path: str, body: object = None) -> tuple[int, dict[str, Any]]:
    """Status and JSON of the answer. Raises MediaAway."""
    if not settings.media:
        raise MediaAway
    connection = _Connection(settings.data_dir / CONTROL_SOCKET)
    content = None if body is None else json.dumps(body).encode()
    try:
        connection.request(method, path, body=content, headers={"Content-Type": "application/json"})
        answer = connection.getresponse()
        found = json.loads(answer.read(LONGEST_ANSWER) or b"{}")
    except (OSError, http.client.HTTPException, ValueError):
        raise MediaAway from None
    finally:
        connection.close()
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR or not isinstance(found, dict):
        raise MediaAway
    return answer.status, found

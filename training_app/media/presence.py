"""How long everybody has watched so far, kept every few seconds: after a kill the process says for whom it ended."""

import asyncio
import json
import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from training_app.media.keeping import keep
from training_app.media.paths import Emit
from training_app.media.protocol import Kind

log = logging.getLogger("training_app.media")

FILE: Final = "watching.json"
KEPT_EACH_S: Final = 5.0
KILLED: Final = "stopped"


@dataclass(frozen=True, slots=True)
class Watched:
    """One viewer of one path. jti: of the token with which it came."""

    path: str
    sub: str
    jti: str
    transport: str
    seconds: float

    def details(self, reason: str) -> dict[str, Any]:
        """What is told when it has left."""
        seconds = round(self.seconds, 1)
        return {"transport": self.transport, "jti": self.jti, "seconds": seconds, "reason": reason}


class Presence:
    """Keeps in `folder` who watches. watching: all of them now, whoever carries them."""

    def __init__(self, folder: Path, watching: Callable[[], Iterable[Watched]], *, each_s: float = KEPT_EACH_S) -> None:
        self._each_s = each_s
        self._path = folder / FILE
        self._watching = watching
        self._kept: list[Watched] = []

    def end_those_before(self, emit: Emit) -> None:
        """Whoever watched when an earlier process was killed has left."""
        with suppress(FileNotFoundError):
            try:
                before = [Watched(**one) for one in json.loads(self._path.read_text(encoding="utf-8"))]
            except (ValueError, TypeError):
                log.exception("who watched cannot be read")
                before = []
            for one in before:
                emit(Kind.VIEWER_LEFT, one.path, one.sub, one.details(KILLED))

    def forget(self) -> None:
        """What was kept is on the disk as events, or nobody watches any more."""
        self._path.unlink(missing_ok=True)

    async def run(self) -> None:
        """Keeps them, until it is cancelled."""
        while True:
            await asyncio.sleep(self._each_s)
            watching = list(self._watching())
            if watching != self._kept:
                content = json.dumps([asdict(one) for one in watching]).encode()
                with suppress(OSError):  # a full disk: the next one may fit
                    await asyncio.to_thread(keep, self._path, content)
                self._kept = watching

"""What the site said of each occasion, kept so that a media process that was killed goes on where it was."""

import asyncio
import json
import logging
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from training_app import clock
from training_app.media.keeping import keep
from training_app.media.protocol import Stage, State, Unreadable, stage_data, stage_from

log = logging.getLogger("training_app.media")

FORGOTTEN_AFTER: Final = timedelta(days=7)
"""So long after its recording was due to be deleted, an ended occasion is forgotten."""

Applies = Callable[[Stage], None]


class Stages:
    """The stages in `folder`, by occasion. applies: makes a stage true; called at once, before it is on the disk."""

    def __init__(self, folder: Path, applies: Applies) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder = folder
        self._applies = applies
        self._stages: dict[str, Stage] = {}
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    def recall(self) -> None:
        """Every stage that was kept holds again."""
        for path in sorted(self._folder.glob("o*.json")):
            try:
                stage = stage_from(json.loads(path.read_text(encoding="utf-8")))
            except (ValueError, OSError, Unreadable):
                log.exception("a stage cannot be read: %s", path)
                continue
            if _is_long_over(stage, clock.shanghai_day(clock.now())):
                path.unlink()
            else:
                self._hold(stage)

    def of(self, occasion: str) -> Stage | None:
        """What holds now."""
        return self._stages.get(occasion)

    @property
    def versions(self) -> Mapping[str, int]:
        """The version of each occasion."""
        return {occasion: stage.version for occasion, stage in self._stages.items()}

    async def set(self, stage: Stage) -> bool:
        """The stage holds, and is on the disk. False, with nothing changed, when a later version is known."""
        known = self._stages.get(stage.occasion)
        if known is not None and known.version > stage.version:
            return False
        if known != stage:
            self._hold(stage)
        async with self._turns[stage.occasion]:
            held = self._stages[stage.occasion]
            content = json.dumps(stage_data(held)).encode()
            await asyncio.to_thread(keep, self._folder / f"{held.occasion}.json", content)
        return True

    def _hold(self, stage: Stage) -> None:
        self._stages[stage.occasion] = stage
        self._applies(stage)


def _is_long_over(stage: Stage, today: date) -> bool:
    if stage.state is not State.ENDED or stage.keep_until is None:
        return False
    return date.fromisoformat(stage.keep_until) + FORGOTTEN_AFTER < today

"""Recordings: what may be kept is kept, to the last part, as long as it may be, while the disk has room."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.support.clips import Decoded, Sender, clip, decoded
from training_app.errors import Refused
from training_app.media import room
from training_app.media.paths import VenuePath
from training_app.media.program import Program
from training_app.media.protocol import Claims, Kind, Stage, State, Venue
from training_app.media.recorder import Recorder

STAGE = Stage(
    occasion="o12",
    version=1,
    state=State.ON_AIR,
    program="v1",
    venues=(
        Venue("v1", ("l1",), consented=True, recorded=True),
        Venue("v2", ("l2",), consented=True, recorded=False),
    ),
)


class Publisher:
    """Sends clips on a path, as if they arrived one after the other."""

    def __init__(self, path: VenuePath, at: float = 1_790_000_000.0) -> None:
        self._path = path
        self._sender = Sender(at)
        path.take_over(self, "l1")

    def send(self, seconds: int, **kind: Any) -> None:
        for packet in self._sender.packets(clip(seconds, **kind)):
            self._path.receive(self, packet.track, packet.data, packet.arrived)

    def ask_keyframe(self) -> None:
        pass

    def close(self, reason: str) -> None:
        pass


@dataclass
class Scene:
    """Two venues and the program, carried by a recorder. events: what happened, as kind, path and details."""

    folder: Path
    reserve: int = 0
    events: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.recorder = Recorder(self.folder, reserve=self.reserve, emit=self._emit, verify=_nobody)
        self.v1, self.v2 = (VenuePath(f"o12/{name}", self._emit) for name in ("v1", "v2"))
        self.program = Program("o12/program")
        self.program.choose(self.v1)
        for path in (self.v1, self.v2, self.program):
            self.recorder.attach(path)
            path.set_open(is_open=True)
        self.recorder.set_stage(STAGE)

    def _emit(self, kind: Kind, path: str, _sub: str, details: Mapping[str, Any]) -> None:
        if kind not in {Kind.PUBLISHER_JOINED, Kind.PUBLISHER_LEFT}:
            self.events.append((kind, path, dict(details)))

    async def written(self) -> None:
        """All that came is on the disk and known."""
        for _ in range(2):  # what is written may call for more
            done = asyncio.Event()
            self.recorder._writing.do(lambda: None, 0, lambda *_, done=done: done.set())
            await done.wait()

    def kinds(self, path: str) -> list[str]:
        return [kind for kind, at, _ in self.events if at == path]


def _nobody(_bearer: str) -> Claims:
    raise Refused("nobody has a token here")


def in_scene(folder: Path, act: Callable[[Scene], Awaitable[None]], **kind: Any) -> None:
    async def play() -> None:
        scene = Scene(folder, **kind)
        try:
            await act(scene)
        finally:
            await scene.recorder.close()

    asyncio.run(play())


def film(folder: Path, path: str) -> Decoded:
    """All segments of a recording behind each other, as its index names them."""
    where = folder / "recordings" / path
    lines = [json.loads(line) for line in (where / "index.jsonl").read_text().splitlines()]
    inits = {(where / f"init{line['init']}.mp4").read_bytes() for line in lines if line.get("kept")}
    numbers = [line["ends"] for line in lines if "ends" in line]
    assert len(inits) == 1
    return decoded(b"".join([*inits, *((where / f"seg{number}.m4s").read_bytes() for number in numbers)]))


def test_venue_and_program_are_recorded_and_the_end_is_told_with_the_length(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        Publisher(scene.v1).send(6)
        scene.recorder.set_stage(replace(STAGE, version=2, state=State.ENDED))
        await scene.written()
        assert scene.kinds("o12/v1") == ["recording_started", "recording_ended"]
        (details,) = [
            details for kind, path, details in scene.events if (kind, path) == ("recording_ended", "o12/program")
        ]
        assert details["seconds"] == pytest.approx(6, abs=0.1)
        assert (details["reason"], len(details["sha256"])) == ("ended", 64)
        assert scene.recorder.figures("o12/program")["recording"]["is_on"] is False

    in_scene(tmp_path, act)
    assert len(film(tmp_path, "o12/program").pictures) == len(film(tmp_path, "o12/v1").pictures) == 90


def test_a_venue_that_is_not_to_be_recorded_is_on_the_air_alone(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        Publisher(scene.v2).send(4)
        await scene.written()
        assert scene.recorder.channel("o12/v2").window.published_s > 3
        assert scene.kinds("o12/v2") == []

    in_scene(tmp_path, act)
    assert list((tmp_path / "recordings").glob("*/v2/*.m*")) == []


def test_the_recording_of_the_program_leaves_out_what_is_not_to_be_recorded(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        first, second = Publisher(scene.v1), Publisher(scene.v2, 1_790_000_002.0)
        first.send(2)
        scene.program.choose(scene.v2)
        scene.recorder.set_stage(replace(STAGE, version=2, program="v2"))
        second.send(4)
        scene.program.choose(scene.v1)
        scene.recorder.set_stage(replace(STAGE, version=3, program="v1"))
        Publisher(scene.v1, 1_790_000_006.0).send(2)
        await scene.written()

    in_scene(tmp_path, act)
    times = [at for at, _ in film(tmp_path, "o12/program").pictures]
    assert len(times) == 60
    assert [at for at in times if 2.01 < at < 5.99] == []


def test_what_was_there_when_the_process_was_killed_can_be_watched(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        Publisher(scene.v1).send(5)
        await scene.written()
        where = tmp_path / "recordings" / "o12" / "v1"
        last = max(where.glob("seg*.m4s"))
        with last.open("ab") as file:  # in the middle of a part
            file.write(b"\x00\x00\x10\x00moof and no more")
        (tmp_path / "killed").mkdir()
        (where.parent.parent).rename(tmp_path / "killed" / "recordings")

    in_scene(tmp_path, act)

    async def later(scene: Scene) -> None:
        assert scene.recorder.figures("o12/v1")["recording"]["seconds"] == pytest.approx(4.9, abs=0.5)
        Publisher(scene.v1, 1_790_000_060.0).send(2)
        await scene.written()

    in_scene(tmp_path / "killed", later)
    shown = film(tmp_path / "killed", "o12/v1").pictures
    assert 95 <= len(shown) <= 105
    assert shown[-1][0] - shown[0][0] == pytest.approx(61.9, abs=0.1)


def test_recording_stops_at_the_reserve_and_goes_on_when_there_is_room_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "_EVERY_S", 0)

    async def act(scene: Scene) -> None:
        free = [50 << 30]
        scene.recorder.room._free = lambda _: free[0]
        publisher = Publisher(scene.v1)
        publisher.send(2)
        free[0] = 4 << 30
        publisher.send(2)
        await scene.written()
        publisher.send(2)
        assert scene.recorder.figures("o12/v1")["warnings"] == ["disk"]
        assert scene.recorder.channel("o12/v1").window.published_s > 5
        free[0] = 50 << 30
        publisher.send(4)
        await scene.written()
        told = [
            (kind, details.get("reason", details.get("is_over")))
            for kind, path, details in scene.events
            if path == "o12/v1"
        ]
        assert told == [
            ("recording_started", None),
            ("warning", False),
            ("recording_ended", "reserve"),
            ("warning", True),
            ("recording_started", None),
        ]

    in_scene(tmp_path, act, reserve=5 << 30)
    assert 55 < len(film(tmp_path, "o12/v1").pictures) < 130


def test_a_disk_that_refuses_ends_the_recording_and_not_the_stream(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        publisher = Publisher(scene.v1)
        publisher.send(2)
        await scene.written()
        where = tmp_path / "recordings" / "o12" / "v1"
        where.rename(tmp_path / "away")
        where.write_text("no folder")
        publisher.send(4)
        await scene.written()
        publisher.send(4)
        assert scene.recorder.figures("o12/v1")["warnings"] == ["disk"]
        assert not scene.recorder.figures("o12/v1")["recording"]["is_on"]
        assert scene.recorder.channel("o12/v1").window.published_s > 9

    in_scene(tmp_path, act)


def test_a_recording_is_deleted_on_the_day_after_its_last(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        Publisher(scene.v1).send(2)
        scene.recorder.set_stage(replace(STAGE, version=2, state=State.ENDED, keep_until="2026-12-31"))
        scene.recorder.delete_old(date(2026, 12, 31))
        assert scene.kinds("o12/v1")[-1] != "recording_deleted"
        scene.recorder.delete_old(date(2027, 1, 1))
        await scene.written()
        assert scene.kinds("o12/v1")[-1] == "recording_deleted"
        assert not scene.recorder.delete("o12")

    in_scene(tmp_path, act)
    assert list((tmp_path / "recordings").iterdir()) == []


def test_nothing_is_cut_into_segments_while_the_picture_is_held(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        publisher = Publisher(scene.v1)
        publisher.send(2)
        scene.v1.set_open(is_open=False)
        before = scene.recorder.channel("o12/v1").window.published_s
        publisher.send(2)
        assert scene.recorder.channel("o12/v1").window.published_s == before
        scene.v1.set_open(is_open=True)
        publisher.send(2)
        assert scene.recorder.channel("o12/v1").window.segments[-1].is_new

    in_scene(tmp_path, act)

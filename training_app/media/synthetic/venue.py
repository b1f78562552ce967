"""Plays the test picture and its tone on a path, in real time."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from training_app.clock import now
from training_app.media.flow import Path, Track
from training_app.media.protocol import Stage, State, occasion_of
from training_app.media.synthetic.mosaic import Mosaic
from training_app.media.synthetic.picture import COLUMNS, HIDDEN, ROWS, TestPicture
from training_app.media.synthetic.rtp import RtpStream, payloads
from training_app.media.synthetic.tone import PACKETS_IN_1_S, second_of_tone

log = logging.getLogger("training_app.media.synthetic")

SUB: Final = "synthetic"
"""Who publishes, as paths are told."""
STEPS_IN_1_S: Final = PACKETS_IN_1_S
"""Each step has a packet of sound."""
STEPS_OF_PICTURE: Final = 4
STEPS_OF_KEYFRAME: Final = 100
STEPS_OF_CLOCK: Final = 50
_LATEST_S: Final = 1.0
_VIDEO_TYPE, _AUDIO_TYPE = 96, 111
_PLAYED: Final = (State.OPEN, State.ON_AIR, State.HELD)
_PITCHES_HZ: Final = (440, 554, 660, 880)


class SyntheticVenue:
    """A source that needs nobody. clock: tells the present moment."""

    def __init__(self, path: Path, clock: Callable[[], datetime] = now) -> None:
        self._path = path
        self._clock = clock
        self._video, self._audio = RtpStream(_VIDEO_TYPE), RtpStream(_AUDIO_TYPE)
        self._picture = TestPicture(path.name)
        self._mosaic = Mosaic(COLUMNS, ROWS, hidden=HIDDEN, frames_in_2_s=2 * STEPS_IN_1_S // STEPS_OF_PICTURE)
        self._tone: Sequence[bytes] = ()
        self._tone_ahead = 0
        self._step = 0
        self._keyframe_due = 0
        self._due: asyncio.TimerHandle | None = None
        self.is_over = False

    def start(self, tone: Sequence[bytes]) -> None:
        """Publishes from now on, on the running event loop. tone: Opus packets of one second."""
        if not self.is_over:
            self._tone = tone
            self._path.take_over(self, SUB)
            self._loop = asyncio.get_running_loop()
            self._begun = self._loop.time()
            self._go_on()

    def ask_keyframe(self) -> None:
        """The next picture is one."""
        self._keyframe_due = 0

    def close(self, reason: str) -> None:
        """Publishes no more; the path knows already."""
        self.is_over = True
        if self._due:
            self._due.cancel()
        log.info("the test picture of %s ends: %s", self._path.name, reason)

    def stop(self, reason: str) -> None:
        """Publishes no more, and tells the path."""
        self.close(reason)
        if self._due:
            self._path.leave(self, reason)

    def _go_on(self) -> None:
        """Does what is due, and comes again; steps that nobody would see any more are left out."""
        late_s = self._loop.time() - self._begun - self._step / STEPS_IN_1_S
        if late_s > _LATEST_S:
            self._step += int(late_s * STEPS_IN_1_S)
        step, self._step = self._step, self._step + 1
        self._due = self._loop.call_at(self._begun + self._step / STEPS_IN_1_S, self._go_on)
        self.send(step)

    def send(self, step: int) -> None:
        """What belongs to that step since the beginning."""
        moment = self._clock()
        at = moment.timestamp()
        if step % STEPS_OF_CLOCK == 0:
            self._set_clocks(step, at)
        if step % STEPS_OF_PICTURE == 0:
            self._send_picture(step, moment)
        sound = self._tone[(step + self._tone_ahead) % PACKETS_IN_1_S]
        packet = self._audio.packet(sound, _ticks(step, Track.AUDIO), is_last=step == 0)
        self._path.receive(self, Track.AUDIO, packet, at)

    def _set_clocks(self, step: int, at: float) -> None:
        """Tells the path what time it is, and lets the beep begin with a second."""
        for track, stream in ((Track.VIDEO, self._video), (Track.AUDIO, self._audio)):
            self._path.receive_clock(self, track, stream.timestamp(_ticks(step, track)), at)
        ahead = (round(at * PACKETS_IN_1_S) - step) % PACKETS_IN_1_S
        if min((ahead - self._tone_ahead) % PACKETS_IN_1_S, (self._tone_ahead - ahead) % PACKETS_IN_1_S) > 1:
            self._tone_ahead = ahead

    def _send_picture(self, step: int, moment: datetime) -> None:
        blocks = self._picture.at(moment)
        units, is_keyframe = self._mosaic.picture(blocks, as_keyframe=step >= self._keyframe_due)
        if is_keyframe:
            self._keyframe_due = step + STEPS_OF_KEYFRAME
        parts, ticks = list(payloads(units)), _ticks(step, Track.VIDEO)
        for number, payload in enumerate(parts, start=1):
            packet = self._video.packet(payload, ticks, is_last=number == len(parts))
            self._path.receive(self, Track.VIDEO, packet, moment.timestamp())


def _ticks(step: int, track: Track) -> int:
    return step * track // STEPS_IN_1_S


def _pitch_of(name: str) -> int:
    """The pitch of a path's beep, in Hz: venues of an occasion differ."""
    return _PITCHES_HZ[int(name.rpartition("v")[2]) % len(_PITCHES_HZ)]


async def _play(venue: SyntheticVenue, name: str) -> None:
    """Starts it with its tone, which takes a moment to make."""
    venue.start(await asyncio.to_thread(second_of_tone, _pitch_of(name)))


class SyntheticVenues:
    """Plays what the stages of all occasions ask for. path_of: a path by its name, `o12/v3`."""

    def __init__(self, path_of: Callable[[str], Path]) -> None:
        self._path_of = path_of
        self._venues: dict[str, SyntheticVenue] = {}
        self._starting: set[asyncio.Task[None]] = set()

    def set_stage(self, stage: Stage) -> None:
        """Begins and ends what this stage changes, on the running event loop.

        Where somebody else publishes instead, the test picture stays away until the occasion was closed.
        """
        wanted = [f"{stage.occasion}/{name}" for name in stage.synthetic] if stage.state in _PLAYED else []
        for name in [name for name in self._venues if occasion_of(name) == stage.occasion and name not in wanted]:
            self._end(name, "the stage was closed")
        for name in wanted:
            if name not in self._venues:
                self._venues[name] = SyntheticVenue(self._path_of(name))
                task = asyncio.create_task(_play(self._venues[name], name))
                self._starting.add(task)
                task.add_done_callback(self._starting.discard)

    def close(self) -> None:
        """Ends them all."""
        for name in list(self._venues):
            self._end(name, "the process ends")

    def _end(self, name: str, reason: str) -> None:
        venue = self._venues.pop(name)
        if not venue.is_over:
            venue.stop(reason)

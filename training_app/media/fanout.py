"""One outlet's packets to all its viewers: frame by frame, the same bytes for everybody but the encryption."""

import errno
import logging
import socket
from collections.abc import Callable
from typing import Final

from training_app.media import gso, patchpoints
from training_app.media.flow import Packet, Track
from training_app.media.outlets import Outlet
from training_app.media.rtp import retyped

log = logging.getLogger(__name__)

NOT_BEFORE_WRAP: Final = {Track.VIDEO: 128, Track.AUDIO: 64}
"""Nobody's first packet is one of the last so many before numbers wrap: who loses all of those would count wrong."""

_NO_GSO: Final = {errno.EIO, errno.EINVAL, errno.EMSGSIZE, errno.EOPNOTSUPP}


class Seat:
    """A viewer's place in a fan-out. types: the payload types agreed with it."""

    def __init__(self, link: patchpoints.Link, types: dict[Track, int], lost: Callable[[], None]) -> None:
        self.link = link
        self.types = types
        self.lost = lost
        self.address = ("", 0)
        self.socket: socket.socket | None = None
        self.has_gso = True
        self.begun: set[Track] = set()
        """What it is being sent."""
        self.refresh()

    def refresh(self) -> None:
        """Where the viewer is now."""
        self.socket = self.link.refresh()
        self.address = self.link.address

    def send(self, batch: gso.Batch) -> None:
        """The batch, encrypted for this viewer; what the network cannot take now is lost."""
        if self.socket is None or not batch.encrypt(self.link.context):
            return self.lost()
        sending = self.socket
        try:
            for run in batch.runs:
                if run.ancillary:
                    sending.sendmsg((run.view,), run.ancillary, 0, self.address)
                else:
                    sending.sendto(run.view, self.address)
        except BlockingIOError:
            pass
        except OSError as fault:
            # some network cards cut no messages
            self.has_gso = self.has_gso and fault.errno not in _NO_GSO


class Fanout:
    """A sink that sends to the viewers of an outlet. has_gso: what the probe found."""

    def __init__(self, outlet: Outlet, *, has_gso: bool) -> None:
        self.outlet = outlet
        self._has_gso = has_gso
        self._batch: dict[Track, list[Packet]] = {track: [] for track in Track}
        self._seated: dict[Track, dict[tuple[int, int, bool], list[Seat]]] = {track: {} for track in Track}
        self._waiting: dict[Track, list[Seat]] = {track: [] for track in Track}

    def add(self, seat: Seat, track: Track) -> None:
        """From the next keyframe on (or the next sound) the viewer gets this track."""
        self._waiting[track].append(seat)
        self.outlet.add(self)
        if track is Track.VIDEO:
            self.outlet.ask_keyframe()

    def remove(self, seat: Seat) -> None:
        """The viewer gets nothing any more."""
        for track in Track:
            for seats in (self._waiting[track], *self._seated[track].values()):
                if seat in seats:
                    seats.remove(seat)
            self._seated[track] = {key: seats for key, seats in self._seated[track].items() if seats}
        if not any(self._waiting.values()) and not any(self._seated.values()):
            self.outlet.remove(self)
            self.cut()

    def tick(self) -> None:
        """A second has passed: where viewers are now, and how they are reached."""
        for track in Track:
            seats = [seat for group in self._seated[track].values() for seat in group]
            self._seated[track] = {}
            for seat in seats:
                seat.refresh()
                self._seated[track].setdefault(self._group(seat, track), []).append(seat)

    def take(self, packet: Packet) -> None:
        """One more packet; it leaves when its frame is whole."""
        batch = self._batch[packet.track]
        if batch and (batch[-1].timestamp != packet.timestamp or len(batch) == gso.MOST_PACKETS):
            self._flush(packet.track)
        self._batch[packet.track].append(packet)
        if packet.marker or packet.track is Track.AUDIO:
            self._flush(packet.track)

    def set_clock(self, track: Track, timestamp: int, at: float) -> None:
        """Nothing to do: reports to viewers read it from the outlet."""

    def cut(self) -> None:
        """What has not left yet does not leave."""
        for track in Track:
            self._batch[track] = []

    def _flush(self, track: Track) -> None:
        batch, self._batch[track] = self._batch[track], []
        if self._waiting[track] and self._may_begin(track, batch):
            self._seat(track)
        for (payload_type, tag, has_gso), seats in self._seated[track].items():
            packets = [retyped(one.data, payload_type) for one in batch]
            laid_out = gso.Batch(packets, tag, has_gso=has_gso)
            for seat in tuple(seats):
                seat.send(laid_out)

    def _may_begin(self, track: Track, batch: list[Packet]) -> bool:
        is_start = track is Track.AUDIO or any(one.starts_keyframe for one in batch)
        return is_start and batch[0].sequence < 0x10000 - NOT_BEFORE_WRAP[track]

    def _seat(self, track: Track) -> None:
        for seat in self._waiting[track]:
            seat.begun.add(track)
            self._seated[track].setdefault(self._group(seat, track), []).append(seat)
        self._waiting[track] = []

    def _group(self, seat: Seat, track: Track) -> tuple[int, int, bool]:
        """What must be alike for the same batch."""
        return seat.types[track], seat.link.tag, self._has_gso and seat.has_gso

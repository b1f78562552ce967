"""Whole pictures out of RTP packets, and parameter sets beside them.

Source: RFC 6184, 5.6 to 5.8 (single units, STAP-A, FU-A).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from training_app.media.flow import Packet
from training_app.media.h264 import IDR_SLICE, SPS
from training_app.media.protocol import Unreadable
from training_app.media.rtp import read

_STAP_A: Final = 24
_FU_A: Final = 28
_LARGEST: Final = 4 << 20
"""Bytes of one picture; what is larger is garbage."""
_PPS: Final = 8
_LEFT_OUT: Final = frozenset({9, 12})
"""Kinds that say nothing in a file: the access unit delimiter and filler."""


@dataclass(slots=True)
class Unit:
    """One picture. timestamp: as in its packets. arrived: its first packet, seconds UTC. nals: without parameter sets.

    sps, pps: the parameter sets that stood in it. is_whole: nothing of it is lost, nor before it.
    """

    timestamp: int
    arrived: float
    nals: list[bytes] = field(default_factory=list)
    sps: list[bytes] = field(default_factory=list)
    pps: list[bytes] = field(default_factory=list)
    is_key: bool = False
    is_whole: bool = True
    size: int = 0


class Depacketizer:
    """Gathers packets, given in order, into pictures."""

    def __init__(self) -> None:
        self._unit: Unit | None = None
        self._fragments: list[bytes] = []

    def take(self, packet: Packet, *, is_after_loss: bool) -> Iterator[Unit]:
        """Pictures that are complete by this packet. is_after_loss: packets before it are missing."""
        unit = self._unit
        if unit is not None and unit.timestamp != packet.timestamp:
            unit.is_whole &= not (is_after_loss or self._fragments)
            yield unit
            unit = None
        if unit is None:
            unit = self._unit = Unit(packet.timestamp, packet.arrived)
            self._fragments = []
        unit.is_whole &= not is_after_loss
        self._open(unit, _payload_of(packet))
        if packet.marker:
            unit.is_whole &= not self._fragments
            self._unit = None
            yield unit

    def clear(self) -> None:
        """What was begun is forgotten."""
        self._unit = None
        self._fragments = []

    def _open(self, unit: Unit, payload: bytes) -> None:
        unit.size += len(payload)
        kind = payload[0] & 0x1F if payload else 0
        if not payload:  # padding, to find out how much the way can bear
            return
        if unit.size > _LARGEST:
            unit.is_whole = False
        elif kind == _FU_A:
            self._join(unit, payload)
        elif kind == _STAP_A:
            position = 1
            while position + 2 < len(payload):
                size = int.from_bytes(payload[position : position + 2], "big")
                _add(unit, payload[position + 2 : position + 2 + size])
                position += 2 + size
            unit.is_whole &= position == len(payload)
        elif 0 < kind < _STAP_A:
            _add(unit, payload)
        else:
            unit.is_whole = False

    def _join(self, unit: Unit, payload: bytes) -> None:
        if len(payload) < 3:
            unit.is_whole = False
            return
        is_first, is_last = payload[1] & 0x80, payload[1] & 0x40
        if is_first:
            unit.is_whole &= not self._fragments
            self._fragments = [bytes((payload[0] & 0xE0 | payload[1] & 0x1F,))]
        elif not self._fragments:
            unit.is_whole = False
            return
        self._fragments.append(payload[2:])
        if is_last:
            _add(unit, b"".join(self._fragments))
            self._fragments = []


def _payload_of(packet: Packet) -> bytes:
    try:
        return read(packet.data).payload
    except Unreadable:
        return b""


def _add(unit: Unit, nal: bytes) -> None:
    if not nal:
        unit.is_whole = False
        return
    kind = nal[0] & 0x1F
    if kind in {SPS, _PPS}:
        sets = unit.sps if kind == SPS else unit.pps
        if nal not in sets:
            sets.append(nal)
    elif kind not in _LEFT_OUT:
        unit.nals.append(nal)
        unit.is_key |= kind == IDR_SLICE

"""A frame's packets to one viewer after another: encrypted in place, and as few system calls as the kernel allows.

With UDP generic segmentation offload (Linux 4.18) one call hands over many datagrams of the same size. Where it is not
to be had, each packet takes a call of its own.
"""

import socket
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any, Final

from training_app.media import patchpoints

_SOL_UDP: Final = 17
_UDP_SEGMENT: Final = 103
_MOST_SEGMENTS: Final = 60
_MOST_BYTES: Final = 60_000
MOST_PACKETS: Final = 96
"""Of a batch; larger frames leave in several."""
_LARGEST: Final = 1500

_ffi = patchpoints.ffi
_WORK: Final = _ffi.new("char[]", MOST_PACKETS * _LARGEST + 64)
_LENGTHS: Final = _ffi.new("int[]", MOST_PACKETS)
_LENGTH_POINTERS: Final = [_LENGTHS + one for one in range(MOST_PACKETS)]
_VIEW: Final = memoryview(_ffi.buffer(_WORK))
_INT_SIZE: Final = 4


@dataclass(frozen=True, slots=True)
class Run:
    """Datagrams that leave by one call. ancillary: how the kernel shall cut them, empty for a single one."""

    view: memoryview
    ancillary: tuple[tuple[int, int, bytes], ...]


class Batch:
    """Packets with the same payload type and length of tag, laid out for encryption in place."""

    def __init__(self, packets: Sequence[bytes], tag: int, *, has_gso: bool) -> None:
        gap = bytes(tag)
        self._template = gap.join(packets) + gap
        self._size = len(self._template)
        self._lengths = struct.pack(f"={len(packets)}i", *map(len, packets))
        self._pointers: list[Any] = []
        sizes = [len(one) + tag for one in packets]
        at = 0
        for size in sizes:
            self._pointers.append(_WORK + at)
            at += size
        self.runs = _runs(sizes, has_gso=has_gso)

    def encrypt(self, context: Any) -> bool:
        """Whether the runs hold the packets as they go to the viewer with this SRTP context."""
        _ffi.memmove(_WORK, self._template, self._size)
        _ffi.memmove(_LENGTHS, self._lengths, len(self._lengths))
        return not any(map(patchpoints.protect, repeat(context), self._pointers, _LENGTH_POINTERS))


def _runs(sizes: Sequence[int], *, has_gso: bool) -> list[Run]:
    """The packets in the order of sending: a run has one size, its last packet may be smaller."""
    runs: list[Run] = []
    start = index = 0
    while index < len(sizes):
        size, count, total = sizes[index], 1, sizes[index]
        while has_gso and index + count < len(sizes):
            following = sizes[index + count]
            if following > size or count == _MOST_SEGMENTS or total + following > _MOST_BYTES:
                break
            count, total = count + 1, total + following
            if following < size:
                break
        ancillary = ((_SOL_UDP, _UDP_SEGMENT, struct.pack("=H", size)),) if count > 1 else ()
        runs.append(Run(_VIEW[start : start + total], ancillary))
        start, index = start + total, index + count
    return runs


def is_to_be_had() -> bool:
    """Whether the kernel cuts one message into datagrams: tried on the loopback interface."""
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taker,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender,
    ):
        taker.bind(("127.0.0.1", 0))
        taker.settimeout(0.5)
        try:
            cut = [(_SOL_UDP, _UDP_SEGMENT, struct.pack("=H", 100))]
            sender.sendmsg([bytes(250)], cut, 0, taker.getsockname())
            return [len(taker.recv(1000)) for _ in range(3)] == [100, 100, 50]
        except OSError:
            return False

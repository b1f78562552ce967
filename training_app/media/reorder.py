"""Packets of one track in the order in which they were sent."""

from collections.abc import Iterator
from typing import Final

from training_app.media.flow import Packet

_HALF: Final = 0x8000
_JUMP: Final = 0x1000
"""So many numbers ahead, a packet is no late one's neighbour but a new beginning."""


class Reorder:
    """Holds what came too early until what lacks has come, or its time is over.

    patience_s: how long, by the arrival of packets, a lacking one is waited for. most: packets held at once.
    """

    def __init__(self, *, patience_s: float = 0.3, most: int = 512) -> None:
        self._patience_s = patience_s
        self._most = most
        self._next: int | None = None
        self._held: dict[int, Packet] = {}
        self._since = 0.0

    def take(self, packet: Packet) -> Iterator[tuple[Packet, bool]]:
        """What is in order now, each with whether packets before it are lost. Duplicates and the late are dropped."""
        if self._next is None:
            self._next = packet.sequence
        ahead = packet.sequence - self._next & 0xFFFF
        if ahead == 0:
            yield packet, False
            self._next = packet.sequence + 1 & 0xFFFF
            if self._held:
                yield from self._in_order()
        elif ahead < _JUMP:
            if not self._held:
                self._since = packet.arrived
            self._held[packet.sequence] = packet
        elif ahead < _HALF:
            self._held.clear()
            yield packet, True
            self._next = packet.sequence + 1 & 0xFFFF
        while self._held and (packet.arrived - self._since > self._patience_s or len(self._held) > self._most):
            yield from self._after_gap()

    def clear(self) -> None:
        """Nothing is held, and the next packet is the first."""
        self._next = None
        self._held.clear()

    def _in_order(self) -> Iterator[tuple[Packet, bool]]:
        while self._next is not None and (packet := self._held.pop(self._next, None)) is not None:
            yield packet, False
            self._next = packet.sequence + 1 & 0xFFFF
        if self._held:
            self._since = min(packet.arrived for packet in self._held.values())

    def _after_gap(self) -> Iterator[tuple[Packet, bool]]:
        assert self._next is not None
        expected = self._next
        packet = self._held.pop(min(self._held, key=lambda sequence: sequence - expected & 0xFFFF))
        yield packet, True
        self._next = packet.sequence + 1 & 0xFFFF
        yield from self._in_order()

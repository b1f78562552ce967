"""The last packets of a stream, to be sent again to who missed some."""

from typing import Final

from training_app.media.rtp import ahead

LENGTH: Final = 512
"""Packets, some 2.4 seconds of 720p."""


class History:
    """The last LENGTH packets by sequence number, before they are encrypted."""

    def __init__(self) -> None:
        self._packets: list[tuple[int, bytes] | None] = [None] * LENGTH

    def keep(self, sequence: int, data: bytes) -> None:
        """`data` can be had again, in place of a packet LENGTH numbers earlier."""
        kept = self._packets[sequence % LENGTH]
        if kept is None or ahead(sequence, kept[0]) >= 0 or ahead(sequence, kept[0]) < -LENGTH * 4:
            self._packets[sequence % LENGTH] = (sequence, data)

    def get(self, sequence: int) -> bytes | None:
        """The packet, or None when it is too long ago or never was."""
        kept = self._packets[sequence % LENGTH]
        return kept[1] if kept is not None and kept[0] == sequence else None

    def clear(self) -> None:
        """Nothing can be had again."""
        self._packets = [None] * LENGTH

"""Fragmented MP4 as bytes: what players need before a stream, and its fragments.

Source: ISO/IEC 14496-12 (boxes), 14496-14 (`mp4a`, `esds`), 14496-15 (`avc1`, `avcC`).
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from training_app.media.flow import Track
from training_app.media.h264 import Picture

VIDEO: Final = 1
"""The number of the track with the picture."""
AUDIO: Final = 2
FRAME: Final = 1024
"""Samples of sound in a frame of AAC."""
AAC_LC_STEREO_48K: Final = b"\x11\x90"
"""What an AAC decoder is told (AudioSpecificConfig, ISO/IEC 14496-3)."""

_IS_KEY: Final = 0x02000000
_IS_NO_KEY: Final = 0x01010000
_MATRIX: Final = struct.pack(">9L", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)


@dataclass(frozen=True, slots=True)
class Parameters:
    """Parameter sets that belong together, as NAL units."""

    sps: tuple[bytes, ...]
    pps: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """A picture as a fragment holds it. data: NAL units, each behind its length. duration, shown_later: of 90 kHz."""

    data: bytes
    duration: int
    is_key: bool
    shown_later: int = 0


def box(kind: bytes, *content: bytes) -> bytes:
    """A box. kind: four letters."""
    body = b"".join(content)
    return struct.pack(">L4s", 8 + len(body), kind) + body


def full_box(kind: bytes, version: int, flags: int, *content: bytes) -> bytes:
    """A box with version and flags."""
    return box(kind, struct.pack(">L", version << 24 | flags), *content)


def with_lengths(nals: Sequence[bytes]) -> bytes:
    """NAL units as a sample holds them, each behind its length in 4 bytes."""
    return b"".join(part for nal in nals for part in (struct.pack(">L", len(nal)), nal))


def init_segment(parameters: Parameters, picture: Picture) -> bytes:
    """What stands before the fragments: one track of H.264 with 90 kHz, one of AAC with 48 kHz in stereo."""
    defaults = (full_box(b"trex", 0, 0, struct.pack(">5L", track, 1, 0, 0, 0)) for track in (VIDEO, AUDIO))
    header = struct.pack(">4LLH10x", 0, 0, 1000, 0, 0x10000, 0x100) + _MATRIX + bytes(24) + struct.pack(">L", 3)
    return box(b"ftyp", b"iso5", struct.pack(">L", 512), b"iso5iso6mp41") + box(
        b"moov",
        full_box(b"mvhd", 0, 0, header),
        _track(VIDEO, picture, full_box(b"vmhd", 0, 1, bytes(8)), _avc1(parameters, picture)),
        _track(AUDIO, None, full_box(b"smhd", 0, 0, bytes(4)), _mp4a()),
        box(b"mvex", *defaults),
    )


def _track(number: int, picture: Picture | None, header: bytes, entry: bytes) -> bytes:
    width, height = (picture.width, picture.height) if picture else (0, 0)
    about = struct.pack(">5L8xHHHH", 0, 0, number, 0, 0, 0, 0, 0 if picture else 0x100, 0)
    kind, name, clock = (b"vide", b"picture\0", Track.VIDEO) if picture else (b"soun", b"sound\0", Track.AUDIO)
    nowhere = full_box(b"dref", 0, 0, struct.pack(">L", 1), full_box(b"url ", 0, 1))
    empty = (full_box(kind, 0, 0, bytes(8 if kind == b"stsz" else 4)) for kind in (b"stts", b"stsc", b"stsz", b"stco"))
    return box(
        b"trak",
        full_box(b"tkhd", 0, 3, about, _MATRIX, struct.pack(">LL", width << 16, height << 16)),
        box(
            b"mdia",
            full_box(b"mdhd", 0, 0, struct.pack(">4LHH", 0, 0, clock, 0, 0x55C4, 0)),
            full_box(b"hdlr", 0, 0, bytes(4), kind, bytes(12), name),
            box(
                b"minf",
                header,
                box(b"dinf", nowhere),
                box(b"stbl", full_box(b"stsd", 0, 0, struct.pack(">L", 1), entry), *empty),
            ),
        ),
    )


def _avc1(parameters: Parameters, picture: Picture) -> bytes:
    sets = b"".join(
        bytes((mark | len(nals),)) + b"".join(struct.pack(">H", len(nal)) + nal for nal in nals)
        for mark, nals in ((0xE0, parameters.sps), (0, parameters.pps))
    )
    record = box(b"avcC", b"\x01", parameters.sps[0][1:4], b"\xff", sets)
    about = struct.pack(">6xH16xHHLL4xH32xHh", 1, picture.width, picture.height, 0x480000, 0x480000, 1, 24, -1)
    return box(b"avc1", about, record)


def _mp4a() -> bytes:
    specific = b"\x05" + bytes((len(AAC_LC_STEREO_48K),)) + AAC_LC_STEREO_48K
    config = b"\x04" + bytes((13 + len(specific),)) + b"\x40\x15" + bytes(3) + bytes(8) + specific
    description = b"\x03" + bytes((3 + len(config) + 3,)) + b"\x00\x00\x00" + config + b"\x06\x01\x02"
    about = struct.pack(">6xH8xHH4xL", 1, 2, 16, Track.AUDIO << 16)
    return box(b"mp4a", about, full_box(b"esds", 0, 0, description))


@dataclass(frozen=True, slots=True)
class Fragment:
    """Pictures and sound of a short while. video_at: of 90 kHz; audio_at: of 48 kHz; both since the recording began."""

    number: int
    video_at: int
    video: Sequence[Sample]
    audio_at: int
    audio: Sequence[bytes]


def fragment(made_of: Fragment) -> bytes:
    """A `moof` box with its `mdat`: players take it as it comes."""
    empty = _moof(made_of, 0, 0)
    pictures = b"".join(sample.data for sample in made_of.video)
    start = len(empty) + 8
    return _moof(made_of, start, start + len(pictures)) + box(b"mdat", pictures, *made_of.audio)


def _moof(made_of: Fragment, video_from: int, audio_from: int) -> bytes:
    pictures = (
        struct.pack(
            ">LLLl",
            sample.duration,
            len(sample.data),
            _IS_KEY if sample.is_key else _IS_NO_KEY,
            sample.shown_later,
        )
        for sample in made_of.video
    )
    sizes = struct.pack(f">{len(made_of.audio)}L", *map(len, made_of.audio))
    return box(
        b"moof",
        full_box(b"mfhd", 0, 0, struct.pack(">L", made_of.number)),
        box(
            b"traf",
            full_box(b"tfhd", 0, 0x020000, struct.pack(">L", VIDEO)),
            full_box(b"tfdt", 1, 0, struct.pack(">Q", made_of.video_at)),
            full_box(b"trun", 1, 0xF01, struct.pack(">LL", len(made_of.video), video_from), *pictures),
        ),
        box(
            b"traf",
            full_box(b"tfhd", 0, 0x020028, struct.pack(">LLL", AUDIO, FRAME, _IS_KEY)),
            full_box(b"tfdt", 1, 0, struct.pack(">Q", made_of.audio_at)),
            full_box(b"trun", 0, 0x201, struct.pack(">LL", len(made_of.audio), audio_from), sizes),
        ),
    )

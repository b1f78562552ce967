"""What a publisher's packets say of its encoder."""

from fractions import Fraction

import av
import pytest

from tests.media.streaming import B_SLICE, IDR, KEYFRAME, MONO, P_SLICE, SPS, STEREO
from tests.support.clips import grey_frame
from training_app.media import h264
from training_app.media.flow import Track
from training_app.media.inspection import Inspector
from training_app.media.protocol import WARNINGS, Unreadable
from training_app.media.rtp import Rtp


def seen(
    *, video: bytes | None = P_SLICE, audio: bytes | None = STEREO, level: int | None = None, keyframe_s: float = 2.0
) -> Inspector:
    """Ten seconds of ten pictures and sounds each."""
    inspector = Inspector(0.0)
    for step in range(100):
        now = step / 10
        payload = KEYFRAME if step % round(keyframe_s * 10) == 0 else video
        if video is not None and payload is not None:
            inspector.see(Track.VIDEO, Rtp(102, True, step, step * 9_000, 1, payload), None, now)
        if audio is not None:
            inspector.see(Track.AUDIO, Rtp(111, False, step, step * 4_800, 2, audio), level, now)
        if step % 10 == 9:
            inspector.tick(0.0)
    return inspector


@pytest.mark.parametrize(
    ("inspector", "warnings"),
    [
        (seen(), set()),
        (seen(video=B_SLICE), {"b_frames"}),
        (seen(keyframe_s=8), {"keyframe_interval"}),
        (seen(audio=MONO), {"mono"}),
        (seen(audio=None), {"no_sound"}),
        (seen(video=None), {"no_picture"}),
        (seen(level=127), {"silent"}),
        (seen(audio=b"\xfc\xff\xfe"), {"silent"}),
        (seen(level=30), set()),
    ],
)
def test_what_is_wrong_is_known_by_its_name(inspector: Inspector, warnings: set[str]) -> None:
    assert inspector.warnings(9.9) == warnings
    assert warnings <= set(WARNINGS)


def test_a_picture_that_nobody_can_read_is_told_in_time() -> None:
    inspector = Inspector(0.0)
    for step in range(60):
        inspector.see(Track.VIDEO, Rtp(102, True, step, step, 1, b"\x1f\xff\xff"), None, step / 10)
        inspector.see(Track.AUDIO, Rtp(111, False, step, step, 2, STEREO), None, step / 10)
    assert (inspector.warnings(4.9), inspector.warnings(5.9)) == (set(), {"unreadable"})


def test_loss_is_told_when_it_lasts() -> None:
    inspector = seen()
    assert inspector.warnings(9.9) == set()
    for _ in range(4):
        inspector.tick(0.2)
    assert inspector.warnings(9.9) == {"loss"}


def test_hosts_see_figures() -> None:
    figures = seen().figures()
    expected = {"codec": "avc1.42c01f", "width": 640, "height": 480, "fps": 10.0, "keyframe_interval_s": 2.0}
    assert {name: figures[name] for name in expected} == expected
    assert figures["kbps_audio"] == 3


def test_a_keyframe_of_several_packets_starts_once() -> None:
    inspector = Inspector(0.0)
    payloads = [KEYFRAME, IDR, b"\x7c\x85" + IDR, b"\x7c\x45" + IDR, P_SLICE]
    starts = [
        inspector.see(Track.VIDEO, Rtp(102, False, number, 9, 1, payload), None, 0.0)
        for number, payload in enumerate(payloads)
    ]
    assert starts == [True, False, False, False, False]


@pytest.mark.parametrize(
    ("width", "height", "profile"), [(640, 360, "Baseline"), (1280, 720, "High"), (322, 182, "Main")]
)
def test_the_size_is_what_encoders_meant(width: int, height: int, profile: str) -> None:
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.profile = profile
    encoder.options = {"preset": "ultrafast", "tune": "zerolatency"}
    packets = encoder.encode(grey_frame(width, height))
    sps = next(unit for unit in bytes(packets[0]).split(b"\0\0\1") if unit[0] & 0x1F == h264.SPS)
    found = h264.picture(sps)
    assert (found.width, found.height) == (width, height)
    assert found.codec.startswith("avc1.")


@pytest.mark.parametrize("frames_ahead", [0, 2])
def test_pictures_out_of_order_are_recognized(frames_ahead: int) -> None:
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt = 320, 180, "yuv420p"
    encoder.time_base = Fraction(1, 25)
    encoder.options = {"preset": "veryfast", "bf": str(frames_ahead), "b_strategy": "0"}
    frames = [grey_frame(320, 180) for _ in range(10)]
    for number, frame in enumerate(frames):
        frame.pts = number
    packets = [packet for one in (*frames, None) for packet in encoder.encode(one)]
    units = [unit for packet in packets for unit in bytes(packet).split(b"\0\0\1")]
    slices = [unit for unit in units if unit and unit[0] & 0x1F == h264.SLICE]
    assert any(map(h264.is_b_slice, slices)) is bool(frames_ahead)


@pytest.mark.parametrize("sps", [b"", b"\x67", SPS[:6], b"\x67" + bytes(3), b"\x67\x64\x00\x1f" + b"\xff" * 30])
def test_a_broken_parameter_set_is_unreadable(sps: bytes) -> None:
    with pytest.raises(Unreadable):
        h264.picture(sps)

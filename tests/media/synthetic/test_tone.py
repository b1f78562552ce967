"""The tone can be repeated for ever, beeps as a second begins, and is stereo."""

import itertools
from array import array

import av

from training_app.media.synthetic.tone import RATE, second_of_tone

SOFT, LOUD = 0.03, 0.15


def heard(packets: list[bytes]) -> tuple[list[float], list[float]]:
    """Left and right, from -1 to 1, without what the decoder puts before."""
    decoder = av.AudioCodecContext.create("libopus", "r")
    decoder.sample_rate, decoder.layout = RATE, "stereo"
    samples = array("h")
    resampler = av.AudioResampler(format="s16", layout="stereo", rate=RATE)
    for packet in packets:
        for frame in decoder.decode(av.Packet(packet)):
            for plain in resampler.resample(frame):
                samples.frombytes(bytes(plain.planes[0])[: plain.samples * 4])
    return [one / 32768 for one in samples[0::2]], [one / 32768 for one in samples[1::2]]


def test_it_beeps_as_a_second_begins_and_hums_softly_without_a_click_between() -> None:
    left, _ = heard([*second_of_tone(440)] * 3)
    second = left[RATE : 2 * RATE]
    assert max(second[: RATE // 10]) > LOUD
    assert 0 < max(map(abs, second[RATE // 5 :])) < SOFT
    seam = left[2 * RATE - RATE // 20 : 2 * RATE]
    assert max(map(abs, seam)) < SOFT


def test_its_pitch_is_the_one_asked_for() -> None:
    left, _ = heard([*second_of_tone(440)] * 2)
    hum = left[RATE + RATE // 2 : 2 * RATE - RATE // 4]
    rises = sum(1 for before, after in itertools.pairwise(hum) if before < 0 <= after)
    assert rises * 4 in range(216, 225)


def test_it_is_stereo_in_packets_of_20_ms() -> None:
    left, right = heard([*second_of_tone(440)])
    assert len(second_of_tone(440)) == 50
    assert all(packet[0] & 0b100 for packet in second_of_tone(440))
    assert max(map(abs, right)) > LOUD and len(left) == len(right)

"""The tone of a test picture: a soft hum, and a louder beep as each second begins, in Opus.

One second is encoded once and then sent for ever: it begins and ends in the same phase, and is taken after others, when
the encoder has settled.
"""

from array import array
from functools import lru_cache
from math import pi, sin
from typing import Final

import av

RATE: Final = 48_000
PACKET_MS: Final = 20
PACKETS_IN_1_S: Final = 1000 // PACKET_MS
_SETTLES_IN_S: Final = 2
_BEEP_S: Final = 0.1
_HUM, _BEEP = 0.015, 0.2
_BIT_RATE: Final = 32_000


@lru_cache(maxsize=8)
def second_of_tone(pitch_hz: int) -> tuple[bytes, ...]:
    """The Opus packets of one second, stereo, 20 ms each. pitch_hz: of the beep, even; the hum is an octave below."""
    encoder = av.AudioCodecContext.create("libopus", "w")
    encoder.sample_rate = RATE
    encoder.layout = "stereo"
    encoder.format = "s16"
    encoder.bit_rate = _BIT_RATE
    encoder.options = {"frame_duration": str(PACKET_MS), "application": "audio", "vbr": "constrained"}
    samples = _samples(pitch_hz)
    packets: list[bytes] = []
    for number in range(_SETTLES_IN_S + 1):
        frame = av.AudioFrame(format="s16", layout="stereo", samples=RATE)
        frame.sample_rate = RATE
        frame.pts = number * RATE
        frame.planes[0].update(samples)
        packets += [bytes(packet) for packet in encoder.encode(frame)]
    packets += [bytes(packet) for packet in encoder.encode(None)]
    first = _SETTLES_IN_S * PACKETS_IN_1_S
    return tuple(packets[first : first + PACKETS_IN_1_S])


def _samples(pitch_hz: int) -> bytes:
    """A second in 16 bits, left and right alike."""
    samples = array("h")
    for number in range(RATE):
        at_s = number / RATE
        value = _HUM * sin(pi * pitch_hz * at_s)
        if at_s < _BEEP_S:
            value += _BEEP * sin(pi * at_s / _BEEP_S) * sin(2 * pi * pitch_hz * at_s)
        level = int(value * 32767)
        samples.extend((level, level))
    return samples.tobytes()

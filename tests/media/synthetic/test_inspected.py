"""The test picture is beyond reproach to those who look at what publishers send."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from training_app.media.paths import VenuePath
from training_app.media.protocol import Kind
from training_app.media.synthetic.tone import second_of_tone
from training_app.media.synthetic.venue import SyntheticVenue

BEGUN = datetime(2026, 11, 24, 5, 37, 9, tzinfo=UTC)


def test_hosts_are_told_what_it_is_and_are_warned_of_nothing() -> None:
    events: list[Kind] = []
    seconds = 0.0

    def emit(kind: Kind, path: str, sub: str, details: Mapping[str, Any]) -> None:
        events.append(kind)

    path = VenuePath("o1/v1", emit, clock=lambda: seconds)
    venue = SyntheticVenue(path, clock=lambda: BEGUN + timedelta(seconds=seconds))
    venue._tone = second_of_tone(440)
    path.take_over(venue, "synthetic")
    for step in range(12 * 50):
        seconds = step / 50
        venue.send(step)
        for _ in range(step % 50 // 49):
            path.tick()
    figures = path.figures()
    assert events == [Kind.PUBLISHER_JOINED] and figures["warnings"] == []
    assert (figures["width"], figures["height"], figures["fps"]) == (640, 360, 12.5)
    assert figures["keyframe_interval_s"] == 2.0 and figures["kbps_video"] < 100

"""hls.js in Chromium plays what the media process cuts: live, over breaks and restarts, and the recording."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.support.airing import ENTER, PATH, Airing, airing
from tests.support.browser import Watch

SHOWN = "wanted => globalThis.shown >= wanted"


@pytest.fixture
def air(tmp_path: Path) -> Iterator[Airing]:
    with airing(tmp_path) as found:
        yield found


def begin(page: Page, air: Airing, kind: str) -> None:
    page.goto(air.url)
    page.evaluate(ENTER, {"kind": kind})


def more_is_shown(page: Page, count: int = 15) -> None:
    page.wait_for_function(SHOWN, arg=page.evaluate("globalThis.shown") + count)


def test_a_viewer_sees_the_stream_go_on_after_a_hold_and_a_restart(page: Page, air: Airing, watch: Watch) -> None:
    watch.expect("ERR_CONNECTION_REFUSED")
    watch.expect("404")  # a part that the process before the restart had
    begin(page, air, "live")
    more_is_shown(page)
    size = page.evaluate("[document.querySelector('video').videoWidth, document.querySelector('video').videoHeight]")
    assert size == [640, 360]
    assert page.evaluate("globalThis.playing.latency") > 0
    assert air.recorder.figures(PATH)["watchers"] == [{"sub": "p37", "transport": "hls"}]
    air.run(air.hold)
    more_is_shown(page)
    air.run(air.stop)
    air.run(air.start)
    more_is_shown(page, 40)


def test_the_recording_plays_from_anywhere_once_the_occasion_is_over(page: Page, air: Airing) -> None:
    air.run(lambda: air.recorded(4))
    air.run(air.end)
    begin(page, air, "recording")
    more_is_shown(page, 5)
    page.evaluate("document.querySelector('video').currentTime = 3")
    more_is_shown(page, 5)
    where = page.evaluate("[document.querySelector('video').currentTime, document.querySelector('video').duration]")
    assert 3 <= where[0] <= where[1] < 60

"""How far behind the moment of a picture Chromium shows it, by both ways, with the scripts of the site's own pages.

The test picture carries its moment in itself: nothing that anybody says about delays is believed.
"""

import asyncio
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from typing import Any, Final

from benchmarks.measuring import Figure
from benchmarks.streams.relay import OCCASION, STAGE, VENUE, Relay, relay
from tests.support.browser import NoChromium, running_chromium
from tests.support.paths import ROOT
from training_app.media.protocol import PROGRAM, Act

WAYS: Final = (("udp", "WebRTC"), ("hls", "LL-HLS"))
SETTLES_MS: Final = 6000
PICTURES: Final = 100
HERE: Final = Path(__file__).parent


class _Pages(SimpleHTTPRequestHandler):
    """The scripts of the site, and the page that measures."""

    def translate_path(self, path: str) -> str:
        """Where the file of an address stands."""
        name = path.partition("?")[0].lstrip("/")
        folder, _, own = name.partition("benchmark/")
        return str(HERE / own if own and not folder else ROOT / "static" / name)

    def log_message(self, *_: object) -> None:
        """Requests are not told."""


def delays(pictures: int = PICTURES) -> Iterator[Figure]:
    """Each way for so many pictures of the test picture, 640 by 360."""
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as folder,
        relay(Path(folder) / "relay") as found,
        _pages() as url,
    ):
        asyncio.run(found.set_stage(replace(STAGE, synthetic=(VENUE,))))
        try:
            with running_chromium() as browser:
                for way, name in WAYS:
                    page = browser.new_page()
                    page.goto(f"{url}/benchmark/delay.html")
                    page.wait_for_function("window.isReady")
                    before_s = found.cpu_s()
                    seen = page.evaluate(
                        "(given) => window.measure(...given)", [way, _grant(found), SETTLES_MS, pictures]
                    )
                    cpu_ms = (found.cpu_s() - before_s) * 1000 / (SETTLES_MS / 1000 + pictures / 12.5)
                    page.close()
                    yield _told(name, seen, cpu_ms)
        except NoChromium as absence:
            yield Figure("delays", 0.0, told=str(absence))


def _grant(found: Relay) -> dict[str, object]:
    token = found.token(PROGRAM, Act.VIEW, "p1")
    return {"media": found.url, "path": f"{OCCASION}/{PROGRAM}", "token": token, "ice_servers": []}


def _told(name: str, seen: dict[str, Any], cpu_ms: float) -> Figure:
    ages = sorted(one for one in seen["ages"] if one is not None)
    if len(ages) < len(seen["ages"]) * 0.9:
        raise AssertionError(f"{name}: of {len(seen['ages'])} pictures {len(ages)} could be read")
    told = f"half within {median(ages):.0f} ms, 95 % within {ages[len(ages) * 95 // 100]:.0f} ms of their making"
    return Figure(f"{name} in Chromium, a second", cpu_ms, told=f"{told}; first picture {seen['firstMs']:.0f} ms")


@contextmanager
def _pages() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Pages)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()

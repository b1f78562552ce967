"""Live observations with real clients: Chromium as venues, host and viewers at once, through what goes wrong."""

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Page, expect

from tests.conftest import OpenPage
from tests.support.browser import PATIENCE_MS, PHONE, Watch, running_beside, running_chromium, sign_in
from tests.support.components import missing
from tests.support.databases import SqliteDatabases
from tests.support.demonstration import demonstration
from tests.support.live import (
    FAKE_DEVICES,
    Occasion,
    demonstration_on_air,
    frames,
    media_pid,
    new_occasion,
    small_cameras,
)
from tests.support.networks import NoNetworks, tcp_only
from tests.support.site import Site
from training_app.streams.control import MediaAway

ENTERED = "performance.getEntriesByType('resource').filter(one => one.name.includes('/whep/')).length"
"""How often a page asked to watch by UDP."""
ASKED = "performance.getEntriesByType('resource').filter(one => one.name.endsWith('/enter')).length"
"""How often a page asked to be let in."""

pytestmark = pytest.mark.alone


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser with a pretended camera and microphone."""
    with running_chromium(*FAKE_DEVICES) as browser:
        yield browser


@pytest.fixture(scope="module")
def house(sqlite_databases: SqliteDatabases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site of its own: its media process is killed."""
    data_dir = tmp_path_factory.mktemp("house") / "var"
    with demonstration(sqlite_databases, data_dir) as installation, installation.serving(MEDIA="yes") as running:
        yield running


@pytest.fixture
def page_without_udp(chromium: Browser, house: Site, tmp_path: Path, watch: Watch) -> Iterator[Page]:
    """A phone in a network that lets no UDP through."""
    try:
        with (
            tcp_only(tmp_path, "chromium", house.port, house.media_port) as program,
            running_beside(chromium, program, *FAKE_DEVICES) as browser,
        ):
            context = browser.new_context(locale="zh-CN", viewport=PHONE, has_touch=True)
            context.set_default_timeout(PATIENCE_MS)
            watch.listen_to(context)
            yield context.new_page()
    except NoNetworks as fault:
        missing(str(fault))


def plays(page: Page, selector: str = "#video") -> None:
    """Pictures come on the page, more of them than it had."""
    before = frames(page, selector)
    page.wait_for_function(
        """([selector, before]) => {
            const now = document.querySelector(selector).getVideoPlaybackQuality().totalVideoFrames
            return now > before + 5 || (now > 5 && now < before)
        }""",
        arg=[selector, before],
    )


def send_from(open_page: OpenPage, occasion: Occasion, number: int) -> Page:
    """The page of a venue, which sends its camera."""
    page = open_page()
    small_cameras(page.context)
    page.goto(occasion.links[number - 1])
    page.locator("#use-camera").click()
    page.locator("#send").click()
    expect(page.locator("#air")).not_to_have_attribute("data-air", "off")
    return page


def host_of(open_page: OpenPage, occasion: Occasion) -> Page:
    """The studio, with the venues let in."""
    page = open_page()
    sign_in(page, occasion.site, occasion.host)
    page.goto(occasion.studio)
    page.locator("[data-act=open]").click()
    expect(page.locator("[data-act=air]")).to_be_visible()
    return page


def viewer_of(page: Page, site: Site, observation: int) -> Page:
    """A trainee in the hall, who accepted the notice."""
    sign_in(page, site, site.account("trainee", base="suzhou"))
    page.goto(f"{site.url}/observations/{observation}")
    notice = page.locator("form[action$='/notice'] [type=submit]")
    if notice.count():
        notice.click()
    page.goto(f"{site.url}/observations/{observation}/watch")
    return page


def test_three_venues_are_hosted_watched_and_recorded(open_page: OpenPage, house: Site, watch: Watch) -> None:
    expect_failed_requests(watch)
    occasion = new_occasion(house)
    studio = host_of(open_page, occasion)
    senders = [send_from(open_page, occasion, number) for number in (1, 2, 3)]
    expect(studio.locator(".monitor[data-playing=true]")).to_have_count(3)
    # the host speaks, and every venue hears it
    studio.keyboard.press("t")
    for sender in senders:
        expect(sender.locator("#spoken-to")).to_be_visible()
    studio.keyboard.press("t")
    expect(senders[0].locator("#spoken-to")).to_be_hidden()
    hall = viewer_of(open_page(), house, occasion.id)
    expect(hall.locator("#cover")).to_be_visible()
    studio.locator("[data-act=air]").click()
    plays(hall)
    expect(senders[0].locator("#air")).to_have_attribute("data-air", "program")
    # another venue on program: the same connection goes on
    peers = hall.evaluate(ENTERED)
    studio.keyboard.press("2")
    expect(senders[1].locator("#air")).to_have_attribute("data-air", "program")
    plays(hall)
    assert peers == hall.evaluate(ENTERED)
    # held: nobody sees anything, until it is shown again
    studio.keyboard.press("h")
    expect(hall.locator(".picture-cover-title")).to_have_text("画面已遮屏")
    expect(studio.locator("[data-act=resume]")).to_be_visible()
    studio.keyboard.press("h")
    expect(hall.locator("#cover")).to_be_hidden()
    plays(hall)
    # its browser is gone in an instant; when it is back the viewer goes on without doing anything
    crash(senders[1])
    send_from(open_page, occasion, 2)
    plays(hall)
    # a venue that is not on program can be chosen
    hall.locator(".stream", has_text="会场three").click()
    plays(hall)
    studio.locator("[data-act=end]").click()
    studio.locator("#dialog [value=end]").click()
    expect(hall.locator(".picture-cover .btn")).to_be_visible()
    hall.locator(".picture-cover .btn").click()
    hall.locator("#video").evaluate("video => video.play()")
    plays(hall)
    assert hall.locator("#video").evaluate("video => video.duration") > 1


def test_viewers_come_back_when_the_media_process_was_killed(open_page: OpenPage, house: Site, watch: Watch) -> None:
    expect_failed_requests(watch)
    hall = viewer_of(open_page(), house, demonstration_on_air(house))
    plays(hall)
    before = hall.evaluate(ENTERED)
    media_is_killed(house)
    hall.wait_for_function(f"before => {ENTERED} > before", arg=before)
    plays(hall)


def test_where_udp_is_blocked_the_picture_comes_by_https(page_without_udp: Page, house: Site, watch: Watch) -> None:
    expect_failed_requests(watch)
    hall = viewer_of(page_without_udp, house, demonstration_on_air(house))
    expect(hall.locator("#way")).to_contain_text("HTTPS")
    plays(hall)
    # the way is remembered
    hall.reload()
    expect(hall.locator("#way")).to_contain_text("HTTPS")
    plays(hall)
    assert hall.evaluate(ENTERED) == 0
    # and the picture comes back by it, with the addresses that the page has
    entered = hall.evaluate(ASKED)
    media_is_killed(house)
    plays(hall)
    assert hall.evaluate(ENTERED) == 0 and hall.evaluate(ASKED) == entered


def media_is_killed(site: Site) -> None:
    """The media process ends by SIGKILL, and another one answers."""
    killed = media_pid(site)
    os.kill(killed, signal.SIGKILL)

    def is_back() -> bool:
        with suppress(MediaAway):
            return media_pid(site) != killed
        return False

    site.server.wait_until(is_back)


def expect_failed_requests(watch: Watch) -> None:
    """Chromium notes every request that failed, also those that the page tries again."""
    watch.expect("Failed to load resource")


def crash(page: Page) -> None:
    """The page's process ends as if it had been killed."""
    with suppress(Error):
        page.goto("chrome://crash")

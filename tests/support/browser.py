"""Chromium for the browser tests, and what every page must hold while it is driven.

A page that writes an error to its console, breaks the content security policy, raises in a script or asks another host
for something fails its test.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page, Request, expect, sync_playwright

from tests.support.paths import ROOT
from tests.support.site import Account, Site

AXE = ROOT / "tests" / "vendor" / "axe.min.js"
NAMED = "exam.example"
"""A name for this computer that no browser takes for its own: what is read under it over HTTP is no secure origin."""
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    # nothing but the site can be reached, also not by the browser on its own account
    f"--host-resolver-rules=MAP {NAMED} 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
PATIENCE_MS = 30_000
"""So long a page may take for what a test waits for: machines that run tests are busy."""
PHONE = {"width": 390, "height": 844}
SCREEN = {"width": 1280, "height": 800}


class NoChromium(Exception):
    """There is no browser to test with; the message says what to do."""


@contextmanager
def running_chromium(*more: str) -> Iterator[Browser]:
    """Debian's Chromium without a window. more: arguments of its own. Raises NoChromium when it is not installed."""
    path = shutil.which("chromium")
    if path is None:
        raise NoChromium("Chromium is missing: apt-get install chromium fonts-noto-cjk")
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*ARGUMENTS, *more])
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def running_beside(browser: Browser, program: Path, *more: str) -> Iterator[Browser]:
    """One more Chromium, which `program` starts."""
    beside = browser.browser_type.launch(executable_path=program, args=[*ARGUMENTS, *more])
    try:
        yield beside
    finally:
        beside.close()


@dataclass
class Watch:
    """What went wrong in the pages of one test."""

    faults: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def expect(self, fragment: str) -> None:
        """A fault whose text has `fragment` is meant, such as the 404 that a test asks for on purpose."""
        self.expected.append(fragment)

    def listen_to(self, context: BrowserContext) -> None:
        """Notes the faults of every page of `context`, those that pages open themselves included."""
        context.on("console", self._on_console)
        context.on("request", self._on_request)
        context.on("weberror", lambda error: self.faults.append(f"script error: {error.error}"))

    def unexpected(self) -> list[str]:
        """The faults that the test did not announce."""
        return [fault for fault in self.faults if not any(fragment in fault for fragment in self.expected)]

    def _on_console(self, message: ConsoleMessage) -> None:
        address = message.location.get("url", "")
        # axe tries styles on the page; it comes by the debugger, so that its code has no address
        is_of_axe = not address and "Applying inline style" in message.text
        if message.type in {"error", "warning"} and not is_of_axe:
            self.faults.append(f"console {message.type}: {message.text} ({address})")

    def _on_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in {"data", "blob", "about"} and parts.hostname not in {"127.0.0.1", NAMED}:
            self.faults.append(f"request to another host: {request.url}")


def sign_in(page: Page, site: Site, account: Account) -> None:
    """The page after the sign-in of `account`. The sign-in page is opened first."""
    page.goto(f"{site.url}/sign-in")
    page.locator("input[name=username]").fill(account.username)
    page.locator("input[name=password]").fill(account.password)
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url(lambda url: urlsplit(url).path != "/sign-in")


def axe(page: Page, within: str = "html") -> None:
    """Nothing, when the page as it is holds WCAG 2.1 A and AA and axe's best practice. Raises AssertionError if not.

    within: a selector of the part that is looked at.
    """
    session = page.context.new_cdp_session(page)
    try:
        # by the debugging protocol: the content security policy rightly refuses a script tag
        session.send("Runtime.evaluate", {"expression": AXE.read_text(encoding="utf-8")})
    finally:
        session.detach()
    found = page.evaluate(
        "within => axe.run(within, "
        "{preload: false, runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice']})"
        ".then(found => found.violations.map(one => `${one.id} (${one.impact}): ${one.help}: "
        "${one.nodes.map(node => node.target.join(' ')).join(' | ')}`))",
        within,
    )
    assert not found, f"axe on {page.url}:\n" + "\n".join(found)


INNERMOST_TOO_WIDE = """() => {
    const root = document.documentElement
    const isTooWide = () => root.scrollWidth > root.clientWidth
    const fitsWithout = (one) => {
        const shown = one.style.display
        one.style.display = "none"
        const fits = !isTooWide()
        one.style.display = shown
        return fits
    }
    if (!isTooWide()) return ""
    let found = document.body
    for (let inner = found; inner; inner = [...inner.children].find(fitsWithout)) found = inner
    return `${found.localName}.${found.className} (page ${root.scrollWidth}): ${found.textContent.trim().slice(0, 80)}`
}"""


def sticking_out(page: Page) -> str:
    """The innermost element that makes the page wider than its window; empty when the page fits."""
    found: str = page.evaluate(INNERMOST_TOO_WIDE)
    return found


__all__ = [
    "NAMED",
    "PHONE",
    "SCREEN",
    "Error",
    "NoChromium",
    "Watch",
    "axe",
    "running_chromium",
    "sign_in",
    "sticking_out",
]

"""Somebody who reads and fills in pages of a real site over HTTP, without a browser and without JavaScript."""

import ssl
from html.parser import HTMLParser
from http.cookiejar import CookieJar
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin
from urllib.request import HTTPCookieProcessor, HTTPSHandler, ProxyHandler, Request, build_opener

from tests.support.site import Account, Site


class Visitor:
    """Keeps cookies and the page last seen; sends forms with that page's hidden fields."""

    def __init__(self, site: Site, *, language: str = "zh-CN", trust: ssl.SSLContext | None = None) -> None:
        self.site = site
        self.status = 0
        self.text = ""
        self.address = site.url
        self._language = language
        handlers = [HTTPSHandler(context=trust)] if trust else []
        self._opener = build_opener(ProxyHandler({}), HTTPCookieProcessor(CookieJar()), *handlers)

    def get(self, path: str) -> str:
        """The text of a page, redirects followed."""
        return self._open(path, None)

    def send(self, path: str, **fields: str) -> str:
        """The text of the answer to a form with `fields` and the CSRF token of the page last seen."""
        token = {name: value for name, value in _hidden_fields(self.text).items() if name == "csrf_token"}
        return self._open(path, urlencode({**token, **fields}).encode())

    def sign_in(self, account: Account) -> str:
        """The text of the page that follows the sign-in."""
        self.get("/sign-in")
        return self.send("/sign-in", username=account.username, password=account.password)

    def _open(self, path: str, body: bytes | None) -> str:
        # a form over plain HTTP names its page: Flask-WTF asks for it only over HTTPS
        request = Request(
            urljoin(self.address, path), body, {"Accept-Language": self._language, "Referer": self.address}
        )
        try:
            with self._opener.open(request, timeout=30) as answer:
                return self._keep(answer)
        except HTTPError as answer:
            with answer:
                return self._keep(answer)

    def _keep(self, answer) -> str:
        self.status = answer.status
        self.address = answer.url
        self.text = answer.read().decode("utf-8")
        return self.text


class _HiddenFields(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "input" and values.get("type") == "hidden" and values.get("name"):
            self.found[values["name"] or ""] = values.get("value") or ""


def _hidden_fields(page: str) -> dict[str, str]:
    parser = _HiddenFields()
    parser.feed(page)
    return parser.found

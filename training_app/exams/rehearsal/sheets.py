"""What a simulated candidate reads off the pages of the site: tokens, the data of a page, what may be answered."""

import json
import re
from collections.abc import Mapping
from html import unescape
from typing import Any, Final

TOKEN: Final = re.compile(rb'name="csrf_token"[^>]*?value="([^"]*)"')
PAPER: Final = re.compile(rb'<script type="application/json" id="paper-data">(.*?)</script>', re.DOTALL)
WAITING: Final = re.compile(rb'<script type="application/json" id="waiting-data">(.*?)</script>', re.DOTALL)
OPTION: Final = re.compile(r'<input class="option-input"[^>]*? value="([^"]*)"')
SELECT: Final = re.compile(r'<select [^>]*?name="([^"]*)"[^>]*>(.*?)</select>', re.DOTALL)
CHOICE: Final = re.compile(r'<option value="([^"]+)"')
HASH: Final = re.compile(rb"\b[0-9a-f]{64}\b")
SOUND: Final = b"message-success"

Answers = Mapping[int, tuple[object, ...]]
"""Item version -> some different answers to it."""


class Unreadable(Exception):
    """A page that is not the one that was to come."""


def token_of(page: bytes) -> str:
    """The token of the forms on the page. Raises Unreadable."""
    found = TOKEN.search(page)
    if found is None:
        raise Unreadable("a page without a form")
    return unescape(found[1].decode())


def data_of(page: bytes, script: "re.Pattern[bytes]") -> dict[str, Any]:
    """What the site wrote into the page for its script. Raises Unreadable."""
    found = script.search(page)
    if found is None:
        raise Unreadable("a page without its data")
    data: dict[str, Any] = json.loads(found[1])
    return data


def answers_on(page: bytes, items: list[dict[str, Any]]) -> Answers:
    """Answers that the fields of the paper allow, at least one for each item. items: of the page's data."""
    articles = page.decode().split('<article class="paper-item"')[1:]
    if len(articles) != len(items):
        raise Unreadable("a paper without its items")
    return {one["item"]: _answers(one["kind"], text) for one, text in zip(items, articles, strict=True)}


def _answers(kind: str, article: str) -> tuple[object, ...]:
    options = [unescape(value) for value in OPTION.findall(article)]
    if options:
        pairs = [sorted(options[:2])] if kind == "multiple" else []
        return (*([value] for value in options), *pairs)
    fields = [
        (unescape(name), [unescape(value) for value in CHOICE.findall(rest)]) for name, rest in SELECT.findall(article)
    ]
    names = [name for name, _ in fields]
    if kind == "ordering":
        return names, names[::-1]
    if kind == "matching":
        values = fields[0][1]
        return dict(zip(names, values, strict=False)), dict(zip(names, values[::-1], strict=False))
    return "1", "2", "3"

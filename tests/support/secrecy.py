"""What nobody may read of an item before it is answered, found in the text of an answer of the site."""

import html
import json
import re

from question_bank.items import Item
from question_bank.texts import Text

MARKS = re.compile(r'data-(?:key\b|correct|answer|right)|class="[^"]*\bis-(?:right|wrong)\b|class="rationale|"key":')
"""Attributes and fields that would tell which answer is right."""


def secrets_of(item: Item) -> set[str]:
    """Sentences and words that nobody may read before the answer, in both languages."""
    reasons = [part.reason for parts in (item.options, item.elements, item.premises) for part in parts]
    reasons += [error.reason for error in item.numeric.errors] if item.numeric else []
    reasons += [item.rationale]
    classes = {f'"{option.error}"' for option in item.options if option.error}
    sorts = {f'"{element.sort}"' for element in item.elements if len(element.sort) > 2}
    return {words for text in reasons for words in _both(text)} | classes | sorts


def _both(text: Text) -> set[str]:
    return {words for words in (text.zh, text.en) if len(words) > 6}


def as_read(body: str) -> str:
    """The text with the escapes of pages and of JSON undone."""
    plain = html.unescape(body)
    return re.sub(r"\\u[0-9a-f]{4}", lambda found: json.loads(f'"{found[0]}"'), plain)


def gives_away(item: Item, body: str) -> list[str]:
    """The secrets of the item that stand in the text."""
    text = as_read(body)
    return sorted(secret for secret in secrets_of(item) if secret in text)


def number_leaks(item: Item, shown: str) -> list[str]:
    """The number that answers a numeric item, when it stands in `shown` though not in the item's own words."""
    if item.numeric is None:
        return []
    own = f"{item.stem.zh} {item.stem.en}"
    answer = format(item.numeric.value, "f")
    plain = re.sub(r"<[^>]*>", " ", shown)
    return [answer] if re.search(rf"(?<![\d.,]){re.escape(answer)}(?![\d.,])", plain) and answer not in own else []

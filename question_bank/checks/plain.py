"""Texts as the checks compare them: plain, in grams, in words, in sentences."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

CJK: Final = r"\u2e80-\u2fdf\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
BOLD: Final = "**"

_IS_CJK: Final = re.compile(f"[{CJK}]")
_STOP: Final = frozenset({
    "about", "above", "after", "also", "among", "another", "because", "been", "before", "being", "below", "between",
    "both", "does", "during", "each", "either", "every", "from", "have", "having", "here", "into", "itself",
    "least", "less", "many", "more", "most", "much", "must", "only", "other", "over", "same", "shall", "should",
    "since", "some", "such", "than", "that", "their", "them", "then", "there", "these", "they", "this", "those",
    "through", "under", "until", "upon", "very", "were", "what", "when", "where", "whether", "which", "while",
    "with", "within", "without", "would", "your", "following", "firm", "firms", "enterprise", "customs", "criteria",
})  # fmt: skip
_ENDINGS: Final = ("ing", "ed", "es", "s")
_EDITION_PHRASES: Final = (
    re.compile(r"按(?:照)?(?:海关)?[^，。；？]{0,24}?(?:标准|\d+号(?:公告)?|号令)(?:的?(?:高级)?认证(?:企业)?标准)?"),
    re.compile(
        r"under (?:the )?(?:[a-z]+ ){0,5}?(?:criteria )?(?:of )?(?:bulletin|decree) \d+(?: of \d{4})?", re.IGNORECASE
    ),
    re.compile(
        r"under the (?:advanced|certified|general|specific)(?: certified)? (?:enterprise )?criteria", re.IGNORECASE
    ),
)


def has_cjk(text: str) -> bool:
    """Whether a Chinese character stands in the text."""
    return _IS_CJK.search(text) is not None


@lru_cache(maxsize=65536)
def plain(text: str) -> str:
    """The text in NFKC and lower case, without spaces and punctuation; signs of mathematics stay."""
    folded = unicodedata.normalize("NFKC", text).lower()
    return "".join(sign for sign in folded if unicodedata.category(sign)[0] not in "ZPC")


def zh_length(text: str) -> int:
    """Characters of the plain text."""
    return len(plain(text))


def en_length(text: str) -> int:
    """Words of an English text; a number counts as one."""
    return len(re.findall(r"[^\s]*\w[^\s]*", text))


def grams(text: str, size: int) -> frozenset[str]:
    """Runs of `size` characters of a plain text; the whole text when it is shorter."""
    if len(text) <= size:
        return frozenset({text} if text else ())
    return frozenset(text[start : start + size] for start in range(len(text) - size + 1))


def jaccard(left: frozenset[str], right: frozenset[str]) -> float:
    """Share of the union that both hold, 0 to 1; 0 for two empty sets."""
    shared = len(left & right)
    union = len(left) + len(right) - shared
    return shared / union if union else 0.0


def content_words(text: str) -> frozenset[str]:
    """English words of four letters or more outside the stop list, without their endings."""
    return frozenset(_stem(word) for word in re.findall(r"[a-z]{4,}", text.lower()) if word not in _STOP)


def without_edition(text: str) -> str:
    """The text without its phrase 按……标准 or under … of 2026, which every item of an edition shares."""
    for phrase in _EDITION_PHRASES:
        text = phrase.sub(" ", text)
    return text


def sentences(text: str) -> tuple[str, ...]:
    """Sentences with their end marks. A dot inside a number or after a short form such as `No.` ends nothing."""
    found = re.findall(r".+?(?:[。！？!?]+|(?<![A-Z])(?<!Co)(?<!Ltd)(?<!No)\.(?=\s|$)|$)", text, re.DOTALL)
    return tuple(part.strip() for part in found if part.strip())


def questions(text: str) -> tuple[str, ...]:
    """The sentences that end with a question mark; bold marks and closing quotes after it are let be."""
    return tuple(part for part in sentences(text) if part.rstrip("*”’」』\"')） ").endswith(("？", "?")))


def lead_in(text: str) -> str:
    """The sentence that asks; empty when none does."""
    return " ".join(questions(text))


def word_pattern(words: str) -> re.Pattern[str]:
    """A pattern of whole Latin words and of Chinese strings, any case. words: parted by |."""
    parts = [re.escape(word) for word in sorted(words.split("|"), key=len, reverse=True)]
    return re.compile(
        "|".join(part if has_cjk(part) else rf"(?<![A-Za-z]){part}(?![A-Za-z])" for part in parts), re.IGNORECASE
    )


def bold_spans(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each part between ** and **."""
    for match in re.finditer(r"\*\*(.+?)\*\*", text):
        yield match.span(1)


def _stem(word: str) -> str:
    ending = next((end for end in _ENDINGS if word.endswith(end) and len(word) - len(end) >= 3), "")
    return word.removesuffix(ending)

"""C09 to C13: nothing but knowledge tells the key from its distractors."""

import re
from collections.abc import Callable, Iterator
from typing import Final

from question_bank.checks.plain import (
    bold_spans,
    content_words,
    en_length,
    lead_in,
    plain,
    without_edition,
    word_pattern,
    zh_length,
)
from question_bank.checks.subject import ERROR, WARNING, Subject
from question_bank.errors import ContentFault
from question_bank.glossary import MASK
from question_bank.items import Kind

_LONGER, _MUCH_LONGER, _SHORTER = 1.25, 1.5, 0.6
_ABSOLUTE: Final = {
    "zh": word_pattern("一律|所有|任何|完全|绝对|从不|永远|全部|必定|只能|仅需|无论"),
    "en": word_pattern("always|never|all|every|none|only|any|completely|entirely"),
}
_HEDGE: Final = {
    "zh": word_pattern("通常|一般|往往|可能|有时|多数"),
    "en": word_pattern("usually|generally|often|may|might|sometimes|most"),
}
# Phrases that hold such a word and are neither absolute nor hedged.
_HARMLESS: Final = re.compile(
    r"\bat most\b|\bnot only\b|\bat all\b|\boverall\b|\bMay \d{4}|\d May\b|所有[权者人]|一般(?:认证|失信)|完全一致"
)
_NEGATIVE: Final = {
    "zh": word_pattern("不正确|错误的|不属于|不包括|除外|不需要|无需|不符合|不应|并非|没有|缺少"),
    "en": re.compile(r"\b(?:not|except|incorrect|wrong|missing)\b|(?<!\bat )\bleast\b", re.IGNORECASE),
}
_BUNDLE: Final = {
    "zh": re.compile(r"以上(?:都|均|皆|全)|上述(?:都|均|全)|都(?:不对|正确)|[A-F]\s?和\s?[A-F](?![A-Za-z])"),
    "en": re.compile(r"(?i:\b(?:all|none|both) of (?:the )?(?:above|these)\b)|\b[A-F] and [A-F]\b"),
}


def check_length(subject: Subject) -> Iterator[ContentFault]:
    """C09: the key of a single item is not conspicuously longer or shorter than its distractors, in either language."""
    if subject.item.kind is not Kind.SINGLE or len(subject.keys) != 1 or not subject.distractors:
        return
    key = subject.keys[0]
    measures: tuple[tuple[str, Callable[[str], int], int], ...] = (("zh", zh_length, 4), ("en", en_length, 3))
    for language, measure, margin in measures:
        own = measure(key.text.in_language(language))
        others = [measure(option.text.in_language(language)) for option in subject.distractors]
        field = f"options.{key.id}.text.{language}"
        if own > _LONGER * max(others) and own - max(others) >= margin:
            severity = ERROR if own > _MUCH_LONGER * max(others) else WARNING
            yield subject.fault(
                "C09", field, f"the key is longer ({own}) than every distractor ({max(others)})", severity
            )
        if own < _SHORTER * min(others) and min(others) - own >= margin:
            yield subject.fault(
                "C09", field, f"the key is shorter ({own}) than every distractor ({min(others)})", WARNING
            )


def check_shared_words(subject: Subject) -> Iterator[ContentFault]:
    """C10: no word of the question stands in the key alone."""
    if subject.item.kind is not Kind.SINGLE or len(subject.keys) != 1:
        return
    key = subject.keys[0]
    for language, parts in (("zh", _zh_grams), ("en", _en_words)):
        asked = parts(subject, lead_in(without_edition(subject.item.stem.in_language(language))))
        shared = asked & parts(subject, key.text.in_language(language))
        for option in subject.distractors:
            shared -= parts(subject, option.text.in_language(language))
        if shared:
            told = ", ".join(sorted(shared)[:3])
            message = f"of question and options, only the key shares {told!r} with the question"
            yield subject.fault("C10", f"options.{key.id}.text.{language}", message, WARNING)


def check_absolutes(subject: Subject) -> Iterator[ContentFault]:
    """C11: words such as always and usually stand on both sides or on none."""
    if subject.item.kind not in (Kind.SINGLE, Kind.MULTIPLE):
        return
    for name, words in (("absolute", _ABSOLUTE), ("hedging", _HEDGE)):
        for language in ("zh", "en"):
            keys = _found(subject, words[language], language, keys=True)
            wrong = _found(subject, words[language], language, keys=False)
            if bool(keys) != bool(wrong):
                side = "the key" if keys else "the distractors"
                message = f"the {name} word {(keys or wrong)!r} stands only on the side of {side}"
                yield subject.fault("C11", f"options.{language}", message, WARNING)


def check_negative(subject: Subject) -> Iterator[ContentFault]:
    """C12: a negative question is rare; its word is bold in both languages, and no option is negative too.

    A word found in one language only is a warning: mostly the other language asks the same in the positive (所禁 beside
    "may not"), and the sentence is better turned round than marked.
    """
    if subject.item.kind is Kind.TRUE_FALSE:
        return
    found = {language: negatives(subject, language) for language in ("zh", "en")}
    if not any(found.values()):
        return
    if not all(found.values()):
        language = "zh" if found["zh"] else "en"
        message = f"the question has {found[language][0][0]!r} in this language only; ask in the positive in both"
        yield subject.fault("C12", f"stem.{language}", message, WARNING)
        return
    for language, words in found.items():
        if not all(bold for _, bold in words):
            message = "the question is negative, and the word that makes it so is not in bold (**…**) in this language"
            yield subject.fault("C12", f"stem.{language}", message)
    twice = [
        option.id
        for option in subject.item.options
        for language in ("zh", "en")
        if _NEGATIVE[language].search(option.text.in_language(language))
    ]
    if twice:
        yield subject.fault("C12", f"options.{twice[0]}.text", "is negative, and so is the question")
    else:
        yield subject.fault(
            "C12", "stem", "asks in the negative; keep it only where finding the gap is the job", WARNING
        )


def check_bundles(subject: Subject) -> Iterator[ContentFault]:
    """C13: no option stands for others, such as 以上都对 or A and B."""
    for option in subject.item.options:
        for language in ("zh", "en"):
            found = _BUNDLE[language].search(option.text.in_language(language))
            if found:
                message = f"{found.group()!r} stands for other options"
                yield subject.fault("C13", f"options.{option.id}.text.{language}", message)


def negatives(subject: Subject, language: str) -> tuple[tuple[str, bool], ...]:
    """Negative words of the question, each with whether it stands in bold."""
    text = subject.glossary.masked(lead_in(subject.item.stem.in_language(language)), language)
    spans = tuple(bold_spans(text))
    return tuple(
        (match.group(), any(start <= match.start() and match.end() <= end for start, end in spans))
        for match in _NEGATIVE[language].finditer(text)
    )


def _zh_grams(subject: Subject, text: str) -> frozenset[str]:
    """Runs of three characters that lie inside one stretch without punctuation, terms left out."""
    found: set[str] = set()
    for stretch in re.split(rf"{MASK}|\W+", subject.glossary.masked(text, "zh")):
        folded = plain(stretch)
        found |= {folded[start : start + 3] for start in range(len(folded) - 2)}
    return frozenset(part for part in found if not part.isdigit())


def _en_words(subject: Subject, text: str) -> frozenset[str]:
    return content_words(subject.glossary.masked(text, "en"))


def _found(subject: Subject, words: re.Pattern[str], language: str, *, keys: bool) -> str:
    """The first of the words on that side; empty when there is none."""
    for option in subject.keys if keys else subject.distractors:
        text = _HARMLESS.sub(MASK, subject.glossary.masked(option.text.in_language(language), language))
        match = words.search(text)
        if match:
            return match.group()
    return ""

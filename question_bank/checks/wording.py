"""C14 and C15: the form of the stem, and sizes."""

import re
from collections.abc import Iterator
from typing import Final

from question_bank.checks.plain import en_length, questions, sentences, zh_length
from question_bank.checks.subject import WARNING, CaseSubject, Subject, case_text
from question_bank.errors import ContentFault
from question_bank.items import Kind

_STEM: Final = (160, 110)
_OPTION: Final = (40, 28)
_CASE: Final = (150, 400)
_TWO_CLAIMS: Final = re.compile("且|同时|而且|；")
_VERBS: Final = "is|are|was|were|must|shall|may|can|has|have|does|do|need|needs|runs|applies|counts|ends|begins|takes"
_SECOND_CLAUSE: Final = re.compile(
    rf"\band\s+(?:(?:the|a|an|it|its|they|this|that)\s+)?(?:[\w-]+\s+){{0,4}}?(?:{_VERBS})\b|;"
)


def check_stem(subject: Subject) -> Iterator[ContentFault]:
    """C14: one question a stem; a true/false stem is one claim."""
    item = subject.item
    if item.kind is Kind.TRUE_FALSE:
        yield from _statement(subject)
        return
    for language, mark in (("zh", "？"), ("en", "?")):
        asked = questions(item.stem.in_language(language))
        if len(asked) != 1:
            message = f"has {len(asked)} sentences that end in {mark}; a stem asks one question"
            yield subject.fault("C14", f"stem.{language}", message, WARNING)


def check_size(subject: Subject) -> Iterator[ContentFault]:
    """C15: stems and options are short."""
    for field in subject.fields:
        if field.path == "stem":
            limits = _STEM
        elif field.path.endswith(".text"):
            limits = _OPTION
        else:
            continue
        for language, path, text in field.spoken():
            length = zh_length(text) if language == "zh" else en_length(text)
            limit = limits[0] if language == "zh" else limits[1]
            if length > limit:
                unit = "characters" if language == "zh" else "words"
                yield subject.fault("C15", path, f"has {length} {unit}; at most {limit}", WARNING)


def check_case_size(subject: CaseSubject) -> Iterator[ContentFault]:
    """C15: text and table of a case have 150 to 400 Chinese characters."""
    length = zh_length(case_text(subject.case, "zh"))
    if not _CASE[0] <= length <= _CASE[1]:
        message = f"text and table have {length} characters; {_CASE[0]} to {_CASE[1]} are asked for"
        yield subject.fault("C15", "text.zh", message, WARNING)


def _statement(subject: Subject) -> Iterator[ContentFault]:
    zh, en = subject.item.stem.zh.strip(), subject.item.stem.en.strip()
    if not zh.endswith("。") or len(sentences(zh)) != 1:
        yield subject.fault("C14", "stem.zh", "is not one statement that ends in 。", WARNING)
    if not en.endswith(".") or len(sentences(en)) != 1:
        yield subject.fault("C14", "stem.en", "is not one statement that ends in a full stop", WARNING)
    joined = _TWO_CLAIMS.search(subject.glossary.masked(zh, "zh"))
    if joined:
        yield subject.fault("C14", "stem.zh", f"joins two claims by {joined.group()}; a statement makes one", WARNING)
    if _SECOND_CLAUSE.search(subject.glossary.masked(en, "en")):
        yield subject.fault("C14", "stem.en", "joins two claims; a statement makes one", WARNING)

"""C01 to C03: both languages complete, each in its own script, with the same figures."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from question_bank.checks.plain import CJK, has_cjk
from question_bank.checks.quantities import differences
from question_bank.checks.subject import WARNING, CaseSubject, Field, Subject
from question_bank.errors import ContentFault

_FULL_WIDTH: Final = re.compile(r"[\u3000-\u303f\uff00-\uffef]")
_ONLY_NUMBERS: Final = re.compile(r"[A-Z0-9\s.,:;%/()+\-–≥≤<>=×÷*°‰]*")
_HALF_WIDTH: Final = re.compile(rf"(?<=[{CJK}])[,:;?()](?=[{CJK}]|\s*$)|(?<=[{CJK}])[(][^()]*[)]")


def check_complete(subject: Subject | CaseSubject) -> Iterator[ContentFault]:
    """C01: no text is empty, and the two differ unless they hold only numbers and codes."""
    for field in subject.fields:
        zh, en = field.text.zh.strip(), field.text.en.strip()
        for language, text in (("zh", zh), ("en", en)):
            if not text:
                yield subject.fault("C01", f"{field.path}.{language}", "is empty")
        if zh and zh == en and not is_number_or_code(zh):
            yield subject.fault("C01", field.path, "is the same in both languages; one of them is not translated")


def check_script(subject: Subject | CaseSubject) -> Iterator[ContentFault]:
    """C02: no Chinese sign in English, some Chinese in Chinese, and full-width marks between Chinese characters."""
    for field in subject.fields:
        yield from _script_of(subject, field)


def check_figures_agree(subject: Subject | CaseSubject) -> Iterator[ContentFault]:
    """C03: each field names the same figures in both languages. A unit such as 万元 and CNY 10,000 is left to C19."""
    for field in subject.fields:
        if field.path == "answer.unit":
            continue
        only_zh, only_en = differences(field.text.zh, field.text.en)
        if only_zh or only_en:
            yield subject.fault("C03", field.path, f"the figures differ: {_told(only_zh, 'zh')}{_told(only_en, 'en')}")


def is_number_or_code(text: str) -> bool:
    """Whether the text holds only figures, signs and codes in capitals, such as `ISO 27001`."""
    return _ONLY_NUMBERS.fullmatch(text) is not None


def _script_of(subject: Subject | CaseSubject, field: Field) -> Iterator[ContentFault]:
    zh, en = field.text.zh, field.text.en
    foreign = next((sign for sign in en if has_cjk(sign) or _FULL_WIDTH.match(sign)), None)
    if foreign is not None:
        yield subject.fault("C02", f"{field.path}.en", f"has {foreign!r}, a Chinese character or full-width mark")
    if zh.strip() and not has_cjk(zh) and not is_number_or_code(zh.strip()):
        yield subject.fault("C02", f"{field.path}.zh", "has no Chinese character")
    narrow = _HALF_WIDTH.search(zh)
    if narrow is not None:
        message = f"has the half-width mark {narrow.group()[0]!r} among Chinese characters; use the full-width one"
        yield subject.fault("C02", f"{field.path}.zh", message, WARNING)


def _told(figures: Iterable[str], language: str) -> str:
    other = "en" if language == "zh" else "zh"
    listed = ", ".join(figures)
    return f"{listed} only in {language}, not in {other}; " if listed else ""

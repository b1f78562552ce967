"""C17 and C18: grade words only where a rule grades, and the glossary's terms."""

import re
from collections.abc import Iterator
from typing import Final

from question_bank.checks.subject import WARNING, CaseSubject, Field, Subject
from question_bank.errors import ContentFault
from question_bank.items import ErrorClass

_GRADE_WORDS: Final = re.compile(r"(?:基本|不|部分)?达标|不适用")
_GRADE_WORDS_EN: Final = re.compile(r"\b(?:basically met|not met|counted as met|not applicable)\b", re.IGNORECASE)
# Criteria that say how they are graded; their counterparts among the certified criteria count too.
_GRADED_2026: Final = (
    "A26.07.12", "A26.07.13", "A26.07.14", "A26.07.15", "A26.22.66", "A26.05.08", "A26.05.09", "A26.24.74",
)  # fmt: skip
_CERTIFIED: Final = "2026-34-CE"
# In 2022 the rule for each category says which results are open, and the root holds the pass rule.
_GRADED_2022: Final = frozenset({"G22", "S22", "G22.IC", "G22.FI", "G22.LC", "G22.TS", "G22.05", "G22.05.13"})


def check_grade_words(subject: Subject) -> Iterator[ContentFault]:
    """C17: 达标 and its fellows are keyed only where a cited criterion says how it is graded."""
    if not subject.criteria_cited or not graded_codes(subject).isdisjoint(subject.item.codes):
        return
    for field in subject.key_fields():
        if _GRADE_WORDS.search(field.text.zh) or _GRADE_WORDS_EN.search(field.text.en):
            message = "uses a word of grade, and no cited criterion says how it is graded; ask within or over the limit"
            yield subject.fault("C17", field.path, message, WARNING)


def check_terms(subject: Subject) -> Iterator[ContentFault]:
    """C18: no string that the glossary refuses; those refused since 2026 only beside criteria of 2026."""
    since_2026 = subject.cites_2026 and not subject.item.comparison
    for field in subject.fields:
        free = field.option is not None and field.option.error is ErrorClass.OTHER_EDITION
        yield from _refused(subject, field, since_2026=since_2026 and not free)


def check_case_terms(subject: CaseSubject) -> Iterator[ContentFault]:
    """C18 for the text and table of a case."""
    for field in subject.fields:
        yield from _refused(subject, field, since_2026=False)


def graded_codes(subject: Subject) -> frozenset[str]:
    """Codes whose criterion gives a grade."""
    found = set(_GRADED_2022)
    for code in _GRADED_2026:
        found.add(code)
        if code in subject.criteria:
            found |= set(subject.criteria.counterparts(code).get(_CERTIFIED, ()))
    return frozenset(found)


def _refused(subject: Subject | CaseSubject, field: Field, *, since_2026: bool) -> Iterator[ContentFault]:
    for refusal in subject.glossary.refusals(field.text, since_2026=since_2026):
        yield subject.fault("C18", field.path, f"{refusal.found!r} is refused; the term is {refusal.instead}")

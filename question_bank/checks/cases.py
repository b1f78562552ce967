"""C21: a case is one stimulus that each of its items needs."""

from collections.abc import Iterator
from typing import Final

from question_bank.checks.arithmetic import NotArithmetic, working_line
from question_bank.checks.plain import grams, plain, without_edition
from question_bank.checks.quantities import values_of
from question_bank.checks.subject import CaseSubject, case_text, fields_of
from question_bank.errors import ContentFault
from question_bank.items import Case, Item
from question_bank.texts import Text

_NAMED: Final = 4
_KEY: Final = 4
_TELLING: Final = 12
_YEARS: Final = range(1990, 2100)


def check_case(subject: CaseSubject) -> Iterator[ContentFault]:
    """C21: 3 to 5 items of two levels and two kinds, each on a datum of the case, none giving another's answer."""
    case = subject.case
    if not 3 <= len(case.items) <= 5:
        yield subject.fault("C21", "items", f"has {len(case.items)} items; a case has 3 to 5")
    if len({item.level for item in case.items}) < 2:
        yield subject.fault("C21", "items", "are all of one level; a case has at least two")
    if len({item.kind for item in case.items}) < 2:
        yield subject.fault("C21", "items", "are all of one kind; a case has at least two")
    for item in case.items:
        if not _uses(case, item):
            message = "uses no datum of the case, neither in working nor by name"
            yield ContentFault(subject.file, item.id, "stem", "C21", message)
    yield from _leaks(subject)


def _uses(case: Case, item: Item) -> bool:
    """Whether working takes a number of the case, or a run of four characters names something of it."""
    text = without_edition(case_text(case, "zh"))
    numbers = values_of(Text(text, without_edition(case_text(case, "en"))))
    for line in item.working:
        try:
            leaves = {leaf for side in working_line(line).sides for leaf in side.leaves()}
        except NotArithmetic:
            continue
        if any(leaf in numbers for leaf in leaves if leaf not in (0, 1)):
            return True
    spoken = without_edition("\n".join(field.text.zh for field in fields_of(item) if field.path != "source"))
    telling = {value for value in numbers if value > _TELLING and value not in _YEARS}
    if not telling.isdisjoint(values_of(Text(spoken, ""))):
        return True
    return not grams(plain(text), _NAMED).isdisjoint(grams(plain(spoken), _NAMED))


def _leaks(subject: CaseSubject) -> Iterator[ContentFault]:
    """Keys of some length that stand in the stem of another item of the case."""
    items = subject.case.items
    for item in items:
        for option in item.options:
            key = plain(option.text.zh)
            if not option.key or len(key) < _KEY or subject.glossary.masked(option.text.zh, "zh").strip("\ufffc") == "":
                continue
            for other in items:
                if other is not item and key in plain(other.stem.zh):
                    message = f"holds the key of {item.id}: {option.text.zh}"
                    yield ContentFault(subject.file, other.id, "stem", "C21", message)

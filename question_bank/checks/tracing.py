"""C04: every figure of a key, rationale or reason comes from somewhere."""

from collections.abc import Iterator
from fractions import Fraction
from math import floor
from typing import Final

from question_bank.checks.arithmetic import NotArithmetic, WorkingLine, results, whole_numbers_beside, working_line
from question_bank.checks.quantities import Figure, Sort, month_form, values_of
from question_bank.checks.sources import Sources, untraced
from question_bank.checks.subject import ERROR, WARNING, Subject
from question_bank.errors import ContentFault
from question_bank.items import ErrorClass, Kind, Level
from question_bank.texts import Text

_MONEY_SCALE: Final = {"万元": 10**4, "亿元": 10**8, "百万元": 10**6}


def check_working(subject: Subject) -> Iterator[ContentFault]:
    """C04: each line of `working` can be recomputed, and its sides are equal."""
    for place, text in enumerate(subject.item.working):
        field = f"working.{place}"
        try:
            line = working_line(text)
        except NotArithmetic as error:
            yield subject.fault("C04", field, f"cannot be recomputed: it {error}")
            continue
        if not line.agrees():
            yield subject.fault("C04", field, f"the sides of {text!r} are not equal")


def check_figures_traced(subject: Subject) -> Iterator[ContentFault]:
    """C04: figures come from the cited criteria, stem, case, instruments or recomputed working.

    A distractor's figure may also come from `borrowed` codes, from any recomputed line, or be a slip of the decimal
    point where its class is unit_slip; else it is a warning.
    """
    sources = Sources(subject)
    yield from _untraced_working(subject, sources)
    yield from _claim(subject, sources)
    yield from _options(subject, sources)
    yield from _number(subject, sources)
    yield from _others(subject, sources)


def _untraced_working(subject: Subject, sources: Sources) -> Iterator[ContentFault]:
    """Lines whose numbers come from nowhere; those of wrong answers may be such."""
    known = sources.borrowed | sources.months
    for place, line in enumerate(sources.lines):
        if not any(side.is_traced(known) for side in line.sides) and not _ends_in_wrong_answer(subject, line):
            numbers = ", ".join(str(Figure(Sort.NUMBER, value)) for value in line.sides[0].untraced(known))
            yield subject.fault(
                "C04", f"working.{place}", f"uses {numbers}, which no cited criterion, stem or case gives"
            )
        values = {side.value for side in line.sides}
        known |= values | whole_numbers_beside(values)


def _ends_in_wrong_answer(subject: Subject, line: WorkingLine) -> bool:
    wrong = {Fraction(expected.value) for expected in subject.item.numeric.errors} if subject.item.numeric else set()
    for option in subject.distractors:
        wrong |= values_of(option.text)
    return any(side.value in wrong for side in line.sides)


def _claim(subject: Subject, sources: Sources) -> Iterator[ContentFault]:
    """A statement of the recall level is no datum: where it is true its figures stand in the criteria."""
    item = subject.item
    if item.kind is not Kind.TRUE_FALSE or item.level is not Level.RECALL:
        return
    true = "T" in item.key_ids
    instruments = sources.given - values_of(item.stem)
    known = subject.figures_cited | instruments
    known |= results(sources.lines, known)
    if not true:
        known |= sources.borrowed - sources.known
    yield from _faults(subject, "stem", item.stem, known, severity=ERROR if true else WARNING)


def _options(subject: Subject, sources: Sources) -> Iterator[ContentFault]:
    item_is_applied = subject.item.level is not Level.RECALL
    for option in subject.item.options:
        truth = subject.item.kind is Kind.TRUE_FALSE
        path = f"reasons.{'true' if option.id == 'T' else 'false'}" if truth else f"options.{option.id}.reason"
        if option.key:
            yield from _faults(subject, f"options.{option.id}.text", option.text, sources.known)
            yield from _faults(subject, path, option.reason, sources.borrowed | _own(subject))
            continue
        known = _of_error(sources, option.error)
        missing = untraced(option.text, known, years=item_is_applied)
        if missing:
            message = f"has {', '.join(missing)}, which neither the cited nor the borrowed criteria nor working give"
            yield subject.fault("C04", f"options.{option.id}.text", message, WARNING)
        yield from _faults(subject, path, option.reason, known | _own(subject))


def _own(subject: Subject) -> frozenset[Fraction]:
    """Numbers of the item's own options and wrong numbers, which its reasons may repeat."""
    found: frozenset[Fraction] = frozenset()
    for option in subject.item.options:
        found |= values_of(option.text)
    return found


def _of_error(sources: Sources, error: ErrorClass | None) -> frozenset[Fraction]:
    """Numbers that a wrong answer of this class and its reason may use: a slip moves the point of a known one."""
    if error is not ErrorClass.UNIT_SLIP:
        return sources.wrong
    return frozenset(value * Fraction(10) ** places for value in sources.wrong for places in range(-4, 5))


def _number(subject: Subject, sources: Sources) -> Iterator[ContentFault]:
    numeric = subject.item.numeric
    if numeric is None:
        return
    scale = _MONEY_SCALE.get(numeric.unit.zh.strip(), 1)
    value = Fraction(numeric.value)
    places = Fraction(10) ** numeric.decimals
    known = subject.figures_cited | sources.worked_out if subject.item.working else sources.known
    rounded = {Fraction(floor(one * places + Fraction(1, 2))) / places for one in known}
    forms = {value, value * scale, *_forms_in_unit(value, numeric.unit)}
    if forms.isdisjoint(known | rounded):
        message = "comes from no cited criterion, stem or case; show it in working (a count as 1 + 1 + 0 = 2)"
        yield subject.fault("C04", "answer.value", f"{numeric.value} {message}")
    own = {Fraction(expected.value) for expected in numeric.errors} | {value}
    for place, expected in enumerate(numeric.errors):
        wrong = _of_error(sources, expected.error) | own | {one * scale for one in own}
        yield from _faults(subject, f"errors.{place}.reason", expected.reason, wrong)


def _forms_in_unit(value: Fraction, unit: Text) -> Iterator[Fraction]:
    """What the number may stand for besides: a share where percent are asked for, a month where a month is."""
    if unit.en.strip() == "%":
        yield value / 100
    if unit.zh.strip().startswith("月"):
        yield month_form(value)


def _others(subject: Subject, sources: Sources) -> Iterator[ContentFault]:
    item = subject.item
    own = _own(subject)
    if item.numeric is not None:
        scale = _MONEY_SCALE.get(item.numeric.unit.zh.strip(), 1)
        own |= {Fraction(item.numeric.value), Fraction(item.numeric.value) * scale}
    for element in item.elements:
        own |= values_of(Text(element.sort, ""))
    for part in item.elements + item.premises:
        where = "elements" if part in item.elements else "premises"
        yield from _faults(subject, f"{where}.{part.id}.text", part.text, sources.known)
        yield from _faults(subject, f"{where}.{part.id}.reason", part.reason, sources.borrowed | own)
    used = {premise.response for premise in item.premises}
    for response in item.responses:
        known = sources.known if response.id in used else sources.wrong
        severity = ERROR if response.id in used else WARNING
        yield from _faults(subject, f"responses.{response.id}.text", response.text, known, severity=severity)
    yield from _faults(subject, "rationale", item.rationale, sources.borrowed | own)


def _faults(
    subject: Subject, path: str, text: Text, known: frozenset[Fraction], *, severity: str = ERROR
) -> Iterator[ContentFault]:
    missing = untraced(text, known)
    if missing:
        message = f"has {', '.join(missing)}, which no cited criterion, stem, case, instrument or working gives"
        yield subject.fault("C04", path, message, severity)

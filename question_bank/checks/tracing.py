"""C04: every figure of a key, rationale or reason comes from somewhere."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from math import floor
from typing import Final

from question_bank.checks.arithmetic import NotArithmetic, WorkingLine, results, whole_numbers_beside, working_line
from question_bank.checks.quantities import Figure, Sort, forms_of, read, values_of
from question_bank.checks.subject import ERROR, WARNING, Subject, case_text
from question_bank.criteria import Instrument
from question_bank.errors import ContentFault
from question_bank.items import ErrorClass, Kind, Level
from question_bank.texts import Text

# Numbers that only say where something stands: the number of a criterion, annex, article, decree or bulletin.
_REFERENCES: Final = re.compile(
    r"""(?:公告)?(?:19|20)\d\d年第\d+号(?:公告)?|海关总署令第\d+号|第\d+号令?|署[企稽]发〔\d{4}〕\d+号
    |附件\s?\d+|第\d+(?:[-—、至和]\d+)*(?:项|条|节|款|大类|类)|[A-Z]{1,3}\d*(?:[.-][A-Z0-9]+)+|ISO\s?\d+
    |[Bb]ulletins?\s\d+(?:\sof\s\d{4})?|[Dd]ecrees?\s\d+(?:(?:,\s\d+)*,?\sand\s\d+)?|[Dd]ocument\s\d+\sof\s\d{4}
    |(?:[Aa]nnex|[Cc]riteri(?:on|a)|[Aa]rticles?|[Ss]ections?|[Cc]ategor(?:y|ies)|[Ii]tems?)\s\d+(?:(?:\sto\s|-|,\s|\sand\s)\d+)*
    """,
    re.VERBOSE,
)
_MONEY_SCALE: Final = {"万元": 10**4, "亿元": 10**8, "百万元": 10**6}
# An option that says so states a limit; one without may describe a firm, and then its figures are data like the stem's.
_LIMIT: Final = re.compile("不超过|不高于|不低于|不少于|以上|以下|至少|至多|最多|最少|限额|上限|下限|限值|应|须|必须")
_YEARS: Final = range(1990, 2100)


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


@dataclass(frozen=True)
class Sources:
    """The numbers that an item may use."""

    subject: Subject

    @cached_property
    def lines(self) -> tuple[WorkingLine, ...]:
        """The lines of working that can be read."""
        found = []
        for text in self.subject.item.working:
            try:
                found.append(working_line(text))
            except NotArithmetic:
                continue
        return tuple(found)

    @cached_property
    def given(self) -> frozenset[Fraction]:
        """Numbers of the cited criteria, stem, case and named instruments, and of firms that choices describe."""
        item, criteria = self.subject.item, self.subject.criteria
        numbers = self.subject.figures_cited | values_of(item.stem)
        if self.subject.case is not None:
            case = self.subject.case
            numbers |= values_of(Text(case_text(case, "zh"), case_text(case, "en"))) | values_of(case.title)
        named = [criteria.instruments[one] for one in item.instruments if one in criteria.instruments]
        for instrument in named:
            numbers |= _numbers_of(instrument)
        for text in _data(self.subject):
            numbers |= values_of(text)
        days = (item.effective_from, item.effective_to)
        numbers |= {Fraction(part) for day in days if day is not None for part in (day.year, day.day)}
        return numbers | values_of(Text(item.as_of or "", ""))

    @cached_property
    def known(self) -> frozenset[Fraction]:
        """What is given, and what working makes of it."""
        return results(self.lines, self.given)

    @cached_property
    def computed(self) -> frozenset[Fraction]:
        """What a number asked for may be where there is working: a value of one of its lines, or a limit."""
        values = {side.value for line in self.lines for side in line.sides}
        return self.known & (self.subject.figures_cited | values | whole_numbers_beside(values))

    @cached_property
    def borrowed(self) -> frozenset[Fraction]:
        """What explanations may use besides: figures of `borrowed` codes, and none at all."""
        codes = [code for code in self.subject.item.borrowed if code in self.subject.criteria]
        return self.known | {Fraction(0)} | _exact(self.subject.criteria.figures_of(codes))

    @cached_property
    def wrong(self) -> frozenset[Fraction]:
        """What wrong answers may use besides: every value that a line of working gives, right or not."""
        values = {side.value for line in self.lines for side in line.sides}
        return self.borrowed | values | whole_numbers_beside(values)


def is_among(value: Fraction, known: frozenset[Fraction]) -> bool:
    """Whether the number is known, as ratio or as percent."""
    return not {value, value / 100, value * 100}.isdisjoint(known)


def untraced(text: Text, known: frozenset[Fraction], *, years: bool = False) -> tuple[str, ...]:
    """Figures in digits of either language that are not known, months and references left out.

    years: also leave out calendar years, which are data in an item above recall.
    """
    missing: dict[str, None] = {}
    for spoken in (text.zh, text.en):
        for figure in read(_REFERENCES.sub(" ", spoken)).figures:
            if not _is_known(figure, known) and not (years and figure.value in _YEARS):
                missing[str(figure)] = None
    return tuple(missing)


def _is_known(figure: Figure, known: frozenset[Fraction]) -> bool:
    if figure.sort is Sort.MONTH:
        return True
    if figure.parts is not None and all(is_among(part, known) for part in figure.parts):
        return True
    values = {figure.value} if figure.sort is Sort.FRACTION else forms_of(figure)
    return any(is_among(value, known) for value in values)


def _data(subject: Subject) -> Iterator[Text]:
    """Premises and options that describe a firm or an event, as the stem of an item above recall does.

    Options do so in a multiple item, and in a single one where each option has figures of its own.
    """
    item = subject.item
    if item.level is Level.RECALL:
        return
    yield from (premise.text for premise in item.premises)
    known = subject.figures_cited | values_of(item.stem)
    records = item.kind is Kind.MULTIPLE or (
        item.kind is Kind.SINGLE and all(untraced(option.text, known) for option in item.options)
    )
    if records:
        yield from (option.text for option in item.options if not _LIMIT.search(option.text.zh))


def _untraced_working(subject: Subject, sources: Sources) -> Iterator[ContentFault]:
    """Lines whose numbers come from nowhere; those of wrong answers may be such."""
    known = sources.borrowed
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
    known = results(sources.lines, subject.figures_cited | instruments)
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
        missing = untraced(option.text, sources.wrong, years=item_is_applied)
        if missing and not (option.error is ErrorClass.UNIT_SLIP and _is_slip(option.text, sources.wrong)):
            message = f"has {', '.join(missing)}, which neither the cited nor the borrowed criteria nor working give"
            yield subject.fault("C04", f"options.{option.id}.text", message, WARNING)
        yield from _faults(subject, path, option.reason, sources.wrong | _own(subject))


def _own(subject: Subject) -> frozenset[Fraction]:
    """Numbers of the item's own options and wrong numbers, which its reasons may repeat."""
    found: frozenset[Fraction] = frozenset()
    for option in subject.item.options:
        found |= values_of(option.text)
    return found


def _is_slip(text: Text, known: frozenset[Fraction]) -> bool:
    """Whether each figure is a known one with its decimal point moved by one to four places."""
    shifts = [Fraction(10) ** places for places in range(-4, 5)]
    return all(
        any(value * shift in known for shift in shifts)
        for figure in read(text.zh).figures
        for value in forms_of(figure)
    )


def _number(subject: Subject, sources: Sources) -> Iterator[ContentFault]:
    numeric = subject.item.numeric
    if numeric is None:
        return
    scale = _MONEY_SCALE.get(numeric.unit.zh.strip(), 1)
    value = Fraction(numeric.value)
    places = Fraction(10) ** numeric.decimals
    known = sources.computed if subject.item.working else sources.known
    rounded = {Fraction(floor(one * places + Fraction(1, 2))) / places for one in known}
    if not any(is_among(one, known | rounded) for one in (value, value * scale)):
        message = "comes from no cited criterion, stem or case; show it in working (a count as 1 + 1 + 0 = 2)"
        yield subject.fault("C04", "answer.value", f"{numeric.value} {message}")
    own = {Fraction(expected.value) for expected in numeric.errors} | {value}
    for place, expected in enumerate(numeric.errors):
        wrong = sources.wrong | own | {one * scale for one in own}
        yield from _faults(subject, f"errors.{place}.reason", expected.reason, wrong)


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


def _exact(numbers: Iterable[Decimal]) -> frozenset[Fraction]:
    return frozenset(Fraction(number) for number in numbers)


def _numbers_of(instrument: Instrument) -> frozenset[Fraction]:
    days = (instrument.issued, instrument.effective_from, instrument.effective_to)
    dates = {Fraction(part) for day in days if day is not None for part in (day.year, day.day)}
    return values_of(instrument.name) | (values_of(instrument.number) if instrument.number else frozenset()) | dates

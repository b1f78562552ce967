"""Where the figures of an item may come from."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Final

from question_bank.checks.arithmetic import NotArithmetic, WorkingLine, results, whole_numbers_beside, working_line
from question_bank.checks.quantities import Figure, Sort, forms_of, month_form, read, values_of
from question_bank.checks.subject import Subject, case_text
from question_bank.criteria import Instrument
from question_bank.items import Kind, Level
from question_bank.texts import Text

# Numbers that only say where something stands: the number of a criterion, annex, article, decree or bulletin.
_REFERENCES: Final = re.compile(
    r"""(?:公告)?(?:19|20)\d\d年第\d+号(?:公告)?|海关总署令第\d+号|第\d+号令?|署[企稽]发〔\d{4}〕\d+号
    |附件\s?\d+|第\d+(?:[-—、至和]\d+)*(?:项|节|款|大类|类)|[A-Z]{1,4}\d*(?:[.-][A-Z0-9]+)+
    |[Bb]ulletins?\s\d+(?:\sof\s\d{4})?|[Dd]ecrees?\s\d+(?:(?:,\s\d+)*,?\sand\s\d+)?|[Dd]ocument\s\d+\sof\s\d{4}
    |(?:[Aa]nnex|[Cc]riteri(?:on|a)|[Ss]ections?|[Cc]ategor(?:y|ies)|[Ii]tems?)\s\d+(?:(?:\sto\s|-|,\s|\sand\s)\d+)*
    """,
    re.VERBOSE,
)
# An option that says so states a limit; one without may describe a firm, and then its figures are data like the stem's.
_LIMIT: Final = re.compile("不超过|不高于|不低于|不少于|以上|以下|至少|至多|最多|最少|限额|上限|下限|限值|应|须|必须")
_YEARS: Final = range(1990, 2100)


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
        for text in data_of_choices(self.subject):
            numbers |= values_of(text)
        numbers |= _numbers_of_days(item.effective_from, item.effective_to)
        return numbers | values_of(Text(item.as_of or "", ""))

    @cached_property
    def known(self) -> frozenset[Fraction]:
        """What is given, and what working makes of it."""
        return self.given | self.worked_out

    @cached_property
    def worked_out(self) -> frozenset[Fraction]:
        """Values of the lines of working whose numbers are given; there a month may be counted with."""
        return results(self.lines, self.given | self.months)

    @cached_property
    def months(self) -> frozenset[Fraction]:
        """Months named in stem and case, as numbers."""
        texts = [self.subject.item.stem.zh]
        if self.subject.case is not None:
            texts.append(case_text(self.subject.case, "zh"))
        figures = (figure for text in texts for figure in read(text).figures)
        return frozenset(figure.value for figure in figures if figure.sort is Sort.MONTH)

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


def untraced(text: Text, known: frozenset[Fraction], *, years: bool = False) -> tuple[str, ...]:
    """Figures in digits of either language that are not known, references left out.

    years: also leave out calendar years and months, which are data in an item above recall.
    """
    missing: dict[str, None] = {}
    for spoken in (text.zh, text.en):
        for figure in read(_REFERENCES.sub(" ", spoken)).figures:
            dated = figure.sort is Sort.MONTH or figure.value in _YEARS
            if not _is_known(figure, known) and not (years and dated):
                missing[str(figure)] = None
    return tuple(missing)


def _is_known(figure: Figure, known: frozenset[Fraction]) -> bool:
    """Whether the figure is known in one of its forms; a fraction also when both parts are, a month as a number too."""
    if figure.sort is Sort.MONTH:
        return figure.value <= 12 and not known.isdisjoint({figure.value, month_form(figure.value)})
    if figure.parts is not None:
        return figure.value in known or known.issuperset(figure.parts)
    return not forms_of(figure).isdisjoint(known)


def data_of_choices(subject: Subject) -> Iterator[Text]:
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


def _exact(numbers: Iterable[Decimal]) -> frozenset[Fraction]:
    return frozenset(Fraction(number) for number in numbers)


def _numbers_of(instrument: Instrument) -> frozenset[Fraction]:
    number = values_of(instrument.number) if instrument.number else frozenset()
    days = _numbers_of_days(instrument.issued, instrument.effective_from, instrument.effective_to)
    return values_of(instrument.name) | number | days


def _numbers_of_days(*days: date | None) -> frozenset[Fraction]:
    parts = (
        (Fraction(day.year), month_form(Fraction(day.month)), Fraction(day.day)) for day in days if day is not None
    )
    return frozenset(part for day in parts for part in day)

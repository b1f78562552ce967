"""What a check is given: one item or one case, where it stands, and what it is held against."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Final

from question_bank.criteria import Criteria, Criterion
from question_bank.errors import ContentFault
from question_bank.glossary import Glossary
from question_bank.items import Case, Item, Kind, Option
from question_bank.texts import Text

ERROR: Final = "E"
WARNING: Final = "W"
# Where a fault of the whole bank is said to stand: the folder, as no one file is at fault.
WHOLE_BANK: Final = "."
REGIME_2026: Final = "B34-2026"


@dataclass(frozen=True, slots=True)
class Field:
    """A text of an item or case with its dotted path. option: the option it belongs to."""

    path: str
    text: Text
    option: Option | None = None

    def spoken(self) -> Iterator[tuple[str, str, str]]:
        """Language, dotted path with the language, text; Chinese first."""
        yield "zh", f"{self.path}.zh", self.text.zh
        yield "en", f"{self.path}.en", self.text.en


@dataclass(frozen=True)
class Subject:
    """One item under check. case: the case it belongs to."""

    item: Item
    case: Case | None
    file: str
    criteria: Criteria
    glossary: Glossary

    def fault(self, code: str, field: str, message: str, severity: str = ERROR) -> ContentFault:
        """A fault at `field` of this item."""
        return ContentFault(self.file, self.item.id, field, code, message, severity)

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """Every text of the item that a person reads, and the source."""
        return tuple(fields_of(self.item))

    @cached_property
    def known_codes(self) -> tuple[str, ...]:
        """The cited codes that exist."""
        return tuple(code for code in self.item.codes if code in self.criteria)

    @cached_property
    def figures_cited(self) -> frozenset[Fraction]:
        """Every number that the cited criteria and topics give."""
        return frozenset(map(Fraction, self.criteria.figures_of(self.known_codes)))

    @cached_property
    def regimes(self) -> frozenset[str]:
        """Instruments of the editions of the cited criteria; empty for topics."""
        editions = [self.criteria.edition_of(code) for code in self.known_codes]
        return frozenset(edition.instrument or edition.id for edition in editions if edition is not None)

    @property
    def cites_2026(self) -> bool:
        """Whether a criterion of 2026 is cited."""
        return REGIME_2026 in self.regimes

    @cached_property
    def criteria_cited(self) -> tuple[Criterion, ...]:
        """The cited nodes that are criteria, not topics."""
        return tuple(node for node in map(self.criteria.node, self.known_codes) if isinstance(node, Criterion))

    @property
    def keys(self) -> tuple[Option, ...]:
        """The right options."""
        return tuple(option for option in self.item.options if option.key)

    @property
    def distractors(self) -> tuple[Option, ...]:
        """The wrong options."""
        return tuple(option for option in self.item.options if not option.key)

    def key_fields(self) -> Iterator[Field]:
        """The texts that hold the right answer; the statement itself for true/false."""
        if self.item.kind is Kind.TRUE_FALSE:
            yield Field("stem", self.item.stem)
        elif self.item.options:
            yield from (Field(f"options.{option.id}.text", option.text, option) for option in self.keys)
        used = {premise.response for premise in self.item.premises}
        yield from (Field(f"responses.{r.id}.text", r.text) for r in self.item.responses if r.id in used)
        yield from (Field(f"premises.{premise.id}.text", premise.text) for premise in self.item.premises)


@dataclass(frozen=True)
class CaseSubject:
    """One case under check, apart from its items."""

    case: Case
    file: str
    criteria: Criteria
    glossary: Glossary

    def fault(self, code: str, field: str, message: str, severity: str = ERROR) -> ContentFault:
        """A fault at `field` of this case."""
        return ContentFault(self.file, self.case.id, field, code, message, severity)

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """Title, text and table of the case."""
        return tuple(fields_of_case(self.case))


ItemCheck = Callable[[Subject], Iterator[ContentFault]]
CaseCheck = Callable[[CaseSubject], Iterator[ContentFault]]


def fields_of(item: Item) -> Iterator[Field]:
    """Every text of an item, in the order of its file. The words True and False of a truth value are the site's own."""
    yield Field("stem", item.stem)
    for option in item.options:
        if item.kind is Kind.TRUE_FALSE:
            yield Field(f"reasons.{'true' if option.id == 'T' else 'false'}", option.reason, option)
        else:
            yield Field(f"options.{option.id}.text", option.text, option)
            yield Field(f"options.{option.id}.reason", option.reason, option)
    if item.numeric is not None:
        yield Field("answer.unit", item.numeric.unit)
        for place, expected in enumerate(item.numeric.errors):
            yield Field(f"errors.{place}.reason", expected.reason)
    for element in item.elements:
        yield Field(f"elements.{element.id}.text", element.text)
        yield Field(f"elements.{element.id}.reason", element.reason)
    for premise in item.premises:
        yield Field(f"premises.{premise.id}.text", premise.text)
        yield Field(f"premises.{premise.id}.reason", premise.reason)
    yield from (Field(f"responses.{response.id}.text", response.text) for response in item.responses)
    yield Field("rationale", item.rationale)
    yield Field("source", item.source)


def fields_of_case(case: Case) -> Iterator[Field]:
    """Every text of a case itself."""
    yield Field("title", case.title)
    yield Field("text", case.text)
    for place, row in enumerate(case.rows):
        yield Field(f"rows.{place}.group", row.group)
        yield Field(f"rows.{place}.label", row.label)
        yield Field(f"rows.{place}.value", row.value)


def case_text(case: Case, language: str) -> str:
    """Text and table of the case as one text."""
    rows = [
        f"{row.group.in_language(language)} {row.label.in_language(language)} {row.value.in_language(language)}"
        for row in case.rows
    ]
    return "\n".join([case.text.in_language(language), *rows])

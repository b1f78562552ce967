"""Instruments, editions, criteria, topics and labels of figures from plain data, as content files hold them."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from question_bank.criteria_nodes import (
    Change,
    Criterion,
    Edition,
    Fact,
    Grade,
    Instrument,
    InstrumentKind,
    NodeLevel,
    Source,
    Standing,
    Topic,
)
from question_bank.fields import AS_OF, CODE, INSTRUMENT, NAME, Fields
from question_bank.figures import Comparison, FigureLabel, Unit, rows_from
from question_bank.items import Certainty
from question_bank.texts import Text

_NUMBER: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_OFFICIAL_NO: Final = re.compile(r"[0-9一二三四五六七八九十()]{1,8}")
_VERIFY: Final = re.compile(r"doc|interview|site|sample")
_BETTER: Final = re.compile(r"lower|higher")
_NO_TEXT: Final = Text("", "")


def read_source(fields: Fields) -> Source:
    """A source of wordings."""
    found = Source(fields.string("id", INSTRUMENT), fields.choice("grade", Grade), fields.text("name"))
    fields.refuse_unknown()
    return found


def read_instrument(fields: Fields) -> Instrument:
    """A decree, bulletin or other paper."""
    found = Instrument(
        id=fields.string("id", INSTRUMENT),
        kind=fields.choice("kind", InstrumentKind),
        name=fields.text("name"),
        number=_optional_text(fields, "number"),
        issued=fields.day("issued"),
        effective_from=fields.day("effective_from"),
        effective_to=fields.day("effective_to"),
        standing=fields.choice("standing", Standing),
        grade=fields.choice("grade", Grade),
        note=_optional_text(fields, "note"),
    )
    fields.refuse_unknown()
    return found


def read_edition(fields: Fields) -> Edition:
    """A dated set of criteria, without its nodes."""
    found = Edition(
        id=fields.string("id", INSTRUMENT),
        root=fields.string("root", CODE),
        short=fields.text("short"),
        title=fields.text("title"),
        instrument=fields.optional("instrument", INSTRUMENT),
        annex=_optional_text(fields, "annex"),
        issued=fields.day("issued"),
        effective_from=fields.day("effective_from"),
        effective_to=fields.day("effective_to"),
        historical=fields.flag("historical"),
        grade=fields.choice("grade", Grade),
        completeness=fields.text("completeness"),
        note=_optional_text(fields, "note"),
    )
    fields.refuse_unknown()
    return found


def read_label(fields: Fields) -> FigureLabel:
    """How figures under one key are said."""
    key = fields.string("key", NAME)
    found = FigureLabel(
        key=key,
        row=fields.optional("row", NAME) or key,
        label=fields.text("label"),
        unit=fields.choice("unit", Unit),
        comparison=fields.choice("comparison", Comparison),
        counter=_optional_text(fields, "counter") or _NO_TEXT,
        better=fields.optional("better", _BETTER),
        better_in=_words(fields, "better_in"),
        counted=_optional_text(fields, "counted"),
        base=_optional_text(fields, "base"),
        parts=_texts(fields, "parts"),
    )
    fields.refuse_unknown()
    return found


def read_criterion(
    fields: Fields, edition: str, sources: Mapping[str, Source], labels: Mapping[str, FigureLabel]
) -> Criterion:
    """A node of `edition`. Its sources and the labels of its figures must be among `sources` and `labels`."""
    code = fields.string("code", CODE)
    named = fields.strings("sources", INSTRUMENT, required=True)
    for source in named:
        if source not in sources:
            fields.fault("sources", f"{source} does not stand in sources.yaml")
    figures = _figures(fields)
    disputed = fields.strings("disputed", NAME)
    for key in (*figures, *disputed):
        if key not in labels:
            fields.fault(f"figures.{key}", "has no label in figures.yaml")
    matched = fields.strings("own_matching", CODE)
    found = Criterion(
        code=code,
        edition=edition,
        level=fields.choice("level", NodeLevel),
        official_no=fields.optional("official_no", _OFFICIAL_NO),
        title=fields.text("title"),
        text=fields.text("text"),
        parent=fields.optional("parent", CODE),
        grade=best_grade([sources[source].grade for source in named if source in sources]),
        sources=named,
        figures=figures,
        rows=rows_from({key: value for key, value in figures.items() if key in labels}, labels, code, disputed),
        disputed=disputed,
        verify=fields.strings("verify", _VERIFY),
        counterparts=fields.strings("counterparts", CODE) + matched,
        own_matching=matched,
        change=fields.optional_choice("change", Change),
        note=_optional_text(fields, "note"),
    )
    fields.refuse_unknown()
    return found


def read_topic(fields: Fields) -> Topic:
    """A topic with its facts."""
    found = Topic(
        code=fields.string("code", CODE),
        title=fields.text("title"),
        text=fields.text("text"),
        parent=fields.optional("parent", CODE),
        as_of=fields.string("as_of", AS_OF),
        facts=fields.mappings("facts", _read_fact),
    )
    fields.refuse_unknown()
    return found


def best_grade(grades: list[Grade]) -> Grade:
    """The grade of the source that carries the wording: a copy of the official file before slides and notes on it."""
    for grade in (Grade.OFFICIAL_COPY, Grade.OFFICIAL, Grade.SECONDARY):
        if grade in grades:
            return grade
    return Grade.UNVERIFIED


def _read_fact(fields: Fields) -> Fact:
    found = Fact(
        as_of=fields.string("as_of", AS_OF),
        text=fields.text("text"),
        certainty=fields.choice("certainty", Certainty),
        source=fields.text("source"),
    )
    fields.refuse_unknown()
    return found


def _optional_text(fields: Fields, name: str) -> Text | None:
    """A text in both languages, None when the field is missing or null."""
    return None if fields.raw(name) is None else fields.text(name)


def _texts(fields: Fields, name: str) -> Mapping[str, Text]:
    """A mapping of texts, empty when the field is missing."""
    raw = fields.raw(name)
    below = fields.mapping(name) if raw is not None else None
    return {} if below is None or not isinstance(raw, dict) else {str(key): below.text(str(key)) for key in raw}


def _words(fields: Fields, name: str) -> Mapping[str, str]:
    """A mapping of code to direction, empty when the field is missing."""
    raw = fields.raw(name)
    below = fields.mapping(name) if raw is not None else None
    if below is None or not isinstance(raw, dict):
        return {}
    return {str(key): below.string(str(key), _BETTER) for key in raw}


def _figures(fields: Fields) -> Mapping[str, object]:
    """The figures: numbers exact, texts in both languages, words as they stand."""
    raw = fields.raw("figures")
    if raw is None:
        return {}
    below = fields.mapping("figures")
    return {str(key): _figure(below, str(key)) for key in raw} if isinstance(raw, dict) else {}


def _figure(fields: Fields, key: str) -> object:
    raw = fields.raw(key)
    if isinstance(raw, dict):
        if set(raw) == {"zh", "en"}:
            return fields.text(key)
        below = fields.mapping(key)
        return {str(part): _figure(below, str(part)) for part in raw}
    if isinstance(raw, list):
        return fields.mappings(key, Fields.languages)
    word = fields.string(key)
    return Decimal(word) if _NUMBER.fullmatch(word) else word

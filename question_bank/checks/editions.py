"""C05 and C16: codes, dates and certainty hold together, and the stem names its edition."""

import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Final

from question_bank.checks.arithmetic import NotArithmetic, working_line
from question_bank.checks.plain import word_pattern
from question_bank.checks.quantities import values_of
from question_bank.checks.subject import ERROR, Subject, case_text
from question_bank.criteria import NO_BOUND, NodeLevel
from question_bank.errors import ContentFault
from question_bank.items import Certainty
from question_bank.texts import Text

_INSTRUMENT_ZH: Final = re.compile(
    r"公告\s?(?P<year>\d{4})年第\s?(?P<bulletin>\d+)号|署[企稽]发〔(?P<issued>\d{4})〕(?P<document>\d+)号"
    r"|(?:海关总署令第\s?|第\s?(?=\d+号令))(?P<decree>\d+)号"
)
_INSTRUMENT_EN: Final = re.compile(
    r"\bBulletin (?P<bulletin>\d+) of (?P<year>\d{4})|\bDocument (?P<document>\d+) of (?P<issued>\d{4})"
    r"|\bDecrees? (?P<decree>\d+(?:(?:, \d+)*,? and \d+)?)",
    re.IGNORECASE,
)
_DATED: Final = {
    "zh": re.compile(r"截至\s?\d{4}年"),
    "en": re.compile(r"\b(?:as of|as at) [^.?]{0,24}?\d{4}", re.IGNORECASE),
}
_ROTTING: Final = {
    "zh": word_pattern("现行|最新|新规|目前"),
    "en": word_pattern("current|currently|latest|new rules|new rule|at present"),
}
_CRITERIA_NAMED: Final = re.compile(r"第(\d+(?:、\d+)*)项")
_TOTAL_SCORE: Final = re.compile(r"总分|满分|\d\s?分(?![之钟别公])|total score|\d points?\b", re.IGNORECASE)


def check_codes(subject: Subject) -> Iterator[ContentFault]:
    """C05: codes and instruments exist, and all belong to one regime unless the item compares."""
    item, criteria = subject.item, subject.criteria
    for name, codes in (("codes", item.codes), ("borrowed", item.borrowed)):
        for code in codes:
            if code not in criteria:
                yield subject.fault("C05", name, f"{code} is no code of a criterion or topic")
    for instrument in item.instruments:
        if instrument not in criteria.instruments:
            yield subject.fault("C05", "instruments", f"{instrument} is no known instrument")
    if len(subject.regimes) > 1 and not item.comparison:
        told = " and ".join(sorted(subject.regimes))
        yield subject.fault("C05", "codes", f"cites {told} in one item; set comparison: true, or keep to one")
    for regime in sorted(subject.regimes & criteria.instruments.keys() - set(item.instruments)):
        yield subject.fault("C05", "instruments", f"{regime}, on which the cited criteria rest, is missing")


def check_interval(subject: Subject) -> Iterator[ContentFault]:
    """C05: the item's days are those on which the cited criteria are in force; a comparison lives in the newer one."""
    item, criteria = subject.item, subject.criteria
    codes = [node.code for node in subject.criteria_cited]
    if not codes:
        return
    if item.comparison:
        newest = max(
            subject.criteria_cited, key=lambda node: criteria.editions[node.edition].effective_from or NO_BOUND
        )
        codes = [node.code for node in subject.criteria_cited if node.edition == newest.edition]
    first, last = criteria.interval(codes)
    if first is not None and last is not None and first > last:
        yield subject.fault("C05", "codes", "the cited criteria are never in force together")
        return
    if item.effective_from != first:
        said = "null, as the first day is unknown" if first is None else str(first)
        yield subject.fault("C05", "effective_from", f"must be {said}")
    if item.effective_to != last:
        yield subject.fault("C05", "effective_to", f"must be {last or 'null'}, as with the cited criteria")


def check_certainty(subject: Subject) -> Iterator[ContentFault]:
    """C05: certainty is not above the weakest source; what is unverified or has no known start is for practice only."""
    item = subject.item
    order = list(Certainty)
    if subject.known_codes:
        weakest = subject.criteria.certainty(subject.known_codes)
        if order.index(item.certainty) < order.index(weakest):
            yield subject.fault("C05", "certainty", f"{item.certainty} is above the weakest source, which is {weakest}")
    if not item.public and (item.certainty is Certainty.UNVERIFIED or item.effective_from is None):
        message = (
            "a secret item is for certification; this one is for practice only, its source or first day is unknown"
        )
        yield subject.fault("C05", "public", message)


def check_disputed(subject: Subject) -> Iterator[ContentFault]:
    """C05: no key and no working rests on a figure about which the sources differ."""
    disputed = _disputed_figures(subject)
    if not disputed:
        return
    for field in subject.key_fields():
        if not disputed.isdisjoint(_percentages(field.text)):
            yield subject.fault(
                "C05", field.path, "rests on a figure about which the sources differ; choose other data"
            )
    numeric = subject.item.numeric
    if numeric is not None and numeric.unit.en == "%" and Fraction(numeric.value) / 100 in disputed:
        yield subject.fault("C05", "answer.value", "is a figure about which the sources differ")
    for place, text in enumerate(subject.item.working):
        try:
            leaves = {leaf for side in working_line(text).sides for leaf in side.leaves()}
        except NotArithmetic:
            continue
        if not disputed.isdisjoint(leaves | {leaf / 100 for leaf in leaves if leaf > 1}):
            yield subject.fault("C05", f"working.{place}", "uses a figure about which the sources differ")


def check_no_total(subject: Subject) -> Iterator[ContentFault]:
    """C05: nothing is keyed on points or a total score; 2022 has none, and those of 2026 are not known."""
    if not subject.regimes or any(node.figures.get("points") for node in subject.criteria_cited):
        return
    for field in subject.key_fields():
        if any(_TOTAL_SCORE.search(text) for _, _, text in field.spoken()):
            yield subject.fault(
                "C05", field.path, "speaks of points or a total score, which these criteria do not give"
            )


def check_source(subject: Subject) -> Iterator[ContentFault]:
    """C05: the source names the cited criteria by their numbers, its certainty is the item's, instruments are known."""
    item = subject.item
    numbers = {node.official_no for node in subject.criteria_cited if node.level is NodeLevel.ITEM}
    wanted = {number.strip("()") for number in numbers if number is not None and number.strip("()").isdigit()}
    named = frozenset(number for group in _CRITERIA_NAMED.findall(item.source.zh) for number in group.split("、"))
    if named and len(wanted) == len(numbers) and named != wanted:
        told = f"names criterion {', '.join(sorted(named))}; cited are {', '.join(sorted(wanted))}"
        yield subject.fault("C05", "source.zh", told)
    if "二手" in item.source.zh and item.certainty is Certainty.OFFICIAL:
        yield subject.fault("C05", "certainty", "is official, and the source says 二手")
    for field in subject.fields:
        for one in sorted(ids_named(field.text.zh) | ids_named(field.text.en)):
            if one not in subject.criteria.instruments and not subject.figures_cited.issuperset(
                map(Fraction, re.findall(r"\d+", one))
            ):
                yield subject.fault(
                    "C05", field.path, f"names {one}, which no list of instruments and no cited fact has"
                )


def check_edition_named(subject: Subject) -> Iterator[ContentFault]:
    """C16: stem or case names the instrument with its number, or the date, in both languages, and no word that rots."""
    item = subject.item
    stem = [item.stem]
    if subject.case is not None:
        stem += [Text(case_text(subject.case, "zh"), case_text(subject.case, "en")), subject.case.title]
    zh, en = "\n".join(text.zh for text in stem), "\n".join(text.en for text in stem)
    named = {"zh": ids_named(zh), "en": ids_named(en)}
    framework = "SAFE" in item.instruments
    for language, text in (("zh", zh), ("en", en)):
        known = named[language] or _DATED[language].search(text) or (framework and re.search(r"\d{4}", text))
        if not known:
            example = (
                "公告2026年第34号 or 截至2026年2月"
                if language == "zh"
                else "Bulletin 34 of 2026 or as of February 2026"
            )
            yield subject.fault("C16", f"stem.{language}", f"names neither an instrument nor a date, such as {example}")
    for one in sorted((named["zh"] | named["en"]) - set(item.instruments)):
        yield subject.fault("C16", "instruments", f"{one} is named in the stem or case and missing here")
    yield from _rotting(subject)


def _rotting(subject: Subject) -> Iterator[ContentFault]:
    shown = [field for field in subject.fields if field.path == "stem" or field.path.endswith(".text")]
    for field in shown:
        for language, path, text in field.spoken():
            found = _ROTTING[language].search(subject.glossary.masked(text, language))
            if found:
                message = f"{found.group()!r} soon stops being true; name the instrument or the date"
                yield subject.fault("C16", path, message, ERROR)


def ids_named(text: str) -> frozenset[str]:
    """Ids of the decrees, bulletins and documents that a text in either language names by number."""
    found = set()
    for pattern in (_INSTRUMENT_ZH, _INSTRUMENT_EN):
        for match in pattern.finditer(text):
            groups = match.groupdict()
            if groups["bulletin"]:
                found.add(f"B{groups['bulletin']}-{groups['year']}")
            elif groups["document"]:
                found.add(f"DOC{groups['document']}-{groups['issued']}")
            else:
                found.update(f"D{number}" for number in re.findall(r"\d+", groups["decree"]))
    return frozenset(found)


def _disputed_figures(subject: Subject) -> frozenset[Fraction]:
    """Disputed limits of the cited criteria, as ratios."""
    found: set[Fraction] = set()
    for node in subject.criteria_cited:
        for key in node.disputed:
            found |= {Fraction(str(value)) / 100 for value in _leaves(node.figures.get(key))}
    return frozenset(found)


def _leaves(value: object) -> Iterator[object]:
    if isinstance(value, Mapping):
        for part in value.values():
            yield from _leaves(part)
    elif value is not None:
        yield value


def _percentages(text: Text) -> frozenset[Fraction]:
    return frozenset(value for value in values_of(text) if value < 1)

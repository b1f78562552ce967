"""The coded checks of a bank, all together."""

from collections.abc import Iterator, Mapping
from typing import Final

from question_bank.checks import (
    cases,
    cues,
    editions,
    keys,
    languages,
    numeric,
    personal,
    shape,
    similarity,
    stock,
    terms,
    tracing,
    wording,
)
from question_bank.checks.coverage import coverage_of
from question_bank.checks.report import Report
from question_bank.checks.subject import WARNING, CaseCheck, CaseSubject, ItemCheck, Subject
from question_bank.criteria import Criteria
from question_bank.errors import ContentFault
from question_bank.glossary import Glossary
from question_bank.glossary_loading import load_glossary
from question_bank.items import Bank
from question_bank.loading import LoadedContent

ITEM_CHECKS: Final[tuple[ItemCheck, ...]] = (
    languages.check_complete,
    languages.check_script,
    languages.check_figures_agree,
    tracing.check_working,
    tracing.check_figures_traced,
    editions.check_codes,
    editions.check_interval,
    editions.check_certainty,
    editions.check_source,
    editions.check_disputed,
    editions.check_no_total,
    shape.check_parts,
    shape.check_reasons,
    shape.check_duplicates,
    cues.check_length,
    cues.check_shared_words,
    cues.check_absolutes,
    cues.check_negative,
    cues.check_bundles,
    wording.check_stem,
    wording.check_size,
    editions.check_edition_named,
    terms.check_grade_words,
    terms.check_terms,
    numeric.check_numeric,
    numeric.check_near_limit,
    shape.check_ordering,
    shape.check_matching,
    personal.check_real_data,
)
CASE_CHECKS: Final[tuple[CaseCheck, ...]] = (
    languages.check_complete,
    languages.check_script,
    languages.check_figures_agree,
    wording.check_case_size,
    terms.check_case_terms,
    cases.check_case,
    personal.check_real_data,
)


def check_bank(
    content: LoadedContent, criteria: Criteria, *, shipped: bool = True, glossary: Glossary | None = None
) -> Report:
    """Every fault of the content, and its coverage.

    shipped: whether the folder is the bank that ships, which must cover every section, topic and kind; a base's own
    folder need not. glossary: the shipped one when none is given.
    """
    words = glossary or load_glossary()
    subjects = tuple(_subjects(content.bank, content.files, criteria, words))
    found = [fault for subject in subjects for check in ITEM_CHECKS for fault in check(subject)]
    for case in content.bank.cases:
        case_subject = CaseSubject(case, content.files.get(case.id, ""), criteria, words)
        found += [fault for case_check in CASE_CHECKS for fault in case_check(case_subject)]
    found += _of_bank(content, criteria, subjects, words)
    if shipped:
        found += stock.check_coverage(content.bank, criteria)
    accepted = {(item.id, waiver.code) for item in content.bank.all_items() for waiver in item.waivers}
    waived = [fault for fault in found if fault.severity == WARNING and (fault.item, fault.code) in accepted]
    left = [fault for fault in found if fault not in waived]
    place = {item.id: number for number, item in enumerate(content.bank.all_items())}
    left.sort(key=lambda fault: (fault.file, place.get(fault.item, -1), fault.code))
    return Report(tuple(left), tuple(waived), coverage_of(content.bank, criteria))


def _subjects(bank: Bank, files: Mapping[str, str], criteria: Criteria, glossary: Glossary) -> Iterator[Subject]:
    for item in bank.items:
        yield Subject(item, None, files.get(item.id, ""), criteria, glossary)
    for case in bank.cases:
        for item in case.items:
            yield Subject(item, case, files.get(item.id, files.get(case.id, "")), criteria, glossary)


def _of_bank(
    content: LoadedContent, criteria: Criteria, subjects: tuple[Subject, ...], glossary: Glossary
) -> Iterator[ContentFault]:
    bank, files = content.bank, content.files
    items = bank.all_items()
    yield from similarity.check_near_duplicates(bank, files)
    yield from similarity.check_leaks(bank, files, glossary)
    yield from keys.check_positions(items)
    yield from keys.check_lengths(items)
    yield from keys.check_other_kinds(subjects)
    yield from stock.check_stock(bank, content.blueprints, criteria, files)
    yield from stock.check_mix(bank)

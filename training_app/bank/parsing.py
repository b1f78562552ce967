"""Content of a folder, read and checked. Long work: to be called through `jobs.children`."""

from pathlib import Path

from question_bank.checks import check_bank
from question_bank.criteria_loading import load_criteria
from question_bank.errors import ContentRefused
from question_bank.loading import LoadedContent, load_bank


def checked_content(folder: Path, *, shipped: bool, known_ids: frozenset[str] = frozenset()) -> LoadedContent:
    """The content of `folder`. Raises ContentRefused when it cannot be read or a check refuses it."""
    content = load_bank(folder, known_ids)
    report = check_bank(content, load_criteria(), shipped=shipped)
    if report.refused:
        raise ContentRefused(tuple(fault for fault in report.faults if fault.severity == "E"))
    return content


def content_of_a_base(folder: Path, known_ids: frozenset[str]) -> LoadedContent:
    """The content of `folder` as a base's own. known_ids: of the items that are in the bank already."""
    return checked_content(folder, shipped=False, known_ids=known_ids)

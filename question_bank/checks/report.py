"""What a check of a bank found, and how it is told."""

from collections.abc import Sequence
from dataclasses import dataclass

from question_bank.checks.coverage import CoverageTable, render_coverage
from question_bank.checks.subject import ERROR, WHOLE_BANK
from question_bank.errors import ContentFault


@dataclass(frozen=True, slots=True)
class Report:
    """Faults by file and item, and the coverage. waived: warnings that a waiver on their item accepts."""

    faults: tuple[ContentFault, ...]
    waived: tuple[ContentFault, ...]
    coverage: CoverageTable

    @property
    def refused(self) -> bool:
        """Whether any fault refuses the bank; warnings do not."""
        return any(fault.severity == ERROR for fault in self.faults)


def render_report(report: Report, language: str) -> str:
    """Faults by file, how many there are, and the coverage table; the last line begins with the count of items."""
    errors = sum(fault.severity == ERROR for fault in report.faults)
    warnings = len(report.faults) - errors
    if language.startswith("zh"):
        count = f"{errors} 处错误，{warnings} 处警告，另有 {len(report.waived)} 处警告已说明理由\n"
    else:
        count = f"{errors} errors, {warnings} warnings, and {len(report.waived)} warnings waived\n"
    parts = [render_faults(report.faults), count, render_coverage(report.coverage, language)]
    return "\n".join(part for part in parts if part)


def render_faults(faults: Sequence[ContentFault]) -> str:
    """One line a fault under the name of its file, in the order given."""
    lines = []
    before: str | None = None
    for fault in faults:
        if fault.file != before:
            lines.append("whole bank" if fault.file == WHOLE_BANK else fault.file)
            before = fault.file
        where = " ".join(part for part in (fault.item, fault.field) if part)
        lines.append(f"  {fault.severity} {fault.code} {where}: {fault.message}")
    return "\n".join(lines) + "\n" if lines else ""

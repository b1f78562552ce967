"""What a check of a bank found."""

from dataclasses import dataclass

from question_bank.checks.coverage import CoverageTable
from question_bank.checks.subject import ERROR
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

"""`python -m question_bank.checks [folder]`: the faults of a content folder by file, and its coverage table.

Exit code 0: nothing refuses the bank; 1: something does.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from question_bank.checks import Report, check_bank, render_coverage
from question_bank.criteria_loading import load_criteria
from question_bank.errors import ContentFault, ContentRefused
from question_bank.loading import SHIPPED, load_bank


def main(arguments: Sequence[str], out: TextIO) -> int:
    """Checks the folder named first in `arguments`, else the shipped one, and writes what is found to `out`."""
    folder = Path(arguments[0]) if arguments else SHIPPED
    try:
        content = load_bank(folder)
    except ContentRefused as refused:
        write_faults(refused.faults, out)
        out.write(f"{len(refused.faults)} faults of form; nothing else was checked.\n")
        return 1
    report = check_bank(content, load_criteria(), shipped=folder.resolve() == SHIPPED.resolve())
    write_report(report, out)
    return 1 if report.refused else 0


def write_report(report: Report, out: TextIO, language: str = "en") -> None:
    """Faults by file, how many there are, and the coverage table."""
    write_faults(report.faults, out)
    errors = sum(fault.severity == "E" for fault in report.faults)
    out.write(f"{errors} errors, {len(report.faults) - errors} warnings, {len(report.waived)} warnings waived\n\n")
    out.write(render_coverage(report.coverage, language) + "\n")


def write_faults(faults: Sequence[ContentFault], out: TextIO) -> None:
    """One line a fault under the name of its file; faults of the whole bank come first."""
    before: str | None = None
    for fault in faults:
        if fault.file != before:
            out.write(f"{fault.file or 'the whole bank'}\n")
            before = fault.file
        where = " ".join(part for part in (fault.item, fault.field) if part)
        out.write(f"  {fault.severity} {fault.code} {where}: {fault.message}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], sys.stdout))

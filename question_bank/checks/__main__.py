"""`python -m question_bank.checks [folder]`: the faults of a content folder by file, and its coverage table.

Exit code 0: nothing refuses the bank; 1: something does.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from question_bank.checks import check_bank, render_faults, render_report
from question_bank.criteria_loading import load_criteria
from question_bank.errors import ContentRefused
from question_bank.loading import SHIPPED, load_bank


def main(arguments: Sequence[str], out: TextIO, language: str = "en") -> int:
    """Checks the folder named first in `arguments`, else the shipped one, and writes what is found to `out`.

    A folder of its own may name items of the shipped bank as enemies, and need not cover what the shipped bank must.
    """
    folder = Path(arguments[0]) if arguments else SHIPPED
    shipped = folder.resolve() == SHIPPED.resolve()
    try:
        known = frozenset() if shipped else frozenset(item.id for item in load_bank(SHIPPED).bank.all_items())
        content = load_bank(folder, known)
    except ContentRefused as refused:
        out.write(render_faults(refused.faults))
        out.write(f"{len(refused.faults)} faults of form; nothing else was checked.\n")
        return 1
    report = check_bank(content, load_criteria(), shipped=shipped)
    out.write(render_report(report, language) + "\n")
    return 1 if report.refused else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], sys.stdout))

"""`python -m tests.soak [--seed N] [--faults K] [--database sqlite|postgresql]`: strikes, checks, tells."""

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from question_bank.rng import SeededRandom
from tests.soak.candidates import Candidate
from tests.soak.place import NoRoom, Place, place
from tests.soak.plan import KINDS, Fault, plan, rounds
from tests.soak.striking import NotMended, Striker
from tests.soak.verdict import wrongs
from tests.support.postgres import NoPostgres
from tests.support.saving import seat

NOT_POSSIBLE: Final = 3
"""Exit status where the machine lacks something; the reason stands on standard error."""
SHORT_S: Final = 600
LONG_S: Final = 86_400


def main() -> int:
    """0 when everything held, 1 with what did not and the command that does it again."""
    parser = argparse.ArgumentParser(prog="tests.soak", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--faults", type=int, default=24)
    parser.add_argument("--candidates", type=int, default=20)
    parser.add_argument("--database", choices=sorted(KINDS), default="sqlite")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="soak-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)  # PostgreSQL runs under an account of its own
        try:
            with place(Path(folder), chosen.database) as here:
                found = _run(here, plan(chosen.seed, chosen.faults, chosen.database), chosen)
        except (NoRoom, NoPostgres) as absence:
            sys.stderr.write(f"{absence}\n")
            return NOT_POSSIBLE
    for wrong in found:
        _say(f"WRONG {wrong}")
    if found:
        options = f"--faults {chosen.faults} --candidates {chosen.candidates} --database {chosen.database}"
        _say(f"Again: python -m tests.soak --seed {chosen.seed} {options}")
    return 1 if found else 0


def _run(here: Place, faults: list[Fault], chosen: argparse.Namespace) -> list[str]:
    """What was wrong after a round; no other round follows then."""
    begun, saved, failed = time.monotonic(), 0, 0
    here.start_site()
    for number, some in enumerate(rounds(faults)):
        here.step_clock(0)
        room = _room(here, chosen, number)
        striker = Striker(here, room)
        try:
            for one in room:
                one.start()
            for fault in some:
                _strike(striker, fault)
            striker.end()
            found = wrongs(here.installation, room)
        except NotMended as fault:
            found = [str(fault), *(said for one in room for said in one.memory.complaints[:3])]
        finally:
            for one in room:
                one.leave()
        saved, failed = saved + striker.saved, failed + striker.failures
        if found:
            return found
    last_s = time.monotonic() - begun
    _say(f"{len(faults)} faults, {saved} answers acknowledged, {failed} requests in vain, nothing lost, {last_s:.0f} s")
    _say(f"{striker.begun_again} jobs of killed workers begun again and done")
    return []


def _strike(striker: Striker, fault: Fault) -> None:
    begun, failed = time.monotonic(), striker.failures
    striker.strike(fault)
    _say(f"{fault!s:28} {striker.failures - failed:5} requests in vain {time.monotonic() - begun:7.1f} s")


def _room(here: Place, chosen: argparse.Namespace, number: int) -> list[Candidate]:
    """New candidates: some with little time, some who hand in early."""
    random = SeededRandom(f"room/{chosen.seed}/{number}")
    few = chosen.candidates // 5
    first = number * chosen.candidates
    sitters = seat(here.installation, few, first=first, length_s=SHORT_S)
    sitters += seat(here.installation, chosen.candidates - few, first=first + few, length_s=LONG_S)
    return [
        Candidate(
            sitter,
            here.candidates.port,
            f"{chosen.seed}/{sitter.attempt_id}",
            hands_in_after=30 + random.below(200) if place_ % 4 == 0 else None,
        )
        for place_, sitter in enumerate(sitters)
    ]


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())

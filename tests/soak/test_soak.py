"""A short fault run on each database: every kind of fault once, nothing that was acknowledged is lost or doubled."""

import subprocess
import sys

import pytest

from tests.soak.__main__ import NOT_POSSIBLE
from tests.soak.plan import KINDS, plan
from tests.support.components import missing
from tests.support.paths import ROOT


@pytest.mark.parametrize(("database", "begun_again"), [("sqlite", 0), ("postgresql", 1)])
def test_a_room_loses_nothing_to_any_kind_of_fault(database: str, begun_again: int) -> None:
    options = ["--seed=1", f"--faults={len(KINDS[database])}", "--candidates=10", f"--database={database}"]
    # a process of its own, with a disk that ends with it
    ended = subprocess.run(
        [sys.executable, "-m", "tests.soak", *options], cwd=ROOT, capture_output=True, text=True, check=False
    )
    _ = ended.returncode == NOT_POSSIBLE and missing(ended.stderr)
    assert ended.returncode == 0, f"{ended.stdout}\n{ended.stderr}"
    assert f"\n{begun_again} jobs of killed workers begun again and done" in ended.stdout


def test_a_seed_strikes_the_same_faults_again_and_every_kind_before_any_twice() -> None:
    found = plan(7, 22, "postgresql")
    assert found == plan(7, 22, "postgresql") != plan(8, 22, "postgresql")
    assert {fault.kind for fault in found[:11]} == {fault.kind for fault in found[11:]} == set(KINDS["postgresql"])

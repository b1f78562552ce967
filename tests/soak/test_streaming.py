"""A short run: people come and go in every way there is, and the media process holds nothing of them in the end."""

import subprocess
import sys

from tests.support.paths import ROOT


def test_nothing_is_left_of_those_who_left_and_the_program_goes_on() -> None:
    command = [sys.executable, "-m", "tests.soak.streaming", "--seed=1", "--turns=2", "--seats=4", "--small"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, f"{ended.stdout}\n{ended.stderr}"
    assert "when all had left" in ended.stdout

"""The measurements still run; what they measure is for `make bench`."""

import sys

import pytest

from benchmarks import __main__ as benchmarks


@pytest.mark.parametrize("name", sorted(benchmarks.ALL))
def test_a_measurement_tells_its_figures(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["benchmarks", "--short", name])
    benchmarks.main()
    lines = capsys.readouterr().out.splitlines()
    assert lines != [] and all(line.startswith(name) and "ms CPU" in line for line in lines)

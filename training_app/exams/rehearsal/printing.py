"""The progress and the report of a rehearsal as lines of a terminal, in English."""

from collections.abc import Iterator, Mapping
from typing import Any

from training_app.exams.rehearsal.driver import Progress
from training_app.exams.rehearsal.rules import verdict_of
from training_app.exams.rehearsal.words import VERDICTS


def line_of(progress: Progress) -> str:
    """How far a rehearsal is."""
    return (
        f"{progress.phase:13} entered {progress.entered}/{progress.candidates}, started {progress.started}, "
        f"saves {progress.saves}, handed in {progress.handed_in}, errors {progress.errors}"
    )


def table_of(report: Mapping[str, Any]) -> Iterator[str]:
    """The report: a line for each step, counts, what failed, the verdict."""
    yield f"{'step':10} {'count':>8} {'p50 ms':>10} {'p95 ms':>10} {'p99 ms':>10} {'max ms':>10}"
    for step, took in report["steps"].items():
        times = " ".join(f"{'–' if took[name] is None else took[name]:>10}" for name in ("p50", "p95", "p99", "max"))
        yield f"{step:10} {took['count']:>8} {times}"
    counts = ("candidates", "starts", "saves", "handed_in", "errors", "lost", "unread", "told_to_wait", "requests")
    yield ", ".join(f"{name} {report[name]}" for name in counts)
    for fault, count in report["faults"].items():
        yield f"  {count} × {fault}"
    yield f"Answers were read back by {report['read_back_by']}."
    yield str(VERDICTS[verdict_of(report)])

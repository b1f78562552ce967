"""The check of all records as a job: every invariant in turn, with what it found."""

from collections.abc import Iterable, Mapping
from typing import Any, Final, cast

from flask import url_for
from flask_babel import lazy_gettext as _l

from training_app.progress.audit_views import FINDINGS_SHOWN, INVARIANT_NAMES
from training_app.registry import Invariant, JobKind, Work

CHECK_KIND: Final = "records.check"


def check_kind(invariants: Mapping[str, Invariant]) -> JobKind:
    """The kind of job that checks whether these hold."""

    def run(work: Work) -> Mapping[str, object]:
        found: dict[str, object] = {}
        for number, (name, invariant) in enumerate(invariants.items()):
            work.step(number, len(invariants), INVARIANT_NAMES.get(name, (name, ""))[0])
            with work.read() as session:
                findings = list(invariant(session))
            found[name] = {
                "count": len(findings),
                "findings": [[finding.place, finding.message] for finding in findings[:FINDINGS_SHOWN]],
            }
        work.step(len(invariants), len(invariants))
        return {"checks": found}

    return JobKind(_l("Check of all records"), run, result_words=_in_words)


def _in_words(result: Mapping[str, object]) -> Iterable[tuple[object, object, str]]:
    checks = cast("dict[str, Any]", result.get("checks", {}))
    for name, found in checks.items():
        count = found["count"]
        said = _l("%(count)s findings", count=count) if count else _l("All holds")
        yield INVARIANT_NAMES.get(name, (name, ""))[0], said, url_for("progress.records_check") if count else ""

"""Every address of the exam day with real numbers in it, for those who have no business there."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import product

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session
from werkzeug.routing import AnyConverter, IntegerConverter, Rule
from werkzeug.test import TestResponse

from tests.support.exam_day import CANDIDATES, ExamDay
from training_app.audit.models import AuditEntry
from training_app.exams.attempts import paper_of
from training_app.exams.day_models import TimeProposal
from training_app.exams.marking_models import Objection, Standard
from training_app.exams.models import Attempt
from training_app.exams.sitting_models import InvigilatorDuty
from training_app.people.rules import PERMISSIONS
from training_app.web.access import PUBLIC, SIGNED_IN, declared_permission

TEXT = "The clock stood still for a while and nobody added time."


@dataclass(frozen=True, slots=True)
class Attack:
    """One method on one address of the exam day. permission: what the endpoint asks for."""

    endpoint: str
    method: str
    path: str
    permission: str
    arguments: frozenset[str]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def by(self, browser: FlaskClient, **more: object) -> TestResponse:
        """The answer to the person of that browser. more: a form, or nothing."""
        if self.path.endswith(("/saves", "/hand-in")) and "attempt_id" in self.arguments:
            more = {"json": {"device": "profile/tab", "entries": []}}
        return browser.open(self.path, method=self.method, headers={"Accept": "application/json, */*"}, **more)  # type: ignore[arg-type]  # as werkzeug's client takes them


def attacks(app: Flask, known: Mapping[str, object]) -> Iterator[Attack]:
    """Everything of the exams that asks for a permission and names a thing, with every act there is."""
    adapter = app.url_map.bind("localhost")
    for rule in sorted(app.url_map.iter_rules(), key=str):
        permission = declared_permission(app.view_functions[rule.endpoint])
        if not rule.endpoint.startswith("exams.") or permission in {PUBLIC, SIGNED_IN, None} or not rule.arguments:
            continue
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            for values in _values(rule, known):
                path = adapter.build(rule.endpoint, values, method=method)
                yield Attack(rule.endpoint, method, path, str(permission), frozenset(rule.arguments))


def _values(rule: Rule, known: Mapping[str, object]) -> Iterator[dict[str, object]]:
    names = sorted(rule.arguments)
    for chosen in product(*(_choices(rule, name, known) for name in names)):
        yield dict(zip(names, chosen, strict=True))


def _choices(rule: Rule, name: str, known: Mapping[str, object]) -> Sequence[object]:
    converter = rule._converters.get(name)
    if isinstance(converter, AnyConverter):
        return sorted(converter.items)
    return [known.get(name, 1 if isinstance(converter, IntegerConverter) else "A26")]


def may(role: str, attack: Attack) -> bool:
    """Whether the table gives the role what the endpoint asks for."""
    return role in PERMISSIONS[attack.permission]


def refusals(day: ExamDay) -> int:
    """How many refusals the audit log holds."""
    with day.exam.home.database.read() as session:
        return session.scalar(select(func.count()).where(AuditEntry.act == "refused")) or 0


def begun(day: ExamDay) -> dict[str, FlaskClient]:
    """The browsers of all candidates, who have come in and begun."""
    day.at(-10)
    browsers = {username: day.come_in(username) for username in CANDIDATES}
    day.at(1)
    for username, browser in browsers.items():
        assert browser.post(f"/places/{day.places[username]}/start").status_code in {200, 302}
    return browsers


def things_of(day: ExamDay, username: str = "trainee") -> dict[str, object]:
    """A number for every argument of an address: what belongs to that candidate, and to the sitting."""
    attempt = day.attempt(username)
    with day.exam.home.database.write() as session:
        return {
            "sitting_id": day.sitting,
            "place_id": day.places[username],
            "attempt_id": attempt.id,
            "version_id": paper_of(session, attempt)[0].version_id,
            "duty_id": session.scalars(select(InvigilatorDuty.id)).first(),
            "objection_id": _objection(session, attempt),
            "standard_id": _standard(session, day, attempt),
            "proposal_id": _proposal(session, day, attempt),
            "blueprint_id": 10**6,
            "answer_id": 10**6,
        }


def _objection(session: Session, attempt: Attempt) -> int:
    values = {"attempt_id": attempt.id, "person_id": attempt.person_id, "kind": "procedure", "text": TEXT}
    at = attempt.started_at or attempt.deadline_at
    return session.execute(insert(Objection).values(**values, at=at).returning(Objection.id)).scalar_one()


def _standard(session: Session, day: ExamDay, attempt: Attempt) -> int:
    values = {"form_id": attempt.form_id, "cut": 40, "points": 90, "basis": "Angoff", "decided_on": day.now.date()}
    values |= {"entered_by": day.exam.home.number("head"), "entered_at": day.now - timedelta(days=1)}
    return session.execute(insert(Standard).values(values).returning(Standard.id)).scalar_one()


def _proposal(session: Session, day: ExamDay, attempt: Attempt) -> int:
    values = {"sitting_id": day.sitting, "scope": "person", "lines": {str(attempt.id): 60}, "reason": "the network"}
    values |= {"proposed_by": day.exam.home.number("watcher"), "proposed_at": day.now}
    return session.execute(insert(TimeProposal).values(values).returning(TimeProposal.id)).scalar_one()

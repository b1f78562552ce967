"""Cycles open once, stage results are written once and never changed."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from training_app.db import Database
from training_app.errors import Refused
from training_app.people.admission import NewPerson, add_person
from training_app.programmes.models import Cycle, RuleSet, StageResult
from training_app.programmes.services import (
    Evidence,
    cycle_for,
    found_programme,
    rule_set_on,
    stage_results_of,
    write_stage_result,
)

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@pytest.fixture
def person(database: Database) -> int:
    with database.write() as session:
        found_programme(session, date(2026, 4, 1))
        return add_person(session, NewPerson("lin.yi", "officer", "林一", "Lin Yi"), NOW).id


def test_the_rules_of_a_new_site_are_marked_undecided(database: Database, person: int) -> None:
    with database.read() as session:
        assert session.scalars(select(RuleSet.decided)).all() == [False]


def test_before_the_first_rule_set_there_are_no_rules(database: Database, person: int) -> None:
    with database.read() as session, pytest.raises(Refused):
        rule_set_on(session, "aeo-personnel", date(2026, 3, 31))


def test_two_who_ask_at_once_open_one_cycle(database: Database, person: int) -> None:
    def ask(_number: int) -> int:
        with database.write() as session:
            return cycle_for(session, person, NOW).id

    with ThreadPoolExecutor(8) as callers:
        assert len(set(callers.map(ask, range(8)))) == 1
    with database.read() as session:
        assert session.scalars(select(Cycle.number)).all() == [1]


def test_a_stage_result_is_written_once_for_its_evidence(database: Database, person: int) -> None:
    for _ in range(2):
        with database.write() as session:
            cycle = cycle_for(session, person, NOW)
            evidence = Evidence("attempt", 7, None)
            write_stage_result(session, cycle, "exam", "pass", evidence=evidence, by=None, now=NOW)
    with database.read() as session:
        results = stage_results_of(session, cycle_for(session, person, NOW))
        assert [(result.stage, result.outcome) for result in results] == [("exam", "pass")]


def test_nobody_edits_a_stage_result(database: Database, person: int) -> None:
    with database.write() as session:
        cycle = cycle_for(session, person, NOW)
        write_stage_result(session, cycle, "exam", "fail", evidence=Evidence("attempt", 7, None), by=None, now=NOW)
    with pytest.raises(DBAPIError), database.write() as session:
        session.execute(update(StageResult).values(outcome="pass"))

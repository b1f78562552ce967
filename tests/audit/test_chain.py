"""The audit log: nobody changes a line, and who gets past the database is found by the check."""

import threading

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.support.house import BEGAN, House
from training_app.audit.services import Act, chain_findings, record

TRIGGERS = {
    "sqlite": ("DROP TRIGGER audit_entry_append_only", "DROP TRIGGER audit_entry_no_delete"),
    "postgresql": ("ALTER TABLE audit_entry DISABLE TRIGGER USER",),
}


def write(home: House, number: int = 3, chain: str = "suzhou") -> None:
    """Some lines in one chain."""
    with home.database.write() as session:
        for position in range(number):
            record(
                session, Act("refused", "endpoint", f"place {position}", base_id=chain, details={"n": position}), BEGAN
            )


def findings(home: House) -> list[str]:
    with home.database.read() as session:
        return [f"{finding.place}: {finding.message}" for finding in chain_findings(session)]


def tamper(home: House, statement: str) -> None:
    """The statement, after somebody with the run of the database took its guards away."""
    with home.database.write() as session:
        for guard in TRIGGERS[home.database.url.get_backend_name()]:
            session.execute(text(guard))
        session.execute(text(statement))


def test_an_untouched_log_has_no_finding(home: House) -> None:
    write(home)
    write(home, chain="shenzhen")
    assert findings(home) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET act = 'role.given'",
        "UPDATE audit_entry SET address = '10.0.0.1'",
        "UPDATE audit_entry SET seq = seq + 10",
        "DELETE FROM audit_entry",
    ],
)
def test_the_database_refuses_to_change_a_line(home: House, statement: str) -> None:
    write(home)
    with pytest.raises(DBAPIError, match="append-only"), home.database.write() as session:
        session.execute(text(statement))
    assert findings(home) == []


@pytest.mark.parametrize(
    ("statement", "place"),
    [
        ("UPDATE audit_entry SET act = 'role.given' WHERE seq = 2", "chain suzhou line 2"),
        ("UPDATE audit_entry SET actor_id = 1 WHERE seq = 2", "chain suzhou line 2"),
        ("UPDATE audit_entry SET details = '{}' WHERE seq = 3", "chain suzhou line 3"),
        ("DELETE FROM audit_entry WHERE seq = 1", "chain suzhou line 2"),
        ("DELETE FROM audit_entry WHERE seq = 3", "chain suzhou: the head"),
        ("DELETE FROM audit_head", "chain suzhou: the head"),
    ],
)
def test_who_gets_past_the_database_is_found_by_the_check(home: House, statement: str, place: str) -> None:
    write(home)
    tamper(home, statement)
    assert any(finding.startswith(place) for finding in findings(home))


def test_erasing_the_details_keeps_the_chain_whole(home: House) -> None:
    write(home)
    with home.database.write() as session:
        session.execute(text("UPDATE audit_entry SET details = NULL, address = NULL, salt = NULL WHERE seq = 2"))
    assert findings(home) == []


def test_lines_written_at_once_make_one_chain(home: House) -> None:
    together = threading.Barrier(4)

    def write_at_once() -> None:
        together.wait()
        write(home, 1)

    threads = [threading.Thread(target=write_at_once) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert findings(home) == [] and [act.seq for act in home.acts("refused")] == [1, 2, 3, 4]


def fail_after_recording(home: House) -> float:
    with home.database.write() as session:
        record(session, Act("refused", "endpoint", "place", base_id="suzhou"), BEGAN)
        return 1 / 0


def test_an_act_that_is_rolled_back_leaves_no_line(home: House) -> None:
    with pytest.raises(ZeroDivisionError):
        fail_after_recording(home)
    assert home.acts("refused") == [] and findings(home) == []


def test_an_identity_number_in_the_details_is_masked(home: House) -> None:
    with home.database.write() as session:
        details = {"reason": "id 11010519491231002X", "changed": ["11010519491231002X", "x"]}
        record(session, Act("refused", "endpoint", "place", base_id="suzhou", details=details), BEGAN)
    assert "11010519491231002X" not in str(home.acts("refused")[0].details) and findings(home) == []

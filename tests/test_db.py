"""The database's two ways in, its column types, tables that only grow, many threads that write."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, event, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, StatementError

from training_app.acts import BASES
from training_app.audit import services as audit
from training_app.audit.models import AuditEntry
from training_app.db import Database, answers
from training_app.installation import Installation
from training_app.people.models import Organisation, SignInFailure, TrainingBase
from training_app.schema import migrate

NOON = datetime(2026, 11, 23, 4, 0, 0, 123456, tzinfo=UTC)
IDENTITY_NUMBER = "11010519491231002X"
THREADS = 8
EACH = 12


def fail_at(moment: datetime, number: int = 0) -> SignInFailure:
    return SignInFailure(account_digest=f"{number:064d}", address_digest="0" * 64, at=moment)


def count(database: Database, model: type) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


# two ways in


def test_what_is_written_stays(database: Database) -> None:
    with database.write() as session:
        session.add(fail_at(NOON))
    assert count(database, SignInFailure) == 1


def test_what_a_looking_session_changes_is_rolled_back(database: Database) -> None:
    with database.read() as session:
        session.add(fail_at(NOON))
        session.flush()
    assert count(database, SignInFailure) == 0


def test_an_exception_rolls_everything_of_the_block_back(database: Database) -> None:
    def write() -> None:
        with database.write() as session:
            session.add(fail_at(NOON))
            session.flush()
            raise KeyError("something else")

    with pytest.raises(KeyError):
        write()
    assert count(database, SignInFailure) == 0


def test_after_a_failed_block_the_next_one_gets_its_turn(database: Database) -> None:
    def write() -> None:
        with database.write() as session:
            session.execute(text("SELECT * FROM nowhere"))

    with pytest.raises(DBAPIError):
        write()
    with database.write() as session:
        session.add(fail_at(NOON))
    assert count(database, SignInFailure) == 1


def test_objects_stay_readable_after_the_block(database: Database) -> None:
    with database.write() as session:
        stored = fail_at(NOON)
        session.add(stored)
    assert stored.at == NOON


def begun(engine: Engine) -> list[str]:
    """The statements that begin a transaction on `engine`, as they come."""
    found: list[str] = []

    @event.listens_for(engine, "before_cursor_execute")
    def note(_connection: Connection, _cursor: object, statement: str, *_rest: object) -> None:
        found.append(statement)

    return found


def test_on_sqlite_a_write_takes_the_lock_at_its_beginning(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'site.sqlite'}")
    statements = begun(database.engine)
    with database.write() as session:
        session.execute(text("SELECT 1"))
    with database.read() as session:
        session.execute(text("SELECT 2"))
    database.dispose()
    assert statements == ["BEGIN IMMEDIATE", "SELECT 1", "BEGIN", "SELECT 2"]


def test_sqlite_keeps_what_it_confirmed_and_refuses_dangling_references(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'site.sqlite'}")
    with database.read() as session:
        found = [session.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "synchronous", "foreign_keys")]
    database.dispose()
    assert found == ["wal", 2, 1]


def test_a_reference_to_nothing_is_refused(database: Database) -> None:
    def write() -> None:
        with database.write() as session:
            session.execute(insert(AuditEntry).values(**LINE, actor_id=4711))

    with pytest.raises(IntegrityError):
        write()


def test_eight_threads_that_read_and_write_never_find_the_database_locked(database: Database) -> None:
    ready = threading.Barrier(THREADS)

    def work(number: int) -> None:
        ready.wait(30)
        for round_ in range(EACH):
            with database.read() as session:
                session.scalar(select(func.count()).select_from(SignInFailure))
            with database.write() as session:
                session.add(fail_at(NOON, number * EACH + round_))
                audit.record(session, audit.Act("tested", "thread", number), NOON)

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, range(THREADS)))
    assert count(database, SignInFailure) == THREADS * EACH
    with database.read() as session:
        assert list(audit.chain_findings(session)) == []


def test_a_second_process_that_writes_waits_its_turn(tmp_path: Path) -> None:
    ours, theirs = (Database(f"sqlite:///{tmp_path / 'site.sqlite'}") for _ in range(2))
    with ours.write() as session:
        session.execute(text("CREATE TABLE note (word TEXT)"))
    inside, done = threading.Event(), threading.Event()

    def write_too() -> None:
        inside.wait(30)
        with theirs.write() as session:
            session.execute(text("INSERT INTO note VALUES ('theirs')"))
        done.set()

    waiting = threading.Thread(target=write_too)
    waiting.start()
    with ours.write() as session:
        session.execute(text("INSERT INTO note VALUES ('ours')"))
        inside.set()
        assert not done.wait(0.2)
    waiting.join(30)
    with ours.read() as session:
        assert session.scalars(text("SELECT word FROM note ORDER BY rowid")).all() == ["ours", "theirs"]
    ours.dispose()
    theirs.dispose()


def test_a_database_that_is_there_answers(database: Database) -> None:
    assert answers(database)


def test_a_database_that_is_not_there_is_an_operational_error() -> None:
    nowhere = Database("postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    with pytest.raises(OperationalError):
        answers(nowhere)
    nowhere.dispose()


def test_an_error_does_not_repeat_the_values_of_a_statement(database: Database) -> None:
    def write() -> None:
        with database.write() as session:
            session.execute(text("INSERT INTO nowhere VALUES (:name)"), {"name": "沈知夏"})

    with pytest.raises(DBAPIError) as refusal:
        write()
    assert "沈知夏" not in str(refusal.value)


# column types


def test_a_moment_comes_back_as_it_was_aware_and_in_utc(database: Database) -> None:
    zones = [timezone(timedelta(hours=hours)) for hours in (0, 8, -5)]
    with database.write() as session:
        session.add_all(fail_at(NOON.astimezone(zone)) for zone in zones)
    with database.read() as session:
        found = session.scalars(select(SignInFailure.at)).all()
    assert set(found) == {NOON} and {moment.tzinfo for moment in found} == {UTC}


def test_moments_compare_in_the_database_as_they_do_here(database: Database) -> None:
    with database.write() as session:
        session.add_all([fail_at(NOON), fail_at(NOON + timedelta(microseconds=1), 1)])
    with database.read() as session:
        later = session.scalars(select(SignInFailure.at).where(SignInFailure.at > NOON)).all()
    assert later == [NOON + timedelta(microseconds=1)]


def test_a_moment_without_zone_is_refused(database: Database) -> None:
    def write() -> None:
        with database.write() as session:
            session.add(fail_at(NOON.replace(tzinfo=None)))

    with pytest.raises(StatementError, match="a moment without time zone cannot be stored"):
        write()


TYPED = {
    f"证件 {IDENTITY_NUMBER} 已核对": "证件 ****************** 已核对",
    "11010519491231002x": "******************",
    "110105 19491231 002X": "******************",
    "110105194912310021": "110105194912310021",
    "a\x00b": "ab",
    "": "",
}


def test_identity_numbers_are_masked_before_they_are_stored(database: Database) -> None:
    with database.write() as session:
        for typed in TYPED:
            session.add(Organisation(kind="customs", name_zh="关", name_en="C", note=typed, created_at=NOON))
            session.flush()
    with database.read() as session:
        assert session.scalars(text("SELECT note FROM organisation ORDER BY id")).all() == list(TYPED.values())


def test_a_later_change_of_free_text_is_masked_as_well(database: Database) -> None:
    with database.write() as session:
        session.add(Organisation(kind="customs", name_zh="关", name_en="C", note="", created_at=NOON))
    with database.write() as session:
        session.execute(update(Organisation).values(note=IDENTITY_NUMBER))
    with database.read() as session:
        assert session.scalars(text("SELECT note FROM organisation")).one() == "*" * 18


# tables that only grow

LINE = {
    "chain": "-",
    "seq": 1,
    "at": NOON,
    "act": "tested",
    "object_kind": "test",
    "object_id": "1",
    "address": "10.0.0.1",
    "details": {"name": "沈知夏"},
    "salt": "0" * 32,
    "digest": "0" * 64,
    "previous_hash": "0" * 64,
    "hash": "1" * 64,
}


@pytest.fixture
def logged(database: Database) -> Database:
    """A database with one line in the audit log."""
    with database.write() as session:
        session.execute(insert(AuditEntry).values(**LINE))
    return database


def refuses(database: Database, statement: str) -> bool:
    """Whether the database refuses the statement as one on a table that is append-only."""
    try:
        with database.write() as session:
            session.execute(text(statement))
    except DBAPIError as error:
        return "is append-only" in str(error.orig)
    return False


CHANGES = (
    "DELETE FROM audit_entry",
    "UPDATE audit_entry SET act = 'another'",
    "UPDATE audit_entry SET hash = replace(hash, '1', '2')",
    "UPDATE audit_entry SET actor_id = 7, salt = NULL",
    "UPDATE audit_entry SET address = '10.0.0.2'",
    "UPDATE audit_entry SET details = '{}'",
    "UPDATE audit_entry SET salt = 'another'",
    "UPDATE audit_entry SET details = NULL, act = 'another'",
)


def test_a_line_of_the_log_is_neither_changed_nor_deleted(logged: Database) -> None:
    assert [change for change in CHANGES if not refuses(logged, change)] == []


def test_a_personal_value_of_the_log_may_be_erased(logged: Database) -> None:
    with logged.write() as session:
        session.execute(text("UPDATE audit_entry SET details = NULL, address = NULL, salt = NULL"))
    with logged.read() as session:
        row = session.execute(text("SELECT details, address, salt, act FROM audit_entry")).one()
    assert tuple(row) == (None, None, None, "tested")


def test_an_erased_value_stays_erased(logged: Database) -> None:
    with logged.write() as session:
        session.execute(text("UPDATE audit_entry SET address = NULL"))
    assert refuses(logged, "UPDATE audit_entry SET address = '10.0.0.1'")


def test_what_an_installation_is_cannot_be_changed(database: Database) -> None:
    with database.write() as session:
        session.add(Installation(id=1, demonstration=True, created_at=NOON))
    assert refuses(database, "UPDATE installation SET demonstration = FALSE")
    assert refuses(database, "DELETE FROM installation")


def test_the_log_cannot_be_emptied_at_one_blow(postgres_databases, tmp_path: Path) -> None:
    copies = postgres_databases.prepared("logged", fill_log)
    database = Database(copies.take())
    assert refuses(database, "TRUNCATE audit_entry")
    assert count(database, AuditEntry) == 1
    database.dispose()


def fill_log(url: str) -> None:
    from_empty = Database(url)
    migrate(from_empty)
    with from_empty.write() as session:
        session.execute(insert(AuditEntry).values(**LINE))
    from_empty.dispose()


def test_there_are_three_bases_with_codes_of_their_own() -> None:
    assert len({base[0] for base in BASES}) == len({base[1] for base in BASES}) == 3
    assert all(len(base[0]) <= TrainingBase.__table__.c.id.type.length for base in BASES)

"""The schema: what migrations make is what the models say, from every older revision, with the data there were."""

import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, Table, inspect, select, text
from sqlalchemy.exc import IntegrityError

from tests.support.databases import Databases
from tests.support.demonstration import demonstration
from training_app import schema
from training_app.db import Database
from training_app.tables import METADATA

# alembic cannot read such an index of SQLite; that it is there, the catalogue tells
pytestmark = [
    pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index"),
    pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression-based index"),
]

REVISIONS = [script.revision for script in ScriptDirectory(str(schema.MIGRATIONS)).walk_revisions()][::-1]
OLDER = REVISIONS[:-1]
APPEND_ONLY = {
    "installation",
    "audit_entry",
    "form",
    "form_item",
    "attempt_event",
    "response_event",
    "score_run",
    "score_line",
    "result",
    "gap",
    "paper_fact",
    "deadline_event",
    "incident",
    "room_notice",
    "receipt",
    "key_revision",
    "key_change",
    "release",
    "item_review",
    "confidentiality_acceptance",
    "observation_event",
}
REVISION = '''"""A revision of the tests."""

import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{newest}"


def upgrade() -> None:
    {steps}
'''


@pytest.fixture
def empty(empty_database_url: str) -> Iterator[Database]:
    """A database without any table."""
    opened = Database(empty_database_url)
    yield opened
    opened.dispose()


def migrate_to(database: Database, revision: str) -> None:
    """The database at an older revision."""
    config = schema._config()
    with database.engine.execution_options(writes=True).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def differences(database: Database) -> list[object]:
    """What alembic would change to reach the models."""
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return list(compare_metadata(context, METADATA))


# what migrations make


def test_revisions_follow_each_other_in_one_line() -> None:
    script = ScriptDirectory(str(schema.MIGRATIONS))
    assert len(script.get_heads()) == 1 and sorted(REVISIONS) == REVISIONS


def test_migrations_make_exactly_what_the_models_say(database: Database) -> None:
    assert differences(database) == []


@pytest.mark.parametrize("revision", OLDER)
def test_from_every_older_revision_the_same_schema_is_reached(
    empty: Database, database: Database, revision: str
) -> None:
    migrate_to(empty, revision)
    schema.migrate(empty)
    assert differences(empty) == [] and catalogue(empty) == catalogue(database)


def test_migrating_twice_changes_nothing(database: Database) -> None:
    schema.migrate(database)
    assert differences(database) == [] and schema.revision_of(database) == schema.newest_revision()


CATALOGUE = {
    True: "SELECT type || ' ' || name FROM sqlite_master",
    False: "SELECT 'trigger ' || tgname FROM pg_trigger WHERE NOT tgisinternal "
    "UNION SELECT 'index ' || indexname FROM pg_indexes WHERE schemaname = 'public' "
    "UNION SELECT 'constraint ' || conname FROM pg_constraint WHERE connamespace = 'public'::regnamespace",
}


def catalogue(database: Database) -> set[str]:
    """Names of everything that the database holds, with their kind."""
    with database.engine.connect() as connection:
        return set(connection.execute(text(CATALOGUE[database.on_sqlite])).scalars())


def guards(database: Database) -> set[str]:
    """The triggers that keep the tables that only grow."""
    second = "no_delete" if database.on_sqlite else "no_truncate"
    return {f"trigger {table}_{name}" for table in APPEND_ONLY for name in ("append_only", second)}


def test_tables_that_only_grow_are_guarded(database: Database) -> None:
    assert guards(database) <= catalogue(database)


def test_every_constraint_has_a_name(database: Database) -> None:
    unnamed = [
        f"{table.name}: {constraint}"
        for table in METADATA.sorted_tables
        for constraint in table.constraints
        if constraint.name is None
    ]
    assert unnamed == []


# forward, with data


def rows_of(connection: Connection, table: Table) -> list[dict[str, object]]:
    order = list(table.primary_key.columns)
    return [dict(row) for row in connection.execute(select(table).order_by(*order)).mappings()]


def reflected(database: Database) -> MetaData:
    found = MetaData()
    found.reflect(database.engine)
    return found


def fill(database: Database, source: Database) -> None:
    """Rows of `source` in `database`, as far as its older tables have the columns and admit them."""
    older, newer = reflected(database), reflected(source)
    with source.engine.connect() as reading, database.engine.begin() as writing:
        for table in older.sorted_tables:
            source_table = newer.tables.get(table.name)
            if source_table is not None and table.name != "alembic_version":
                common = [source_table.c[c.name] for c in table.columns if c.name in source_table.c]
                rows = [dict(row) for row in reading.execute(select(*common)).mappings()]
                if rows and not admits(writing, table, rows):
                    for row in rows:  # an older revision does not know all kinds
                        admits(writing, table, [row])


def admits(connection: Connection, table: Table, rows: list[dict[str, object]]) -> bool:
    """Whether the rows stand in the table: all of them or none."""
    with suppress(IntegrityError), connection.begin_nested():
        connection.execute(table.insert(), rows)
        return True
    return False


def contents(database: Database, names: set[str]) -> dict[str, list[dict[str, object]]]:
    found = reflected(database)
    with database.engine.connect() as connection:
        return {name: rows_of(connection, found.tables[name]) for name in sorted(names)}


@pytest.mark.parametrize("revision", OLDER)
def test_data_of_an_older_revision_stay_what_they_were(
    empty: Database, databases: Databases, tmp_path: Path, revision: str
) -> None:
    migrate_to(empty, revision)
    with demonstration(databases, tmp_path / "var") as installation:
        source = Database(installation.database_url or "")
        fill(empty, source)
        source.dispose()
    names = set(inspect(empty.engine).get_table_names()) - {"alembic_version"}
    before = contents(empty, names)
    schema.migrate(empty)
    after = contents(empty, names & set(inspect(empty.engine).get_table_names()))
    assert before["person"] and changed(before, after) == []


def test_every_form_there_was_is_form_a_of_its_sitting(empty: Database, databases: Databases, tmp_path: Path) -> None:
    migrate_to(empty, "0007")
    with demonstration(databases, tmp_path / "var") as installation:
        source = Database(installation.database_url or "")
        fill(empty, source)
        source.dispose()
    drawn = "(SELECT min(form_id) FROM attempt WHERE sitting_id = sitting.id)"
    with empty.engine.begin() as connection:
        connection.execute(text(f"UPDATE sitting SET form_id = {drawn}"))
        stood = connection.execute(text("SELECT id, form_id FROM sitting WHERE form_id IS NOT NULL")).all()
        used = set(connection.execute(text("SELECT DISTINCT form_id FROM attempt WHERE sitting_id > 0")).scalars())
    schema.migrate(empty)
    with empty.engine.connect() as connection:
        rows = connection.execute(text("SELECT * FROM sitting_form")).all()
    assert {(row.sitting_id, row.form_id) for row in rows if not row.given_up} == {tuple(row) for row in stood}
    assert {row.form_id for row in rows} == used
    assert {row.letter for row in rows} == {"A"}
    assert all(row.predicted > 0 for row in rows)


def changed(before: dict[str, list[dict[str, object]]], after: dict[str, list[dict[str, object]]]) -> list[str]:
    """The tables whose rows are not the same in the columns that they had and still have."""
    found = []
    for name, rows in after.items():
        common = set(before[name][0]) & set(rows[0]) if rows and before[name] else set()
        old, new = ([{key: row[key] for key in common} for row in part] for part in (before[name], rows))
        found += [name] if old != new else []
    return found


# a revision that is not there yet


@pytest.fixture
def add_revision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A function that puts a newer revision with these steps beside the others."""

    def add(*steps: str) -> None:
        newest = schema.newest_revision()
        folder = tmp_path / "migrations"
        shutil.copytree(schema.MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
        source = REVISION.format(newest=newest, steps="\n    ".join(steps))
        (folder / "versions" / "9999_of_the_tests.py").write_text(source)
        monkeypatch.setattr(schema, "MIGRATIONS", folder)

    return add


def test_a_migration_that_fails_in_the_middle_changes_nothing(database: Database, add_revision) -> None:
    before = schema.revision_of(database)
    add_revision(
        'op.add_column("person", sa.Column("half", sa.String(10), nullable=True))',
        'op.create_table("half", sa.Column("id", sa.Integer(), primary_key=True))',
        'op.execute("INSERT INTO half VALUES (1)")',
        'raise RuntimeError("in the middle")',
    )
    with pytest.raises(RuntimeError, match="in the middle"):
        schema.migrate(database)
    assert schema.revision_of(database) == before
    assert "half" not in inspect(database.engine).get_table_names()
    assert differences(database) == []


def test_a_table_that_others_point_to_can_be_made_anew(databases: Databases, tmp_path: Path, add_revision) -> None:
    add_revision(
        'with op.batch_alter_table("person", recreate="auto") as batch:',
        '    batch.alter_column("name_en", type_=sa.String(200), existing_type=sa.String(80), existing_nullable=False)',
    )
    with demonstration(databases, tmp_path / "var") as installation:
        database = Database(installation.database_url or "")
        before = contents(database, {"person", "posting", "role_grant"})
        schema.migrate(database)
        assert contents(database, {"person", "posting", "role_grant"}) == before
        assert schema.revision_of(database) == "9999"
        with database.read() as session:
            held = session.scalar(text("PRAGMA foreign_keys")) if database.on_sqlite else 1
        assert held == 1, "references are looked after again"
        database.dispose()


def test_a_migration_that_leaves_rows_pointing_nowhere_is_undone(
    sqlite_databases: Databases, tmp_path: Path, add_revision
) -> None:
    add_revision('op.execute("DELETE FROM base")')
    with demonstration(sqlite_databases, tmp_path / "var") as installation:
        database = Database(installation.database_url or "")
        with pytest.raises(RuntimeError, match="rows that point nowhere"):
            schema.migrate(database)
        assert len(contents(database, {"base"})["base"]) == 3
        database.dispose()


# where a database stands


def test_an_empty_database_is_told_from_one_of_something_else(empty: Database) -> None:
    assert str(schema.fault_of(empty)).startswith("The database is empty. Type `training-app init`")
    with empty.write() as session:
        session.execute(text("CREATE TABLE of_another (id INTEGER)"))
    assert str(schema.fault_of(empty)).startswith("The database belongs to something else")
    assert not schema.is_older(empty)


def test_a_database_of_this_version_has_no_fault(database: Database) -> None:
    assert schema.fault_of(database) is None and not schema.is_older(database)


def test_a_newer_database_is_told_from_an_older_one(database: Database, add_revision) -> None:
    with database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = 'abcd'"))
    assert "Install the newer program." in str(schema.fault_of(database)) and not schema.is_older(database)
    with database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = :r"), {"r": schema.newest_revision()})
    add_revision("pass")
    assert "Type `training-app upgrade`." in str(schema.fault_of(database)) and schema.is_older(database)

"""`upgrade` and the way back: a copy aside, migration, new content; the copy serves with the older program again."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.engine import make_url

from tests.support.commands import command
from tests.support.databases import Databases
from tests.support.demonstration import demonstration
from tests.support.site import Installation
from training_app import keeping, schema
from training_app.control import site_lock
from training_app.db import Database

NEWER = '''"""A revision of the tests."""

import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{newest}"


def upgrade() -> None:
    op.add_column("person", sa.Column("nickname", sa.String(40), nullable=True))
    {more}
'''

NewerProgram = Callable[..., None]


@pytest.fixture
def demo(databases: Databases, tmp_path: Path) -> Iterator[Installation]:
    """A demonstration, not running."""
    with demonstration(databases, tmp_path / "var") as installation:
        yield installation


@pytest.fixture
def newer_program(tmp_path: Path) -> Iterator[NewerProgram]:
    """A function after which this program knows one revision more; `undo=True` makes it the older one again."""
    patch = pytest.MonkeyPatch()

    def become(*, undo: bool = False, more: str = "pass") -> None:
        patch.undo()
        folder = tmp_path / "newer" / "migrations"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(schema.MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
        source = NEWER.format(newest=schema.newest_revision(), more=more)
        (folder / "versions" / "9999_of_the_tests.py").write_text(source)
        _ = undo or patch.setattr(schema, "MIGRATIONS", folder)

    yield become
    patch.undo()


def columns_of_person(installation: Installation) -> set[str]:
    database = Database(installation.database_url or "")
    found = {column["name"] for column in inspect(database.engine).get_columns("person")}
    database.dispose()
    return found


def copies(installation: Installation) -> list[Path]:
    return sorted((installation.data_dir / "copies").glob("*"))


def test_an_older_database_is_named_by_serve_and_brought_forward_by_upgrade(
    demo: Installation, newer_program: NewerProgram
) -> None:
    newer_program()
    assert "Type `training-app upgrade`." in command(demo, "check").complained
    ended = command(demo, "upgrade")
    assert ended.status == 0 and "The database stands at 9999." in ended.said
    assert "nickname" in columns_of_person(demo) and command(demo, "check").status == 0


def test_upgrade_may_be_repeated(demo: Installation, newer_program: NewerProgram) -> None:
    newer_program()
    command(demo, "upgrade")
    before = copies(demo)
    again = command(demo, "upgrade")
    assert again.status == 0 and "0 new, 0 changed" in again.said and copies(demo) == before


def test_on_the_newest_version_upgrade_only_loads_content(demo: Installation) -> None:
    ended = command(demo, "upgrade")
    assert ended.status == 0 and ended.said.startswith("Shipped content: 0 new, 0 changed")
    assert not (demo.data_dir / "copies").exists()


def test_the_copy_is_printed_and_for_its_owner_alone(demo: Installation, newer_program: NewerProgram) -> None:
    newer_program()
    ended = command(demo, "upgrade")
    (copy,) = copies(demo)
    assert f"The database as it was: {copy}\n" in ended.said
    assert copy.parent.stat().st_mode & 0o777 == 0o700


def test_a_migration_that_fails_leaves_database_and_copy(demo: Installation, newer_program: NewerProgram) -> None:
    newer_program(more='op.execute("INSERT INTO nowhere VALUES (1)")')
    ended = command(demo, "upgrade")
    assert ended.status == 1 and len(copies(demo)) == 1 and "nickname" not in columns_of_person(demo)
    newer_program(undo=True)
    assert command(demo, "check").status == 0


def test_upgrade_refuses_while_the_older_program_serves(demo: Installation, newer_program: NewerProgram) -> None:
    newer_program()
    with site_lock(demo.data_dir) as ours:
        ended = command(demo, "upgrade")
    assert ours and ended.status == 1 and "The site is running. Stop it" in ended.complained
    assert "nickname" not in columns_of_person(demo)


def test_the_way_back_of_sqlite_is_the_copy_in_its_place(
    sqlite_databases: Databases, tmp_path: Path, newer_program: NewerProgram
) -> None:
    with demonstration(sqlite_databases, tmp_path / "var") as demo:
        newer_program()
        command(demo, "upgrade")
        newer_program(undo=True)
        assert "Install the newer program." in command(demo, "check").complained
        file = Path(str(make_url(demo.database_url or "").database))
        for beside in ("-wal", "-shm"):
            file.with_name(file.name + beside).unlink(missing_ok=True)
        shutil.copy(copies(demo)[0], file)
        assert command(demo, "check").status == 0 and "nickname" not in columns_of_person(demo)


def test_the_way_back_of_postgresql_is_the_dump_in_a_new_database(
    postgres_databases: Databases, postgres, tmp_path: Path, newer_program: NewerProgram
) -> None:
    with demonstration(postgres_databases, tmp_path / "var") as demo:
        newer_program()
        command(demo, "upgrade")
        newer_program(undo=True)
        back = Installation(demo.data_dir, postgres.create(f"way_back_{os.getpid()}"))
        address = make_url(back.database_url or "").set(drivername="postgresql").render_as_string(hide_password=False)
        subprocess.run(["pg_restore", "--no-owner", f"--dbname={address}", str(copies(demo)[0])], check=True)
        assert command(back, "check").status == 0 and "nickname" not in columns_of_person(back)
        postgres.drop(f"way_back_{os.getpid()}")


def test_a_copy_is_whole_while_the_site_writes(sqlite_databases: Databases, tmp_path: Path, newer_program) -> None:
    with demonstration(sqlite_databases, tmp_path / "var") as demo:
        database = Database(demo.database_url or "")
        with database.write() as session:  # stands in the log beside the file, not yet in the file itself
            session.execute(text("UPDATE person SET language = 'en' WHERE id = 1"))
        newer_program()
        command(demo, "upgrade")
        database.dispose()
        copy = sqlite3.connect(copies(demo)[0])
        assert copy.execute("SELECT language FROM person WHERE id = 1").fetchone() == ("en",)
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        copy.close()


@pytest.mark.parametrize(
    ("program", "words"),
    [
        (None, "pg_dump is not installed"),
        ("#!/bin/sh\necho 'pg_dump: error: no room' >&2\nexit 1\n", "pg_dump: error: no room"),
        ("#!/bin/sh\nexit 3\n", "it ended with 3"),
    ],
    ids=["missing", "failing", "silent"],
)
def test_without_a_copy_nothing_is_changed(
    postgres_databases: Databases, tmp_path: Path, newer_program: NewerProgram, program: str | None, words: str
) -> None:
    (tmp_path / "bin").mkdir()
    _ = program and write_program(tmp_path / "bin" / "pg_dump", program)
    with demonstration(postgres_databases, tmp_path / "var") as demo:
        newer_program()
        ended = command(demo, "upgrade", PATH=str(tmp_path / "bin"))
        assert ended.status == 1 and words in ended.complained and copies(demo) == []
        newer_program(undo=True)
        assert command(demo, "check").status == 0


def write_program(path: Path, text_: str) -> None:
    path.write_text(text_)
    path.chmod(0o755)


def test_the_password_is_not_an_argument_that_others_can_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bin").mkdir()
    program = f'#!/bin/sh\necho "$@" > {tmp_path}/arguments\necho "$PGPASSWORD" > {tmp_path}/password\n'
    write_program(tmp_path / "bin" / "pg_dump", program)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=":")
    environ = {"DATA_DIR": str(tmp_path / "var"), "DATABASE_URL": "postgresql://me:ge%20heim@h/n"}
    keeping.copy_aside(keeping.Settings.from_environ(environ), keeping.datetime(2026, 11, 23, 6, 30))
    assert "postgresql://me@h/n" in (tmp_path / "arguments").read_text()
    assert "heim" not in (tmp_path / "arguments").read_text()
    assert (tmp_path / "password").read_text() == "ge heim\n"

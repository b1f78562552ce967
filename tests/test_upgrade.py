"""`upgrade` and the way back: a backup, migration, new content; the backup serves with the older program again."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import inspect

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

PASSPHRASE = "four words of a base"
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


def kept(installation: Installation) -> list[Path]:
    return sorted((installation.data_dir / "backups").glob("*"))


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
    again = command(demo, "upgrade")
    assert again.status == 0 and "0 new, 0 changed" in again.said and len(kept(demo)) == 2


def test_on_the_newest_version_upgrade_only_loads_content_also_while_the_site_runs(demo: Installation) -> None:
    with demo.serving():
        ended = command(demo, "upgrade")
    assert ended.status == 0 and "Shipped content: 0 new, 0 changed" in ended.said
    assert "The database stands at" not in ended.said and len(kept(demo)) == 1


def test_the_backup_and_the_way_back_are_told(demo: Installation, newer_program: NewerProgram) -> None:
    newer_program()
    ended = command(demo, "upgrade")
    (file,) = kept(demo)
    assert f"The site as it was: {file}\n" in ended.said and file.stat().st_mode & 0o777 == 0o600
    assert f"restore --without-keys {file.name}" in ended.said and "copy keys, secret-key and tls" in ended.said


def test_of_four_upgrades_the_oldest_backup_goes(
    sqlite_databases: Databases, tmp_path: Path, newer_program: NewerProgram
) -> None:
    with demonstration(sqlite_databases, tmp_path / "var") as demo:
        (demo.data_dir / "backups").mkdir()
        before = [demo.data_dir / "backups" / f"before-upgrade-2025010{day}T010203000000Z.tar.gz" for day in (1, 2, 3)]
        others = demo.data_dir / "backups" / "20240101T010203Z.tar.gz"
        for file in (*before, others):
            file.touch()
        newer_program(more='op.execute("INSERT INTO nowhere VALUES (1)")')
        command(demo, "upgrade")
        assert {*before, others} < set(kept(demo))
        newer_program()
        command(demo, "upgrade")
        assert len(kept(demo)) == 4 and others in kept(demo) and before[2] in kept(demo) and before[1] not in kept(demo)


def test_a_migration_that_fails_leaves_database_and_backup(demo: Installation, newer_program: NewerProgram) -> None:
    newer_program(more='op.execute("INSERT INTO nowhere VALUES (1)")')
    ended = command(demo, "upgrade")
    assert ended.status == 1 and len(kept(demo)) == 1 and "nickname" not in columns_of_person(demo)
    newer_program(undo=True)
    assert command(demo, "check").status == 0


def test_upgrade_refuses_while_the_older_program_serves(demo: Installation, newer_program: NewerProgram) -> None:
    newer_program()
    with site_lock(demo.data_dir) as ours:
        ended = command(demo, "upgrade")
    assert ours and ended.status == 1 and "The site is running. Stop it" in ended.complained
    assert "nickname" not in columns_of_person(demo)


def test_the_way_back_is_the_backup_in_an_empty_place(
    demo: Installation, empty_database_url: str, tmp_path: Path, newer_program: NewerProgram
) -> None:
    newer_program()
    folder = tmp_path / "elsewhere"
    ended = command(demo, "upgrade", str(folder), BACKUP_PASSPHRASE=PASSPHRASE)
    (file,) = folder.iterdir()
    assert ended.status == 0 and f"`training-app restore {file.name}`" in ended.said
    newer_program(undo=True)
    assert "Install the newer program." in command(demo, "check").complained
    back = Installation(tmp_path / "back", empty_database_url)
    assert command(back, "restore", str(file), BACKUP_PASSPHRASE=PASSPHRASE).status == 0
    assert command(back, "check").status == 0 and "nickname" not in columns_of_person(back)
    assert (back.data_dir / "secret-key").read_text() == (demo.data_dir / "secret-key").read_text()


@pytest.mark.parametrize(
    ("program", "words"),
    [
        (None, "pg_dump is not installed"),
        ("#!/bin/sh\necho 'pg_dump: error: no room' >&2\nexit 1\n", "pg_dump: error: no room"),
        ("#!/bin/sh\nexit 3\n", "it ended with 3"),
    ],
    ids=["missing", "failing", "silent"],
)
def test_without_a_backup_nothing_is_changed(
    postgres_databases: Databases, tmp_path: Path, newer_program: NewerProgram, program: str | None, words: str
) -> None:
    (tmp_path / "bin").mkdir()
    _ = program and write_program(tmp_path / "bin" / "pg_dump", program)
    with demonstration(postgres_databases, tmp_path / "var") as demo:
        newer_program()
        ended = command(demo, "upgrade", PATH=str(tmp_path / "bin"))
        assert ended.status == 1 and words in ended.complained and kept(demo) == []
        assert "There is no backup, so nothing was upgraded: " in ended.complained
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
    keeping.copy_database(keeping.Settings.from_environ(environ), tmp_path / "copy")
    assert "postgresql://me@h/n" in (tmp_path / "arguments").read_text()
    assert "heim" not in (tmp_path / "arguments").read_text()
    assert (tmp_path / "password").read_text() == "ge heim\n"

"""The commands: what they make, what they refuse, that every refusal is a sentence that names what to type."""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, text, update

from tests.support.commands import Ended, command
from tests.support.databases import Databases
from tests.support.demonstration import demonstration
from tests.support.inner_site import inner_site
from tests.support.site import Installation
from training_app import acts, app, clock
from training_app.config import Settings
from training_app.db import Database
from training_app.installation import installation_of
from training_app.people.models import Person, TrainingBase
from training_app.people.rules import Grant, Role
from training_app.people.signed import holder_of
from training_app.serve import serve

CODE = re.compile(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}")
ADMINISTRATOR = ("--username", "Chief.Admin", "--name-zh", "管理员", "--name-en", "Chief  Admin")


@pytest.fixture
def nothing(empty_database_url: str, tmp_path: Path) -> Installation:
    """A new installation whose database holds nothing."""
    return Installation(tmp_path / "var", empty_database_url)


@pytest.fixture
def demo(databases: Databases, tmp_path: Path) -> Iterator[Installation]:
    """A demonstration, not running."""
    with demonstration(databases, tmp_path / "var") as installation:
        yield installation


def opened(installation: Installation) -> Database:
    return Database(installation.database_url or "")


def execute(installation: Installation, *statements: str) -> None:
    database = opened(installation)
    with database.write() as session:
        for statement in statements:
            session.execute(text(statement))
    database.dispose()


def refused(ended: Ended, *words: str) -> bool:
    """Whether the command ended with a sentence that holds the words, and without a trace."""
    whole = ended.said + ended.complained
    return ended.status == 1 and "Traceback" not in whole and all(word in whole for word in words)


def served(installation: Installation) -> Ended:
    """What `serve` says of a database that it does not serve."""
    said: list[str] = []
    status = serve(Settings.from_environ(installation.environ()), said.append)
    return Ended(status, "\n".join(said), "")


# init


def test_init_makes_a_site_whose_administrator_comes_in_by_the_code(nothing: Installation) -> None:
    ended = command(nothing, "init", *ADMINISTRATOR)
    code = CODE.search(ended.said)
    assert ended.status == 0 and code and "training-app serve" in ended.said
    site = app.create_app(Settings.from_environ(nothing.environ()))
    site.config["WTF_CSRF_ENABLED"] = False
    fields = {
        "username": "chief.admin",
        "code": code[0],
        "new_password": "a long sentence",
        "repeat": "a long sentence",
    }
    assert site.test_client().post("/sign-in/code", data=fields).location == "/"
    site.extensions["database"].dispose()


def test_init_makes_three_bases_one_person_and_no_demonstration(nothing: Installation) -> None:
    command(nothing, "init", *ADMINISTRATOR)
    database = opened(nothing)
    with database.read() as session:
        assert len(session.scalars(select(TrainingBase)).all()) == 3
        person = session.scalars(select(Person)).one()
        assert (person.username, person.name_en) == ("chief.admin", "Chief Admin")
        assert holder_of(person).grants == (Grant(Role.PROGRAMME_ADMIN, None),)
        found = installation_of(session)
        assert found is not None and not found.demonstration
    database.dispose()
    assert not (nothing.data_dir / "demo-accounts.json").exists()


def test_init_asks_for_what_was_not_given(tmp_path: Path) -> None:
    installation = Installation(tmp_path / "var")
    done = installation.run("init", answers="admin\n管理员\nAdmin\n")
    assert (
        done.returncode == 0 and "Sign-in name of the first administrator" in done.stdout and CODE.search(done.stdout)
    )


@pytest.mark.parametrize("name", ["", "x", "with space", "沈知夏", "a" * 61, "-dash", "a@b", "11010519491231002X x"])
def test_init_refuses_a_sign_in_name_that_nobody_could_type(tmp_path: Path, name: str) -> None:
    installation = Installation(tmp_path / "var")
    ended = command(installation, "init", "--username", name, *ADMINISTRATOR[2:])
    assert refused(ended, "A sign-in name takes 2 to 60 letters")


@pytest.mark.parametrize("name", ["", "   ", "名" * 61, "a\x1b[31m"])
def test_init_refuses_a_name_that_no_page_could_show(tmp_path: Path, name: str) -> None:
    ended = command(Installation(tmp_path / "var"), "init", "--username", "admin", "--name-zh", name, "--name-en", "A")
    assert refused(ended, "takes 1 to 60 characters")


def test_what_is_refused_leaves_the_database_empty(nothing: Installation) -> None:
    command(nothing, "init", "--username", "x", *ADMINISTRATOR[2:])
    assert refused(command(nothing, "check"), "The database is empty.")


def test_a_real_site_refuses_a_weak_secret_before_anything_is_made(nothing: Installation) -> None:
    assert refused(command(nothing, "init", *ADMINISTRATOR, SECRET_KEY="weak"), "SECRET_KEY is weak")
    assert refused(command(nothing, "check"), "The database is empty.")


def test_init_and_demo_refuse_a_demonstration(demo: Installation) -> None:
    assert refused(command(demo, "init", *ADMINISTRATOR), "This database is not empty.")
    assert refused(command(demo, "demo"), "This database is not empty.")


def test_init_and_demo_refuse_a_site(nothing: Installation) -> None:
    command(nothing, "init", *ADMINISTRATOR)
    assert refused(command(nothing, "init", *ADMINISTRATOR), "This database is not empty.")
    assert refused(command(nothing, "demo"), "This database is not empty.")
    assert not (nothing.data_dir / "demo-accounts.json").exists()


def test_init_and_demo_refuse_a_database_of_something_else(nothing: Installation) -> None:
    execute(nothing, "CREATE TABLE of_another (id INTEGER)")
    assert refused(command(nothing, "init", *ADMINISTRATOR), "This database is not empty.")
    assert refused(command(nothing, "demo"), "This database is not empty.")


def test_what_was_killed_before_the_filling_can_be_repeated(
    nothing: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(acts, "_found", lambda *_arguments, **_named: sys.exit(137))
        assert command(nothing, "demo").status == 137
    assert refused(served(nothing), "The database is not filled yet. Type `training-app init`")
    assert command(nothing, "init", *ADMINISTRATOR).status == 0
    assert command(nothing, "check").status == 0


def test_a_demonstration_that_lost_its_file_of_accounts_gets_it_again(demo: Installation) -> None:
    file = demo.data_dir / "demo-accounts.json"
    before = json.loads(file.read_text(encoding="utf-8"))
    file.unlink()
    assert command(demo, "demo").status == 0
    assert json.loads(file.read_text(encoding="utf-8")) == before


# a database that is not what a command needs

COMMANDS = (("check",), ("upgrade",), ("reset-admin",), ("bank", "load", "."))


@pytest.mark.parametrize(
    ("statements", "words"),
    [
        ((), "The database is empty. Type `training-app init`"),
        (("CREATE TABLE of_another (id INTEGER)",), "The database belongs to something else"),
    ],
    ids=["empty", "foreign"],
)
def test_every_command_tells_that_the_database_is_not_a_site(
    nothing: Installation, statements: tuple[str, ...], words: str
) -> None:
    execute(nothing, *statements)
    found = [command(nothing, *arguments) for arguments in COMMANDS]
    assert all(refused(ended, words) for ended in (*found, served(nothing))), found


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE alembic_version SET version_num = 'abcd'", "The database is newer (abcd) than this program"),
        ("SELECT 1", "The database is not filled yet. Type `training-app init` or `training-app demo`."),
    ],
    ids=["newer", "unfilled"],
)
def test_every_command_tells_what_a_half_right_database_lacks(
    database_url: str, tmp_path: Path, statement: str, words: str
) -> None:
    installation = Installation(tmp_path / "var", database_url)
    execute(installation, statement)
    found = [command(installation, *arguments) for arguments in COMMANDS]
    assert all(refused(ended, words) for ended in (*found, served(installation))), found


def test_every_command_tells_that_the_database_does_not_answer(tmp_path: Path) -> None:
    gone = Installation(tmp_path / "var", "postgresql+psycopg://nobody:geheim@127.0.0.1:1/nothing")
    found = [command(gone, *arguments) for arguments in (*COMMANDS, ("demo",), ("init", *ADMINISTRATOR))]
    found.append(served(gone))
    assert all(refused(ended, "The database does not answer") for ended in found), found
    assert not any("geheim" in ended.said + ended.complained for ended in found)


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "site.sqlite").write_text("not a database " * 100)
    assert refused(command(Installation(tmp_path / "var"), "check"), "file is not a database")


def test_a_wrong_setting_is_told_by_every_command(tmp_path: Path) -> None:
    installation = Installation(tmp_path / "var")
    found = [command(installation, *arguments, PORT="none") for arguments in (("serve",), ("check",), ("demo",))]
    assert all(refused(ended, "PORT takes a whole number from 1 to 65535, not 'none'.") for ended in found)


def test_a_folder_that_cannot_be_made_is_told() -> None:
    assert refused(command(Installation(Path("/proc/nowhere")), "demo"), "/proc/nowhere")


# back in


def test_a_locked_out_administrator_gets_a_code_that_opens(databases: Databases, tmp_path: Path) -> None:
    with inner_site(databases, tmp_path / "var") as site:
        name = site.account(Role.PROGRAMME_ADMIN).username
        with site.database.write() as session:
            session.execute(update(Person).where(Person.username == name).values(blocked_at=clock.now()))
        ended = command(site.installation, "reset-admin")
        code = CODE.search(ended.said)
        assert ended.status == 0 and name in ended.said and code
        guest = site.guest()
        guest.get("/sign-in/code")
        guest.send("/sign-in/code", username=name, code=code[0], new_password="a new sentence", repeat="a new sentence")
        assert guest.is_signed_in()
        assert site.acts("code.issued")[-1].details == {"by": "command"}


def test_the_administrator_can_be_named(demo: Installation) -> None:
    ended = command(demo, "reset-admin", "--username", " Meng.Tingyu ")
    assert ended.status == 0 and "One-time code for meng.tingyu" in ended.said


def test_who_is_no_administrator_gets_no_code(demo: Installation) -> None:
    ended = command(demo, "reset-admin", "--username", "shen.zhixia")
    assert refused(ended, "shen.zhixia is no programme administrator. These are: bai.yuchen, meng.tingyu.")


# check

GUARDED = {
    "audit_chain": ("audit_entry", "UPDATE audit_entry SET act = 'another' WHERE seq = 1"),
    "bank": (None, "UPDATE item_version SET body = REPLACE(CAST(body AS TEXT), 'stem', 'mets'){json} WHERE id = 3"),
    "bank points": (
        None,
        "UPDATE item_version SET body = REPLACE(CAST(body AS TEXT), '\"points\": 1', '\"points\": 9'){json}",
    ),
    "exams": ("result", "UPDATE result SET score = score + 1"),
    "exams lines": ("score_line", "UPDATE score_line SET points = points + 1"),
    "exams answers": ("response_event", "UPDATE response_event SET client_seq = client_seq + 100 WHERE server_seq = 1"),
}


def test_check_finds_nothing_in_records_as_they_were_written(demo: Installation) -> None:
    ended = command(demo, "check")
    assert ended.status == 0 and "audit_chain: ok" in ended.said and "exams: ok" in ended.said


@pytest.mark.parametrize("what", GUARDED)
def test_check_finds_what_was_changed_behind_the_site(demo: Installation, what: str) -> None:
    table, statement = GUARDED[what]
    on_sqlite = (demo.database_url or "").startswith("sqlite")
    drop = "DROP TRIGGER {0}_append_only" if on_sqlite else "DROP TRIGGER {0}_append_only ON {0}"
    lifted = [drop.format(table)] if table else []
    execute(demo, *lifted, statement.replace("{json}", "" if on_sqlite else "::json"))
    ended = command(demo, "check")
    assert ended.status == 2 and re.search(
        f"^{what.split(maxsplit=1)[0]}: [1-9][0-9]* finding", ended.said, re.MULTILINE
    )


def test_check_finds_a_line_that_was_taken_out_of_the_log(demo: Installation) -> None:
    on_sqlite = (demo.database_url or "").startswith("sqlite")
    drop = "DROP TRIGGER audit_entry_no_delete" if on_sqlite else "DROP TRIGGER audit_entry_append_only ON audit_entry"
    execute(demo, drop, "DELETE FROM audit_entry WHERE id = (SELECT max(id) FROM audit_entry)")
    ended = command(demo, "check")
    assert ended.status == 2 and "lines were removed or added" in ended.said

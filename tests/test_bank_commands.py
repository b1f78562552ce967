"""`bank load` and `bank check`: a base's own items, all of them or none, and what is said of faulty ones."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.support.commands import command
from tests.support.databases import Databases
from tests.support.demonstration import demonstration
from tests.support.paths import ROOT
from tests.support.site import Installation
from training_app.audit.models import AuditEntry
from training_app.bank.models import ItemVersion
from training_app.db import Database
from training_app.people.models import Person

TEMPLATE = ROOT / "docs" / "bank-template"


@pytest.fixture
def demo(databases: Databases, tmp_path: Path) -> Iterator[Installation]:
    """A demonstration, not running."""
    with demonstration(databases, tmp_path / "var") as installation:
        yield installation


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Items of a base, as the template in the documentation has them."""
    return Path(shutil.copytree(TEMPLATE, tmp_path / "ours"))


def change(folder: Path, old: str, new: str) -> None:
    """Every file below `folder` with `old` replaced."""
    for path in folder.rglob("*.yaml"):
        path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


def own_items(installation: Installation) -> list[tuple[str, int, bool]]:
    """(id, number of the version, whether it is current) of the base's own items."""
    database = Database(installation.database_url or "")
    with database.read() as session:
        rows = session.scalars(
            select(ItemVersion).where(ItemVersion.origin == "base").order_by(ItemVersion.item_id, ItemVersion.number)
        ).all()
        found = [(row.item_id, row.number, row.superseded_at is None) for row in rows]
    database.dispose()
    return found


def test_the_template_is_loaded_as_it_stands(demo: Installation, folder: Path) -> None:
    ended = command(demo, "bank", "load", str(folder))
    assert ended.status == 0 and re.search(r"Loaded .*: \d+ new, 0 changed, 0 unchanged\.", ended.said), ended
    assert ("MY-001", 1, True) in own_items(demo)


def test_what_is_loaded_twice_stays_as_it_is(demo: Installation, folder: Path) -> None:
    command(demo, "bank", "load", str(folder))
    before = own_items(demo)
    ended = command(demo, "bank", "load", str(folder))
    assert "0 new, 0 changed" in ended.said and own_items(demo) == before


def test_a_changed_item_is_a_new_version_and_the_old_one_stays(demo: Installation, folder: Path) -> None:
    command(demo, "bank", "load", str(folder))
    change(folder, "difficulty: 63", "difficulty: 64")
    assert "0 new, 1 changed" in command(demo, "bank", "load", str(folder)).said
    assert [row for row in own_items(demo) if row[0] == "MY-001"] == [("MY-001", 1, False), ("MY-001", 2, True)]


def test_loading_is_written_down(demo: Installation, folder: Path) -> None:
    command(demo, "bank", "load", str(folder))
    database = Database(demo.database_url or "")
    with database.read() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.act == "bank.loaded")).one()
    database.dispose()
    assert entry.details is not None and entry.details["folder"] == "ours"


def test_the_author_stands_with_the_items(demo: Installation, folder: Path) -> None:
    command(demo, "bank", "load", str(folder), "--author", "Wei.Zhaoyang")
    database = Database(demo.database_url or "")
    with database.read() as session:
        query = select(Person.username).join(ItemVersion, ItemVersion.author_id == Person.id).distinct()
        assert session.scalars(query).all() == ["wei.zhaoyang"]
    database.dispose()


def test_an_author_who_is_not_here_loads_nothing(demo: Installation, folder: Path) -> None:
    ended = command(demo, "bank", "load", str(folder), "--author", "nobody.here")
    assert ended.status == 1 and "Nobody here has the sign-in name nobody.here." in ended.complained
    assert own_items(demo) == []


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("difficulty: 63", "difficulty: many", "items/my-items.yaml MY-001 difficulty"),
        ("codes: [A26.09.18]", "codes: [A26.99.99]", "MY-001 codes"),
        ("kind: single", "kind: guess", "items/my-items.yaml MY-001 kind"),
        ("id: MY-002", "id: MY-001", "MY-001"),
        ("90000 / 10 = 9000", "90000 / 10 = 9001", "MY-001 working"),
        ("schema: 1", "schema: 1\nitems: [", "items/my-items.yaml"),
    ],
    ids=["value", "criterion", "kind", "twice", "arithmetic", "no YAML"],
)
def test_a_fault_is_told_with_its_place_and_code_and_nothing_is_loaded(
    demo: Installation, folder: Path, old: str, new: str, place: str
) -> None:
    change(folder, old, new)
    ended = command(demo, "bank", "load", str(folder))
    whole = ended.said + ended.complained
    assert ended.status == 1 and "Nothing was loaded." in whole and "Traceback" not in whole
    assert re.search(rf"^E (C\d\d|FORMAT) .*{re.escape(place)}", whole, re.MULTILINE), whole
    assert own_items(demo) == []


def test_items_of_a_base_do_not_take_the_place_of_shipped_ones(demo: Installation, folder: Path) -> None:
    database = Database(demo.database_url or "")
    with database.read() as session:
        shipped = str(session.scalar(select(ItemVersion.item_id).where(ItemVersion.kind == "single")))
    database.dispose()
    change(folder, "MY-001", shipped)
    ended = command(demo, "bank", "load", str(folder))
    assert ended.status == 1 and shipped in ended.said + ended.complained and own_items(demo) == []


def test_a_folder_that_is_not_there_is_told(demo: Installation, tmp_path: Path) -> None:
    ended = command(demo, "bank", "load", str(tmp_path / "nowhere"))
    assert ended.status == 2 and "nowhere" in ended.complained


def test_an_empty_folder_loads_nothing(demo: Installation, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    ended = command(demo, "bank", "load", str(tmp_path / "empty"))
    assert "Traceback" not in ended.complained and own_items(demo) == []


# check


def test_the_shipped_bank_is_whole_and_its_last_line_begins_with_the_count(tmp_path: Path) -> None:
    ended = command(Installation(tmp_path / "var"), "bank", "check")
    count = re.match(r"(\d+) items", ended.said.splitlines()[-1])
    assert ended.status == 0 and count and int(count[1]) >= 120


def test_a_folder_of_a_base_is_checked_without_a_site(tmp_path: Path, folder: Path) -> None:
    ended = command(Installation(tmp_path / "var"), "bank", "check", str(folder))
    assert ended.status == 0 and re.match(r"\d+ items", ended.said.splitlines()[-1])
    assert not (tmp_path / "var").exists()


def test_a_faulty_folder_is_refused_with_its_faults(tmp_path: Path, folder: Path) -> None:
    change(folder, "difficulty: 63", "difficulty: many")
    ended = command(Installation(tmp_path / "var"), "bank", "check", str(folder))
    assert ended.status == 1 and "MY-001" in ended.said and "difficulty" in ended.said

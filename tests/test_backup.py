"""Backups: whole while the site runs, brought back as it was, and hostile or foreign files refused with a sentence."""

import hashlib
import io
import json
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.support.commands import Ended, command
from tests.support.databases import Databases
from tests.support.demonstration import demonstration
from tests.support.site import Installation
from training_app import schema
from training_app.audit.models import AuditEntry
from training_app.backup import sealed, unsealed
from training_app.control import site_lock
from training_app.db import Database
from training_app.errors import Refused
from training_app.people.models import Person

PASSPHRASE = "four words of a base"
DIGEST = "ab" + "0" * 62


@dataclass(frozen=True, slots=True)
class Kept:
    """A demonstration, a backup of it, and an empty place to bring it back to."""

    demo: Installation
    file: Path
    place: Installation

    def restore(self, *arguments: str) -> Ended:
        return command(self.place, "restore", str(self.file), *arguments, BACKUP_PASSPHRASE=PASSPHRASE)


@pytest.fixture
def kept(databases: Databases, empty_database_url: str, tmp_path: Path) -> Iterator[Kept]:
    with demonstration(databases, tmp_path / "var") as installation:
        file = tmp_path / "kept" / "site.tar.gz"
        ended = command(installation, "backup", str(file), BACKUP_PASSPHRASE=PASSPHRASE)
        assert ended.status == 0, ended.complained
        yield Kept(installation, file, Installation(tmp_path / "new", empty_database_url))


def counted(installation: Installation) -> tuple[int, int]:
    database = Database(installation.database_url or "")
    with database.read() as session:
        found = session.scalar(select(func.count(Person.id))), session.scalar(select(func.count(AuditEntry.id)))
    database.dispose()
    return found[0] or 0, found[1] or 0


def holds_nothing(installation: Installation) -> bool:
    database = Database(installation.database_url or "")
    try:
        return schema.is_empty(database)
    finally:
        database.dispose()


def refused(ended: Ended, words: str) -> bool:
    """Whether the command ended with a sentence that holds the words, and without a trace."""
    return ended.status == 1 and words in ended.complained and "Traceback" not in ended.complained


def rewritten(file: Path, change: Callable[[dict[str, bytes]], None]) -> None:
    """The archive with its members changed."""
    with tarfile.open(file, "r:gz") as archive:
        members = {member.name: archive.extractfile(member).read() for member in archive}  # type: ignore[union-attr]  # all are files
    change(members)
    with tarfile.open(file, "w:gz") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))


def test_what_was_backed_up_comes_back_whole(kept: Kept) -> None:
    ended = kept.restore()
    assert ended.status == 0, ended.complained
    assert counted(kept.place) == counted(kept.demo)
    assert command(kept.place, "check").status == 0
    assert (kept.place.data_dir / "secret-key").read_text() == (kept.demo.data_dir / "secret-key").read_text()
    assert kept.place.accounts() == kept.demo.accounts()


def test_a_backup_is_for_its_owner_alone(kept: Kept) -> None:
    assert kept.file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in kept.file.parent.iterdir()] == [kept.file.name]


def test_the_secret_is_sealed(kept: Kept) -> None:
    secret = (kept.demo.data_dir / "secret-key").read_bytes().strip()
    with tarfile.open(kept.file, "r:gz") as archive:
        content = [archive.extractfile(member).read() for member in archive]  # type: ignore[union-attr]  # all are files
    assert all(secret not in part for part in content)


def test_keys_are_left_out_by_choice(kept: Kept) -> None:
    file = kept.file.with_name("plain.tar.gz")
    assert "Without the keys" in command(kept.demo, "backup", str(file), "--without-keys").said
    ended = command(kept.place, "restore", str(file), "--without-keys")
    assert ended.status == 0 and "No keys were restored" in ended.said
    assert not (kept.place.data_dir / "secret-key").exists()


def test_a_file_of_the_site_comes_back(kept: Kept, tmp_path: Path) -> None:
    digest = hashlib.sha256(b"a photo").hexdigest()
    path = Path("files", digest[:2], digest[2:])
    (kept.demo.data_dir / path).parent.mkdir(parents=True, exist_ok=True)
    (kept.demo.data_dir / path).write_bytes(b"a photo")
    file = tmp_path / "with-file.tar.gz"
    command(kept.demo, "backup", str(file), BACKUP_PASSPHRASE=PASSPHRASE)
    command(kept.place, "restore", str(file), BACKUP_PASSPHRASE=PASSPHRASE)
    assert (kept.place.data_dir / path).read_bytes() == b"a photo"


def recorded(installation: Installation, segment: bytes, digest: str) -> Path:
    """The folder of a recording with one segment and one that is not complete."""
    folder = installation.data_dir / "media" / "recordings" / "o1" / "program"
    folder.mkdir(parents=True)
    lines = [{"begins": 7, "init": 3}, {"ends": 7, "sha256": digest}, {"begins": 8, "init": 3}]
    (folder / "index.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    for name, content in (("init3.mp4", b"init"), ("seg7.m4s", segment), ("seg8.m4s", b"half")):
        (folder / name).write_bytes(content)
    return folder


def test_recordings_are_taken_along_when_that_is_asked_for(kept: Kept, tmp_path: Path) -> None:
    folder = recorded(kept.demo, b"a segment", hashlib.sha256(b"a segment").hexdigest())
    file = tmp_path / "with-recordings.tar.gz"
    command(kept.demo, "backup", str(file), "--recordings", BACKUP_PASSPHRASE=PASSPHRASE)
    ended = command(kept.place, "restore", str(file), BACKUP_PASSPHRASE=PASSPHRASE)
    assert ended.status == 0, ended.complained
    place = kept.place.data_dir / folder.relative_to(kept.demo.data_dir)
    found = {path.name: path.read_bytes() for path in place.iterdir()}
    assert found == {name: (folder / name).read_bytes() for name in ("index.jsonl", "init3.mp4", "seg7.m4s")}


def test_nothing_is_overwritten(kept: Kept) -> None:
    before = kept.file.read_bytes()
    ended = command(kept.demo, "backup", str(kept.file), BACKUP_PASSPHRASE=PASSPHRASE)
    assert refused(ended, "exists already") and kept.file.read_bytes() == before
    kept.restore()
    assert refused(kept.restore(), "The database is not empty.")


def test_an_empty_database_has_nothing_to_back_up(empty_database_url: str, tmp_path: Path) -> None:
    place = Installation(tmp_path / "var", empty_database_url)
    ended = command(place, "backup", str(tmp_path / "b"), "--without-keys")
    assert refused(ended, "nothing to back up") and not (tmp_path / "b").exists()


@pytest.mark.parametrize(
    ("environ", "words"),
    [({}, "The keys need a passphrase"), ({"BACKUP_PASSPHRASE": "short"}, "at least 12 characters")],
)
def test_keys_are_never_kept_by_a_weak_passphrase(kept: Kept, environ: dict[str, str], words: str) -> None:
    file = kept.file.with_name("other")
    assert refused(command(kept.demo, "backup", str(file), **environ), words) and not file.exists()


def test_another_passphrase_opens_nothing(kept: Kept) -> None:
    ended = command(kept.place, "restore", str(kept.file), BACKUP_PASSPHRASE="another passphrase")
    assert refused(ended, "does not open the keys")
    assert holds_nothing(kept.place)
    assert {path.name for path in kept.place.data_dir.iterdir()} <= {"site.lock"}


def test_a_running_site_is_not_restored_over(kept: Kept) -> None:
    with site_lock(kept.place.data_dir):
        assert refused(kept.restore(), "A site runs on this DATA_DIR")


def as_newer(members: dict[str, bytes]) -> None:
    members["manifest.json"] = json.dumps(json.loads(members["manifest.json"]) | {"revision": "9999"}).encode()


def as_other_kind(members: dict[str, bytes]) -> None:
    members["manifest.json"] = json.dumps(json.loads(members["manifest.json"]) | {"database": "oracle"}).encode()


def as_damaged(members: dict[str, bytes]) -> None:
    members["database"] = members["database"][:-1]


def as_hostile(members: dict[str, bytes]) -> None:
    members["../outside"] = b"x"


def as_false_file(members: dict[str, bytes]) -> None:
    members[f"files/{DIGEST[:2]}/{DIGEST[2:]}"] = b"something else"


def as_false_recording(members: dict[str, bytes]) -> None:
    members["recordings/o1/v1/index.jsonl"] = json.dumps({"ends": 7, "sha256": DIGEST}).encode()
    members["recordings/o1/v1/seg7.m4s"] = b"something else"


def as_without_manifest(members: dict[str, bytes]) -> None:
    del members["manifest.json"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (as_newer, "newer (9999) than this program"),
        (as_other_kind, "The backup is of oracle"),
        (as_damaged, "is no backup of this site"),
        (as_hostile, "is no backup of this site"),
        (as_false_file, "is no backup of this site"),
        (as_false_recording, "is no backup of this site"),
        (as_without_manifest, "is no backup of this site"),
    ],
)
def test_a_file_that_is_no_such_backup_changes_nothing(
    kept: Kept, change: Callable[[dict[str, bytes]], None], words: str
) -> None:
    rewritten(kept.file, change)
    assert refused(kept.restore(), words)
    assert holds_nothing(kept.place)
    assert {path.name for path in kept.place.data_dir.iterdir()} <= {"site.lock"}
    assert not (kept.place.data_dir.parent / "outside").exists()


@pytest.mark.parametrize("content", [b"", b"not an archive", b"\x1f\x8b\x08\x00 cut off"])
def test_a_file_that_is_no_archive_is_refused(kept: Kept, content: bytes) -> None:
    kept.file.write_bytes(content)
    assert refused(kept.restore(), "is no backup of this site")


def test_what_is_sealed_opens_with_its_passphrase_alone() -> None:
    content = sealed(b"keys", PASSPHRASE)
    assert unsealed(content, PASSPHRASE) == b"keys"
    for touched in (content[:-1], content[:20], b"", bytes([content[0] ^ 1]) + content[1:]):
        with pytest.raises(Refused, match="does not open"):
            unsealed(touched, PASSPHRASE)

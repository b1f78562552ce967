"""Assets and their uses: kept for their owner, gone when their time is over, and nothing lost between file and row."""

import os
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.files.pictures import drawn
from training_app.db import Database
from training_app.errors import NotFound, Refused
from training_app.files import services
from training_app.files.models import Asset, AssetUse
from training_app.files.pictures import NotAPicture
from training_app.files.services import Owner, Upload, drop, keep_picture, keep_until, required_use_of, use_of
from training_app.files.store import Store

NOW = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
LATER = NOW + timedelta(days=15)
MINE, THEIRS = Owner("photo", "roster_place", 1), Owner("photo", "roster_place", 2)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "files", quota_bytes=1 << 20)


def keep(database: Database, store: Store, owner: Owner = MINE, content: bytes | None = None) -> AssetUse:
    with database.write() as session:
        upload = Upload(content or drawn(), by=None, keep_until=LATER)
        return keep_picture(session, store, owner, upload, now=NOW)


def files(store: Store) -> set[str]:
    return {digest for digest, _time in store.kept()}


def assets(database: Database) -> set[str]:
    with database.read() as session:
        return set(session.scalars(select(Asset.digest)))


def turn(database: Database, store: Store, now: datetime) -> tuple[int, int]:
    """How many uses ended and how many assets were deleted."""
    with database.write() as session:
        ended = services.drop_expired(session, now)
    with database.write() as session:
        return ended, services.delete_unused(session, store)


def swept(database: Database, store: Store, now: datetime) -> int:
    with database.write() as session:
        return services.sweep(session, store, now)


def made_at(store: Store, digest: str, moment: datetime) -> None:
    os.utime(store.path_of(digest), (moment.timestamp(), moment.timestamp()))


# keeping


def test_a_picture_is_kept_for_its_owner(database: Database, store: Store) -> None:
    made = keep(database, store)
    with database.read() as session:
        found = required_use_of(session, MINE, NOW)
        assert (found.digest, found.keep_until, found.asset.media_type) == (made.digest, LATER, "image/jpeg")
        assert use_of(session, THEIRS, NOW) is None
    path = store.path_of(made.digest)
    assert path.stat().st_size == found.asset.size and path.parent.name + path.name == made.digest
    assert path.stat().st_mode & 0o777 == 0o600 and path.parent.stat().st_mode & 0o777 == 0o700


def test_a_new_picture_takes_the_place_of_the_former(database: Database, store: Store) -> None:
    former = keep(database, store)
    newer = keep(database, store, content=drawn(colour="white"))
    with database.read() as session:
        assert required_use_of(session, MINE, NOW).digest == newer.digest != former.digest
    assert turn(database, store, NOW) == (0, 1)
    assert files(store) == assets(database) == {newer.digest}


def test_what_is_no_picture_leaves_nothing(database: Database, store: Store) -> None:
    with pytest.raises(NotAPicture):
        keep(database, store, content=b"words")
    assert files(store) == assets(database) == set()


def test_more_than_the_room_for_pictures_is_refused(database: Database, tmp_path: Path) -> None:
    small = Store(tmp_path / "files", quota_bytes=3000)
    first = keep(database, small)
    with pytest.raises(Refused, match="room for pictures is used up"):
        keep(database, small, THEIRS, drawn(size=(900, 900), colour="red"))
    assert keep(database, small, THEIRS).digest == first.digest, "the same picture takes no more room"


def test_who_takes_a_picture_back_has_it_deleted(database: Database, store: Store) -> None:
    keep(database, store)
    with database.write() as session:
        assert drop(session, MINE) and not drop(session, MINE)
    with database.read() as session, pytest.raises(NotFound):
        required_use_of(session, MINE, NOW)
    assert turn(database, store, NOW) == (0, 1)
    assert files(store) == assets(database) == set()


# its time is over


def test_a_picture_is_gone_from_the_moment_on_that_was_set(database: Database, store: Store) -> None:
    keep(database, store)
    with database.read() as session:
        assert use_of(session, MINE, LATER - timedelta(seconds=1)) is not None
        assert use_of(session, MINE, LATER) is None
    assert turn(database, store, LATER - timedelta(seconds=1)) == (0, 0) and files(store)
    assert turn(database, store, LATER) == (1, 1)
    assert files(store) == assets(database) == set()


def test_it_stays_as_long_as_somebody_else_has_it(database: Database, store: Store) -> None:
    keep(database, store)
    made = keep(database, store, THEIRS)
    with database.write() as session:
        keep_until(session, THEIRS, None)
    assert turn(database, store, LATER) == (1, 0)
    assert files(store) == {made.digest}


# between file and row


def test_a_crash_before_the_commit_leaves_a_file_that_is_swept_away_later(database: Database, store: Store) -> None:
    with database.write() as session:
        keep_picture(session, store, MINE, Upload(drawn(), None, LATER), now=NOW)
        session.rollback()
    (orphan,) = files(store)
    made_at(store, orphan, NOW)
    assert swept(database, store, NOW + timedelta(minutes=59)) == 0
    assert swept(database, store, NOW + timedelta(minutes=61)) == 1
    assert files(store) == assets(database) == set()


def test_the_sweep_leaves_what_is_in_use(database: Database, store: Store) -> None:
    made = keep(database, store)
    made_at(store, made.digest, NOW)
    assert swept(database, store, NOW + timedelta(days=1)) == 0 and files(store) == {made.digest}


def test_the_sweep_removes_files_that_were_never_finished(database: Database, store: Store) -> None:
    made = keep(database, store)
    half = store.path_of(made.digest).with_name(".new-half")
    half.write_bytes(b"half")
    os.utime(half, (NOW.timestamp(), NOW.timestamp()))
    assert swept(database, store, NOW + timedelta(hours=2)) == 1 and not half.exists()


def test_a_picture_that_comes_again_while_it_is_deleted_is_there_afterwards(
    database: Database, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(database, store)
    with database.write() as session:
        drop(session, MINE)
    remove, again = store.remove, threading.Thread(target=keep, args=(database, store, THEIRS))

    def remove_late(digest: str) -> None:
        again.start()  # it comes to the row that is being deleted, and waits for it
        again.join(0.5)
        assert again.is_alive()
        remove(digest)

    monkeypatch.setattr(store, "remove", remove_late)
    with database.write() as session:
        assert services.delete_unused(session, store) == 1
    again.join(30)
    assert len(files(store)) == 1 and files(store) == assets(database)


def test_many_who_hand_in_the_same_picture_at_once_share_one_file(database: Database, store: Store) -> None:
    barrier = threading.Barrier(6)

    def hand_in(number: int) -> None:
        barrier.wait(30)
        keep(database, store, Owner("photo", "roster_place", number % 3))

    threads = [threading.Thread(target=hand_in, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(AssetUse)) == 3
    assert len(files(store)) == 1

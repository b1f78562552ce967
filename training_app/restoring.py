"""Restoring a backup into an installation that holds nothing: checked first, then put in place, the database last."""

import hashlib
import json
import re
import shutil
import sqlite3
import tarfile
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Final

from sqlalchemy.engine.url import make_url

from training_app import schema
from training_app.backup import (
    ACCOUNTS,
    CERTIFICATES,
    DATABASE,
    FILES,
    FORMAT,
    INDEX,
    MANIFEST,
    RECORDINGS,
    SEALED,
    Manifest,
    recordings_of,
    segments_in,
    unsealed,
)
from training_app.config import Settings, make_data_dir
from training_app.control import site_lock
from training_app.db import Database
from training_app.errors import Refused
from training_app.keeping import run_tool
from training_app.streams.control import forget_stages

FILE_NAME: Final = re.compile(r"files/[0-9a-f]{2}/[0-9a-f]{62}")
OF_RECORDING: Final = re.compile(
    r"recordings/o[1-9][0-9]{0,9}/(v[1-9][0-9]{0,9}|program)/(index\.jsonl|init[0-9]{1,9}\.mp4|seg[0-9]{1,9}\.m4s)"
)
KEY_NAME: Final = re.compile(r"[a-z0-9-]{1,60}\.(pem|pub|key)")
LARGEST_MANIFEST: Final = 1 << 16
LARGEST_KEYS: Final = 1 << 22
NO_BACKUP: Final = "This file is no backup of this site, or it is damaged. Nothing was restored."


def restore(settings: Settings, source: Path, *, passphrase: str | None) -> Manifest:
    """The installation as it was when the backup was made.

    passphrase: opens the keys; None restores without them. Refused, with nothing changed, when a site runs or stands
    here, when the backup is damaged, of another kind of database, or newer than this program.
    """
    make_data_dir(settings.data_dir)
    with site_lock(settings.data_dir) as ours:
        if not ours:
            raise Refused("A site runs on this DATA_DIR. Stop it, or set DATA_DIR to an empty folder.")
        _require_nothing(settings)
        with tempfile.TemporaryDirectory(dir=settings.data_dir, prefix=".restoring-") as folder:
            try:
                manifest, keys = _unpacked(source, Path(folder), passphrase)
            except (tarfile.TarError, EOFError, OSError, ValueError, TypeError, KeyError) as error:
                if isinstance(error, OSError) and error.errno is not None:
                    raise
                raise Refused(NO_BACKUP) from None
            _require_fitting(settings, manifest, Path(folder))
            _put_in_place(settings, Path(folder), keys)
    return manifest


def _require_nothing(settings: Settings) -> None:
    database = Database(settings.database_url)
    try:
        if not schema.is_empty(database):
            raise Refused("The database is not empty. A backup is restored into an empty one: set DATABASE_URL.")
    finally:
        database.dispose()
    standing = [name for name in (FILES, "keys", "secret-key") if (settings.data_dir / name).exists()]
    standing += [RECORDINGS] if any(recordings_of(settings).glob("*")) else []
    if standing:
        raise Refused(f"DATA_DIR holds {', '.join(standing)} already. Set DATA_DIR to an empty folder.")


def _unpacked(source: Path, folder: Path, passphrase: str | None) -> tuple[Manifest, dict[str, object] | None]:
    """What the archive says of itself, and its keys; database and files stand in `folder`. No other name is taken."""
    manifest: Manifest | None = None
    keys = None
    with tarfile.open(source, "r:gz") as archive:
        for member in archive:
            if not member.isfile():
                raise ValueError(member.name)
            content = archive.extractfile(member)
            assert content is not None
            if member.name == MANIFEST and member.size <= LARGEST_MANIFEST:
                manifest = Manifest(**json.loads(content.read()))
            elif member.name == SEALED and member.size <= LARGEST_KEYS:
                keys = json.loads(unsealed(content.read(), passphrase)) if passphrase is not None else None
            elif manifest is None or not _is_known(member.name):
                raise ValueError(member.name)
            else:
                target = folder / member.name
                target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                with target.open("xb") as out:
                    shutil.copyfileobj(content, out)
                target.chmod(0o600)
    if manifest is None:
        raise ValueError(MANIFEST)
    return manifest, keys


def _is_known(name: str) -> bool:
    return bool(name in {DATABASE, ACCOUNTS} or FILE_NAME.fullmatch(name) or OF_RECORDING.fullmatch(name))


def _require_fitting(settings: Settings, manifest: Manifest, folder: Path) -> None:
    kind = "sqlite" if settings.on_sqlite else "postgresql"
    if manifest.database != kind:
        raise Refused(f"The backup is of {manifest.database}, DATABASE_URL names {kind}. Nothing was restored.")
    if manifest.format != FORMAT or not schema.knows(manifest.revision):
        raise Refused(f"The backup is newer ({manifest.revision}) than this program. Install the newer program.")
    _require_digest(folder / DATABASE, manifest.digest)
    for path in (folder / FILES).glob("??/*"):
        _require_digest(path, path.parent.name + path.name)
    for index in (folder / RECORDINGS).glob(f"*/*/{INDEX}"):
        for name, digest in segments_in(index.read_bytes()).items():
            if (index.parent / name).exists():
                _require_digest(index.parent / name, digest)


def _require_digest(path: Path, digest: str) -> None:
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != digest:
            raise Refused(NO_BACKUP)


def _put_in_place(settings: Settings, folder: Path, keys: dict[str, object] | None) -> None:
    try:
        if (folder / FILES).is_dir():
            (folder / FILES).rename(settings.data_dir / FILES)
        if (folder / RECORDINGS).is_dir():
            place = recordings_of(settings)
            place.parent.mkdir(mode=0o700, exist_ok=True)
            shutil.rmtree(place, ignore_errors=True)  # an empty one
            (folder / RECORDINGS).rename(place)
        if (folder / ACCOUNTS).is_file():
            (folder / ACCOUNTS).rename(settings.data_dir / ACCOUNTS)
        if keys is not None:
            _put_keys(settings.data_dir, keys)
        forget_stages(settings)
        _put_database(settings, folder / DATABASE)
    except BaseException:
        for name in (FILES, "keys"):
            shutil.rmtree(settings.data_dir / name, ignore_errors=True)
        shutil.rmtree(recordings_of(settings), ignore_errors=True)
        for name in ("secret-key", ACCOUNTS):
            (settings.data_dir / name).unlink(missing_ok=True)
        raise


def _put_keys(data_dir: Path, keys: dict[str, object]) -> None:
    (data_dir / "keys").mkdir(mode=0o700)
    _write_all(data_dir / "keys", keys["keys"])
    certificates = keys.get(CERTIFICATES)
    if certificates and not (data_dir / CERTIFICATES).exists():
        (data_dir / CERTIFICATES).mkdir(mode=0o700)
        _write_all(data_dir / CERTIFICATES, certificates)
    _write_private(data_dir / "secret-key", f"{keys['secret-key']}\n")


def _write_all(folder: Path, found: object) -> None:
    assert isinstance(found, dict)
    for name, content in found.items():
        if not KEY_NAME.fullmatch(name):
            raise Refused(NO_BACKUP)
        _write_private(folder / name, str(content))


def _write_private(path: Path, content: str) -> None:
    path.touch(mode=0o600)
    path.write_text(content, encoding="ascii")


def _put_database(settings: Settings, copy: Path) -> None:
    if not settings.on_sqlite:
        run_tool(settings, "pg_restore", "--no-owner", "--exit-on-error", "--single-transaction", str(copy))
        return
    with closing(sqlite3.connect(copy)) as source:
        target = Path(str(make_url(settings.database_url).database))
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with closing(sqlite3.connect(target)) as database:
            source.backup(database)

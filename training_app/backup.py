"""Backups: one file with the database at one moment, the files, and, sealed by a passphrase, the keys.

A tar archive, gzipped: `manifest.json` first, then `database`, `files/ab/cdef…`, `recordings/o12/v3/…` when they are
asked for, `keys.sealed`. Whoever holds a backup without its passphrase can read the records, but sign nothing and open
no session.
"""

import hashlib
import io
import json
import os
import tarfile
import tempfile
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from training_app import schema
from training_app.config import Settings, secret_of
from training_app.db import Database
from training_app.errors import Refused
from training_app.installation import installation_of
from training_app.keeping import copy_database

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
DATABASE: Final = "database"
FILES: Final = "files"
RECORDINGS: Final = "recordings"
"""Of streams; in DATA_DIR they stand in the folder of the media process."""
INDEX: Final = "index.jsonl"
"""The file that tells what a recording holds."""
SEALED: Final = "keys.sealed"
CERTIFICATES: Final = "tls"
"""The folder of the site's own authority: with it a restored site is trusted as before."""
ACCOUNTS: Final = "demo-accounts.json"
SHORTEST_PASSPHRASE: Final = 12
_SALT: Final = 16
_NONCE: Final = 12


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself. database: the kind. digest: SHA-256 of its copy. keys: whether they are in it."""

    format: int
    made_at: str
    revision: str
    database: str
    digest: str
    demonstration: bool
    keys: bool


def back_up(
    settings: Settings, target: Path, now: datetime, *, passphrase: str | None, recordings: bool = False
) -> Manifest:
    """A backup at `target` (mode 0600), whole or not there, taken while the site goes on.

    passphrase: seals the keys; None leaves them out. recordings: whether those of streams are in it. Refused when
    `target` exists or the passphrase is too short.
    """
    if passphrase is not None and len(passphrase) < SHORTEST_PASSPHRASE:
        raise Refused(f"The passphrase needs at least {SHORTEST_PASSPHRASE} characters.")
    if target.exists():
        raise Refused(f"{target} exists already. Name another file, or move that one away.")
    revision, demonstration = _standing(settings)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as folder:
        copy = Path(folder) / DATABASE
        copy_database(settings, copy)
        with copy.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        kind = "sqlite" if settings.on_sqlite else "postgresql"
        manifest = Manifest(FORMAT, now.isoformat(), revision, kind, digest, demonstration, passphrase is not None)
        whole = Path(folder) / "whole"
        with whole.open("xb") as out:
            os.fchmod(out.fileno(), 0o600)
            with tarfile.open(fileobj=out, mode="w:gz", compresslevel=1 if recordings else 6) as archive:
                _add(archive, MANIFEST, json.dumps(asdict(manifest)).encode())
                archive.add(copy, DATABASE, filter=_plain)
                if (settings.data_dir / ACCOUNTS).is_file():  # of a demonstration
                    archive.add(settings.data_dir / ACCOUNTS, ACCOUNTS, filter=_plain)
                _add_files(archive, settings.data_dir / FILES)
                if recordings:
                    _add_recordings(archive, recordings_of(settings))
                if passphrase is not None:
                    _add(archive, SEALED, sealed(_keys_of(settings, manifest), passphrase))
            out.flush()
            os.fsync(out.fileno())
        try:
            target.hardlink_to(whole)
        except FileExistsError:
            raise Refused(f"{target} was made by somebody else meanwhile. Nothing was overwritten.") from None
    _sync(target.parent)
    return manifest


def _standing(settings: Settings) -> tuple[str, bool]:
    """The revision of the site's database, and whether it is a demonstration. Refused when there is no site."""
    database = Database(settings.database_url)
    try:
        revision = schema.revision_of(database)
        if revision is not None:
            with database.read() as session:
                installation = installation_of(session)
            if installation is not None:
                return revision, installation.demonstration
    finally:
        database.dispose()
    raise Refused("There is no site in this database, so there is nothing to back up.")


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(content), 0o600
    archive.addfile(info, io.BytesIO(content))


def _plain(info: tarfile.TarInfo) -> tarfile.TarInfo:
    """Without the names and numbers of this machine's accounts."""
    info.uid = info.gid = 0
    info.uname = info.gname = ""
    info.mode = 0o600
    return info


def _add_files(archive: tarfile.TarFile, folder: Path) -> None:
    for path in sorted(folder.glob("??/*")):
        if path.name.startswith("."):
            continue
        try:
            archive.add(path, f"{FILES}/{path.parent.name}/{path.name}", filter=_plain)
        except FileNotFoundError:
            continue  # its time was over meanwhile


def recordings_of(settings: Settings) -> Path:
    """The folder where the media process keeps recordings."""
    return settings.data_dir / "media" / RECORDINGS


def segments_in(index: bytes) -> dict[str, str]:
    """The files of complete segments that an index tells of, with the SHA-256 of each."""
    found = {}
    for text in index.splitlines():
        try:
            line = json.loads(text)
            if "ends" in line:
                found[f"seg{int(line['ends'])}.m4s"] = str(line["sha256"])
        except (ValueError, KeyError, TypeError):
            continue  # torn, as when the process was killed
    return found


def _add_recordings(archive: tarfile.TarFile, folder: Path) -> None:
    """What is complete at this moment; what is being recorded goes on meanwhile."""
    for path in sorted(folder.glob(f"*/*/{INDEX}")):
        index = path.read_bytes()
        name = f"{RECORDINGS}/{path.parent.parent.name}/{path.parent.name}"
        _add(archive, f"{name}/{INDEX}", index)
        for file in [*sorted(path.parent.glob("init*.mp4")), *(path.parent / one for one in segments_in(index))]:
            try:
                archive.add(file, f"{name}/{file.name}", filter=_plain)
            except FileNotFoundError:
                continue  # its time was over meanwhile


# keys


def _keys_of(settings: Settings, manifest: Manifest) -> bytes:
    secret = secret_of(settings, demonstration=manifest.demonstration)
    return json.dumps(
        {
            "secret-key": secret,
            "keys": _texts(settings.data_dir / "keys", "[a-z]*.p[eu][mb]"),
            CERTIFICATES: _texts(settings.data_dir / CERTIFICATES, "[a-z]*.[pk]e[my]"),
        }
    ).encode()


def _texts(folder: Path, pattern: str) -> dict[str, str]:
    return {path.name: path.read_text(encoding="ascii") for path in sorted(folder.glob(pattern))}


def sealed(content: bytes, passphrase: str) -> bytes:
    """The content under AES-256-GCM, its key derived from the passphrase by scrypt: salt, nonce, ciphertext."""
    salt, nonce = os.urandom(_SALT), os.urandom(_NONCE)
    return salt + nonce + AESGCM(_derived(passphrase, salt)).encrypt(nonce, content, None)


def unsealed(content: bytes, passphrase: str) -> bytes:
    """What was sealed. Refused when the passphrase is another one or the content was touched."""
    salt, nonce, rest = content[:_SALT], content[_SALT : _SALT + _NONCE], content[_SALT + _NONCE :]
    try:
        return AESGCM(_derived(passphrase, salt)).decrypt(nonce, rest, None)
    except (InvalidTag, ValueError):
        raise Refused("The passphrase does not open the keys of this backup. Nothing was restored.") from None


def _derived(passphrase: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, n=1 << 15, r=8, p=1).derive(passphrase.encode())


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

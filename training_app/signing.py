"""Keys by purpose and year: derived ones from the one secret of the installation, and Ed25519 pairs to sign with.

The private keys of the pairs stand in a folder (mode 0700) as PEM files (mode 0600), never in the database. Their
public halves stay there for ever, so that what was signed once can always be checked.
"""

import base64
import hashlib
import hmac
import os
import re
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

PURPOSE = re.compile(r"[a-z]{1,20}")
KEY_ID = re.compile(r"[a-z]{1,20}-[0-9]{4}-[0-9a-f]{12}")


@lru_cache(maxsize=64)
def key_for(secret: str, purpose: str, year: int) -> bytes:
    """32 bytes that no other purpose or year shares."""
    return hmac.new(secret.encode(), f"{purpose}/{year}".encode(), hashlib.sha256).digest()


def keyed_digest(key: bytes, value: str) -> str:
    """HMAC-SHA-256 of `value` under `key`, 64 hex digits: tells equality, not the value."""
    return hmac.new(key, value.encode(), hashlib.sha256).hexdigest()


class BadKey(Exception):
    """A key file that cannot be used; the message names it and says what to do."""


@dataclass(frozen=True, slots=True)
class Signature:
    """What was signed by which key. signature: 86 characters, base64 for addresses, without padding."""

    key_id: str
    signature: str


@dataclass(frozen=True, slots=True)
class PublicKey:
    """The half of a pair that everybody may know. pem: as text."""

    key_id: str
    pem: str


class Keys:
    """The Ed25519 pairs in a folder; a pair is made when it is first asked to sign."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._signing: dict[tuple[str, int], tuple[str, Ed25519PrivateKey]] = {}

    def sign(self, purpose: str, year: int, message: bytes) -> Signature:
        """The signature of `message` by the pair of this purpose and year. purpose: 1 to 20 letters a to z.

        Raises BadKey when the file of the private key cannot be read as one.
        """
        pair = self._signing.get((purpose, year))
        if pair is None:
            pair = self._signing[purpose, year] = self._pair(purpose, year)
        key_id, private = pair
        return Signature(key_id, _text(private.sign(message)))

    def verify(self, key_id: str, message: bytes, signature: str) -> bool:
        """Whether `signature` is that of `message` by the key; False as well when nobody here knows such a key."""
        public = self._public(key_id)
        try:
            if public is None:
                return False
            public.verify(_bytes(signature), message)
        except (InvalidSignature, ValueError):
            return False
        return True

    def public_keys(self) -> tuple[PublicKey, ...]:
        """Every public key there ever was, by id."""
        if not self._folder.is_dir():
            return ()
        files = sorted(path for path in self._folder.glob("*.pub") if KEY_ID.fullmatch(path.stem))
        return tuple(PublicKey(path.stem, path.read_text(encoding="ascii")) for path in files)

    def _pair(self, purpose: str, year: int) -> tuple[str, Ed25519PrivateKey]:
        if not PURPOSE.fullmatch(purpose) or not 1000 <= year <= 9999:
            raise ValueError(f"no keys are kept for {purpose!r} in {year}")
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self._folder / f"{purpose}-{year}.pem"
        if not path.exists():
            _keep_once(path, _private_pem(Ed25519PrivateKey.generate()))
        private = _read_private(path)
        public = private.public_key()
        key_id = f"{purpose}-{year}-{_fingerprint(public)}"
        # before anything is signed, so that a kill in between leaves no signature that nobody can check
        _keep_once(self._folder / f"{key_id}.pub", _public_pem(public))
        return key_id, private

    def _public(self, key_id: str) -> Ed25519PublicKey | None:
        path = self._folder / f"{key_id}.pub"
        if not KEY_ID.fullmatch(key_id) or not path.is_file():
            return None
        key = serialization.load_pem_public_key(path.read_bytes())
        # whoever put another key under this name would else sign in its place
        if not isinstance(key, Ed25519PublicKey) or not key_id.endswith(_fingerprint(key)):
            return None
        return key


def _keep_once(path: Path, content: bytes) -> None:
    """`content` at `path` (mode 0600), or what somebody else put there first: whole in either case."""
    if path.exists():
        return
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        path.hardlink_to(name)
        _sync_folder(path.parent)
    except FileExistsError:
        return
    finally:
        Path(name).unlink()


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _read_private(path: Path) -> Ed25519PrivateKey:
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except ValueError:
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise BadKey(
            f"{path} holds no Ed25519 key. Bring it back from the backup, or move it away and a new one is made."
        )
    return key


def _private_pem(key: Ed25519PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _public_pem(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def _fingerprint(key: Ed25519PublicKey) -> str:
    raw = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return hashlib.sha256(raw).hexdigest()[:12]


def _text(signature: bytes) -> str:
    return base64.urlsafe_b64encode(signature).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    """The 64 bytes of a signature. Raises ValueError when `text` is not the one way in which they are written."""
    found = base64.b64decode(text + "==", altchars=b"-_", validate=True)
    if _text(found) != text:
        raise ValueError("not as a signature is written")
    return found

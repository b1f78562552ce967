"""Addresses of HLS that hold for one browser and a while, signed as nginx's `secure_link_md5` checks it.

The expression is `"$secure_link_expires $path $cookie_media_viewer SECRET"`, with `$path` as in `o12/program`. The
cookie names whom it was given, signed, so that it is understood after a restart and holds for nobody else.
"""

import base64
import hashlib
import hmac
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final

SECRET: Final = "link-secret"  # noqa: S105  the name of its file
_COOKIE: Final = re.compile(r"(?P<random>[A-Za-z0-9_-]{16})\.(?P<sub>[a-z][0-9]{1,10})\.(?P<mac>[A-Za-z0-9_-]{22})")


@dataclass(frozen=True, slots=True)
class Links:
    """Signs and checks with one secret."""

    secret: str

    def signature(self, exp: int, path: str, cookie: str) -> str:
        """The signature of a path until `exp` (seconds UTC) for who brings this cookie."""
        # MD5 is what nginx computes here; the secret stands at the end, where nothing can be appended to it
        return _text(hashlib.md5(f"{exp} {path} {cookie} {self.secret}".encode()).digest())  # noqa: S324

    def address(self, kind: str, exp: int, path: str, cookie: str) -> str:
        """`/hls/<signature>/<exp>/o12/program`. kind: `hls`, `changes`, `state`."""
        return f"/{kind}/{self.signature(exp, path, cookie)}/{exp}/{path}"

    def holds(self, signature: str, exp: int, path: str, cookie: str) -> bool:
        """Whether this is the signature. The time is looked at by who asks."""
        return hmac.compare_digest(self.signature(exp, path, cookie).encode(), signature.encode())

    def cookie(self, sub: str, brought: str = "") -> str:
        """A cookie for `sub`: the one that was brought when it is theirs, else a new one."""
        if brought and self.sub_of(brought) == sub:
            return brought
        random = secrets.token_urlsafe(12)
        return f"{random}.{sub}.{self._mac(random, sub)}"

    def sub_of(self, cookie: str) -> str | None:
        """For whom the cookie was made; None when nobody here made it."""
        parts = _COOKIE.fullmatch(cookie)
        if parts is None or not hmac.compare_digest(self._mac(parts["random"], parts["sub"]), parts["mac"]):
            return None
        return parts["sub"]

    def _mac(self, random: str, sub: str) -> str:
        return _text(hmac.digest(self.secret.encode(), f"cookie {random} {sub}".encode(), "sha256")[:16])


def kept_secret(folder: Path) -> str:
    """The secret in the folder (mode 0600), made once."""
    path = folder / SECRET
    try:
        secret = path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        secret = ""
    if len(secret) >= 32:
        return secret
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    new = path.with_name(f".{SECRET}")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(32) + "\n")
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    return path.read_text(encoding="ascii").strip()


def _text(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

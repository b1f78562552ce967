"""Keys by purpose and year, derived from the one secret of the installation."""

import hashlib
import hmac


def key_for(secret: str, purpose: str, year: int) -> bytes:
    """32 bytes that no other purpose or year shares."""
    return hmac.new(secret.encode(), f"{purpose}/{year}".encode(), hashlib.sha256).digest()


def keyed_digest(key: bytes, value: str) -> str:
    """HMAC-SHA-256 of `value` under `key`, 64 hex digits: tells equality, not the value."""
    return hmac.new(key, value.encode(), hashlib.sha256).hexdigest()

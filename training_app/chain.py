"""A hash chain over salted digests: whoever changes a line breaks every later hash.

The values of a line stand outside the chain; only their salted digest is chained, so that erasure can null the values
and the salt by a logged act while the chain stays whole.
"""

import hashlib
import json
import secrets
from collections.abc import Mapping

GENESIS = "0" * 64

_JSON = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def new_salt() -> str:
    """32 random hex digits."""
    return secrets.token_hex(16)


def canonical(value: Mapping[str, object]) -> bytes:
    """The one byte form of `value`: JSON with sorted keys, no spaces, UTF-8."""
    return _JSON.encode(value).encode()


def salted_digest(salt: str, value: Mapping[str, object]) -> str:
    """SHA-256 over salt and canonical value, 64 hex digits."""
    return hashlib.sha256(salt.encode() + canonical(value)).hexdigest()


def link(previous: str, line: Mapping[str, object]) -> str:
    """The hash of a line that follows `previous`, 64 hex digits."""
    return hashlib.sha256(previous.encode() + canonical(line)).hexdigest()

"""Who comes with a token: what the site signed, read with its public keys alone."""

import base64
import binascii
import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar, Final

from training_app.errors import Refused
from training_app.media.protocol import KEYS, PATH, Act, Claims
from training_app.signing import Keys

TOKEN: Final = re.compile(r"([A-Za-z0-9_-]{1,1500})\.([a-z0-9-]{1,60})\.([A-Za-z0-9_-]{86})")
SUB: Final = re.compile(r"[pl][1-9][0-9]{0,9}")
NAME: Final = re.compile(r"[A-Za-z0-9_-]{8,64}")
SCHEME: Final = "Bearer "


class BadToken(Refused):
    """The token is none of the site, or its time is over; the answer asks for another one."""

    status: ClassVar[int] = 401


class WrongPath(Refused):
    """The token is good, but not for this."""

    status: ClassVar[int] = 403


class Tokens:
    """Reads tokens. folder: of the site's keys, whose public halves are read."""

    def __init__(self, folder: Path) -> None:
        self._keys = Keys(folder)

    def claims_of(self, token: str, now: datetime) -> Claims:
        """What the token says. Raises BadToken, in words, when the site did not say it or its time is over."""
        parts = TOKEN.fullmatch(token)
        if parts is None or not parts[2].startswith(f"{KEYS}-"):
            raise BadToken("This is no token of this site.")
        payload, key_id, signature = parts.groups()
        if not self._keys.verify(key_id, payload.encode(), signature):
            raise BadToken("This token was not signed by this site.")
        claims = _claims(payload)
        if claims.exp <= now.timestamp():
            raise BadToken("The time of this token is over. Open the page again.")
        return claims


def bearer_of(header: str | None) -> str | None:
    """The token in the header Authorization, None when there is none."""
    if header is None or not header.lower().startswith(SCHEME.lower()):
        return None
    return header[len(SCHEME) :].strip()


def require(claims: Claims, path: str, *acts: Act) -> None:
    """The claims are for this path and one of these acts. Raises WrongPath."""
    if claims.path != path or claims.act not in acts:
        raise WrongPath("This token is for another stream.")


def _claims(payload: str) -> Claims:
    try:
        said: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        claims = Claims(
            sub=str(said["sub"]),
            path=str(said["path"]),
            act=Act(said["act"]),
            exp=int(said["exp"]),
            jti=str(said["jti"]),
            sound=str(said.get("sound", "")),
            until=int(said.get("until", 0)),
        )
    except (binascii.Error, KeyError, TypeError, ValueError, AttributeError, RecursionError):
        raise BadToken("This token cannot be read.") from None
    names = (SUB.fullmatch(claims.sub), PATH.fullmatch(claims.path), NAME.fullmatch(claims.jti))
    if not all(names) or not (claims.sound == "" or PATH.fullmatch(claims.sound)):
        raise BadToken("This token cannot be read.")
    return claims

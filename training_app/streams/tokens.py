"""Tokens for the media process: what somebody may do with a stream, signed by the site."""

import base64
import json
import secrets
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Final

from training_app.clock import shanghai_day
from training_app.media.protocol import KEYS, Act, Claims
from training_app.signing import Keys

FOR_A_PAGE: Final = timedelta(seconds=90)
"""A page uses its token at once and asks for another one when it comes again."""


def claims_for(
    sub: str,
    path: str,
    act: Act,
    now: datetime,
    *,
    lasts: timedelta = FOR_A_PAGE,
    sound: str = "",
    until: datetime | None = None,
) -> Claims:
    """What a token is to say, with a name of its own.

    sub: `p37` or `l12`. sound: a path whose sound goes with the picture. until: when the addresses of HLS that are
    given for it end; None: with the token.
    """
    ends = now + lasts
    return Claims(
        sub=sub,
        path=path,
        act=act,
        exp=int(ends.timestamp()),
        jti=secrets.token_urlsafe(12),
        sound=sound,
        until=int((until or ends).timestamp()),
    )


def signed(claims: Claims, keys: Keys, now: datetime) -> str:
    """The token: payload, id of the key, signature."""
    text = json.dumps(asdict(claims), separators=(",", ":")).encode()
    payload = base64.urlsafe_b64encode(text).rstrip(b"=").decode()
    found = keys.sign(KEYS, shanghai_day(now).year, payload.encode())
    return f"{payload}.{found.key_id}.{found.signature}"

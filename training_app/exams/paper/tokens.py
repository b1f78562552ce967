"""What a page carries that only this site can have written: the beacon of a moment, the token of a delivery.

A beacon is the server's time, signed for one attempt: an answer that echoes it was not given before. It never proves
that one was not given after. The delivery token says which attempt unsent answers belong to, whoever is signed in.
"""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from itsdangerous import BadSignature, URLSafeSerializer

from training_app.signing import key_for, keyed_digest

SHOWN: Final = 24
"""Hex digits of a beacon's digest: 96 bits."""
NO_YEAR: Final = 0
"""Beacons live for an attempt, tokens until the answers are delivered: neither has a year."""

BeaconTime = Callable[[str | None], datetime | None]
"""The moment in a beacon of the attempt at hand; None for one that is missing or not ours."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """Beacons and delivery tokens under the secret of this site."""

    secret: str

    def beacon(self, attempt_id: int, now: datetime) -> str:
        """`now`, signed for the attempt."""
        stamp = str(int(now.timestamp() * 1000))
        return f"{stamp}.{self._digest(attempt_id, stamp)}"

    def time_of(self, attempt_id: int) -> BeaconTime:
        """A reader of beacons of the attempt."""

        def read(beacon: str | None) -> datetime | None:
            stamp, _, digest = (beacon or "").partition(".")
            if not (stamp.isascii() and stamp.isdecimal() and len(stamp) < 15 and digest.isascii()):
                return None
            if not hmac.compare_digest(digest, self._digest(attempt_id, stamp)):
                return None
            return datetime.fromtimestamp(int(stamp) / 1000, UTC)

        return read

    def delivery_token(self, attempt_id: int) -> str:
        """The token of the attempt: whoever holds it may deliver answers to its late pile, and nothing else."""
        token = self._serializer().dumps(attempt_id)
        return token.decode() if isinstance(token, bytes) else token

    def attempt_of_token(self, token: str) -> int | None:
        """The id of the attempt; None for a token that is not ours."""
        try:
            found = self._serializer().loads(token)
        except BadSignature:
            return None
        return found if type(found) is int else None

    def _digest(self, attempt_id: int, stamp: str) -> str:
        key = key_for(self.secret, "beacon", NO_YEAR)
        return keyed_digest(key, f"{attempt_id}/{stamp}")[:SHOWN]

    def _serializer(self) -> "URLSafeSerializer":
        return URLSafeSerializer(key_for(self.secret, "delivery", NO_YEAR), salt="delivery")

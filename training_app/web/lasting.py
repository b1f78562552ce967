"""The session cookie: it lasts SESSION_HOURS, and longer for whoever is on a paper, to the end of that paper.

A page under way must not be signed out. How long a session lasts stands inside the signed cookie itself.
"""

from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Final

from flask import Flask, Request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from itsdangerous import BadSignature

from training_app.memory import Memory

KEPT_UNTIL: Final = "kept_until"
"""Key of the session: seconds since 1970 up to which it lasts at least."""
LONGEST: Final = timedelta(days=7)
"""No cookie is older than this, whatever it says: SESSION_HOURS is at most 168."""
ROOM: Final = timedelta(minutes=30)
"""Added to what is asked for, so that a little more time does not write the cookie again."""

MOST_REMEMBERED: Final = 5000
"""Cookies whose signature this process need not compute again."""


class LastingSessions(SecureCookieSessionInterface):
    """Sessions that end SESSION_HOURS after they were written, or at their own later end."""

    def __init__(self) -> None:
        self._read_before: Memory[str, tuple[dict[str, object], datetime]] = Memory(MOST_REMEMBERED)

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """The session of the request; a new one when there is none, or when it has ended."""
        cookie = request.cookies.get(self.get_cookie_name(app))
        found = self._read(app, cookie) if cookie else None
        if found is None:
            return self.session_class()
        data, written = found
        now = datetime.now(UTC)
        is_over = now - written > app.permanent_session_lifetime and now.timestamp() > _kept_until(data)
        return self.session_class() if is_over or now - written > LONGEST else self.session_class(data)

    def _read(self, app: Flask, cookie: str) -> tuple[dict[str, object], datetime] | None:
        """What stands in the cookie and when it was written; None for one that this site did not sign.

        The signature of a cookie that comes with every request is computed once.
        """
        found = self._read_before.recall(cookie)
        if found is None:
            serializer = self.get_signing_serializer(app)
            if serializer is None:
                return None
            try:
                found = serializer.loads(cookie, return_timestamp=True)
            except BadSignature:
                return None
            self._read_before.keep(cookie, found)
        # a copy: what the request changes is its own
        return deepcopy(found[0]), found[1]

    def get_expiration_time(self, app: Flask, session: SessionMixin) -> datetime | None:
        """When the browser forgets the cookie."""
        found = super().get_expiration_time(app, session)
        kept_until = _kept_until(session)
        if found is None or not kept_until:
            return found
        return max(found, datetime.fromtimestamp(kept_until, UTC))


def _kept_until(data: object) -> float:
    found = data.get(KEPT_UNTIL, 0) if isinstance(data, dict) else 0
    return float(found) if isinstance(found, int | float) else 0.0


def outlast(moment: datetime) -> None:
    """The session of this request lasts beyond `moment`, at most a week from now."""
    if _kept_until(session) < moment.timestamp():
        session[KEPT_UNTIL] = int((moment + ROOM).timestamp())


def init_lasting(app: Flask) -> None:
    """The sessions of `app` last as said above."""
    app.session_interface = LastingSessions()

"""The session cookie: it lasts SESSION_HOURS, and longer for whoever is on a paper, to the end of that paper.

A page under way must not be signed out. How long a session lasts stands inside the signed cookie itself.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

from flask import Flask, Request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from itsdangerous import BadSignature

KEPT_UNTIL: Final = "kept_until"
"""Key of the session: seconds since 1970 up to which it lasts at least."""
LONGEST: Final = timedelta(days=7)
"""No cookie is older than this, whatever it says: SESSION_HOURS is at most 168."""
ROOM: Final = timedelta(minutes=30)
"""Added to what is asked for, so that a little more time does not write the cookie again."""


class LastingSessions(SecureCookieSessionInterface):
    """Sessions that end SESSION_HOURS after they were written, or at their own later end."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """The session of the request; a new one when there is none, or when it has ended."""
        serializer = self.get_signing_serializer(app)
        if serializer is None:
            return None
        cookie = request.cookies.get(self.get_cookie_name(app))
        if not cookie:
            return self.session_class()
        try:
            data, written = serializer.loads(cookie, max_age=int(LONGEST.total_seconds()), return_timestamp=True)
        except BadSignature:
            return self.session_class()
        now = datetime.now(UTC)
        if now - written > app.permanent_session_lifetime and now.timestamp() > _kept_until(data):
            return self.session_class()
        return self.session_class(data)

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

"""The session cookie: it lasts SESSION_HOURS, and longer for whoever is on a paper, to the end of that paper.

A page under way must not be signed out. How long a session lasts stands inside the signed cookie itself.
"""

from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Final

from flask import Flask, Request, Response, session
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
"""Cookies that this process need not read again."""
LONGEST_REMEMBERED: Final = 4096
"""Characters; whoever sends more cookies than that fills no memory with them."""


class LastingSessions(SecureCookieSessionInterface):
    """Sessions that end SESSION_HOURS after they were written, or at their own later end."""

    def __init__(self) -> None:
        self._read_before: Memory[str, tuple[dict[str, object], datetime]] = Memory(MOST_REMEMBERED)

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """The session of the request; a new one when there is none, or when it has ended."""
        found = self._read(app, request)
        if found is None:
            return self.session_class()
        data, written = found
        now = datetime.now(UTC)
        is_over = now - written > app.permanent_session_lifetime and now.timestamp() > _kept_until(data)
        return self.session_class() if is_over or now - written > LONGEST else self.session_class(data)

    def _read(self, app: Flask, request: Request) -> tuple[dict[str, object], datetime] | None:
        """What stands in the cookie and when it was written; None for none, and for one that this site did not sign.

        Cookies that come with every request are taken apart, and their signature is computed, once.
        """
        cookies = request.headers.get("Cookie", "")
        found = self._read_before.recall(cookies)
        if found is None:
            cookie, serializer = request.cookies.get(self.get_cookie_name(app)), self.get_signing_serializer(app)
            if not cookie or serializer is None:
                return None
            try:
                found = serializer.loads(cookie, return_timestamp=True)
            except BadSignature:
                return None
            if len(cookies) <= LONGEST_REMEMBERED:
                self._read_before.keep(cookies, found)
        # a copy: what the request changes is its own
        return {key: value if _is_plain(value) else deepcopy(value) for key, value in found[0].items()}, found[1]

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """The cookie is written when it changed; the answer says that it depends on it when it was looked at."""
        if session and not self.should_set_cookie(app, session):
            if session.accessed:
                response.headers.add("Vary", "Cookie")
            return
        super().save_session(app, session, response)

    def get_expiration_time(self, app: Flask, session: SessionMixin) -> datetime | None:
        """When the browser forgets the cookie."""
        found = super().get_expiration_time(app, session)
        kept_until = _kept_until(session)
        if found is None or not kept_until:
            return found
        return max(found, datetime.fromtimestamp(kept_until, UTC))


def _is_plain(value: object) -> bool:
    return isinstance(value, str | int | float | None)


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

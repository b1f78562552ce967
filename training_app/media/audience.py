"""Who watches by HLS: known by the playlists that a player asks for, again and again, as long as it plays."""

from dataclasses import dataclass
from typing import Final

from training_app.media.paths import Emit
from training_app.media.presence import Watched
from training_app.media.protocol import Kind

GONE_AFTER_S: Final = 15.0
_MOST_AT_ONCE_S: Final = 8.0
"""More of the stream than this between two requests was not watched as it came."""
TRANSPORT: Final = "hls"


@dataclass(slots=True)
class _Watching:
    """jti: of the token it entered with, "" after a restart. seen_at: of any steady clock."""

    path: str
    sub: str
    jti: str
    seen_at: float
    published_s: float
    watched_s: float = 0.0


class Audience:
    """Viewers by path and cookie."""

    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self._watching: dict[tuple[str, str], _Watching] = {}
        self._entered: dict[str, str] = {}

    def enter(self, cookie: str, jti: str) -> None:
        """The browser with this cookie showed a token."""
        while len(self._entered) >= 10_000:
            del self._entered[next(iter(self._entered))]
        self._entered[cookie] = jti

    def see(self, path: str, cookie: str, sub: str, *, published_s: float, now: float) -> None:
        """The viewer was given the playlist. published_s: how much the path had carried by then."""
        watching = self._watching.get((path, cookie))
        if watching is None:
            jti = self._entered.get(cookie, "")
            self._watching[path, cookie] = _Watching(path, sub, jti, now, published_s)
            self._emit(Kind.VIEWER_JOINED, path, sub, {"transport": TRANSPORT, "jti": jti})
            return
        watching.watched_s += min(max(0.0, published_s - watching.published_s), _MOST_AT_ONCE_S)
        watching.seen_at, watching.published_s = now, published_s

    def sweep(self, now: float) -> None:
        """Who has not asked for a while has left."""
        for key in [key for key, one in self._watching.items() if now - one.seen_at > GONE_AFTER_S]:
            self._leave(key, "gone")

    def close(self, path: str, reason: str, sub: str | None = None) -> None:
        """Everybody on the path has left, or this one."""
        for key in [key for key, one in self._watching.items() if one.path == path and sub in {None, one.sub}]:
            self._leave(key, reason)

    def close_all(self, reason: str) -> None:
        """Everybody has left."""
        for key in list(self._watching):
            self._leave(key, reason)

    def watchers(self, path: str) -> list[dict[str, str]]:
        """Those who watch the path now."""
        return [{"sub": one.sub, "transport": TRANSPORT} for one in self._watching.values() if one.path == path]

    def watched(self) -> list[Watched]:
        """Everybody, with what they have watched so far."""
        return [
            Watched(one.path, one.sub, one.jti, TRANSPORT, round(one.watched_s, 1)) for one in self._watching.values()
        ]

    def _leave(self, key: tuple[str, str], reason: str) -> None:
        one = self._watching.pop(key)
        details = {"transport": TRANSPORT, "jti": one.jti, "seconds": round(one.watched_s, 1), "reason": reason}
        self._emit(Kind.VIEWER_LEFT, one.path, one.sub, details)

"""Sessions of WHIP and WHEP: one for each client, known by an address that nobody can guess."""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from training_app.media.ingest import Publisher
from training_app.media.packets import PlainPublisher, PlainViewer
from training_app.media.protocol import Act, Claims
from training_app.media.viewers import Viewer

Client = Publisher | Viewer | PlainPublisher | PlainViewer
WATCHING: Final = (Viewer, PlainViewer)


@dataclass(slots=True, eq=False)
class Session:
    """What a client has. etag: of its ICE session. settle: called when it has connected or has ended."""

    claims: Claims
    bearer_digest: bytes
    client: Client
    ufrag: str
    settle: Callable[[], None] = lambda: None
    id: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    etag: str = field(default_factory=lambda: secrets.token_hex(8))

    @property
    def path(self) -> str:
        """The path it publishes or watches."""
        return self.claims.path

    def belongs_to(self, bearer: str | None) -> bool:
        """Whether this is the token with which it began: its time may be over by now."""
        return bearer is not None and hmac.compare_digest(self.bearer_digest, digest(bearer))

    def gives_way_to(self, claims: Claims) -> bool:
        """Whether it ends when the bearer of `claims` comes: viewers have one path at a time, others one a path."""
        is_one = self.claims.sub == claims.sub and self.claims.act is claims.act
        return is_one and (claims.act is Act.VIEW or self.path == claims.path)


class Sessions:
    """All sessions, by id."""

    def __init__(self) -> None:
        self._all: dict[str, Session] = {}

    def __iter__(self) -> Iterator[Session]:
        return iter(tuple(self._all.values()))

    def __len__(self) -> int:
        return len(self._all)

    def add(self, session: Session) -> None:
        """It can be found by its id."""
        self._all[session.id] = session

    def get(self, session_id: str) -> Session | None:
        """The session, or None."""
        return self._all.get(session_id)

    def remove(self, session: Session) -> None:
        """It cannot be found any more."""
        self._all.pop(session.id, None)

    def make_room(self, session: Session, reason: str) -> None:
        """Those that give way to this one end."""
        for other in self:
            if other is not session and other.gives_way_to(session.claims):
                other.client.close(reason)


def digest(bearer: str) -> bytes:
    """By this a token is known again without being kept."""
    return hashlib.sha256(bearer.encode()).digest()

"""How clients come in: the offer of a publisher or a viewer becomes a session, or it is declined with the reason."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Protocol

from training_app.errors import Refused
from training_app.media import gates, offers
from training_app.media.admission import Admission, Full
from training_app.media.fanout import Fanout
from training_app.media.flow import Track
from training_app.media.ingest import Publisher
from training_app.media.outlets import Outlet
from training_app.media.packets import PlainPeer, PlainPublisher, PlainViewer
from training_app.media.paths import Emit, Stream, VenuePath
from training_app.media.peers import Peer, Reach
from training_app.media.protocol import Act, Claims, Kind, Stage, occasion_of
from training_app.media.rate import HIGHEST
from training_app.media.sessions import WATCHING, Session, Sessions, digest
from training_app.media.viewers import Viewer, details
from training_app.media.whip import Begun, Declined

TURN_S: Final = 1.0
"""So long a connection may take before it is somebody else's turn."""
HLS: Final = "/enter"
"""Where viewers go when there is no place for them here."""


class Inside(Protocol):
    """What clients come into."""

    sessions: Sessions
    admission: Admission
    emit: Emit
    verify: Callable[[str], Claims]

    def stage(self, occasion: str) -> Stage | None:
        """What the site said of the occasion last."""

    def path(self, name: str) -> Stream:
        """The path of this name."""

    def fanout(self, outlet: Outlet) -> Fanout:
        """What sends to the viewers of this outlet."""


@dataclass(frozen=True, slots=True)
class Way:
    """What clients are made of: see patchpoints and packets."""

    peer: type[Any] = Peer
    publisher: type[Any] = Publisher
    viewer: type[Any] = Viewer


PLAIN: Final = Way(PlainPeer, PlainPublisher, PlainViewer)


class Doors:
    """The way in. studio: what they come into."""

    def __init__(self, studio: Inside, reach: Reach) -> None:
        self._studio = studio
        self.reach = reach
        self.way = Way()

    async def publish(self, path: str, bearer: str, body: bytes) -> Begun:
        """A publisher's session. Raises Declined, BadOffer."""
        claims = self._claims(path, bearer)
        stream = _named(path)
        self._decline(gates.publish_refusal(self._studio.stage(occasion_of(path)), claims, stream))
        target = self._studio.path(path)
        if not isinstance(target, VenuePath):
            raise Declined(404, "There is no such stream.")
        offer = offers.read(body, publishes=True)
        # of one link, the tab that came last publishes; what an earlier one has begun but not finished ends
        for other in self._studio.sessions:
            if other.gives_way_to(claims) and other.client is not target.source:
                other.client.close("replaced")
        peer = self.way.peer(offer, self.reach, receives=True)
        publisher = self.way.publisher(peer, target, claims.sub, lambda _: self._studio.sessions.remove(session))
        session: Session = Session(claims, digest(bearer), publisher, offers.ufrag_of(offer.sdp))
        return await self._begun(session, lambda answer: offers.with_hints(answer, HIGHEST))

    async def watch(self, path: str, bearer: str, body: bytes) -> Begun:
        """A viewer's session. Raises Declined, BadOffer."""
        claims = self._claims(path, bearer)
        self._decline(gates.watch_refusal(self._studio.stage(occasion_of(path)), claims, _named(path)))
        offer = offers.read(body, publishes=False)
        picture = self._studio.path(path)
        if not picture.is_live:
            raise Declined(409, "Nobody sends this yet.", retry_s=gates.RETRY_S)
        settle = await self._turn(claims)
        try:
            session = self._viewer(claims, bearer, offer, picture)
        except BaseException:
            settle()
            raise
        session.settle = settle
        for other in self._studio.sessions:
            # an earlier one goes on until this one is connected, unless it is not connected either
            if other.gives_way_to(claims) and not (isinstance(other.client, WATCHING) and other.client.is_seated):
                other.client.close("replaced")
        return await self._begun(session, lambda answer: answer)

    def _viewer(self, claims: Claims, bearer: str, offer: offers.Offer, picture: Stream) -> Session:
        studio = self._studio
        sound = studio.path(claims.sound) if claims.sound else picture
        is_host = claims.act is Act.MONITOR
        fanouts = {
            Track.VIDEO: studio.fanout(picture.outlet(before_gate=is_host)),
            Track.AUDIO: studio.fanout(sound.outlet(before_gate=is_host)),
        }
        has_joined = False

        def join() -> None:
            nonlocal has_joined
            has_joined = True
            session.settle()
            studio.sessions.make_room(session, "replaced")
            if not is_host:
                studio.emit(Kind.VIEWER_JOINED, claims.path, claims.sub, {"transport": "udp", "jti": claims.jti})

        def end(reason: str) -> None:
            studio.sessions.remove(session)
            session.settle()
            if has_joined and not is_host:
                studio.emit(Kind.VIEWER_LEFT, claims.path, claims.sub, details(viewer, claims.jti, reason))

        viewer = self.way.viewer(self.way.peer(offer, self.reach, receives=False), fanouts, end)
        session = Session(claims, digest(bearer), viewer, offers.ufrag_of(offer.sdp))
        viewer.on_ready = join
        return session

    async def _begun(self, session: Session, finish: Callable[[str], str]) -> Begun:
        self._studio.sessions.add(session)
        try:
            return Begun(session, finish(await session.client.answer()))
        except BaseException:
            session.client.close("not begun")
            raise

    async def _turn(self, claims: Claims) -> Callable[[], None]:
        """What to call when the viewer has connected or ended. Hosts need not wait."""
        if claims.act is Act.MONITOR:
            return lambda: None
        admission = self._studio.admission
        try:
            await admission.take_turn()
        except Full:
            raise Declined(503, "There is no place left here. Watch by HLS.", retry_s=5, instead=HLS) from None
        give_back = _once(admission.give_back)
        # who cannot be reached by UDP tries for long, and must not keep others from coming
        asyncio.get_running_loop().call_later(TURN_S, give_back)
        return give_back

    def _claims(self, path: str, bearer: str) -> Claims:
        try:
            claims = self._studio.verify(bearer)
        except Refused as refusal:
            raise Declined(refusal.status, str(refusal.message)) from None
        if claims.path != path:
            raise Declined(403, "This token is for another stream.")
        return claims

    def _decline(self, refusal: gates.Refusal | None) -> None:
        if refusal is not None:
            raise Declined(refusal.status, refusal.message, retry_s=refusal.retry_s)


def _once(call: Callable[[], Any]) -> Callable[[], None]:
    """Calls it the first time only."""
    calls = [call]

    def once() -> None:
        while calls:
            calls.pop()()

    return once


def _named(path: str) -> str:
    return path.partition("/")[2]

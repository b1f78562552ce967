"""Connections to clients: an offer is answered, and then packets come and go. The private parts are in patchpoints."""

import asyncio
import logging
import socket
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from aiortc import (
    RTCBundlePolicy,
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpSender,
    RTCRtpTransceiver,
    RTCSessionDescription,
)
from aiortc.codecs import CODECS
from aiortc.rtcdtlstransport import RTCCertificate
from aiortc.rtcrtpparameters import RTCRtcpFeedback, RTCRtpCodecCapability, RTCRtpCodecParameters
from aiortc.sdp import candidate_from_sdp

from training_app.media import offers, patchpoints
from training_app.media.flow import Track

log = logging.getLogger(__name__)

CONNECT_WITHIN_S: Final = 20.0
"""Whoever has not connected by then is forgotten."""
TRACKS: Final = {"video": Track.VIDEO, "audio": Track.AUDIO}
_CODEC: Final = {"video": "video/h264", "audio": "audio/opus"}
_tasks: set[asyncio.Task[Any]] = set()


@dataclass(frozen=True, slots=True)
class Reach:
    """How this process is reached. bind: addresses of this machine, all where empty. public: how others see it."""

    bind: tuple[str, ...] = ()
    public: tuple[str, ...] = ()
    certificate: RTCCertificate = field(default_factory=RTCCertificate.generateCertificate)


def reach_by(addresses: Sequence[str]) -> Reach:
    """How this process is reached under these addresses: those of this machine, and those by which others see it."""
    own = tuple(one for one in addresses if _is_own(one))
    return Reach(bind=own, public=tuple(one for one in addresses if one not in own))


def _is_own(address: str) -> bool:
    """Whether this machine has the address."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as trial:
        try:
            trial.bind((address, 0))
        except OSError:
            return False
    return True


class Peer:
    """One client. receives: whether packets come from it; else they go to it.

    on_ready is called once, when the connection stands; on_lost once, when it has failed or was closed by the client.
    """

    def __init__(self, offer: offers.Offer, reach: Reach, *, receives: bool) -> None:
        self._offer = offer
        self._reach = reach
        self.transceivers: dict[Track, RTCRtpTransceiver] = {}
        configuration = RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
        with self._lightly():
            self._connection = RTCPeerConnection(configuration)
            for kind in offer.kinds:
                one = self._connection.addTransceiver(kind, "recvonly" if receives else "sendonly")
                one.setCodecPreferences(_preferred(kind))
                self.transceivers[TRACKS[kind]] = one
        self._dtls = self._connection.getReceivers()[0].transport
        self.link: patchpoints.Link | None = None
        self.on_ready: Callable[[], None] = lambda: None
        self.on_lost: Callable[[str], None] = lambda _: None
        self._is_over = False
        self._deadline: asyncio.TimerHandle | None = None
        self._connection.on("connectionstatechange", self._watch)
        self._prepare(receives=receives)

    def tap(self, on_rtp: patchpoints.Taken, on_rtcp: patchpoints.Taken) -> None:
        """What the client sends goes to these functions."""
        patchpoints.tap(self._dtls, on_rtp, on_rtcp)

    async def answer(self) -> str:
        """The answer to the offer. Raises BadOffer."""
        try:
            await self._connection.setRemoteDescription(RTCSessionDescription(self._offer.sdp, "offer"))
            self._take_role()
            await self._connection.setLocalDescription(await self._connection.createAnswer())
        except Exception as fault:
            await self.close()
            log.info("an offer was not understood: %r", fault)
            raise offers.BadOffer(400, "The offer is not understood.") from fault
        self._deadline = asyncio.get_running_loop().call_later(CONNECT_WITHIN_S, self._give_up)
        return offers.with_addresses(self._connection.localDescription.sdp, self._reach.public)

    def codecs(self, track: Track) -> list[RTCRtpCodecParameters]:
        """What was agreed on for a track, best first; empty when it is not in the offer."""
        one = self.transceivers.get(track)
        return patchpoints.agreed(one) if one is not None else []

    def payload_types(self) -> dict[Track, int]:
        """The payload type of each track."""
        return {track: self.codecs(track)[0].payloadType or 0 for track in self.transceivers}

    def repair_type(self, track: Track) -> int | None:
        """The payload type of retransmissions of a track, where they were agreed on."""
        main = self.payload_types().get(track)
        found = (one for one in self.codecs(track) if one.name.lower() == "rtx" and one.parameters.get("apt") == main)
        return next((one.payloadType for one in found), None)

    async def add_candidate(self, mid: str, candidate: str) -> None:
        """The client may be reached there as well. Raises BadOffer."""
        try:
            found = candidate_from_sdp(candidate)
        except (AssertionError, ValueError) as fault:
            raise offers.BadOffer(400, "This is no candidate.") from fault
        found.sdpMid = mid
        await self._connection.addIceCandidate(found)

    async def close(self) -> None:
        """The connection ends; on_lost is not called any more."""
        self._is_over = True
        if self._deadline is not None:
            self._deadline.cancel()
        if self.link is not None:
            self.link.close()
        await self._connection.close()

    @property
    def is_connected(self) -> bool:
        """Whether the connection stands, or stood."""
        return self.link is not None

    def _lightly(self) -> AbstractContextManager[None]:
        """Meanwhile connections are made without what is not used here."""
        return patchpoints.built_lightly(self._reach.certificate)

    def _prepare(self, *, receives: bool) -> None:
        """What aiortc would do by itself and is done here."""
        take_over = patchpoints.take_over_receiving if receives else patchpoints.take_over_sending
        for one in self.transceivers.values():
            take_over(one, self._be_ready)
        patchpoints.refuse_floods(self._dtls)
        if self._reach.bind:
            patchpoints.bind_only(self._dtls, self._reach.bind)

    def _take_role(self) -> None:
        if "\na=setup:passive" not in self._offer.sdp:
            patchpoints.be_dtls_server(self._dtls)

    def _be_ready(self) -> None:
        if self.link is None and not self._is_over:
            self.link = patchpoints.Link(self._dtls)
            self.on_ready()

    def _watch(self) -> None:
        if self._connection.connectionState in {"failed", "closed"}:
            self._lose("lost")

    def _give_up(self) -> None:
        if not self.is_connected:
            self._lose("not connected")

    def _lose(self, reason: str) -> None:
        if not self._is_over:
            self._is_over = True
            self.on_lost(reason)


def in_background(work: Coroutine[Any, Any, None]) -> None:
    """`work` is done by and by; what goes wrong is logged."""

    async def guarded() -> None:
        try:
            await work
        except Exception:
            log.exception("in the background")

    task = asyncio.get_running_loop().create_task(guarded())
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)


async def background_done() -> None:
    """Nothing goes on in the background any more."""
    while _tasks:
        await asyncio.wait(_tasks)


@cache
def _preferred(kind: str) -> list[RTCRtpCodecCapability]:
    wanted = {_CODEC[kind], "video/rtx"}
    codecs = [one for one in RTCRtpSender.getCapabilities(kind).codecs if one.mimeType.lower() in wanted]
    # what every browser can show comes first
    return sorted(codecs, key=lambda one: one.parameters.get("profile-level-id") != "42e01f")


def know_more_profiles() -> None:
    """From now on aiortc agrees to H.264 Main and High as well, which venues may offer; nothing is decoded here."""
    known = {one.parameters.get("profile-level-id") for one in CODECS["video"]}
    number = max(one.payloadType or 0 for one in CODECS["video"]) + 1
    for profile in ("4d001f", "64001f"):
        if profile in known:
            continue
        fmtp: dict[str, int | str | None] = {
            "level-asymmetry-allowed": "1",
            "packetization-mode": "1",
            "profile-level-id": profile,
        }
        feedback = [RTCRtcpFeedback("nack"), RTCRtcpFeedback("nack", "pli"), RTCRtcpFeedback("goog-remb")]
        CODECS["video"] += [
            RTCRtpCodecParameters("video/H264", 90_000, None, number, feedback, fmtp),
            RTCRtpCodecParameters("video/rtx", 90_000, None, number + 1, [], {"apt": number}),
        ]
        number += 2

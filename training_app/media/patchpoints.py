"""All private names of aiortc, aioice and pylibsrtp that this process relies on (aiortc 1.16, aioice 0.13).

They are looked at when the process starts (`missing`); without them it falls back to what packets.py does with public
names. Nothing else in this package may touch a name of these libraries that begins with an underscore.
"""

import inspect
import logging
import socket
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import pylibsrtp
from aiortc import (
    RTCDtlsTransport,
    RTCIceGatherer,
    RTCIceTransport,
    RTCPeerConnection,
    RTCRtpTransceiver,
    rtcpeerconnection,
    rtcrtpreceiver,
)
from aiortc.rtcdtlstransport import RTCCertificate
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from OpenSSL import SSL
from pylibsrtp import _binding

log = logging.getLogger(__name__)

ffi: Final = _binding.ffi
protect: Final = _binding.lib.srtp_protect
"""Encrypts an RTP packet in place: (context, pointer, pointer to its length) -> 0, and the length has grown."""
MOST_WAITING: Final = 4096
"""Datagrams of one peer that wait to be decrypted; more are dropped."""
_GCM_TAG, _SHA1_TAG = 16, 10

Taken = Callable[[bytes], None]


def tap(dtls: RTCDtlsTransport, on_rtp: Taken, on_rtcp: Taken) -> None:
    """What this peer sends, decrypted, goes to these functions, and no further."""

    async def take_rtp(data: bytes, arrival_time_ms: int) -> None:  # noqa: ARG001 - as aiortc calls it
        _guarded(on_rtp, data)

    async def take_rtcp(data: bytes) -> None:
        _guarded(on_rtcp, data)

    # instances only: other connections of the process keep aiortc's way
    dtls._handle_rtp_data = take_rtp  # type: ignore[method-assign]
    dtls._handle_rtcp_data = take_rtcp  # type: ignore[method-assign]


def _guarded(take: Taken, data: bytes) -> None:
    # an exception would end aiortc's receiving for good, while the peer still looks connected
    try:
        take(data)
    except Exception:
        log.exception("a packet could not be taken")


def refuse_floods(dtls: RTCDtlsTransport) -> None:
    """Empty datagrams, which would end aiortc's receiving, and those beyond MOST_WAITING are dropped."""
    connection = dtls.transport._connection
    take, queue = connection.data_received, connection._queue

    def received(data: bytes, component: int) -> None:
        if data and queue.qsize() < MOST_WAITING:
            take(data, component)

    connection.data_received = received  # type: ignore[method-assign]


def bind_only(dtls: RTCDtlsTransport, addresses: Sequence[str]) -> None:
    """The peer is reached at these addresses of this machine only."""
    connection = dtls.transport._connection
    gather = connection.get_component_candidates

    async def limited(component: int, found: list[str], timeout: int = 5) -> Any:
        del found
        return await gather(component, list(addresses), timeout)

    connection.get_component_candidates = limited  # type: ignore[method-assign, assignment]


class _Shown:
    """In the place of aiortc's maker of certificates: the one that there is."""

    def __init__(self, certificate: RTCCertificate) -> None:
        self._certificate = certificate

    def generateCertificate(self) -> RTCCertificate:  # noqa: N802 - as aiortc calls it
        """No new one."""
        return self._certificate


@contextmanager
def built_lightly(certificate: RTCCertificate) -> Iterator[None]:
    """Connections made meanwhile show `certificate` and estimate no rates: half of their cost, a third of their memory.

    For code that does not wait: what others make in the meantime would be as light.
    """
    names: tuple[Any, Any] = rtcpeerconnection, rtcrtpreceiver
    kept = names[0].RTCCertificate, names[1].RemoteBitrateEstimator
    names[0].RTCCertificate, names[1].RemoteBitrateEstimator = _Shown(certificate), lambda: None
    try:
        yield
    finally:
        names[0].RTCCertificate, names[1].RemoteBitrateEstimator = kept


def share_context(certificate: RTCCertificate) -> None:
    """All connections that show `certificate` have one TLS context."""
    make = certificate._create_ssl_context
    made: dict[tuple[bytes, ...], Any] = {}

    def shared(srtp_profiles: list[Any]) -> Any:
        names = tuple(one.openssl_profile for one in srtp_profiles)
        if names not in made:
            made[names] = make(srtp_profiles)
            # nobody comes back to a session, and OpenSSL would keep some 20,000 of them
            made[names].set_session_cache_mode(SSL.SESS_CACHE_OFF)
        return made[names]

    certificate._create_ssl_context = shared  # type: ignore[method-assign]


def be_dtls_server(dtls: RTCDtlsTransport) -> None:
    """The peer begins the handshake, unless it said that it waits: browsers then agree on AES-GCM."""
    if dtls._role != "client":
        dtls._set_role("server")


def name_streams(transceiver: RTCRtpTransceiver, ssrc: int, repair_ssrc: int) -> None:
    """What is sent here has these SSRCs."""
    transceiver.sender._ssrc = ssrc
    transceiver.sender._rtx_ssrc = repair_ssrc


def own_ssrc(transceiver: RTCRtpTransceiver) -> int:
    """By this number the peer knows who reports to it."""
    return transceiver.sender._ssrc


def agreed(transceiver: RTCRtpTransceiver) -> list[RTCRtpCodecParameters]:
    """The codecs both sides know, best first, once the offer has been read."""
    return transceiver._codecs


def agreed_extension(transceiver: RTCRtpTransceiver, uri: str) -> int:
    """The id of a header extension, or 0 when it was not agreed on."""
    return next((one.id for one in transceiver._headerExtensions if one.uri == uri), 0)


def take_over_sending(transceiver: RTCRtpTransceiver, when_ready: Callable[[], None]) -> None:
    """From now on aiortc sends nothing by itself; `when_ready` is called when the connection stands."""

    async def send(_: object) -> None:
        when_ready()

    transceiver.sender.send = send  # type: ignore[method-assign, assignment]


def take_over_receiving(transceiver: RTCRtpTransceiver, when_ready: Callable[[], None]) -> None:
    """From now on aiortc decodes nothing and reports nothing; `when_ready` is called when the connection stands."""

    async def receive(_: object) -> None:
        when_ready()

    transceiver.receiver.receive = receive  # type: ignore[method-assign, assignment]


class Link:
    """The encrypted way to a peer whose connection stands."""

    def __init__(self, dtls: RTCDtlsTransport) -> None:
        self._session: pylibsrtp.Session = dtls._tx_srtp
        self._nominated = dtls.transport._connection._nominated
        self._pair: object = None
        self._socket: socket.socket | None = None
        self._is_closed = False
        self.address: tuple[str, int] = ("", 0)
        self.context: Any = self._session._srtp[0]
        self.profile = dtls._ssl.get_selected_srtp_profile().decode() if dtls._ssl is not None else ""
        self.tag = _GCM_TAG if "GCM" in self.profile else _SHA1_TAG

    def refresh(self) -> socket.socket | None:
        """The socket for `address`, where the peer is now; None when it is gone."""
        pair = None if self._is_closed else self._nominated.get(1)
        if pair is self._pair and pair is not None:
            return self._socket
        self._let_go()
        self._pair = pair
        if pair is not None:
            # a socket of its own: asyncio's may be closed, and its number given to another, at any moment
            self._socket = pair.protocol.transport.get_extra_info("socket").dup()
            self.address = pair.remote_addr
        return self._socket

    def send_rtp(self, data: bytes) -> None:
        """One RTP packet, encrypted; lost when the peer is gone or the network is full."""
        self._send(self._session.protect(data))

    def send_rtcp(self, data: bytes) -> None:
        """One compound RTCP packet, encrypted; lost as well."""
        self._send(self._session.protect_rtcp(data))

    def close(self) -> None:
        """Nothing can be sent any more."""
        self._is_closed = True
        self._let_go()

    def _let_go(self) -> None:
        if self._socket is not None:
            self._socket.close()
        self._socket = self._pair = None

    def _send(self, data: bytes) -> None:
        found = self._socket or self.refresh()
        if found is not None:
            try:
                found.sendto(data, self.address)
            except OSError:
                return


def missing() -> list[str]:
    """What this module relies on and does not find: names, or how they behave. Needs a running event loop."""
    found = [name for name, is_there in _shape().items() if not is_there]
    try:
        if not found and not _encrypts_alike():
            found.append("srtp_protect")
    except Exception as fault:  # noqa: BLE001 - whatever is different now, it does not work
        found.append(f"srtp_protect: {fault}")
    return found


def _shape() -> dict[str, bool]:
    ice = RTCIceTransport(RTCIceGatherer([]))
    dtls = RTCDtlsTransport(ice, [RTCCertificate.generateCertificate()])
    peer = RTCPeerConnection()
    transceiver = peer.addTransceiver("video")
    connection = getattr(ice, "_connection", None)
    needed: dict[str, tuple[object, Sequence[str]]] = {
        "RTCDtlsTransport": (dtls, ("_role", "_set_role", "_tx_srtp", "_ssl", "_recv_next")),
        "Connection": (connection, ("_nominated", "_queue", "data_received", "get_component_candidates")),
        "RTCRtpSender": (transceiver.sender, ("_ssrc", "_rtx_ssrc", "send")),
        "RTCRtpReceiver": (transceiver.receiver, ("receive",)),
        "RTCRtpTransceiver": (transceiver, ("_codecs", "_headerExtensions")),
        "rtcpeerconnection": (rtcpeerconnection, ("RTCCertificate",)),
        "rtcrtpreceiver": (rtcrtpreceiver, ("RemoteBitrateEstimator",)),
        "RTCCertificate": (RTCCertificate, ("_create_ssl_context",)),
    }
    shape = {f"{of}.{name}": hasattr(what, name) for of, (what, names) in needed.items() for name in names}
    signatures: dict[str, tuple[Callable[..., Awaitable[Any]] | None, list[str]]] = {
        "_handle_rtp_data": (getattr(dtls, "_handle_rtp_data", None), ["data", "arrival_time_ms"]),
        "_handle_rtcp_data": (getattr(dtls, "_handle_rtcp_data", None), ["data"]),
    }
    for name, (function, arguments) in signatures.items():
        shape[name] = function is not None and list(inspect.signature(function).parameters) == arguments
    return shape


def _encrypts_alike() -> bool:
    """Whether the function in the library does what pylibsrtp does with it."""
    policy = [
        pylibsrtp.Policy(bytes(range(44)), pylibsrtp.Policy.SSRC_ANY_OUTBOUND, 0, profile)
        for profile in (pylibsrtp.Policy.SRTP_PROFILE_AEAD_AES_256_GCM, pylibsrtp.Policy.SRTP_PROFILE_AES128_CM_SHA1_80)
    ]
    for one, tag in zip(policy, (_GCM_TAG, _SHA1_TAG), strict=True):
        packet = bytes.fromhex("80600001000000010000000a") + bytes(30)
        expected = pylibsrtp.Session(one).protect(packet)
        session, work, length = pylibsrtp.Session(one), ffi.new("char[]", 256), ffi.new("int*", len(packet))
        ffi.memmove(work, packet, len(packet))
        if protect(session._srtp[0], work, length) or bytes(ffi.buffer(work, length[0])) != expected:
            return False
        if length[0] != len(packet) + tag:
            return False
    return True

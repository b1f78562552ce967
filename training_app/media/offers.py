"""Offers of SDP, as WHIP and WHEP clients send them: what they hold, and what is left out before they are taken."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

LARGEST: Final = 65_536
"""Bytes of an offer."""
MOST_CANDIDATES: Final = 40
"""Of a client: this process sends something to each of them."""
_NEEDED: Final = ("a=ice-ufrag:", "a=ice-pwd:", "a=fingerprint:", "a=setup:")
_H264 = re.compile(r"^a=rtpmap:(\d+) H264/90000\s*$", re.IGNORECASE | re.MULTILINE)
_OPUS = re.compile(r"^a=rtpmap:(\d+) opus/48000/2\s*$", re.IGNORECASE | re.MULTILINE)
_CODECS: Final = {"video": _H264, "audio": _OPUS}


class BadOffer(ValueError):
    """An offer that is not taken. status: 400 when it is no offer, 422 when it asks for what is not done here."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer that can be taken. kinds: of its sections, in their order."""

    sdp: str
    kinds: tuple[str, ...]


def read(body: bytes, *, publishes: bool) -> Offer:
    """The offer in `body`. publishes: whether the client is to send, or to receive. Raises BadOffer."""
    try:
        text = body.decode().replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise BadOffer(400, "An offer is text in UTF-8.") from None
    if not text.startswith("v=0\n") or len(body) > LARGEST:
        raise BadOffer(400, "This is not an SDP offer.")
    head, *sections = re.split(r"^(?=m=)", text, flags=re.MULTILINE)
    if not sections:
        raise BadOffer(400, "The offer has neither picture nor sound.")
    kinds = tuple(section[2:].split(" ", 1)[0] for section in sections)
    if not set(kinds) <= {"audio", "video"} or len(kinds) != len(set(kinds)):
        raise BadOffer(422, "An offer has at most one picture and one sound, and no data channel.")
    if len(sections) > 1 and not re.search(r"^a=group:BUNDLE( \S+){2}\s*$", head, re.MULTILINE):
        raise BadOffer(422, "Picture and sound must be bundled.")
    for kind, section in zip(kinds, sections, strict=True):
        _check(kind, section, head, publishes=publishes)
    return Offer("\r\n".join(_kept(text)), kinds)


def _check(kind: str, section: str, head: str, *, publishes: bool) -> None:
    for line in _NEEDED:
        if f"\n{line}" not in section and f"\n{line}" not in head:
            raise BadOffer(400, f"The offer lacks a line {line.rstrip(':')}.")
    if "\na=rtcp-mux" not in section or "\na=mid:" not in section:
        raise BadOffer(422, "Each section needs a=mid and a=rtcp-mux.")
    if not _CODECS[kind].search(section):
        raise BadOffer(422, "Pictures are taken as H.264 only." if kind == "video" else "Sound is taken as Opus only.")
    wrong = ("recvonly", "inactive") if publishes else ("sendonly", "inactive")
    if any(f"\na={one}\n" in f"{section}\n" for one in wrong):
        raise BadOffer(422, "The offer must send." if publishes else "The offer must receive.")


def _kept(text: str) -> Iterator[str]:
    """The lines without names of hosts that only multicast could resolve: such clients reach this process themselves.

    Nor is it told that no candidates will come, as then none but those would be expected.
    """
    candidates = 0
    for line in text.split("\n"):
        if line.startswith("a=candidate:"):
            candidates += 1
            if ".local " in line or candidates > MOST_CANDIDATES:
                continue
        if line.rstrip() != "a=end-of-candidates":
            yield line


def with_hints(answer: str, rate: int) -> str:
    """The answer to a publisher, telling browsers to begin with `rate` bits a second, and with stereo."""
    lines: list[str] = []
    for line in answer.split("\r\n"):
        lines.append(line)
        opus = _OPUS.match(line)
        if opus:
            lines.append(f"a=fmtp:{opus[1]} stereo=1;sprop-stereo=1;useinbandfec=1")
    text = "\r\n".join(lines)
    kbps = rate // 1000
    hints = f"x-google-start-bitrate={kbps};x-google-max-bitrate={kbps}"
    for one in _H264.finditer(answer.replace("\r\n", "\n")):
        text = re.sub(rf"^(a=fmtp:{one[1]} [^\r\n]*)", rf"\1;{hints}", text, flags=re.MULTILINE)
    return text


def with_addresses(answer: str, addresses: tuple[str, ...]) -> str:
    """The answer, naming also the addresses under which others see this machine, with the same ports."""
    lines: list[str] = []
    for line in answer.split("\r\n"):
        lines.append(line)
        parts = line.split(" ")
        if line.startswith("a=candidate:") and parts[7] == "host":
            lines += [" ".join([*parts[:4], address, *parts[5:]]) for address in addresses if address != parts[4]]
    return "\r\n".join(dict.fromkeys(lines)) if addresses else answer


@dataclass(frozen=True, slots=True)
class Fragment:
    """Candidates that came later (RFC 8840). ufrag: of the session they are for, "" when it is not said."""

    ufrag: str
    candidates: tuple[tuple[str, str], ...]
    """Section (mid) and candidate, without `candidate:`."""


def read_fragment(body: bytes) -> Fragment:
    """The fragment in `body`. Raises BadOffer."""
    try:
        lines = body.decode().replace("\r\n", "\n").split("\n")
    except UnicodeDecodeError:
        raise BadOffer(400, "A fragment is text in UTF-8.") from None
    mid, ufrag, candidates = "0", "", []
    for line in lines:
        name, _, value = line.partition(":")
        if name == "a=mid":
            mid = value.strip()
        elif name == "a=ice-ufrag":
            ufrag = value.strip()
        elif name == "a=candidate" and ".local " not in value:
            if len(value.split()) < 8:
                raise BadOffer(400, "A candidate is cut off.")
            candidates.append((mid, value.strip()))
    return Fragment(ufrag, tuple(candidates[:MOST_CANDIDATES]))


def ufrag_of(sdp: str) -> str:
    """The name by which the client of this offer or answer is known to ICE."""
    found = re.search(r"^a=ice-ufrag:(\S+)", sdp, re.MULTILINE)
    return found[1] if found else ""

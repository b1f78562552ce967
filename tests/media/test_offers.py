"""Offers of WHIP and WHEP clients: what is taken, what is refused with which status, and what the answer adds."""

import pytest

from training_app.media import offers

HEAD = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n"
ICE = "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\na=fingerprint:sha-256 AA\r\na=setup:actpass\r\n"
VIDEO = f"m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:0\r\na=sendonly\r\na=rtcp-mux\r\n{ICE}a=rtpmap:96 H264/90000\r\n"
AUDIO = f"m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:1\r\na=sendonly\r\na=rtcp-mux\r\n{ICE}a=rtpmap:111 opus/48000/2\r\n"
OFFER = HEAD + VIDEO + AUDIO


def test_an_offer_of_picture_and_sound_is_taken() -> None:
    offer = offers.read(OFFER.encode(), publishes=True)
    assert (offer.kinds, offer.sdp) == (("video", "audio"), OFFER)
    assert offers.ufrag_of(offer.sdp) == "abcd"


@pytest.mark.parametrize(
    ("offer", "status"),
    [
        ("", 400),
        ("hello", 400),
        ("\xff\xfe", 400),
        (HEAD, 400),
        (OFFER.replace("a=ice-pwd", "a=nothing"), 400),
        (OFFER.replace("a=fingerprint", "a=nothing"), 400),
        (OFFER.replace("H264", "VP8"), 422),
        (OFFER.replace("opus/48000/2", "PCMU/8000"), 422),
        (OFFER.replace("a=rtcp-mux\r\n", ""), 422),
        (OFFER.replace("a=group:BUNDLE 0 1\r\n", ""), 422),
        (OFFER.replace("sendonly", "recvonly"), 422),
        (OFFER + VIDEO, 422),
        (OFFER + "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n", 422),
        (OFFER + "a=" + "x" * offers.LARGEST, 400),
    ],
)
def test_other_offers_are_refused_with_their_status(offer: str, status: int) -> None:
    with pytest.raises(offers.BadOffer) as refused:
        offers.read(offer.encode("latin-1"), publishes=True)
    assert refused.value.status == status


def test_a_viewer_must_receive() -> None:
    with pytest.raises(offers.BadOffer) as refused:
        offers.read(OFFER.encode(), publishes=False)
    assert refused.value.status == 422
    assert offers.read(OFFER.replace("sendonly", "recvonly").encode(), publishes=False).kinds == ("video", "audio")


def test_hidden_hosts_are_not_looked_for() -> None:
    hidden = "a=candidate:1 1 udp 2113937151 0f2f0e5a.local 50000 typ host\r\n"
    plain = "a=candidate:2 1 udp 2113937151 10.0.0.7 50000 typ host\r\n"
    offer = offers.read((OFFER + hidden + plain + "a=end-of-candidates\r\n").encode(), publishes=True)
    assert offer.sdp == OFFER + plain


def test_browsers_are_told_how_to_begin() -> None:
    answer = (
        "m=video 9 X 96\r\na=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1\r\na=rtpmap:111 opus/48000/2\r\n"
    )
    hinted = offers.with_hints(answer, 2_500_000)
    assert "a=fmtp:96 packetization-mode=1;x-google-start-bitrate=2500;x-google-max-bitrate=2500\r\n" in hinted
    assert "a=fmtp:111 stereo=1;sprop-stereo=1;useinbandfec=1\r\n" in hinted


def test_addresses_that_others_see_are_named_with_the_same_ports() -> None:
    answer = "a=candidate:1 1 udp 2113937151 10.0.0.7 50000 typ host\r\na=mid:0\r\n"
    named = offers.with_addresses(answer, ("203.0.113.5",))
    assert named == answer.replace("a=mid", "a=candidate:1 1 udp 2113937151 203.0.113.5 50000 typ host\r\na=mid")
    assert offers.with_addresses(answer, ()) == answer


def test_later_candidates_are_read() -> None:
    lines = [
        "a=ice-ufrag:abcd",
        "m=audio 9 X 0",
        "a=mid:1",
        "a=candidate:1 1 udp 5 10.0.0.7 6 typ host",
        "a=candidate:2 1 udp 5 x.local 6 typ host",
    ]
    fragment = offers.read_fragment("\r\n".join(lines).encode())
    assert fragment == offers.Fragment("abcd", (("1", "1 1 udp 5 10.0.0.7 6 typ host"),))
    with pytest.raises(offers.BadOffer):
        offers.read_fragment(b"a=candidate:1 1 udp\r\n")

"""Publishers and viewers over real WebRTC: what one sends, the others see."""

import asyncio
import socket
from typing import Any

from tests.media.clients import STAGE, Camera, House, Wire, in_house, until
from training_app.media.doors import PLAIN
from training_app.media.flow import Track
from training_app.media.ingest import Publisher
from training_app.media.protocol import Kind, State, Venue
from training_app.media.viewers import Viewer


def viewer(house: House, sub: str = "p1") -> Viewer:
    return next(one.client for one in house.studio.sessions if one.claims.sub == sub and isinstance(one.client, Viewer))


def test_a_viewer_sees_and_hears_what_a_venue_sends() -> None:
    async def scenario(house: House) -> None:
        await house.publish()
        await until(lambda: house.studio.is_live("o1/v1"))
        wire = await house.watch()
        await wire.pictures(5)
        await until(lambda: wire.sounds > 5)
        assert set(wire.sizes) == {(160, 128)}
        assert viewer(house).profile == "SRTP_AEAD_AES_256_GCM"
        assert house.told.kinds == [Kind.PUBLISHER_JOINED, Kind.VIEWER_JOINED]
        figures = house.studio.figures("o1")["o1/v1"]
        assert (figures["live"], figures["sub"], figures["width"], figures["height"]) == (True, "l1", 160, 128)
        assert figures["watchers"] == [{"sub": "p1", "transport": "udp"}]

    in_house(scenario)


def test_a_viewer_goes_on_when_another_publisher_takes_over() -> None:
    async def scenario(house: House) -> None:
        first = await house.publish()
        await until(lambda: house.studio.is_live("o1/v1"))
        wire = await house.watch()
        await wire.pictures(3)
        await house.publish(camera=Camera(192, 112))
        await until(lambda: (192, 112) in wire.sizes)
        await until(lambda: first.connection.connectionState == "closed")
        assert wire.connection.connectionState == "connected"
        assert house.told.events[2][3] == {"reason": "replaced"}

    in_house(scenario)


def test_the_program_goes_from_venue_to_venue_and_stops_when_it_is_held() -> None:
    async def scenario(house: House) -> None:
        await house.publish()
        await house.publish("o1/v2", "l2", Camera(192, 112))
        await until(lambda: house.studio.is_live("o1/v1") and house.studio.is_live("o1/v2"))
        wire = await house.watch("o1/program")
        host = await house.watch("o1/v1", "p9", "monitor")
        await wire.pictures(3)
        house.set_stage(version=2, program="v2")
        await until(lambda: (192, 112) in wire.sizes)
        assert wire.sizes == sorted(wire.sizes)
        house.set_stage(version=3, state=State.HELD, program="v2")
        sent = house.studio.path("o1/program").air.sent[Track.VIDEO]
        packets = sent.packets
        await host.pictures(10)
        assert sent.packets == packets
        house.set_stage(version=4, program="v1")
        await until(lambda: wire.sizes[-1] == (160, 128))

    in_house(scenario)


def test_a_venue_is_seen_with_the_sound_of_the_program() -> None:
    async def scenario(house: House) -> None:
        await house.publish()
        await house.publish("o1/v2", "l2", Camera(192, 112))
        await until(lambda: house.studio.is_live("o1/v1") and house.studio.is_live("o1/v2"))
        wire = await house.watch("o1/v2", sound="o1/program")
        await wire.pictures(2)
        await until(lambda: wire.sounds > 2)
        air = house.studio.path("o1/program").air
        assert viewer(house)._fanouts[Track.AUDIO].outlet is air
        assert set(wire.sizes) == {(192, 112)}

    in_house(scenario)


def test_whoever_watches_another_stream_leaves_the_first() -> None:
    async def scenario(house: House) -> None:
        await house.publish()
        await until(lambda: house.studio.is_live("o1/v1"))
        first = await house.watch()
        await first.pictures(2)
        second = await house.watch("o1/program")
        await second.pictures(2)
        await until(lambda: first.connection.connectionState == "closed")
        left = [event for event in house.told.events if event[0] is Kind.VIEWER_LEFT]
        assert [(path, sub, details["reason"]) for _, path, sub, details in left] == [("o1/v1", "p1", "replaced")]

    in_house(scenario)


def test_what_is_watched_is_counted_in_seconds() -> None:
    async def scenario(house: House) -> None:
        await house.publish()
        await until(lambda: house.studio.is_live("o1/v1"))
        wire = await house.watch()
        await until(lambda: viewer(house).watched_s >= 2)
        await house.http.delete(wire.location, headers={"Authorization": f"Bearer {wire.token}"})
        kind, _, _, details = house.told.events[-1]
        assert (kind, details["transport"], details["reason"]) == (Kind.VIEWER_LEFT, "udp", "left")
        assert details["seconds"] >= 2

    in_house(scenario)


def test_lost_packets_are_had_again_on_both_ways() -> None:
    async def scenario(house: House) -> None:
        publishing = await house.publish(camera=Camera(640, 480))
        await until(lambda: house.studio.is_live("o1/v1"))
        wire = await house.watch()
        await wire.pictures(2)
        lost = _lose_some(publishing, "_send_rtp"), _lose_some(wire, "_handle_rtp_data")
        await until(lambda: min(map(len, lost)) > 5)
        source = next(one.client for one in house.studio.sessions if isinstance(one.client, Publisher))
        await until(lambda: source._gaps[Track.VIDEO].repaired > 3)
        await until(lambda: viewer(house).repaired > 3)
        await wire.pictures(10)

    in_house(scenario)


def test_the_wish_for_a_keyframe_reaches_the_publisher() -> None:
    async def scenario(house: House) -> None:
        publishing = await house.publish()
        await until(lambda: house.studio.is_live("o1/v1"))
        wire = await house.watch()
        await wire.pictures(1)
        asked: list[bool] = []
        sender: Any = publishing.connection.getSenders()[0]
        sender._send_keyframe = lambda: asked.append(True)
        receiver: Any = wire.connection.getReceivers()[0]
        await receiver._send_rtcp_pli(house.studio.path("o1/v1").air.numbering[Track.VIDEO].ssrc)
        await until(lambda: bool(asked))

    in_house(scenario)


def test_garbage_by_udp_disturbs_nobody() -> None:
    async def scenario(house: House) -> None:
        await house.publish()
        await until(lambda: house.studio.is_live("o1/v1"))
        wire = await house.watch()
        await wire.pictures(1)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            for session in house.studio.sessions:
                link = session.client.peer.link
                own = link and link.refresh()
                assert own
                for data in (b"", b"\x00", b"\x16" * 60, b"\x80" * 60, b"\x80\xc8" + bytes(60), b"\xff" * 1400):
                    stranger.sendto(data, own.getsockname())
        await wire.pictures(5)

    in_house(scenario)


def test_the_end_sends_everybody_away() -> None:
    async def scenario(house: House) -> None:
        publishing = await house.publish()
        await until(lambda: house.studio.is_live("o1/v1"))
        wire = await house.watch()
        await wire.pictures(1)
        house.set_stage(version=2, state=State.ENDED)
        assert len(house.studio.sessions) == 0
        await until(lambda: {publishing.connection.connectionState, wire.connection.connectionState} == {"closed"})
        assert {event[3].get("reason") for event in house.told.events[2:]} == {"ended"}

    in_house(scenario)


def test_a_revoked_link_publishes_no_more() -> None:
    async def scenario(house: House) -> None:
        await house.publish()
        await until(lambda: house.studio.is_live("o1/v1"))
        house.set_stage(version=2, venues=(Venue("v1", ("l8",), consented=True, recorded=True), STAGE.venues[1]))
        assert not house.studio.is_live("o1/v1")

    in_house(scenario)


def test_without_private_names_frames_still_arrive() -> None:
    async def scenario(house: House) -> None:
        await house.publish()
        await until(lambda: house.studio.is_live("o1/v1"))
        wire = await house.watch("o1/program")
        await wire.pictures(5)
        await until(lambda: wire.sounds > 2)
        await asyncio.gather(
            *(house.http.delete(one.location, headers={"Authorization": f"Bearer {one.token}"}) for one in (wire,))
        )
        assert house.told.events[-1][0] is Kind.VIEWER_LEFT

    in_house(scenario, PLAIN)


def _lose_some(wire: Wire, name: str) -> list[int]:
    """Every ninth packet of picture is lost on its way through this method of the client."""
    transport: Any = wire.connection.getSenders()[0].transport
    through, lost, count = getattr(transport, name), [], 0

    async def lossy(data: bytes, *rest: Any, **more: Any) -> None:
        nonlocal count
        is_picture = 128 <= data[0] < 192 and not 192 <= data[1] <= 208 and len(data) > 200
        count += is_picture
        if is_picture and count % 9 == 0:
            lost.append(count)
        else:
            await through(data, *rest, **more)

    setattr(transport, name, lossy)
    return lost

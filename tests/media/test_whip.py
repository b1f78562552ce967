"""WHIP and WHEP as clients speak them over HTTP: statuses and headers, with real sessions where there must be some."""

import asyncio

import pytest

from tests.media.clients import House, in_house, until
from tests.media.test_offers import OFFER
from training_app.media.admission import MOST_WAITING, WINDOW, Admission, Full
from training_app.media.protocol import State

SDP = {"Content-Type": "application/sdp"}
PUBLISHER = "publish l1 o1/v1"
VIEWER = "view p1 o1/v1"


@pytest.mark.parametrize(
    ("path", "token", "status"),
    [
        ("/whip/o1/v1", None, 401),
        ("/whip/o1/v1", "nonsense", 401),
        ("/whip/o1/v1", "publish l1 o1/v2", 403),
        ("/whip/o1/v1", "publish l2 o1/v1", 403),
        ("/whip/o1/v1", VIEWER, 403),
        ("/whip/o1/program", "publish p1 o1/program", 404),
        ("/whip/o1/v7", "publish p1 o1/v7", 404),
        ("/whip/o9/v1", "publish l1 o9/v1", 409),
        ("/whip/o1/x1", PUBLISHER, 404),
        ("/whip/o1/v1", PUBLISHER, 400),
        ("/whep/o1/v1", VIEWER, 409),
        ("/whep/o1/v1", "view p1 o1/v2", 403),
        ("/whep/o1/v1", PUBLISHER, 403),
        ("/whep/o1/program", "monitor p1 o1/program", 409),
    ],
)
def test_a_post_that_begins_nothing_says_why(path: str, token: str | None, status: int) -> None:
    async def scenario(house: House) -> None:
        # each section says that it sends and receives, so that the offer does for both
        offer = OFFER.replace("sendonly", "sendrecv").replace("sha-256 AA", "sha-256")
        headers = SDP if token is None else {**SDP, "Authorization": f"Bearer {token}"}
        response = await house.http.post(path, data=offer, headers=headers)
        assert response.status == status, await response.text()
        assert (response.headers.get("WWW-Authenticate"), "Retry-After" in response.headers) == (
            "Bearer" if status == 401 else None,
            status == 409,
        )
        assert (await response.text()).endswith(".\n")
        assert len(house.studio.sessions) == 0

    in_house(scenario)


def test_what_is_no_offer_is_refused() -> None:
    async def scenario(house: House) -> None:
        headers = {**SDP, "Authorization": f"Bearer {PUBLISHER}"}
        bodies = [b"", b"\xff\xfe\x00", b"v=0\r\n" + b"a" * 70_000, b"v=0\r\nm=video\r\n", OFFER.encode()[:-300]]
        found = [(await house.http.post("/whip/o1/v1", data=body, headers=headers)).status for body in bodies]
        assert found == [400, 400, 413, 422, 400]
        typed = await house.http.post("/whip/o1/v1", data=OFFER, headers={**headers, "Content-Type": "text/plain"})
        assert typed.status == 415
        assert len(house.studio.sessions) == 0

    in_house(scenario)


def test_other_methods_are_named() -> None:
    async def scenario(house: House) -> None:
        asked = await house.http.options("/whip/o1/v1")
        assert (asked.status, asked.headers["Accept-Post"]) == (200, "application/sdp")
        for method, path in (("GET", "/whip/o1/v1"), ("DELETE", "/whep/o1/v1"), ("POST", "/whep/o1/v1/abc")):
            response = await house.http.request(method, path)
            assert response.status == 405
            assert method not in response.headers["Allow"]

    in_house(scenario)


def test_a_session_takes_candidates_and_ends_with_its_own_token() -> None:
    async def scenario(house: House) -> None:
        wire = await house.publish()
        await until(lambda: house.studio.is_live("o1/v1"))
        own = {"Authorization": f"Bearer {wire.token}"}
        trickle = {**own, "Content-Type": "application/trickle-ice-sdpfrag"}
        right = {**trickle, "If-Match": wire.etag}
        fragment = "a=mid:0\r\na=candidate:9 1 udp 5 192.0.2.7 9 typ host\r\n"

        async def patch(headers: dict[str, str], body: str = fragment) -> int:
            return (await house.http.patch(wire.location, data=body, headers=headers)).status

        assert wire.location.startswith("/whip/o1/v1/")
        assert await patch(right) == 204
        assert await patch(trickle) == 428
        assert await patch({**trickle, "If-Match": "*"}) == 422
        assert await patch({**trickle, "If-Match": '"older"'}) == 412
        assert await patch({**right, "Content-Type": "text/plain"}) == 415
        assert await patch({**right, "Authorization": "Bearer publish l1 o1/v2"}) == 401
        assert await patch(right, "a=ice-ufrag:another\r\n" + fragment) == 422
        assert await patch(right, "a=candidate:9 1 udp five 192.0.2.7 9 typ host\r\n") == 400
        assert (await house.http.options(wire.location)).status == 200
        assert (await house.http.delete(wire.location)).status == 401
        assert (await house.http.delete(wire.location, headers=own)).status == 200
        assert (await house.http.delete(wire.location, headers=own)).status == 404
        await until(lambda: wire.connection.connectionState == "closed")

    in_house(scenario)


def test_publishers_wait_until_it_opens_and_go_when_it_is_over() -> None:
    async def scenario(house: House) -> None:
        found = []
        for version, state in enumerate((State.CLOSED, State.ENDED), 2):
            house.set_stage(version=version, state=state)
            response = await house.post("whip", "o1/v1", PUBLISHER, OFFER)
            found.append((response.status, response.headers.get("Retry-After")))
        assert found == [(409, "3"), (410, None)]

    in_house(scenario)


def test_a_full_house_names_the_other_way_and_lets_hosts_in() -> None:
    async def scenario(house: House) -> None:
        await house.publish()
        await until(lambda: house.studio.is_live("o1/v1"))
        seated = await house.watch()
        await seated.pictures(1)
        for sample in range(WINDOW):
            house.studio.admission.measure(0.2, float(sample), 0.0)
        refused = await house.post("whep", "o1/v1", "view p2 o1/v1", OFFER.replace("sendonly", "recvonly"))
        assert (refused.status, refused.headers["Retry-After"]) == (503, "5")
        assert '</enter>; rel="alternate"' in refused.headers["Link"]
        host = await house.watch(sub="p9", act="monitor")
        await host.pictures(1)
        await seated.pictures(1)

    in_house(scenario)


def test_many_posts_at_once_leave_nothing_behind() -> None:
    async def scenario(house: House) -> None:
        await house.publish()
        await until(lambda: house.studio.is_live("o1/v1"))
        broken = OFFER.replace("sendonly", "recvonly").replace("a=mid:1", "a=mid:0")
        posts = [house.post("whep", "o1/v1", f"view p{number} o1/v1", broken) for number in range(250)]
        statuses = {response.status for response in await asyncio.gather(*posts)}
        assert statuses <= {400, 503}
        assert len(house.studio.sessions) == 1
        wire = await house.watch()
        await wire.pictures(1)

    in_house(scenario)


def test_a_rush_is_no_overload_and_a_busy_core_is_one() -> None:
    async def measured() -> list[bool]:
        found = []
        for lags, cpu in (([0.3] * 5 + [0.0] * 20, 0.5), ([0.06] * 25, 0.1), ([0.0] * 25, 0.9), ([0.3] * 24, 1.0)):
            admission = Admission()
            for sample, lag in enumerate(lags):
                admission.measure(lag, sample * 0.2, sample * 0.2 * cpu)
            found.append(admission.is_full)
        return found

    assert asyncio.run(measured()) == [False, True, True, False]


def test_more_than_can_wait_are_sent_on() -> None:
    async def crowd() -> tuple[int, int]:
        admission = Admission()

        async def come() -> bool:
            try:
                await admission.take_turn()
            except Full:
                return False
            await asyncio.sleep(0)
            admission.give_back()
            return True

        came = await asyncio.gather(*(come() for _ in range(MOST_WAITING + 100)))
        return sum(came), len(came)

    came, wanted = asyncio.run(crowd())
    assert MOST_WAITING <= came < wanted

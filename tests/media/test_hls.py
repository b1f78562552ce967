"""HLS over HTTP: who may ask for it, what players are given, and how long they wait for more."""

import asyncio
import hashlib
import time
from base64 import urlsafe_b64encode
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from tests.support.clips import Sender, clip, decoded
from training_app.media.links import Links, kept_secret
from training_app.media.paths import VenuePath
from training_app.media.protocol import Act, Claims, Kind, Stage, State, Venue
from training_app.media.recorder import Recorder
from training_app.media.refusals import in_words
from training_app.media.tokens import BadToken

PATH = "o12/v1"
STAGE = Stage("o12", 1, State.ON_AIR, "v1", (Venue("v1", ("l1",), consented=True, recorded=True),))
BEARERS = {
    "of-37": Claims("p37", PATH, Act.VIEW, 4_000_000_000, "jti-37-aa"),
    "of-38": Claims("p38", PATH, Act.VIEW, 4_000_000_000, "jti-38-aa"),
    "over": Claims("p37", PATH, Act.VIEW, 1_000_000_000, "jti-37-bb"),
    "of-link": Claims("l1", PATH, Act.PUBLISH, 4_000_000_000, "jti-l1-aa"),
}
Client = TestClient[web.Request, web.Application]


class Air:
    """A recorder with one venue, and clients of its pages. events: kind, sub and details of what happened."""

    def __init__(self, folder: Path) -> None:
        self.events: list[tuple[str, str, dict[str, Any]]] = []
        self.folder = folder
        self.recorder = Recorder(folder, reserve=0, emit=self._emit, verify=self._verify)
        self.path = VenuePath(PATH, self._emit)
        self.recorder.attach(self.path)
        self.path.set_open(is_open=True)
        self.path.take_over(self, "l1")
        self.recorder.set_stage(STAGE)
        self.sender = Sender(time.time())
        self.clients: list[Client] = []

    async def client(self) -> Client:
        """A browser of its own."""
        app = web.Application(middlewares=[in_words])
        self.recorder.add_routes(app)
        client = TestClient(TestServer(app))
        self.clients.append(client)
        await client.start_server()
        return client

    def send(self, seconds: int, **kind: Any) -> None:
        for packet in self.sender.packets(clip(seconds, **kind)):
            self.path.receive(self, packet.track, packet.data, packet.arrived)

    def ask_keyframe(self) -> None:
        pass

    def close(self, reason: str) -> None:
        pass

    def _emit(self, kind: Kind, _path: str, sub: str, details: Mapping[str, Any]) -> None:
        self.events.append((kind, sub, dict(details)))

    def _verify(self, bearer: str) -> Claims:
        if bearer not in BEARERS:
            raise BadToken("no such token")
        return BEARERS[bearer]


def on_air(folder: Path, act: Callable[[Air], Awaitable[None]]) -> None:
    async def play() -> None:
        air = Air(folder)
        try:
            await act(air)
        finally:
            for client in air.clients:
                await client.close()
            await air.recorder.close()

    asyncio.run(play())


async def entered(client: Client, bearer: str = "of-37") -> dict[str, str]:
    response = await client.post("/enter", headers={"Authorization": f"Bearer {bearer}"})
    assert response.status == 200
    found: dict[str, str] = await response.json()
    return found


async def text(client: Client, address: str, status: int = 200) -> str:
    response = await client.get(address)
    assert response.status == status, await response.text()
    return await response.text()


def beside(address: str, name: str) -> str:
    return f"{address.rpartition('/')[0]}/{name}"


def files(playlist: str) -> list[str]:
    """What a playlist names that is there: init segments and whole segments."""
    maps = [line.split('"')[1] for line in playlist.splitlines() if line.startswith("#EXT-X-MAP")]
    return maps + [line for line in playlist.splitlines() if line and not line.startswith("#")]


def test_a_viewer_enters_and_gets_the_stream_in_parts_and_segments(tmp_path: Path) -> None:
    async def act(air: Air) -> None:
        air.send(7)
        client = await air.client()
        links = await entered(client)
        playlist = await text(client, links["hls"])
        pieces = [await (await client.get(beside(links["hls"], name))).read() for name in files(playlist)]
        assert len(decoded(b"".join(pieces)).pictures) == 90
        parts = [line.split('"')[1] for line in playlist.splitlines() if line.startswith("#EXT-X-PART:")]
        found = await client.get(beside(links["hls"], parts[-1]))
        assert (found.status, found.content_type) == (200, "video/mp4")
        assert "immutable" in found.headers["Cache-Control"]

    on_air(tmp_path, act)


def test_addresses_hold_for_the_browser_that_entered_alone(tmp_path: Path) -> None:
    async def act(air: Air) -> None:
        air.send(3)
        mine, another, stranger = [await air.client() for _ in range(3)]
        links = await entered(mine)
        await entered(another, "of-38")
        await text(mine, links["hls"])
        await text(another, links["hls"], 403)
        await text(stranger, links["hls"], 403)
        await text(mine, links["hls"].replace("/v1/", "/v2/"), 403)

    on_air(tmp_path, act)


def test_addresses_are_signed_as_nginx_checks_them_and_expire(tmp_path: Path) -> None:
    async def act(air: Air) -> None:
        air.send(3)
        client = await air.client()
        links = await entered(client, "over")
        await text(client, links["hls"], 410)
        (cookie,) = [one.value for one in client.session.cookie_jar]
        secret = (tmp_path / "link-secret").read_text().strip()
        digest = hashlib.md5(f"1000000000 {PATH} {cookie} {secret}".encode()).digest()
        signature = urlsafe_b64encode(digest).decode().rstrip("=")
        assert links["hls"] == f"/hls/{signature}/1000000000/{PATH}/live.m3u8"

    on_air(tmp_path, act)


def test_the_cookie_is_kept_from_scripts_and_used_again(tmp_path: Path) -> None:
    async def act(air: Air) -> None:
        client = await air.client()
        first = await client.post("/enter", headers={"Authorization": "Bearer of-37"})
        again = await client.post("/enter", headers={"Authorization": "Bearer of-37"})
        of_other = await client.post("/enter", headers={"Authorization": "Bearer of-38"})
        cookies = [one.cookies["media_viewer"] for one in (first, again, of_other)]
        assert (cookies[0]["httponly"], cookies[0]["samesite"], cookies[0]["path"]) == (True, "Lax", "/")
        assert cookies[0].value == cookies[1].value != cookies[2].value

    on_air(tmp_path, act)


@pytest.mark.parametrize(("bearer", "status"), [("", 401), ("unknown", 401), ("of-link", 403)])
def test_nobody_enters_without_a_token_for_watching(tmp_path: Path, bearer: str, status: int) -> None:
    async def act(air: Air) -> None:
        client = await air.client()
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        assert (await client.post("/enter", headers=headers)).status == status

    on_air(tmp_path, act)


def test_who_was_banned_gets_nothing_more(tmp_path: Path) -> None:
    async def act(air: Air) -> None:
        air.send(3)
        client = await air.client()
        links = await entered(client)
        await text(client, links["hls"])
        air.recorder.set_stage(replace(STAGE, version=2, banned=("p37",)))
        await text(client, links["hls"], 403)
        assert [kind for kind, sub, _ in air.events if sub == "p37"] == ["viewer_joined", "viewer_left"]

    on_air(tmp_path, act)


def test_a_playlist_that_is_asked_for_too_early_comes_with_the_part(tmp_path: Path) -> None:
    async def act(air: Air) -> None:
        air.send(2)
        client = await air.client()
        links = await entered(client)
        before = await text(client, links["hls"])
        hinted = before.split('PRELOAD-HINT:TYPE=PART,URI="part')[1].split(".m4s")[0]
        number, place = hinted.split(".")
        waiting = asyncio.create_task(text(client, f"{links['hls']}?_HLS_msn={number}&_HLS_part={place}"))
        part = asyncio.create_task(client.get(beside(links["hls"], f"part{hinted}.m4s")))
        done, _ = await asyncio.wait({waiting, part}, timeout=0.05)
        assert not done
        air.send(2)
        assert f"part{hinted}.m4s" in await waiting
        assert (await part).status == 200
        await text(client, f"{links['hls']}?_HLS_msn={int(number) + 9}", 400)

    on_air(tmp_path, act)


def test_the_playlist_names_breaks_new_inits_and_counts_those_that_left_it(tmp_path: Path) -> None:
    async def act(air: Air) -> None:
        client = await air.client()
        links = await entered(client)
        air.send(2)
        air.send(2, size=(160, 90))
        playlist = await text(client, links["hls"])
        assert (playlist.count("#EXT-X-MAP"), playlist.count("#EXT-X-DISCONTINUITY\n")) == (2, 1)
        assert "#EXT-X-DISCONTINUITY-SEQUENCE:0" in playlist
        for _ in range(5):
            air.send(10)
        playlist = await text(client, links["hls"])
        assert (playlist.count("#EXT-X-MAP"), playlist.count("#EXT-X-DISCONTINUITY\n")) == (1, 0)
        assert "#EXT-X-DISCONTINUITY-SEQUENCE:2" in playlist

    on_air(tmp_path, act)


def test_the_recording_can_be_watched_while_it_grows_and_the_second_it_ends(tmp_path: Path) -> None:
    async def act(air: Air) -> None:
        client = await air.client()
        links = await entered(client)
        await text(client, links["recording"], 404)
        air.send(5)
        await asyncio.wait_for(_until(lambda: len(air.recorder.channel(PATH).shelf.index.rows) == 2), 5)
        growing = await text(client, links["recording"])
        assert "PLAYLIST-TYPE:EVENT" in growing and "ENDLIST" not in growing
        air.recorder.set_stage(replace(STAGE, version=2, state=State.ENDED))
        await asyncio.wait_for(_until(lambda: any(kind == "recording_ended" for kind, *_ in air.events)), 5)
        whole = await text(client, links["recording"])
        assert "PLAYLIST-TYPE:VOD" in whole and whole.endswith("#EXT-X-ENDLIST\n")
        assert (await text(client, links["hls"])).endswith("#EXT-X-ENDLIST\n")
        pieces = [(tmp_path / "recordings" / PATH / name).read_bytes() for name in files(whole)]
        assert len(decoded(b"".join(pieces)).pictures) == 75

    on_air(tmp_path, act)


def test_nobody_begins_to_watch_while_the_picture_is_held(tmp_path: Path) -> None:
    async def act(air: Air) -> None:
        air.send(3)
        client = await air.client()
        links = await entered(client)
        air.recorder.set_stage(replace(STAGE, version=2, state=State.HELD))
        await text(client, links["hls"], 404)

    on_air(tmp_path, act)


def test_it_is_told_who_watched_and_how_long(tmp_path: Path) -> None:
    async def act(air: Air) -> None:
        air.send(3)
        client = await air.client()
        links = await entered(client)
        await text(client, links["hls"])
        air.send(4)
        await text(client, links["hls"])
        assert air.recorder.figures(PATH)["watchers"] == [{"sub": "p37", "transport": "hls"}]
        air.recorder._audience.sweep(time.monotonic() + 60)
        (left,) = [details for kind, _, details in air.events if kind == "viewer_left"]
        assert (left["transport"], left["jti"], left["reason"]) == ("hls", "jti-37-aa", "gone")
        assert left["seconds"] == pytest.approx(4, abs=0.6)

    on_air(tmp_path, act)


def test_a_cookie_is_understood_after_a_restart_and_cannot_be_made_up(tmp_path: Path) -> None:
    secret = kept_secret(tmp_path)
    assert (tmp_path / "link-secret").stat().st_mode & 0o777 == 0o600
    links, later = Links(secret), Links(kept_secret(tmp_path))
    cookie = links.cookie("p37")
    assert later.sub_of(cookie) == "p37"
    assert later.sub_of(cookie.replace("p37", "p38")) is None
    assert later.sub_of("p37") is None


async def _until(is_so: Callable[[], bool]) -> None:
    while not is_so():
        await asyncio.sleep(0.005)

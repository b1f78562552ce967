"""The page of a paper outlives its site: a site restored from a backup hears from it what came after the backup."""

import re
from contextlib import closing
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.support.browser import Watch
from tests.support.commands import command
from tests.support.databases import Databases
from tests.support.demonstration import demonstration
from tests.support.papers import SAVED, Paper, give_anything, go, new_paper, version_at
from tests.support.relay import Relay
from tests.support.site import Installation, Site

KEYS = {"BACKUP_PASSPHRASE": "four words of a base"}


def answer(page: Page, *positions: int) -> None:
    for position in positions:
        go(page, position)
        give_anything(page)
    expect(page.locator(SAVED)).to_be_visible()
    expect(page.locator("[data-tally=answered] b")).to_have_text(str(positions[-1]))


def test_the_page_sends_again_what_a_restored_site_lacks(
    sqlite_databases: Databases, tmp_path: Path, page: Page, watch: Watch
) -> None:
    watch.expect("ERR_")  # while nobody serves
    file = tmp_path / "kept.tar.gz"
    place = Installation(tmp_path / "new", f"sqlite:///{tmp_path / 'new' / 'site.sqlite'}")
    with closing(Relay()) as relay:
        with demonstration(sqlite_databases, tmp_path / "var") as lost, lost.serving() as first:
            relay.target = ("127.0.0.1", first.port)
            paper = new_paper(page, Site(lost, relay.port, first.server), "shen.zhixia")
            answer(page, 1)
            assert command(lost, "backup", str(file), **KEYS).status == 0
            answer(page, 2, 3)
            relay.cut()
        assert command(place, "restore", str(file), **KEYS).status == 0
        with place.serving() as again:
            relay.target = ("127.0.0.1", again.port)
            brought_back = Paper(again, paper.attempt_id)
            assert len(brought_back.answers()) == 1
            shown = {version_at(page, position) for position in (1, 2, 3)}
            page.locator("#hand-in").click()
            page.locator("#dialog .btn-gold").click()
            page.wait_for_url(re.compile("/result"))
            assert set(brought_back.answers()) == shown

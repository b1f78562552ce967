"""What the tests stand on: servers that go when the run goes, databases that are copies, pages that are watched."""

import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page
from sqlalchemy import inspect, text

from tests.support.browser import Watch, axe, sticking_out
from tests.support.databases import Databases
from tests.support.processes import GUARD, Server, ServerFailed
from training_app.db import Database
from training_app.schema import migrate

LISTENS = "import signal, sys; print('up', flush=True); signal.pause()"


def is_running(pid: int) -> bool:
    """Whether the process works on; one that has ended and waits to be read does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_server_is_gone_after_its_stop(tmp_path: Path) -> None:
    server = Server([sys.executable, "-c", LISTENS], tmp_path / "log")
    server.wait_until(lambda: "up" in server.output())
    server.stop()
    assert not is_running(server.pid)


def test_a_server_goes_when_the_process_that_started_it_is_killed(tmp_path: Path) -> None:
    guard = subprocess.Popen(
        [sys.executable, str(GUARD), "--remove", str(tmp_path / "data"), "--", sys.executable, "-c", LISTENS],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    (tmp_path / "data").mkdir()
    with guard:
        pid = int(guard.stdout.readline())
        guard.stdin.close()  # as the kernel does for a process that is killed
        guard.wait(30)
    assert not is_running(pid) and not (tmp_path / "data").exists()


def test_a_server_that_ends_by_itself_tells_its_log(tmp_path: Path) -> None:
    server = Server([sys.executable, "-c", "raise SystemExit('no port left')"], tmp_path / "log")
    with pytest.raises(ServerFailed, match="no port left"):
        server.wait_until(lambda: False)
    server.stop()


def test_a_copy_of_a_database_has_every_table_of_the_original(database: Database) -> None:
    assert "installation" in inspect(database.engine).get_table_names()


def test_copies_of_a_database_know_nothing_of_each_other(databases: Databases, database: Database) -> None:
    with database.write() as session:
        session.execute(text("CREATE TABLE only_here (id INTEGER)"))
    copies = databases.prepared("migrated", migrate)
    other = Database(copies.take())
    assert "only_here" not in inspect(other.engine).get_table_names()
    other.dispose()
    copies.give_back(other.url.render_as_string())


def test_an_empty_database_has_no_table(empty_database_url: str) -> None:
    database = Database(empty_database_url)
    assert inspect(database.engine).get_table_names() == []
    database.dispose()


@pytest.fixture
def bare_page(open_page, tmp_path: Path) -> Page:
    page = open_page()
    page.route("http://127.0.0.1/**", lambda route: route.fulfill(body=BARE, content_type="text/html"))
    page.goto("http://127.0.0.1/")
    return page


BARE = """<!doctype html><html lang="en"><title>A page</title><link rel="icon" href="data:,">
<main><h1>A page</h1><img src="data:,"></main>"""

STYLED = BARE.replace("<main>", '<main style="color: red">')
POLICY = {"Content-Security-Policy": "default-src 'self'; img-src 'self' data:"}


def test_an_error_on_the_console_is_noted(bare_page: Page, watch: Watch) -> None:
    watch.expect("something broke")
    bare_page.evaluate("console.error('something broke')")
    assert watch.faults == ["console error: something broke ()"]


def test_a_request_to_another_host_is_noted(bare_page: Page, watch: Watch) -> None:
    watch.expect("elsewhere.example")
    watch.expect("ERR_NAME_NOT_RESOLVED")
    bare_page.evaluate("fetch('http://elsewhere.example/').catch(() => null)")
    assert "request to another host: http://elsewhere.example/" in watch.faults


def test_an_error_in_a_script_is_noted(bare_page: Page, watch: Watch) -> None:
    watch.expect("script error")
    with bare_page.expect_event("pageerror"):
        bare_page.evaluate("void setTimeout(() => { throw new Error('broken script') })")
    assert watch.faults == ["script error: broken script"]


def test_an_inline_style_is_noted(open_page, watch: Watch) -> None:
    watch.expect("inline style")
    page = open_page()
    page.route(
        "http://127.0.0.1/**", lambda route: route.fulfill(body=STYLED, content_type="text/html", headers=POLICY)
    )
    page.goto("http://127.0.0.1/")
    assert ["Applying inline style" in fault for fault in watch.faults] == [True]


def test_a_picture_without_words_is_refused_by_axe(bare_page: Page) -> None:
    with pytest.raises(AssertionError, match="image-alt"):
        axe(bare_page)


def test_a_page_wider_than_its_window_is_noticed(bare_page: Page) -> None:
    bare_page.evaluate("document.querySelector('main').style.width = '3000px'")
    assert sticking_out(bare_page).startswith("main")


def test_what_a_server_started_goes_with_it(tmp_path: Path) -> None:
    server = Server([sys.executable, "-c", STARTS_ANOTHER], tmp_path / "log")
    server.wait_until(lambda: server.output().isdigit())
    started = int(server.output())
    server.kill()
    assert not is_running(started)


STARTS_ANOTHER = f"""
import signal, subprocess, sys
print(subprocess.Popen([sys.executable, "-c", {LISTENS!r}], stdout=subprocess.DEVNULL, process_group=0).pid, flush=True)
signal.pause()
"""

"""Fixtures of every test: databases of both kinds, a running site, a browser that watches its pages.

`database_url`, `database`: an empty site's tables, on SQLite and on PostgreSQL in turn. `demo_installation`:
demonstration data on both. `site`, `sqlite_site`: a real `training-app serve`. `page`, `open_page`: Chromium.
`visitor`: plain HTTP. A test that uses the browser carries the mark `browser` by itself.
"""

import os
import re
import secrets
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.support.browser import PATIENCE_MS, PHONE, SCREEN, NoChromium, Watch, running_chromium
from tests.support.components import missing
from tests.support.databases import Databases, PostgresDatabases, SqliteDatabases
from tests.support.demonstration import demonstration
from tests.support.postgres import NoPostgres, Postgres, running_postgres
from tests.support.site import Installation, Site
from tests.support.visitor import Visitor
from training_app.db import Database
from training_app.schema import migrate

OpenPage = Callable[..., Page]
OF_PAGES = re.compile(r"(pages|attacks|replays|door|entry_codes|photos|uploads|sign_in|forms|guesses|records)\.py$")
OF_PROCESSES = {"open_page", "site", "sqlite_site", "demo_installation", "installation", "house", "demo"}
"""Fixtures that start processes: files whose tests use them take long."""


RUN = pytest.StashKey[ExitStack]()
PREFIX = "TESTS_PREFIX"
"""Environment: how the names of a run's databases begin on the server, the same for all its processes."""


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "browser: drives Chromium against a running site")
    stack = config.stash[RUN] = ExitStack()
    if hasattr(config, "workerinput"):
        return
    os.environ[PREFIX] = f"tests_{secrets.token_hex(4)}"
    if "TEST_DATABASE_URL" in os.environ or config.getoption("numprocesses", None):
        # one server for all processes of the run; where there is none, the tests that need it say so
        with suppress(NoPostgres):
            server = stack.enter_context(running_postgres())
            os.environ["TEST_DATABASE_URL"] = server.address
            stack.callback(server.drop_all, os.environ[PREFIX])


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash[RUN].close()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--both", action="store_true", help="tests of pages run on both databases, not each on one")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if "open_page" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")
    if not config.getoption("--both"):
        left = {item for item in items if _is_for_the_other_database(item)}
        config.hook.pytest_deselected(items=list(left))
        items[:] = [item for item in items if item not in left]
    slow = {item.path for item in items if not OF_PROCESSES.isdisjoint(getattr(item, "fixturenames", ()))}
    items.sort(key=lambda item: item.path not in slow)  # first, so that no worker is left alone with them at the end


def _is_for_the_other_database(item: pytest.Item) -> bool:
    """Whether a test of pages has its turn on the other database: each runs on one, as its name decides."""
    callspec = getattr(item, "callspec", None)
    kind = callspec.params.get("databases") if callspec else None
    if kind is None or not OF_PAGES.search(item.path.name):
        return False
    chosen = ("sqlite", "postgresql")[zlib.crc32(item.nodeid.replace(kind, "").encode()) % 2]
    return bool(kind != chosen)


# databases


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server."""
    with ExitStack() as stack:
        try:
            server = stack.enter_context(running_postgres())
        except NoPostgres as absence:
            missing(str(absence))
        yield server


@pytest.fixture(scope="session")
def folder_of_the_run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for what the processes of a run share."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if hasattr(request.config, "workerinput") else own


@pytest.fixture(scope="session")
def postgres_databases(postgres: Postgres, folder_of_the_run: Path) -> PostgresDatabases:
    folder = folder_of_the_run / "postgres"
    folder.mkdir(exist_ok=True)
    return PostgresDatabases(postgres, folder, os.environ[PREFIX])


@pytest.fixture(scope="session")
def sqlite_databases(folder_of_the_run: Path) -> SqliteDatabases:
    folder = folder_of_the_run / "sqlite"
    folder.mkdir(exist_ok=True)
    return SqliteDatabases(folder)


@pytest.fixture(params=["sqlite", "postgresql"])
def databases(request: pytest.FixtureRequest) -> Databases:
    """Databases of one kind: each test that uses them runs on both."""
    found: Databases = request.getfixturevalue(
        {"sqlite": "sqlite_databases", "postgresql": "postgres_databases"}[request.param]
    )
    return found


@pytest.fixture
def empty_database_url(databases: Databases) -> Iterator[str]:
    """The url of a database without any table."""
    yield from _copy_of(databases, "empty", _leave_empty)


@pytest.fixture
def database_url(databases: Databases) -> Iterator[str]:
    """The url of a database that has every table and no row but those of the migrations."""
    yield from _copy_of(databases, "migrated", _migrated)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """The database of `database_url`."""
    opened = Database(database_url)
    yield opened
    opened.dispose()


def _copy_of(databases: Databases, name: str, prepare: Callable[[str], None]) -> Iterator[str]:
    copies = databases.prepared(name, prepare)
    url = copies.take()
    yield url
    copies.give_back(url)


def _leave_empty(url: str) -> None:
    Database(url).dispose()


def _migrated(url: str) -> None:
    database = Database(url)
    migrate(database)
    database.dispose()


# installations with demonstration data


@pytest.fixture
def demo_installation(databases: Databases, tmp_path: Path) -> Iterator[Installation]:
    """An installation of its own with demonstration data, on both databases in turn, not running."""
    with demonstration(databases, tmp_path / "var") as installation:
        yield installation


@pytest.fixture(scope="session")
def site(postgres_databases: PostgresDatabases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A running site on PostgreSQL with demonstration data, shared: a test leans on nothing that another may change."""
    data_dir = tmp_path_factory.mktemp("site") / "var"
    with demonstration(postgres_databases, data_dir) as installation, installation.serving() as running:
        yield running


@pytest.fixture(scope="session")
def sqlite_site(sqlite_databases: SqliteDatabases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A running site on SQLite with demonstration data, shared."""
    data_dir = tmp_path_factory.mktemp("sqlite-site") / "var"
    with demonstration(sqlite_databases, data_dir) as installation, installation.serving() as running:
        yield running


# browser


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Chromium, for one module: its driver keeps an event loop that other tests must not meet."""
    with ExitStack() as stack:
        try:
            browser = stack.enter_context(running_chromium())
        except NoChromium as absence:
            missing(str(absence))
        yield browser


@pytest.fixture
def watch() -> Iterator[Watch]:
    """What went wrong in the pages of this test; at the end there must be nothing that it did not expect."""
    watching = Watch()
    yield watching
    assert watching.unexpected() == []


@pytest.fixture
def open_page(chromium: Browser, watch: Watch) -> Iterator[OpenPage]:
    """A function that opens a page in a context of its own, as if by another person."""
    with ExitStack() as stack:

        def open_one(
            *, language: str = "zh-CN", phone: bool = False, javascript: bool = True, dark: bool = False
        ) -> Page:
            context = chromium.new_context(
                locale=language,
                timezone_id="Asia/Shanghai",
                viewport=PHONE if phone else SCREEN,
                has_touch=phone,
                color_scheme="dark" if dark else "light",
                java_script_enabled=javascript,
            )
            stack.callback(context.close)
            context.set_default_timeout(PATIENCE_MS)
            watch.listen_to(context)
            return context.new_page()

        yield open_one


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    """One page in Chinese, as wide as a desk's screen."""
    return open_page()


@pytest.fixture
def visitor(site: Site) -> Visitor:
    """Somebody who reads the site in Chinese over plain HTTP."""
    return Visitor(site)

"""docs/operate.md, typed from its first command to its last on an empty server, and what somebody meets there.

Each fenced block is typed line by line: those marked `sh` on the server, those marked `sh elsewhere` in the checkout.
A block with another mark, or with none, fails. The wheel of the bundle is what every installation gets.
"""

import base64
import hashlib
import http
import re
import shutil
import subprocess
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from tests.support.machine import HOST, Answer, Machine
from tests.support.paths import ROOT
from tests.support.postgres import Postgres
from tests.support.visitor import Visitor
from training_app.exams.paper.receipt_views import PACE
from training_app.web.bodies import LONGEST_UPLOAD

BLOCK = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MARKS = {"sh", "sh elsewhere"}
ONE, ANOTHER = "127.0.0.5", "127.0.0.6"
FORGED = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http"}
PASSWORD = "a long sentence of my own"
PAGES = ("/static/site.css", "/static/vendor/tabler/tabler.min.css", "/sign-in")


def blocks() -> list[tuple[str, list[str]]]:
    """Mark and lines of every fenced block of the document."""
    text = (ROOT / "docs" / "operate.md").read_text(encoding="utf-8")
    return [(mark, lines.splitlines()) for mark, lines in BLOCK.findall(text)]


@dataclass
class Hour:
    """The server while the document is typed. said: what each line printed. met: what a visitor got meanwhile."""

    machine: Machine
    said: dict[str, str] = field(default_factory=dict)
    met: dict[str, Answer] = field(default_factory=dict)

    def go(self) -> None:
        for mark, lines in blocks():
            for line in lines:
                self.said[line] = self._made(line) if mark == "sh elsewhere" else self.machine.type(line)
                if line.startswith("curl "):  # the site runs
                    self._visit()
                    self._begin()
                if line.startswith("training-app rehearse drop"):
                    self._watch()

    def _watch(self) -> None:
        """Somebody asks for streams, by addresses that the media process signed and by others."""
        secret = (self.machine.root / "var/lib/training/media/link-secret").read_text(encoding="ascii").strip()
        cookie, until = "a-cookie", int(time.time()) + 60
        for name, exp, known in (
            ("signed", until, secret),
            ("forged", until, "another"),
            ("late", until - 120, secret),
        ):
            signed = hashlib.md5(f"{exp} o7/program {cookie} {known}".encode(), usedforsecurity=False).digest()
            text = base64.urlsafe_b64encode(signed).decode().rstrip("=")
            address = f"/hls/{text}/{exp}/o7/program/seg1.m4s"
            self.met[name] = self.machine.get(address, address=ONE, Cookie=f"media_viewer={cookie}")
        self.met["whip"] = self.machine.get("/whip/o7/v1", address=ONE, body=1)

    def _made(self, line: str) -> str:
        """On another computer, and what is made there is carried over."""
        done = subprocess.run(line.split(), cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        shutil.copytree(ROOT / "dist" / "bundle", self.machine.root / "opt" / "bundle")
        return done.stdout

    def _visit(self) -> None:
        for path in PAGES:
            self.met[path] = self.machine.get(path, address=ONE, **{**FORGED, "Accept-Language": "zh-CN"})
        self.met["large"] = self.machine.get("/sign-in", address=ONE, body=LONGEST_UPLOAD + 1)
        self.met["plain"] = self.machine.get_plain("/door?a=1")
        asked = [self.machine.get("/receipts/NONE", address=ONE, **FORGED) for _ in range(PACE.most + 1)]
        self.met["impatient"] = asked[-1]
        self.met["patient"] = self.machine.get("/receipts/NONE", address=ANOTHER, **FORGED)

    def _begin(self) -> None:
        """The first administrator chooses a password, over HTTPS, and enters a room."""
        code = re.search(r"shown only now: (\S+)", self.init)
        assert code is not None, self.init
        trust = self.machine.trust()
        trust.check_hostname = False  # it is reached by its address
        admin = Visitor(self.machine, trust=trust)
        admin.get("/sign-in/code")
        admin.send("/sign-in/code", username="admin", code=code[1], new_password=PASSWORD, repeat=PASSWORD)
        admin.get("/rooms/new")
        room = {"name_zh": "机考室", "name_en": "Exam room", "kind": "exam", "base_id": "suzhou"}
        assert "机考室" in admin.send("/rooms/new", **room), admin.text
        admin.get("/rooms/1/seats")
        assert "A-06" in admin.send("/rooms/1/seats", rows="1", places="6", version="1"), admin.text

    @property
    def init(self) -> str:
        """What told the code of the first administrator."""
        return next(said for line, said in self.said.items() if line.startswith("training-app init"))


@pytest.fixture(scope="module")
def hour(tmp_path_factory: pytest.TempPathFactory, postgres: Postgres) -> Iterator[Hour]:
    typed = Hour(Machine(tmp_path_factory.mktemp("m"), postgres))
    try:
        typed.go()
        yield typed
    finally:
        typed.machine.switch_off()
        postgres.drop("training")


def test_every_block_of_the_document_is_typed() -> None:
    text = (ROOT / "docs" / "operate.md").read_text(encoding="utf-8")
    assert {mark for mark, _ in blocks()} <= MARKS
    assert text.count("```") == 2 * len(blocks()) and not re.search(r"^( {4}|\t|~~~)", text, re.MULTILINE)


def test_the_document_leads_to_a_site_that_is_up(hour: Hour) -> None:
    (health,) = (said for line, said in hour.said.items() if line.startswith("curl "))
    assert '"state":"up"' in health.replace(" ", "")


def test_the_rehearsal_loses_nothing(hour: Hour) -> None:
    table = next(said for line, said in hour.said.items() if " rehearse run " in line)
    assert re.search(r"lost\W+0\b", table, re.IGNORECASE)


def test_the_night_leaves_a_backup_that_was_restored(hour: Hour) -> None:
    backups = list((hour.machine.root / "var/backups/training").glob("*.tar.gz"))
    assert len(backups) == 2
    assert "The site as it was" in next(said for line, said in hour.said.items() if " restore " in line)
    assert "ok" in hour.said["training-app check"] and "findings" not in hour.said["training-app check"]


def test_the_restored_site_is_trusted_as_before(hour: Hour) -> None:
    now, before = (hour.machine.root / "var/lib" / name / "tls" for name in ("training", "training-before"))
    assert [path.name for path in sorted(now.iterdir())] == ["authority.key", "authority.pem", "site.key", "site.pem"]
    assert (now / "authority.pem").read_bytes() == (before / "authority.pem").read_bytes()


def test_the_units_are_sound(hour: Hour) -> None:
    units = hour.machine.units()
    assert [unit.name for unit in units] == ["training-nightly.service", "training-nightly.timer", "training.service"]
    done = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    ours = [line for line in done.stderr.splitlines() if str(hour.machine.root) in line or "training" in line]
    assert done.returncode == 0 and ours == []


@pytest.mark.parametrize("path", PAGES)
def test_the_wheel_serves_pages_and_styles_through_nginx(hour: Hour, path: str) -> None:
    answer = hour.met[path]
    assert answer.status == http.HTTPStatus.OK and answer.text
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_cookies_go_over_https_only(hour: Hour) -> None:
    cookie = hour.met["/sign-in"].headers["Set-Cookie"]
    assert "Secure" in cookie and "HttpOnly" in cookie and "登录" in hour.met["/sign-in"].text


def test_the_site_knows_who_asks_behind_nginx_whatever_he_says(hour: Hour) -> None:
    assert hour.met["impatient"].status == http.HTTPStatus.TOO_MANY_REQUESTS
    assert hour.met["patient"].status == http.HTTPStatus.NOT_FOUND


def test_nginx_takes_what_the_site_takes_and_no_more(hour: Hour) -> None:
    assert hour.met["large"].status == http.HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    conf = (ROOT / "docs" / "operate" / "nginx.conf").read_text(encoding="utf-8")
    assert f"client_max_body_size {LONGEST_UPLOAD >> 20}m;" in conf


def test_segments_are_given_through_nginx_to_who_may_have_them(hour: Hour) -> None:
    asked = {name: hour.met[name].status for name in ("signed", "forged", "late", "whip")}
    # the media process itself does not know the cookie, nor a venue without a token
    assert asked == {"signed": 403, "forged": 403, "late": 410, "whip": 401}
    assert "nginx" in hour.met["forged"].text and "nginx" not in hour.met["signed"].text


def test_plain_http_is_sent_on(hour: Hour) -> None:
    answer = hour.met["plain"]
    assert answer.status == http.HTTPStatus.MOVED_PERMANENTLY
    assert answer.headers["Location"] == f"https://{HOST}/door?a=1"


# the wheel


@pytest.fixture(scope="module")
def wheel(hour: Hour) -> list[str]:
    """The names of its files."""
    (path,) = (hour.machine.root / "opt" / "bundle").glob("aeo_training-*.whl")
    return zipfile.ZipFile(path).namelist()


@pytest.mark.parametrize(
    "part",
    [
        "training_app/templates/base.html",
        "training_app/static/vendor/VENDORED.json",
        "training_app/documents/fonts/NotoSansSC-Regular.ttf",
        "training_app/documents/fonts/NotoSansSC-Bold.ttf",
        "training_app/documents/fonts/OFL.txt",
        "training_app/migrations/env.py",
        "training_app/translations/zh_Hans_CN/LC_MESSAGES/messages.mo",
        "question_bank/content/glossary.yaml",
        ".dist-info/licenses/LICENSE",
        ".dist-info/licenses/LICENSE-CONTENT",
        ".dist-info/licenses/THIRD_PARTY.md",
    ],
)
def test_the_wheel_holds_what_the_site_needs(wheel: list[str], part: str) -> None:
    assert [name for name in wheel if name.endswith(part)] != []


def test_the_wheel_holds_every_content_file(wheel: list[str]) -> None:
    content = ROOT / "question_bank" / "content"
    assert {path.relative_to(ROOT).as_posix() for path in content.rglob("*.yaml")} - set(wheel) == set()


def test_the_wheel_holds_nothing_but_the_two_packages(wheel: list[str]) -> None:
    tops = {name.split("/")[0] for name in wheel}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"training_app", "question_bank"}


def test_the_wheel_serves_no_python_file(wheel: list[str]) -> None:
    assert [name for name in wheel if name.startswith("training_app/static/") and name.endswith(".py")] == []

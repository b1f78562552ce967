"""The wheel, installed in an empty folder, serves the same pages as the checkout."""

import http
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.paths import ROOT
from tests.support.site import Installation, Site
from tests.support.visitor import Visitor

WHERE = """
import question_bank, training_app.app
from training_app.app import folder
for path in (question_bank.__file__, training_app.app.__file__, folder("templates"), folder("static")):
    print(path)
"""


def run(*command: str | Path) -> None:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installation(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """The wheel in a folder of its own, with demonstration data on SQLite in DATA_DIR."""
    folder = tmp_path_factory.mktemp("installed")
    target = folder / "packages"
    run(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", target, wheel)
    installed = Installation(folder / "var", python_path=target)
    installed.must_run("demo")
    return installed


@pytest.fixture(scope="module")
def wheel_site(installation: Installation) -> Iterator[Site]:
    with installation.serving() as site:
        yield site


@pytest.mark.parametrize(
    "part",
    [
        "training_app/templates/base.html",
        "training_app/static/site.css",
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
def test_the_wheel_holds_what_the_site_needs(wheel: Path, part: str) -> None:
    assert [name for name in zipfile.ZipFile(wheel).namelist() if name.endswith(part)] != []


def test_the_wheel_holds_every_content_file(wheel: Path) -> None:
    content = ROOT / "question_bank" / "content"
    expected = {path.relative_to(ROOT).as_posix() for path in content.rglob("*.yaml")}
    assert expected - set(zipfile.ZipFile(wheel).namelist()) == set()


def test_the_wheel_holds_nothing_but_the_two_packages(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"training_app", "question_bank"}


def test_the_wheel_serves_no_python_file(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert [name for name in names if name.startswith("training_app/static/") and name.endswith(".py")] == []


def test_code_templates_and_static_files_come_from_the_wheel(installation: Installation) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WHERE],
        cwd=installation.data_dir,
        env=installation.environ(),
        capture_output=True,
        text=True,
        check=True,
    )
    paths = [Path(line) for line in done.stdout.splitlines()]
    assert [path for path in paths if not path.is_relative_to(installation.python_path)] == []


def test_the_command_of_the_wheel_tells_its_acts(installation: Installation) -> None:
    command = installation.python_path / "bin" / "training-app"
    done = subprocess.run([command, "--help"], env=installation.environ(), capture_output=True, text=True, check=True)
    assert "serve" in done.stdout


@pytest.mark.parametrize(("language", "word"), [("zh-CN", "登录"), ("en", "Sign in")])
def test_the_sign_in_page_of_the_wheel_speaks_both_languages(wheel_site: Site, language: str, word: str) -> None:
    assert word in Visitor(wheel_site, language=language).get("/sign-in")


@pytest.mark.parametrize("path", ["/static/site.css", "/static/vendor/tabler/tabler.min.css"])
def test_the_wheel_serves_its_styles(wheel_site: Site, path: str) -> None:
    status, headers, body = wheel_site.get(path)
    assert (status, headers["content-type"].split(";")[0]) == (http.HTTPStatus.OK, "text/css") and body


def test_a_trainee_reads_the_criteria_in_the_site_of_the_wheel(wheel_site: Site) -> None:
    visitor = Visitor(wheel_site)
    visitor.sign_in(wheel_site.account("trainee"))
    page = visitor.get("/criteria")
    assert visitor.status == http.HTTPStatus.OK and "认证标准" in page


def test_the_records_of_the_wheels_site_are_sound(installation: Installation) -> None:
    assert installation.run("check").returncode == 0


def test_the_bundle_holds_all_that_an_installation_without_a_network_asks_for() -> None:
    run("make", "--no-print-directory", "bundle")
    offline = ("--no-index", "--find-links", ROOT / "dist" / "bundle")
    run(sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed", *offline, "aeo-training")

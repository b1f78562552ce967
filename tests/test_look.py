"""What every page keeps to: nothing inline, only vendored files, only icons that exist."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

ROOT = Path(__file__).parent.parent
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
STYLES = sorted(path for path in (ROOT / "static").glob("*.css"))
SYMBOLS = {part.get("id") for part in ET.parse(ROOT / "static/vendor/icons.svg").getroot()}
MANIFEST = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
RECORD = json.loads((ROOT / "static/vendor/VENDORED.json").read_text(encoding="utf-8"))


def found(pattern: str, path: Path) -> list[str]:
    return re.findall(pattern, path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_has_no_inline_style_script_or_handler(path: Path) -> None:
    written = r"""\sstyle\s*=|<style|\son[a-z]+\s*=\s*["']|javascript:|hx-on"""
    assert found(written + r"""|<script(?![^>]*\s(?:src=|type="application/json"))""", path) == []


@pytest.mark.parametrize("path", [*TEMPLATES, *STYLES], ids=lambda path: path.name)
def test_nothing_comes_from_another_host(path: Path) -> None:
    assert found(r"""(?:src|href)=["'](?:https?:)?//|url\(["']?(?:https?:)?//""", path) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_names_only_icons_that_are_in_the_sprite(path: Path) -> None:
    names = found(r"""icon\("([a-z0-9-]+)"[,)]""", path) + found(r'picture="([a-z0-9-]+)"', path)
    assert set(names) - SYMBOLS == set()


@pytest.mark.parametrize("name", sorted(RECORD))
def test_a_vendored_package_has_its_files_and_the_version_that_is_asked_for(name: str) -> None:
    wanted = {**MANIFEST["dependencies"], **MANIFEST["devDependencies"]}
    missing = [file for file in RECORD[name]["files"] if not (ROOT / file).is_file()]
    assert (missing, RECORD[name]["version"]) == ([], wanted[name])


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_letters_are_never_smaller_than_twelve_pixels(path: Path) -> None:
    sizes = [float(size) for size in found(r"font-size:\s*([\d.]+)rem", path)]
    assert [size for size in sizes if size < 0.75] == []

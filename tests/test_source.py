"""House rules that can be read off the source."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.support.paths import ROOT
from tests.support.source import Function, functions_below, imports_below, python_files

LONGEST_FILE = 400
LONGEST_FUNCTION = 60
LONG_FOR_A_REASON: dict[str, str] = {
    # "file function": why it is longer than the house allows
}
TEXT_FILES = {".py", ".html", ".js", ".css", ".md", ".toml", ".yaml", ".yml", ".json", ".sh", ".cfg", ".txt", ""}
THIS_FILE = Path(__file__).relative_to(ROOT).as_posix()
NOT_READ = (THIS_FILE, "LICENSE", "static/vendor/", "tests/vendor/", "THIRD_PARTY.md")
"""What others wrote, and this file, which names what it looks for."""
LEFT_UNDONE = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
PLACE_OF_ONE_MACHINE = re.compile(rf"(?<![\w.:/-])(/(home|root|Users)/|{re.escape(str(ROOT))}\b)")


def own_text_files() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    files = [name for name in listed.split("\0") if name and not name.startswith(NOT_READ)]
    return [ROOT / name for name in files if Path(name).suffix in TEXT_FILES and (ROOT / name).is_file()]


def lines_with(pattern: re.Pattern[str], files: list[Path]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for path in files
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if pattern.search(line)
    ]


def too_long(functions: list[Function]) -> list[str]:
    return [
        str(found)
        for found in functions
        if found.length >= LONGEST_FUNCTION and f"{found.file} {found.name}" not in LONG_FOR_A_REASON
    ]


@pytest.mark.parametrize("folder", ["training_app", "question_bank", "tests"])
def test_no_file_is_longer_than_the_house_allows(folder: str) -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in python_files(ROOT, folder)}
    long = [
        f"{path.relative_to(ROOT)} has {length} lines" for path, length in lengths.items() if length >= LONGEST_FILE
    ]
    assert long == []


@pytest.mark.parametrize("folder", ["training_app", "question_bank", "tests"])
def test_no_function_is_longer_than_the_house_allows(folder: str) -> None:
    assert too_long(functions_below(ROOT, folder)) == []


def test_every_exemption_from_the_length_is_still_needed() -> None:
    long = {f"{found.file} {found.name}" for found in functions_below(ROOT) if found.length >= LONGEST_FUNCTION}
    assert set(LONG_FOR_A_REASON) <= long


def test_no_function_imports_one_of_our_own_modules() -> None:
    late = [found for found in imports_below(ROOT) if found.late]
    assert [str(found) for found in late if found.module.startswith(("training_app", "question_bank"))] == []


def test_nothing_is_marked_as_left_undone() -> None:
    assert lines_with(LEFT_UNDONE, own_text_files()) == []


def test_nothing_names_a_place_of_one_machine() -> None:
    assert lines_with(PLACE_OF_ONE_MACHINE, own_text_files()) == []


@pytest.mark.parametrize("line", ["# TODO: later", "FIXME", "path = '/home/me/x'", f"cd {ROOT}"])
def test_what_is_looked_for_would_be_found(line: str) -> None:
    assert LEFT_UNDONE.search(line) or PLACE_OF_ONE_MACHINE.search(line)


def test_a_long_function_would_be_found() -> None:
    assert too_long([Function("a.py", 1, "long", LONGEST_FUNCTION), Function("a.py", 1, "short", 3)]) == [
        f"a.py:1 long has {LONGEST_FUNCTION} lines"
    ]

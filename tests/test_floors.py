"""Imports only go down: the picture of the floors in CONTRIBUTING.md, the import lists, and the source agree."""

import sys
from pathlib import Path, PurePosixPath

import pytest

from tests.support.floors import Floor, floors_of_picture, places_in_tree, upward_imports
from tests.support.paths import ROOT
from tests.support.source import Import, circles, imports_below, python_files

FLOORS = floors_of_picture((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))
IMPORTS = imports_below(ROOT)
OWN = [found for found in IMPORTS if found.module.split(".")[0] in {"training_app", "question_bank"}]

IMPORT_LISTS = (
    # files                             what they may import besides the standard library
    ("question_bank/loading.py", ("question_bank", "yaml")),
    ("question_bank/*_loading.py", ("question_bank", "yaml")),
    ("question_bank/interchange/*.py", ("question_bank", "lxml", "python_calamine", "xlsxwriter", "docx")),
    ("question_bank/**", ("question_bank",)),
    ("training_app/*/rules.py", ("question_bank", "training_app.errors")),
    ("training_app/documents/**", ("training_app.documents", "question_bank.texts", "reportlab", "segno")),
    (
        "training_app/media/**",
        (
            "training_app.media",
            "training_app.config",
            "training_app.clock",
            "training_app.errors",
            "training_app.processes",
            "training_app.signing",
            "aiohttp",
            "aiortc",
            "av",
            "cryptography",
            "OpenSSL",
            "pylibsrtp",
        ),
    ),
)
"""The first row that matches a file holds for it; a file that no row matches is bound by the floors alone."""

ONLY_BRIDGES = {
    # module                            who may import it, besides its own package
    "training_app.media": ("training_app/streams/", "training_app/serve.py"),
}

NAMES_THAT_SAY_NOTHING = {"util", "utils", "helper", "helpers", "common", "misc", "tools", "stuff"}


def list_for(file: str) -> tuple[str, ...] | None:
    return next((allowed for pattern, allowed in IMPORT_LISTS if matches(file, pattern)), None)


def matches(file: str, pattern: str) -> bool:
    folder, found, _ = pattern.partition("/**")
    return file.startswith(f"{folder}/") if found else PurePosixPath(file).match(pattern)


def is_within(module: str, names: tuple[str, ...]) -> bool:
    return any(module == name or module.startswith(f"{name}.") for name in names)


def outside_of_lists(imports: list[Import]) -> list[str]:
    return [
        str(found)
        for found in imports
        if (allowed := list_for(found.importer)) is not None
        and found.module.split(".")[0] not in sys.stdlib_module_names
        and not is_within(found.module, allowed)
    ]


def past_the_bridges(imports: list[Import]) -> list[str]:
    return [
        str(found)
        for found in imports
        for module, allowed in ONLY_BRIDGES.items()
        if is_within(found.module, (module,)) and not found.importer.startswith((module.replace(".", "/"), *allowed))
    ]


def test_no_import_goes_up() -> None:
    assert upward_imports(FLOORS, OWN) == []


def test_the_picture_shows_every_package_that_exists_and_no_other() -> None:
    assert {name for floor in FLOORS for name in floor.names} == places_in_tree(ROOT)


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert circles(OWN) == []


def test_every_file_keeps_to_its_import_list() -> None:
    assert outside_of_lists(IMPORTS) == []


def test_only_the_bridges_are_crossed() -> None:
    assert past_the_bridges(IMPORTS) == []


def test_imports_are_absolute() -> None:
    assert [str(found) for found in IMPORTS if found.relative] == []


def test_imports_stand_at_the_top_of_the_file() -> None:
    assert [str(found) for found in IMPORTS if found.late] == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    files = [*python_files(ROOT), *python_files(ROOT, "tests"), *(ROOT / "static").rglob("*.js")]
    named = {path.relative_to(ROOT) for path in files if NAMES_THAT_SAY_NOTHING & {path.stem, path.parent.name}}
    assert named == set()


# the readers themselves: a checker that finds nothing must be able to find something


@pytest.mark.parametrize(
    ("importer", "module", "is_fault"),
    [
        ("training_app/people/views.py", "training_app.exams.models", True),
        ("training_app/exams/views.py", "training_app.people.models", False),
        ("training_app/exams/views.py", "training_app.interviews.models", True),
        ("training_app/exams/views.py", "training_app.exams.models", False),
        ("training_app/web/requests.py", "training_app.db", False),
        ("question_bank/scoring.py", "training_app.clock", True),
    ],
)
def test_an_import_upward_or_between_features_is_found(importer: str, module: str, is_fault: bool) -> None:
    floors = (
        Floor(("exams", "interviews"), apart=True),
        Floor(("people",), apart=False),
        Floor(("web", "db"), apart=False),
        Floor(("clock",), apart=False),
        Floor(("question_bank",), apart=False),
    )
    assert bool(upward_imports(floors, [Import(importer, 1, module)])) is is_fault


def test_the_picture_is_read_from_its_fence() -> None:
    page = "```floors\n app  cli\n exams | interviews\n```\n"
    assert floors_of_picture(page) == (Floor(("app", "cli"), apart=False), Floor(("exams", "interviews"), apart=True))


def test_imports_of_every_shape_are_read(tmp_path: Path) -> None:
    (tmp_path / "training_app").mkdir()
    (tmp_path / "training_app" / "clock.py").write_text("")
    (tmp_path / "training_app" / "web.py").write_text(
        "from training_app import clock\nfrom training_app.clock import now\nfrom . import clock\n"
        "def late():\n    import training_app.clock\n"
    )
    found = imports_below(tmp_path, "training_app")
    assert [(one.module, one.late, one.relative) for one in found] == [
        ("training_app.clock", False, False),
        ("training_app.clock", False, False),
        (".", False, True),
        ("training_app.clock", True, False),
    ]


def test_a_circle_of_imports_is_found() -> None:
    imports = [Import("training_app/a.py", 1, "training_app.b"), Import("training_app/b.py", 1, "training_app.a")]
    assert circles(imports) == [("training_app.a", "training_app.b", "training_app.a")]


@pytest.mark.parametrize(
    ("importer", "module", "is_fault"),
    [
        ("question_bank/scoring.py", "yaml", True),
        ("question_bank/scoring.py", "decimal", False),
        ("question_bank/loading.py", "yaml", False),
        ("question_bank/criteria_loading.py", "yaml", False),
        ("question_bank/checks/text.py", "flask", True),
        ("question_bank/checks/text.py", "question_bank.items", False),
        ("training_app/people/rules.py", "training_app.db", True),
        ("training_app/people/rules.py", "training_app.errors", False),
        ("training_app/media/relay.py", "flask", True),
        ("training_app/documents/tickets.py", "question_bank.texts", False),
        ("training_app/documents/tickets.py", "training_app.db", True),
    ],
)
def test_an_import_outside_of_its_list_is_found(importer: str, module: str, is_fault: bool) -> None:
    assert bool(outside_of_lists([Import(importer, 1, module)])) is is_fault


def test_a_way_past_a_bridge_is_found() -> None:
    past = Import("training_app/exams/views.py", 1, "training_app.media.protocol")
    across = Import("training_app/streams/tokens.py", 1, "training_app.media.protocol")
    assert past_the_bridges([past, across]) == [str(past)]

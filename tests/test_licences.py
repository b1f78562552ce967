"""THIRD_PARTY.md tells the truth, and nothing that the site imports binds its licence."""

import sys
from importlib.metadata import packages_distributions

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support import third_party
from tests.support.paths import ROOT
from tests.support.source import imports_below

DIRECT = third_party.direct() + third_party.direct("test")


def imported_distributions() -> set[str]:
    providers = packages_distributions()
    modules = {found.module.split(".")[0] for found in imports_below(ROOT)} - set(sys.stdlib_module_names)
    foreign = modules - {"training_app", "question_bank", ""}
    return {canonicalize_name(name) for module in foreign for name in providers.get(module, [module])}


def test_the_page_is_what_is_installed() -> None:
    page = third_party.PAGE.read_text(encoding="utf-8")
    assert page == third_party.page(), "run: make third-party"


def test_the_constraints_are_what_is_installed() -> None:
    constraints = third_party.CONSTRAINTS.read_text(encoding="utf-8")
    assert constraints == third_party.constraints(), "run: make third-party"


@pytest.mark.parametrize("requirement", DIRECT, ids=str)
def test_a_dependency_is_pinned_exactly(requirement: Requirement) -> None:
    assert [specifier.operator for specifier in requirement.specifier] == ["=="]


@pytest.mark.parametrize("requirement", DIRECT, ids=str)
def test_a_dependency_has_a_reason(requirement: Requirement) -> None:
    assert third_party.notes()["reasons"].get(canonicalize_name(requirement.name))


def test_no_reason_is_left_of_a_dependency_that_went() -> None:
    assert set(third_party.notes()["reasons"]) == {canonicalize_name(requirement.name) for requirement in DIRECT}


@pytest.mark.parametrize("extra", ["", "test"])
def test_no_package_is_under_gpl_or_agpl(extra: str) -> None:
    packages = third_party.closure(third_party.direct(extra)).values()
    assert [package.name for package in packages if third_party.is_copyleft(package.licence)] == []


@pytest.mark.parametrize("extra", ["", "test"])
def test_every_licence_is_known(extra: str) -> None:
    packages = third_party.closure(third_party.direct(extra)).values()
    assert [package.name for package in packages if package.licence == "UNKNOWN" or len(package.licence) > 60] == []


def test_the_site_imports_only_what_it_declares_or_what_that_brings_in() -> None:
    assert imported_distributions() - set(third_party.closure(third_party.direct())) == set()


def test_what_the_wheels_carry_is_told() -> None:
    page = third_party.PAGE.read_text(encoding="utf-8")
    assert all(word in page for word in ("FFmpeg as LGPL-3.0", "libx264 and libx265 as GPL", "psycopg is LGPL-3.0"))


def test_every_file_in_a_vendor_folder_is_listed() -> None:
    listed = {str(name) for one in third_party.vendored().values() for name in one["files"]}
    present = {
        path.relative_to(ROOT).as_posix()
        for folder in ("static/vendor", "tests/vendor", "training_app/documents/fonts")
        for path in (ROOT / folder).rglob("*")
        if path.is_file()
    }
    assert present - listed == {"static/vendor/VENDORED.json"}


def test_both_licences_of_the_project_are_there() -> None:
    code = (ROOT / "LICENSE").read_text(encoding="utf-8")
    content = (ROOT / "LICENSE-CONTENT").read_text(encoding="utf-8")
    assert "Apache License" in code and "Version 2.0, January 2004" in code and "CC BY 4.0" in content


@pytest.mark.parametrize(
    ("licence", "is_copyleft"),
    [
        ("GPL-3.0-or-later", True),
        ("AGPL-3.0-only", True),
        ("LGPL-3.0-only", False),
        ("MIT OR GPL-2.0-only", False),
        ("MIT AND GPL-2.0-only", True),
        ("BSD-3-Clause", False),
    ],
)
def test_a_copyleft_licence_is_recognised(licence: str, is_copyleft: bool) -> None:
    assert third_party.is_copyleft(licence) is is_copyleft

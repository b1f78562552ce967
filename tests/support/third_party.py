"""THIRD_PARTY.md and .ci/constraints.txt: every package that the site or its tests use, by version, licence and reason.

`make third-party` runs this file. It reads pyproject.toml, the metadata of what is installed, what is vendored, and
third_party.toml for what no metadata tell.
"""

import json
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "THIRD_PARTY.md"
CONSTRAINTS = ROOT / ".ci" / "constraints.txt"
VENDORED = ROOT / "static" / "vendor" / "VENDORED.json"
PLATFORM = {
    "implementation_name": "cpython",
    "os_name": "posix",
    "platform_machine": "x86_64",
    "platform_python_implementation": "CPython",
    "platform_system": "Linux",
    "python_full_version": "3.11.0",
    "python_version": "3.11",
    "sys_platform": "linux",
}
"""The oldest supported Python on Linux: the page is the same whoever writes it."""

INTRODUCTION = """\
# Third-party software

Written by `make third-party`; a test compares this page with a fresh one. The project's own code is Apache-2.0
(LICENSE), its training content CC BY 4.0 (LICENSE-CONTENT).

No package that the site imports is under GPL or AGPL. psycopg is LGPL-3.0: the site uses it as an unmodified library,
and whoever runs the site can replace it by another version. aiortc is declared from the start and used from the live
observations on.
"""


@dataclass(frozen=True, slots=True)
class Package:
    """One installed package and the packages that ask for it."""

    name: str
    version: str
    licence: str
    parents: frozenset[str] = field(default_factory=frozenset)


@cache
def project() -> dict[str, object]:
    """The table `project` of pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@cache
def notes() -> dict[str, dict[str, str]]:
    """The tables of third_party.toml, by canonical name of the package."""
    tables = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    return {title: {canonicalize_name(name): text for name, text in table.items()} for title, table in tables.items()}


def direct(extra: str = "") -> list[Requirement]:
    """What pyproject.toml itself asks for: to run, or for `extra`."""
    texts = project()["optional-dependencies"][extra] if extra else project()["dependencies"]
    return [Requirement(text) for text in texts]


def closure(roots: Iterable[Requirement]) -> dict[str, Package]:
    """Every package that `roots` bring in, by canonical name. Raises PackageNotFoundError when one is not installed."""
    found: dict[str, Distribution] = {}
    parents: dict[str, set[str]] = {}
    waiting = [(requirement, "") for requirement in roots]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        requirement, parent = waiting.pop()
        name = canonicalize_name(requirement.name)
        parents.setdefault(name, set()).update({parent} - {""})
        if (name, frozenset(requirement.extras)) in seen:
            continue
        seen.add((name, frozenset(requirement.extras)))
        found[name] = distribution(requirement.name)
        waiting += [(needed, found[name].name) for needed in _needs(found[name], requirement.extras)]
    return {
        name: Package(found[name].name, found[name].version, licence_of(found[name]), frozenset(parents[name]))
        for name in sorted(found)
    }


def _needs(package: Distribution, extras: set[str]) -> Iterator[Requirement]:
    for text in package.requires or ():
        requirement = Requirement(text)
        chosen = ({**PLATFORM, "extra": extra} for extra in ("", *extras))
        if requirement.marker is None or any(requirement.marker.evaluate(environment) for environment in chosen):
            yield requirement


def licence_of(package: Distribution) -> str:
    """The SPDX expression of a package: its own, else a short one in the old field, else from third_party.toml."""
    written = notes()["licences"].get(canonicalize_name(package.name))
    stated = package.metadata.get("License-Expression") or written or package.metadata.get("License") or "UNKNOWN"
    return {"Apache 2.0": "Apache-2.0"}.get(stated, stated)


@cache
def vendored() -> dict[str, dict[str, object]]:
    """What is copied into the repository: name -> version, licence, files."""
    return json.loads(VENDORED.read_text(encoding="utf-8"))


def constraints() -> str:
    """The text of .ci/constraints.txt: the exact version of each package that pyproject.toml does not pin itself."""
    pinned = {canonicalize_name(requirement.name) for requirement in direct() + direct("test")}
    packages = closure(direct() + direct("test"))
    lines = [f"{package.name}=={package.version}" for name, package in packages.items() if name not in pinned]
    return (
        "# Written by `make third-party`: what the pinned packages bring in; every checkout installs the same.\n"
        "# To move to newer ones, empty this file, `make clean`, `make third-party`.\n" + "\n".join(lines) + "\n"
    )


def page() -> str:
    """The text of THIRD_PARTY.md."""
    site = closure(direct())
    tests = {name: package for name, package in closure(direct("test")).items() if name not in site}
    carried = {name: text for name, text in notes()["bundled"].items() if name in site or name in tests}
    parts = [
        INTRODUCTION,
        "## Packages that the site needs\n\n" + _table(site),
        "## Packages that only tests and builds need\n\n" + _table(tests),
        "## What binary wheels carry\n\n"
        + "\n".join(f"- **{(site | tests)[name].name}**: {text}" for name, text in sorted(carried.items()))
        + "\n",
        "## Copied into the repository\n\n" + _vendored_table(),
    ]
    return "\n".join(parts)


def _table(packages: dict[str, Package]) -> str:
    rows = [f"| {p.name} | {p.version} | {p.licence} | {_why(name, p)} |" for name, p in packages.items()]
    return "| package | version | licence | why |\n|---|---|---|---|\n" + "\n".join(rows) + "\n"


def _why(name: str, package: Package) -> str:
    return notes()["reasons"].get(name) or "for " + ", ".join(sorted(package.parents, key=str.lower))


def _vendored_table() -> str:
    reasons = notes()["vendored"]
    rows = [
        f"| {name} | {of['version']} | {of['licence']} | {reasons[canonicalize_name(name)]} |"
        for name, of in sorted(vendored().items())
    ]
    return "| what | version | licence | why |\n|---|---|---|---|\n" + "\n".join(rows) + "\n"


def is_copyleft(licence: str) -> bool:
    """Whether an SPDX expression leaves no choice but GPL or AGPL (LGPL is a library's licence and does not count)."""
    choices = [re.findall(r"[A-Za-z0-9.+-]+", choice) for choice in licence.upper().split(" OR ")]
    return all(any(word.startswith(("GPL", "AGPL")) for word in words) for words in choices)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    CONSTRAINTS.write_text(constraints(), encoding="utf-8")

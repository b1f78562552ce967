"""The floors of the house: the picture in CONTRIBUTING.md, and which imports go up."""

import re
from dataclasses import dataclass
from pathlib import Path

from tests.support.source import Import, module_name, python_files


@dataclass(frozen=True, slots=True)
class Floor:
    """Packages and modules of one height. apart: they never import each other."""

    names: tuple[str, ...]
    apart: bool


def floors_of_picture(page: str) -> tuple[Floor, ...]:
    """The floors in the block fenced with ```floors, the top one first; names with | between them stay apart."""
    block = re.search(r"^```floors\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert block, "CONTRIBUTING.md has no block fenced with ```floors"
    lines = [line for line in block[1].splitlines() if line.strip()]
    return tuple(Floor(tuple(re.findall(r"\w+", line)), "|" in line) for line in lines)


def place_of(module: str) -> str:
    """The name in the picture that a module belongs to; empty for one that is not ours."""
    parts = module.split(".")
    if parts[0] == "question_bank":
        return "question_bank"
    return parts[1] if parts[0] == "training_app" and len(parts) > 1 else ""


def places_in_tree(root: Path) -> set[str]:
    """The places that exist: top-level modules and packages of training_app, and question_bank."""
    return {place_of(module_name(root, path)) for path in python_files(root)} - {"", "__main__"}


def upward_imports(floors: tuple[Floor, ...], imports: list[Import]) -> list[str]:
    """A sentence for each import that goes up, or sideways between those that stay apart."""
    height = {name: len(floors) - number for number, floor in enumerate(floors) for name in floor.names}
    apart = {name for floor in floors if floor.apart for name in floor.names}
    faults = []
    for found in imports:
        here = place_of(found.importer.removesuffix(".py").replace("/", "."))
        there = place_of(found.module)
        if here not in height or there not in height or here == there:
            continue
        if height[there] > height[here]:
            faults.append(f"{found}: up, from {here} to {there}")
        elif height[there] == height[here] and here in apart:
            faults.append(f"{found}: sideways, from {here} to {there}")
    return faults

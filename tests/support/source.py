"""The source read as data: files, functions and imports of the project's own packages."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PACKAGES = ("training_app", "question_bank")
GENERATED = ("migrations/versions/",)
"""Migrations are a record of what was done, not code that is kept in shape."""


@dataclass(frozen=True, slots=True)
class Import:
    """One module that a file imports. late: inside a function or class. relative: written with dots."""

    importer: str
    line: int
    module: str
    late: bool = False
    relative: bool = False

    def __str__(self) -> str:
        return f"{self.importer}:{self.line} imports {self.module}"


@dataclass(frozen=True, slots=True)
class Function:
    """One function with its place and its length in lines."""

    file: str
    line: int
    name: str
    length: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line} {self.name} has {self.length} lines"


def python_files(root: Path, *folders: str) -> list[Path]:
    """The Python files below the folders (default: the project's packages), generated ones left out."""
    found = (path for folder in folders or PACKAGES for path in sorted((root / folder).rglob("*.py")))
    return [path for path in found if not any(part in path.as_posix() for part in GENERATED)]


def module_name(root: Path, path: Path) -> str:
    """The dotted name of a file: `training_app/web/__init__.py` is `training_app.web`."""
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_below(root: Path, *folders: str) -> list[Import]:
    """Every import of every file, those for type checking only included."""
    files = python_files(root, *folders)
    own = {module_name(root, path) for path in python_files(root)}
    return [found for path in files for found in _imports_of(root, path, own)]


def _imports_of(root: Path, path: Path, own: set[str]) -> Iterator[Import]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    late = {id(inner) for scope in ast.walk(tree) if _is_scope(scope) for inner in ast.walk(scope)}
    file = path.relative_to(root).as_posix()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(file, node.lineno, alias.name, id(node) in late)
        elif isinstance(node, ast.ImportFrom):
            source = "." * node.level + (node.module or "")
            for alias in node.names:
                # `from package import module` imports the module, `from module import name` the module of the name
                whole = f"{source}.{alias.name}"
                yield Import(file, node.lineno, whole if whole in own else source, id(node) in late, node.level > 0)


def _is_scope(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)


def functions_below(root: Path, *folders: str) -> list[Function]:
    """Every function and method with its length, decorators left out."""
    return [
        Function(
            path.relative_to(root).as_posix(),
            node.lineno,
            node.name,
            (node.end_lineno or node.lineno) - node.lineno + 1,
        )
        for path in python_files(root, *folders)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def circles(imports: list[Import]) -> list[tuple[str, ...]]:
    """Chains of modules that import each other in a circle, each with its first module at the end again."""
    below: dict[str, set[str]] = {}
    for found in imports:
        importer = found.importer.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        below.setdefault(importer, set()).add(found.module)
    done: set[str] = set()
    found_circles: list[tuple[str, ...]] = []

    def descend(module: str, path: tuple[str, ...]) -> None:
        if module in path:
            found_circles.append((*path[path.index(module) :], module))
        elif module not in done:
            for target in sorted(below.get(module, ())):
                descend(target, (*path, module))
            done.add(module)

    for module in sorted(below):
        descend(module, ())
    return found_circles

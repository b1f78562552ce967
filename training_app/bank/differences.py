"""What changed between two versions: each field with what it was and what it is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from training_app.bank.words import FIELD_NAMES

Leaves = dict[tuple[str, ...], str]


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that is not the same. path: names from the outside in. before, after: None where there was nothing."""

    path: tuple[str, ...]
    before: str | None
    after: str | None

    @property
    def place(self) -> str:
        """The field in words: "Option B, reason, English"."""
        return str(_(", ")).join(_words(self.path))


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Difference, ...]:
    """The fields in which two contents differ, in the order of the newer one; what is gone stands last."""
    old, new = dict(_leaves(before)), dict(_leaves(after))
    return tuple(
        Difference(path, old.get(path), new.get(path)) for path in {**new, **old} if old.get(path) != new.get(path)
    )


def _leaves(value: object, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(inner, (*path, str(key)))
    elif isinstance(value, list) and any(isinstance(one, Mapping) for one in value):
        for position, one in enumerate(value, start=1):
            name = str(one.get("id", position)) if isinstance(one, Mapping) else str(position)
            yield from _leaves({k: v for k, v in one.items() if k != "id"}, (*path, name))
    elif isinstance(value, list):
        yield path, ", ".join(map(str, value))
    elif value is not None:
        yield path, _("yes") if value is True else _("no") if value is False else str(value)


def _words(path: tuple[str, ...]) -> Iterator[str]:
    rest = list(path)
    while rest:
        name = rest.pop(0)
        label = str(FIELD_NAMES.get(name, name))
        # a part is named with its number or letter: "Option B"
        has_number = name in {"options", "elements", "premises", "responses", "rows", "errors"} and rest
        yield f"{label} {rest.pop(0)}" if has_number else label

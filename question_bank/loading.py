"""A content folder -> bank and blueprints, or every fault of it; nothing is ever half loaded.

A folder holds `items/*.yaml`, `cases/*.yaml` and `blueprints/*.yaml`, as `docs/bank-format.md` describes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Final, TypeVar

from question_bank.blueprint import Blueprint
from question_bank.blueprint_reading import read_blueprint
from question_bank.errors import ContentFault, ContentRefused
from question_bank.fields import ITEM_ID, Fields, Place, entry_fields, shown
from question_bank.item_reading import read_case, read_item
from question_bank.items import Bank, Case, Item
from question_bank.yaml_loading import read_yaml

SHIPPED: Final = Path(__file__).parent / "content"

MAX_FILES: Final = 1000
MAX_ITEMS: Final = 5000

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class LoadedContent:
    """What a folder held. files: id of an item, case or blueprint -> its file, relative to the folder."""

    bank: Bank
    blueprints: tuple[Blueprint, ...]
    files: Mapping[str, str]


def load_bank(folder: Path, known_ids: frozenset[str] = frozenset()) -> LoadedContent:
    """The content of `folder`. Raises ContentRefused with all faults, each with file, item and field.

    known_ids: items of other banks that enemies and twins may name. Enemies and twins come out symmetric, and twins are
    enemies.
    """
    reading = _Reading(folder)
    items = reading.collect("items", read_item)
    cases = reading.collect("cases", read_case)
    blueprints = reading.collect("blueprints", read_blueprint)
    bank = Bank(items, cases)
    if not reading.faults:
        reading.check_whole(bank, blueprints, known_ids)
    if reading.faults:
        raise ContentRefused(tuple(reading.faults))
    return LoadedContent(_symmetric(bank), blueprints, MappingProxyType(reading.files))


class _Reading:
    """One walk over a folder; gathers faults and where each id stands."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.faults: list[ContentFault] = []
        self.files: dict[str, str] = {}
        self._items = 0
        if not folder.is_dir():
            self._fault(str(folder), "is no folder")

    def _fault(self, file: str, message: str, item: str = "", field: str = "") -> None:
        self.faults.append(ContentFault(file, item, field, "FORMAT", message))

    def collect(self, kind: str, read: Callable[[Fields], T]) -> tuple[T, ...]:
        """Everything that the files of sub-folder `kind` hold under the key `kind`."""
        found: list[T] = []
        for path in self._files_of(kind):
            found += self._entries_of(path, kind, read)
        return tuple(found)

    def _files_of(self, kind: str) -> list[Path]:
        below = self.folder / kind
        if not below.is_dir():
            return []
        names = sorted(entry.name for entry in below.iterdir() if not entry.name.startswith("."))
        for name in names:
            if name.endswith(".yml"):
                self._fault(f"{kind}/{name}", "the name of a content file ends in .yaml")
        paths = [below / name for name in names if name.endswith(".yaml")]
        if len(paths) > MAX_FILES:
            self._fault(kind, f"holds more than {MAX_FILES} files")
            return []
        return paths

    def _entries_of(self, path: Path, kind: str, read: Callable[[Fields], T]) -> list[T]:
        file = f"{kind}/{shown(path.name)[1:-1]}"
        try:
            document = read_yaml(path, self.folder, file)
        except ContentRefused as refused:
            self.faults += refused.faults
            return []
        top = Fields(document, Place(file), "", self.faults)
        if top.whole("schema", 0, 99) != 1:
            top.fault("schema", "this release reads schema 1")
        entries = top.raw(kind)
        top.refuse_unknown()
        if not isinstance(entries, list) or not entries:
            top.fault(kind, "a list with at least one entry is expected")
            return []
        if self._too_many(entries, file):
            return []
        return [self._entry(entry, file, position, read) for position, entry in enumerate(entries, 1)]

    def _too_many(self, entries: list[object], file: str) -> bool:
        before = self._items
        for entry in entries:
            inner = entry.get("items") if isinstance(entry, dict) else None
            self._items += len(inner) if isinstance(inner, list) else 1
        if before <= MAX_ITEMS < self._items:
            self._fault(file, f"with this file the folder holds more than {MAX_ITEMS} items")
        return self._items > MAX_ITEMS

    def _entry(self, entry: object, file: str, position: int, read: Callable[[Fields], T]) -> T:
        fields = entry_fields(entry, file, (ITEM_ID, f"#{position}"), self.faults)
        found = read(fields)
        inner = [item.id for item in found.items] if isinstance(found, Case) else []
        for identity in (fields.place.item, *inner):
            if ITEM_ID.fullmatch(identity):
                self._note(identity, file)
        return found

    def _note(self, identity: str, file: str) -> None:
        if identity in self.files:
            self._fault(file, f"the id stands already in {self.files[identity]}", identity, "id")
        self.files.setdefault(identity, file)

    def check_whole(self, bank: Bank, blueprints: tuple[Blueprint, ...], known_ids: frozenset[str]) -> None:
        """Faults that show only when everything is read."""
        items = bank.all_items()
        if not items and not blueprints:
            self._fault(str(self.folder), "holds no items/*.yaml, cases/*.yaml or blueprints/*.yaml")
        ids = {item.id for item in items} | known_ids
        for item in items:
            for field, named in (("enemies", item.enemies), ("twins", item.twins)):
                for other in named:
                    if other == item.id:
                        self._fault(self.files[item.id], "an item is not its own enemy or twin", item.id, field)
                    elif other not in ids:
                        self._fault(self.files[item.id], f"{other} is no item of this folder", item.id, field)


def _symmetric(bank: Bank) -> Bank:
    """The bank with enemies and twins named on both sides, and every twin an enemy."""
    items = bank.all_items()
    enemies: dict[str, set[str]] = {item.id: set() for item in items}
    twins: dict[str, set[str]] = {item.id: set() for item in items}
    for item in items:
        for other in item.twins:
            twins[item.id].add(other)
            twins.setdefault(other, set()).add(item.id)
        for other in item.enemies + item.twins:
            enemies[item.id].add(other)
            enemies.setdefault(other, set()).add(item.id)

    def whole(item: Item) -> Item:
        return replace(item, enemies=tuple(sorted(enemies[item.id])), twins=tuple(sorted(twins[item.id])))

    cases = tuple(replace(case, items=tuple(whole(item) for item in case.items)) for case in bank.cases)
    return Bank(tuple(whole(item) for item in bank.items), cases)

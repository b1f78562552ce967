"""The glossary from its content file; every fault names file, row and field."""

from functools import lru_cache
from pathlib import Path
from typing import Final

from question_bank.errors import ContentFault, ContentRefused
from question_bank.glossary import Glossary, GlossaryRow, GlossarySection
from question_bank.texts import Text
from question_bank.yaml_loading import read_yaml

SHIPPED: Final = Path(__file__).parent / "content" / "glossary.yaml"
_FLAGS: Final = ("changed", "own", "circulates")
_LISTS: Final = ("zh", "en", "refused", "refused_since_2026")


@lru_cache(maxsize=4)
def load_glossary(path: Path = SHIPPED) -> Glossary:
    """The glossary in `path`. Raises ContentRefused with every fault found."""
    reading = _Reading(path.name)
    glossary = reading.glossary(read_yaml(path, path.parent, path.name))
    if reading.faults:
        raise ContentRefused(tuple(reading.faults))
    return glossary


class _Reading:
    """One reading of the file; what is misshapen becomes a fault."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.faults: list[ContentFault] = []

    def glossary(self, data: object) -> Glossary:
        sections = data.get("sections") if isinstance(data, dict) else None
        if not isinstance(sections, list):
            self._fault("", "sections", "a list of sections is expected")
            return Glossary(())
        return Glossary(tuple(self._section(section, place) for place, section in enumerate(sections, 1)))

    def _section(self, raw: object, place: int) -> GlossarySection:
        name = f"section {place}"
        section = raw if isinstance(raw, dict) else {}
        title, rows = section.get("title"), section.get("rows")
        if not isinstance(title, dict) or not title.get("zh") or not title.get("en"):
            self._fault(name, "title", "a title in zh and en is expected")
            title = {}
        if not isinstance(rows, list):
            self._fault(name, "rows", "a list of rows is expected")
            rows = []
        made = tuple(self._row(row, f"{name} row {number}") for number, row in enumerate(rows, 1))
        return GlossarySection(place, Text(str(title.get("zh", "")), str(title.get("en", ""))), made)

    def _row(self, raw: object, name: str) -> GlossaryRow:
        row = raw if isinstance(raw, dict) else {}
        for field in row.keys() - {*_FLAGS, *_LISTS}:
            self._fault(name, str(field), "is not a field of a row")
        lists = {field: self._strings(row.get(field, []), name, field) for field in _LISTS}
        for field in ("zh", "en"):
            if not lists[field]:
                self._fault(name, field, "at least one term is expected")
        return GlossaryRow(
            zh=lists["zh"],
            en=lists["en"],
            changed=row.get("changed") == "true",
            own=row.get("own") == "true",
            circulates=row.get("circulates") == "true",
            refused=lists["refused"],
            refused_since_2026=lists["refused_since_2026"],
        )

    def _strings(self, raw: object, name: str, field: str) -> tuple[str, ...]:
        if isinstance(raw, list) and all(isinstance(entry, str) and entry.strip() for entry in raw):
            return tuple(entry.strip() for entry in raw)
        self._fault(name, field, "a list of texts is expected")
        return ()

    def _fault(self, row: str, field: str, message: str) -> None:
        self.faults.append(ContentFault(self.file, row, field, "FORMAT", message))

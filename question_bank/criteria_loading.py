"""Criteria, instruments and topics from their content files; every fault names file, code and field."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, TypeVar

from question_bank.criteria import Criteria
from question_bank.criteria_nodes import Criterion, Edition, Instrument, Source, Topic
from question_bank.criteria_reading import (
    read_criterion,
    read_edition,
    read_instrument,
    read_label,
    read_source,
    read_topic,
)
from question_bank.errors import ContentFault, ContentRefused
from question_bank.fields import Fields, Place
from question_bank.figures import FigureLabel
from question_bank.loading import SHIPPED
from question_bank.yaml_loading import read_yaml

FOLDER: Final = "criteria"

T = TypeVar("T")


def load_criteria(folder: Path = SHIPPED) -> Criteria:
    """All criteria under `folder`/criteria; ContentRefused with every fault found when anything is wrong."""
    reading = _Reading(folder)
    sources = reading.entries("sources", "id", read_source)
    instruments = reading.entries("instruments", "id", read_instrument)
    labels = reading.entries("figures", "key", read_label)
    editions = reading.entries("editions", "id", read_edition)
    nodes: dict[str, Criterion] = {}
    for edition in editions.values():
        for code, node in reading.nodes_of(edition, sources, labels).items():
            if code in nodes:
                reading.fault(edition.id, code, "code", f"stands already in {nodes[code].edition}")
            nodes[code] = node
    topics = reading.entries("topics", "code", read_topic)
    reading.check_editions(editions, nodes, instruments)
    reading.check_links(nodes, topics)
    if reading.faults:
        raise ContentRefused(tuple(reading.faults))
    return Criteria(instruments, editions, sources, nodes, topics)


class _Reading:
    """One reading of a folder; it gathers faults."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.faults: list[ContentFault] = []

    def fault(self, name: str, code: str, field: str, message: str) -> None:
        """Notes a fault in the file `name`."""
        self.faults.append(ContentFault(f"{FOLDER}/{name}.yaml", code, field, "FORMAT", message))

    def entries(self, name: str, key: str, read: Callable[[Fields], T]) -> dict[str, T]:
        """The entries of the list in file `name`.yaml by their field `key`; empty when the file cannot be read."""
        return self._listed(name, (name, key), read, edition=None)

    def nodes_of(
        self, edition: Edition, sources: Mapping[str, Source], labels: Mapping[str, FigureLabel]
    ) -> dict[str, Criterion]:
        """The nodes of an edition by code, from the file named like it."""
        return self._listed(
            edition.id,
            ("nodes", "code"),
            lambda fields: read_criterion(fields, edition.id, sources, labels),
            edition=edition.id,
        )

    def _listed(
        self, name: str, keys: tuple[str, str], read: Callable[[Fields], T], *, edition: str | None
    ) -> dict[str, T]:
        """Entries of a file. keys: the field that holds the list, and the field of an entry that names it."""
        file = f"{FOLDER}/{name}.yaml"
        try:
            document = read_yaml(self.folder / file, self.folder, file)
        except ContentRefused as refused:
            self.faults += refused.faults
            return {}
        listed, key = keys
        top = Fields(document, Place(file), "", self.faults)
        if top.whole("schema", 0, 99) != 1:
            top.fault("schema", "this release reads schema 1")
        if edition is not None and top.raw("edition") != edition:
            top.fault("edition", f"{edition} is expected, as the file is named")
        raw = top.raw(listed)
        top.refuse_unknown()
        if not isinstance(raw, list):
            top.fault(listed, "a list is expected")
            return {}
        found: dict[str, T] = {}
        for position, entry in enumerate(raw, 1):
            said = entry.get(key) if isinstance(entry, dict) else None
            label = said if isinstance(said, str) else f"#{position}"
            if label in found:
                self.fault(name, label, key, "stands twice")
            found[label] = read(Fields(entry, Place(file, label), "", self.faults))
        return found

    def check_editions(
        self, editions: Mapping[str, Edition], nodes: Mapping[str, Criterion], instruments: Mapping[str, Instrument]
    ) -> None:
        """Faults for roots and instruments that do not exist."""
        for edition in editions.values():
            if edition.root not in nodes:
                self.fault("editions", edition.id, "root", f"{edition.root} does not exist")
            if edition.instrument is not None and edition.instrument not in instruments:
                self.fault("editions", edition.id, "instrument", f"{edition.instrument} does not exist")

    def check_links(self, nodes: Mapping[str, Criterion], topics: Mapping[str, Topic]) -> None:
        """Faults for parents and counterparts that do not exist, and for parents that do not come first."""
        order = {code: position for position, code in enumerate(nodes)}
        for node in nodes.values():
            parent = node.parent
            same = parent in nodes and nodes[parent].edition == node.edition if parent is not None else True
            if parent is not None and (not same or order[parent] >= order[node.code]):
                self.fault(node.edition, node.code, "parent", f"{parent} does not stand before it in this edition")
            for other in node.counterparts:
                if other not in nodes or nodes[other].edition == node.edition:
                    self.fault(node.edition, node.code, "counterparts", f"{other} is no node of another edition")
        seen: set[str] = set()
        for topic in topics.values():
            if topic.parent is not None and topic.parent not in seen:
                self.fault("topics", topic.code, "parent", f"{topic.parent} does not stand before it")
            seen.add(topic.code)

"""The bank in the database: loading content as new versions, and reading the versions in force."""

import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.orm import Session

from question_bank.blueprint import Blueprint
from question_bank.criteria import Criteria
from question_bank.items import Bank, Case, Item
from question_bank.loading import LoadedContent
from question_bank.serialising import (
    blueprint_from_json,
    blueprint_to_json,
    case_from_json,
    case_to_json,
    content_hash,
    item_from_json,
    item_to_json,
)
from training_app.bank.models import BlueprintVersion, CaseVersion, ItemCode, ItemConfirmation, ItemVersion
from training_app.errors import Refused
from training_app.registry import Finding
from training_app.web.requests import read_session


@dataclass(frozen=True, slots=True)
class LoadOutcome:
    """What a load did: items new, changed (a new version), unchanged, withdrawn."""

    new: int
    changed: int
    unchanged: int
    withdrawn: int


@dataclass(frozen=True, slots=True)
class StoredItem:
    """A version of an item with its number in the database."""

    version_id: int
    item: Item


@dataclass(frozen=True, slots=True)
class StoredBank:
    """All current versions. cases: id -> (id of the case version, case with its items)."""

    bank: Bank
    version_ids: Mapping[str, int]
    cases: Mapping[str, tuple[int, Case]]
    confirmed: frozenset[str]

    def items(self) -> Iterator[StoredItem]:
        """Every current item with its version."""
        for item in self.bank.all_items():
            yield StoredItem(self.version_ids[item.id], item)


def criteria() -> Criteria:
    """The trees of criteria and topics of this site."""
    found: Criteria = current_app.extensions["criteria"]
    return found


def load_content(
    session: Session, content: LoadedContent, *, origin: str, now: datetime, author_id: int | None = None
) -> LoadOutcome:
    """Content becomes current: unchanged items keep their version, changed ones get the next one.

    origin: "shipped" content is whole, so that what it no longer holds is withdrawn; content of a "base" only adds.
    author_id: who wrote it, and so may not confirm it.
    Raises Refused when an id belongs to the other origin.
    """
    _one_load_at_a_time(session)
    present = {
        row.item_id: row for row in session.scalars(select(ItemVersion).where(ItemVersion.superseded_at.is_(None)))
    }
    items = content.bank.all_items()
    _refuse_foreign_ids(content.bank, present, origin)
    for case in content.bank.cases:
        _load_case(session, case, now)
    source = _Source(origin, author_id, now)
    tally = Counter(_load_item(session, item, present.get(item.id), source) for item in items)
    withdrawn = 0
    if origin == "shipped":
        gone = {v.item_id for v in present.values() if v.origin == origin} - {item.id for item in items}
        withdrawn = _withdraw(session, gone, now)
    for blueprint in content.blueprints:
        _load_blueprint(session, blueprint, source)
    session.flush()
    return LoadOutcome(tally["new"], tally["changed"], tally["unchanged"], withdrawn)


def _one_load_at_a_time(session: Session) -> None:
    # SQLite has one writer anyway; elsewhere a second load waits here and then sees what the first one loaded
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE item_version IN SHARE ROW EXCLUSIVE MODE"))


def _refuse_foreign_ids(bank: Bank, present: Mapping[str, ItemVersion], origin: str) -> None:
    others = {version.item_id for version in present.values() if version.origin != origin}
    others |= {version.case_id for version in present.values() if version.origin != origin and version.case_id}
    ids = {item.id for item in bank.all_items()} | {case.id for case in bank.cases}
    foreign = sorted(others & ids)
    if foreign:
        raise Refused(_foreign(foreign))


def _foreign(ids: list[str]) -> object:
    return _l("These ids already belong to other content: %(ids)s. Choose other ids.", ids=", ".join(ids[:10]))


@dataclass(frozen=True, slots=True)
class _Source:
    origin: str
    author_id: int | None
    at: datetime


def _load_item(session: Session, item: Item, present: ItemVersion | None, source: _Source) -> str:
    digest = content_hash(item)
    if present is not None and present.content_hash == digest:
        return "unchanged"
    if present is not None:
        present.superseded_at = source.at
        session.flush()
    last = session.scalar(select(func.max(ItemVersion.number)).where(ItemVersion.item_id == item.id)) or 0
    version = ItemVersion(
        item_id=item.id,
        number=last + 1,
        content_hash=digest,
        origin=source.origin,
        kind=item.kind.value,
        level=item.level.value,
        points=item.points,
        public=item.public,
        certainty=item.certainty.value,
        effective_from=item.effective_from,
        effective_to=item.effective_to,
        case_id=item.case,
        body=item_to_json(item),
        author_id=source.author_id,
        loaded_at=source.at,
    )
    session.add(version)
    session.flush()
    session.execute(insert(ItemCode), [{"item_version_id": version.id, "code": code} for code in item.codes])
    return "changed" if last else "new"


def _load_case(session: Session, case: Case, now: datetime) -> None:
    digest = content_hash(case)
    present = session.scalar(
        select(CaseVersion).where(CaseVersion.case_id == case.id, CaseVersion.superseded_at.is_(None))
    )
    if present is not None and present.content_hash == digest:
        return
    if present is not None:
        present.superseded_at = now
        session.flush()
    last = session.scalar(select(func.max(CaseVersion.number)).where(CaseVersion.case_id == case.id)) or 0
    session.add(
        CaseVersion(case_id=case.id, number=last + 1, content_hash=digest, body=case_to_json(case), loaded_at=now)
    )
    session.flush()


def _load_blueprint(session: Session, blueprint: Blueprint, source: _Source) -> None:
    digest = content_hash(blueprint)
    table = BlueprintVersion
    present = session.scalar(select(table).where(table.blueprint_id == blueprint.id, table.superseded_at.is_(None)))
    if present is not None and present.content_hash == digest:
        return
    if present is not None and present.origin != source.origin:
        raise Refused(_foreign([blueprint.id]))
    if present is not None:
        present.superseded_at = source.at
        session.flush()
    last = session.scalar(select(func.max(table.number)).where(table.blueprint_id == blueprint.id)) or 0
    session.add(
        BlueprintVersion(
            blueprint_id=blueprint.id,
            number=last + 1,
            content_hash=digest,
            origin=source.origin,
            purpose=blueprint.purpose.value,
            body=blueprint_to_json(blueprint),
            loaded_at=source.at,
        )
    )
    session.flush()


def _withdraw(session: Session, gone: Iterable[str], now: datetime) -> int:
    ids = sorted(gone)
    session.execute(
        update(ItemVersion)
        .where(ItemVersion.item_id.in_(ids), ItemVersion.superseded_at.is_(None))
        .values(superseded_at=now)
    )
    return len(ids)


class _Versions:
    """Parsed bodies by version number. A version never changes, so what was parsed once stays true."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._items: dict[str, Item] = {}
        self._bank: tuple[tuple[object, ...], StoredBank] | None = None

    def item(self, digest: str, body: Mapping[str, object]) -> Item:
        found = self._items.get(digest)
        if found is None:
            found = self._items.setdefault(digest, item_from_json(body))
        return found

    def bank(self, session: Session) -> StoredBank:
        revision = _revision(session)
        with self._lock:
            if self._bank is None or self._bank[0] != revision:
                self._bank = (revision, _read_bank(session))
            return self._bank[1]


def _revision(session: Session) -> tuple[object, ...]:
    versions = session.execute(
        select(func.max(ItemVersion.id), func.count()).where(ItemVersion.superseded_at.is_(None))
    ).one()
    cases = session.scalar(select(func.max(CaseVersion.id)).where(CaseVersion.superseded_at.is_(None)))
    confirmations = session.scalar(select(func.count()).select_from(ItemConfirmation))
    return (str(session.get_bind().engine.url), *versions, cases, confirmations)


_VERSIONS = _Versions()


def current_bank(session: Session) -> StoredBank:
    """All current items and cases, parsed once a revision of the bank."""
    return _VERSIONS.bank(session)


def _read_bank(session: Session) -> StoredBank:
    rows = session.execute(
        select(ItemVersion.id, ItemVersion.item_id, ItemVersion.content_hash, ItemVersion.body, ItemConfirmation)
        .outerjoin(ItemConfirmation, ItemConfirmation.item_version_id == ItemVersion.id)
        .where(ItemVersion.superseded_at.is_(None))
        .order_by(ItemVersion.item_id)
    ).all()
    items = {row.item_id: _VERSIONS.item(row.content_hash, row.body) for row in rows}
    cases = {}
    for row in session.execute(
        select(CaseVersion).where(CaseVersion.superseded_at.is_(None)).order_by(CaseVersion.case_id)
    ).scalars():
        case = case_from_json(row.body)
        if all(item.id in items for item in case.items):
            cases[row.case_id] = (row.id, case)
    return StoredBank(
        bank=Bank(
            items=tuple(item for item in items.values() if item.case is None),
            cases=tuple(case for _, case in cases.values()),
        ),
        version_ids={row.item_id: row.id for row in rows},
        cases=cases,
        confirmed=frozenset(row.item_id for row in rows if row.ItemConfirmation is not None),
    )


def item_versions(session: Session, version_ids: Iterable[int]) -> dict[int, Item]:
    """The items of these versions, current or not."""
    rows = session.execute(
        select(ItemVersion.id, ItemVersion.content_hash, ItemVersion.body).where(ItemVersion.id.in_(list(version_ids)))
    )
    return {row.id: _VERSIONS.item(row.content_hash, row.body) for row in rows}


def case_versions(session: Session, version_ids: Iterable[int]) -> dict[int, Case]:
    """The cases of these versions, current or not."""
    rows = session.execute(select(CaseVersion.id, CaseVersion.body).where(CaseVersion.id.in_(list(version_ids))))
    return {row.id: case_from_json(row.body) for row in rows}


def blueprint_for(session: Session, purpose: str) -> tuple[int, Blueprint] | None:
    """The newest current blueprint for `purpose` with its version number in the database, or None."""
    row = session.scalars(
        select(BlueprintVersion)
        .where(BlueprintVersion.purpose == purpose, BlueprintVersion.superseded_at.is_(None))
        .order_by(BlueprintVersion.id.desc())
    ).first()
    return (row.id, blueprint_from_json(row.body)) if row else None


def bank_findings(session: Session) -> Iterator[Finding]:
    """Every version whose body is no longer what its hash says."""
    rows = session.execute(
        select(ItemVersion.item_id, ItemVersion.number, ItemVersion.content_hash, ItemVersion.body),
        execution_options={"yield_per": 500},
    )
    for row in rows:
        if not _is_as_loaded(row.body, row.content_hash):
            yield Finding("bank", f"item {row.item_id} version {row.number}", "was changed after it was loaded")


def _is_as_loaded(body: Mapping[str, object], digest: str) -> bool:
    try:
        return content_hash(item_from_json(body)) == digest
    except Exception:  # noqa: BLE001 - whatever cannot be read as an item any more was changed
        return False


def bank_health() -> dict[str, object]:
    """How many current items the bank holds; "down" when it holds none."""
    count = read_session().scalar(
        select(func.count()).select_from(ItemVersion).where(ItemVersion.superseded_at.is_(None))
    )
    return {"state": "up" if count else "down", "items": count}

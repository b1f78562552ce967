"""The bank as it stands: what may be drawn, versions of items and cases, blueprints, criteria."""

import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from flask import current_app
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from question_bank.blueprint import Blueprint
from question_bank.criteria import Criteria
from question_bank.items import Bank, Case, Item
from question_bank.serialising import blueprint_from_json, case_from_json, item_from_json
from training_app.bank.models import BlueprintVersion, CaseVersion, ItemReview, ItemVersion
from training_app.bank.rules import standing_of
from training_app.db import Asks

FETCHED_AT_ONCE = 500
"""Bodies of items that one statement reads: a database takes so many parameters and no more."""


@dataclass(frozen=True, slots=True)
class StoredItem:
    """A version of an item with its number in the database."""

    version_id: int
    item: Item


@dataclass(frozen=True, slots=True)
class StoredBank:
    """All current versions that may be drawn. cases: id -> (id of the case version, case with its items).

    confirmed: ids of items that a reviewer confirmed as they stand. set_aside: ids of items that were returned or
    retired, with which of the two; they are not in the bank, nor is a case with one of them.
    """

    bank: Bank
    version_ids: Mapping[str, int]
    cases: Mapping[str, tuple[int, Case]]
    confirmed: frozenset[str]
    set_aside: Mapping[str, str]

    def items(self) -> Iterator[StoredItem]:
        """Every current item with its version."""
        for item in self.bank.all_items():
            yield StoredItem(self.version_ids[item.id], item)


def criteria() -> Criteria:
    """The trees of criteria and topics of this site."""
    found: Criteria = current_app.extensions["criteria"]
    return found


class _Versions:
    """Parsed bodies by version number. A version never changes, so what was parsed once stays true."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._items: dict[str, Item] = {}
        self._bank: tuple[tuple[object, ...], StoredBank] | None = None

    def items(self, session: Asks, digests: Mapping[int, str]) -> dict[int, Item]:
        """The items of these versions (number -> content hash); only bodies not seen before are fetched."""
        unseen = [version for version, digest in digests.items() if digest not in self._items]
        for start in range(0, len(unseen), FETCHED_AT_ONCE):
            part = unseen[start : start + FETCHED_AT_ONCE]
            rows = session.execute(select(ItemVersion.content_hash, ItemVersion.body).where(ItemVersion.id.in_(part)))
            for row in rows:
                self._items.setdefault(row.content_hash, item_from_json(row.body))
        return {version: self._items[digest] for version, digest in digests.items()}

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
    reviews = session.scalar(select(func.count()).select_from(ItemReview))
    return (str(session.get_bind().engine.url), *versions, cases, reviews)


_VERSIONS = _Versions()


def current_bank(session: Session) -> StoredBank:
    """All current items and cases that may be drawn, parsed once a revision of the bank."""
    return _VERSIONS.bank(session)


def _read_bank(session: Session) -> StoredBank:
    rows = session.execute(
        select(ItemVersion.id, ItemVersion.item_id, ItemVersion.content_hash)
        .where(ItemVersion.superseded_at.is_(None))
        .order_by(ItemVersion.item_id)
    ).all()
    acts: dict[int, set[str]] = {}
    for review in session.execute(select(ItemReview.item_version_id, ItemReview.act)):
        acts.setdefault(review.item_version_id, set()).add(review.act)
    standing = {row.item_id: standing_of(acts.get(row.id, set())) for row in rows}
    set_aside = {item: state for item, state in standing.items() if state in {"returned", "retired"}}
    parsed = _VERSIONS.items(session, {row.id: row.content_hash for row in rows})
    items = {row.item_id: parsed[row.id] for row in rows if row.item_id not in set_aside}
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
        version_ids={row.item_id: row.id for row in rows if row.item_id in items},
        cases=cases,
        confirmed=frozenset(item for item, state in standing.items() if state == "confirmed"),
        set_aside=set_aside,
    )


def item_versions(session: Asks, version_ids: Iterable[int]) -> dict[int, Item]:
    """The items of these versions, current or not."""
    rows = session.execute(
        select(ItemVersion.id, ItemVersion.content_hash).where(ItemVersion.id.in_(list(version_ids)))
    )
    return _VERSIONS.items(session, {row.id: row.content_hash for row in rows})


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

"""Content becomes versions in the database: unchanged items keep theirs, changed ones get the next, nothing is lost."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.orm import Session

from question_bank.blueprint import Blueprint
from question_bank.items import Bank, Case, Item
from question_bank.loading import LoadedContent
from question_bank.serialising import blueprint_to_json, case_to_json, content_hash, item_to_json
from training_app.bank.models import BlueprintVersion, CaseVersion, ItemCode, ItemVersion
from training_app.errors import Refused


@dataclass(frozen=True, slots=True)
class LoadOutcome:
    """What a load did: items new, changed (a new version), unchanged, withdrawn."""

    new: int
    changed: int
    unchanged: int
    withdrawn: int


@dataclass(frozen=True, slots=True)
class Source:
    """Where content comes from. origin: "shipped" or "base". author_id, loaded_by: who may not review what is new."""

    origin: str
    at: datetime
    author_id: int | None = None
    loaded_by: int | None = None


def load_content(
    session: Session,
    content: LoadedContent,
    *,
    origin: str,
    now: datetime,
    author_id: int | None = None,
    loaded_by: int | None = None,
) -> LoadOutcome:
    """Content becomes current: unchanged items keep their version, changed ones get the next one.

    origin: "shipped" content is whole, so that what it no longer holds is withdrawn; content of a "base" only adds.
    An item whose case reads otherwise is changed with it: what was reviewed is the item beside its case.
    Raises Refused when an id belongs to the other origin.
    """
    source = Source(origin, now, author_id, loaded_by)
    one_load_at_a_time(session)
    present = current_versions(session)
    items = content.bank.all_items()
    _refuse_foreign_ids(content.bank, present.values(), origin)
    numbers = last_numbers(session)
    fates = fates_of(session, content.bank, present, numbers)
    for case in content.bank.cases:
        _load_case(session, case, now)
    gone = _absent(present, items) if origin == "shipped" else []
    _supersede(session, [*gone, *(item for item, fate in fates.items() if fate == "changed")], now)
    _add_versions(session, [item for item in items if fates[item.id] != "unchanged"], numbers, source)
    for blueprint in content.blueprints:
        _load_blueprint(session, blueprint, source)
    session.flush()
    tally = Counter(fates.values())
    return LoadOutcome(tally["new"], tally["changed"], tally["unchanged"], len(gone))


def current_versions(session: Session) -> dict[str, Any]:
    """Item id -> its current version as a row: item_id, id, number, content_hash, origin, case_id, author_id."""
    table = ItemVersion
    rows = session.execute(
        select(
            table.item_id, table.id, table.number, table.content_hash, table.origin, table.case_id, table.author_id
        ).where(table.superseded_at.is_(None))
    )
    return {row.item_id: row for row in rows}


def last_numbers(session: Session) -> dict[str, int]:
    """Item id -> the number of its newest version, withdrawn or not."""
    rows = session.execute(select(ItemVersion.item_id, func.max(ItemVersion.number)).group_by(ItemVersion.item_id))
    return {row[0]: row[1] for row in rows}


def fates_of(session: Session, bank: Bank, present: Mapping[str, Any], numbers: Mapping[str, int]) -> dict[str, str]:
    """Item id -> "new", "changed" or "unchanged" when this bank is loaded over the versions there are."""
    reworded = {case.id for case in bank.cases if _reads_otherwise(session, case)}
    return {
        item.id: "unchanged"
        if _is_as_it_was(item, present.get(item.id)) and item.case not in reworded
        else "changed"
        if item.id in numbers
        else "new"
        for item in bank.all_items()
    }


def _is_as_it_was(item: Item, present: Any) -> bool:
    return present is not None and present.content_hash == content_hash(item)


def _reads_otherwise(session: Session, case: Case) -> bool:
    body = session.scalar(
        select(CaseVersion.body).where(CaseVersion.case_id == case.id, CaseVersion.superseded_at.is_(None))
    )
    return body is not None and _stimulus(body) != _stimulus(case_to_json(case))


def _stimulus(body: Mapping[str, object]) -> dict[str, object]:
    return {key: value for key, value in body.items() if key != "items"}


def one_load_at_a_time(session: Session) -> None:
    """Until the end of this transaction nobody else loads content."""
    # SQLite has one writer anyway; elsewhere a second load waits here and then sees what the first one loaded
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE item_version IN SHARE ROW EXCLUSIVE MODE"))


def foreign_ids(bank: Bank, present: Iterable[Any], origin: str) -> list[str]:
    """Ids of the bank that content of the other origin holds."""
    others = {version.item_id for version in present if version.origin != origin}
    others |= {version.case_id for version in present if version.origin != origin and version.case_id}
    ids = {item.id for item in bank.all_items()} | {case.id for case in bank.cases}
    return sorted(others & ids)


def _refuse_foreign_ids(bank: Bank, present: Iterable[Any], origin: str) -> None:
    foreign = foreign_ids(bank, list(present), origin)
    if foreign:
        raise Refused(_foreign(foreign))


def _foreign(ids: list[str]) -> object:
    return _l("These ids already belong to other content: %(ids)s. Choose other ids.", ids=", ".join(ids[:10]))


def _absent(present: Mapping[str, Any], items: Iterable[Item]) -> list[str]:
    held = {item.id for item in items}
    return sorted(item for item, version in present.items() if version.origin == "shipped" and item not in held)


def _supersede(session: Session, ids: Iterable[str], now: datetime) -> None:
    session.execute(
        update(ItemVersion)
        .where(ItemVersion.item_id.in_(sorted(ids)), ItemVersion.superseded_at.is_(None))
        .values(superseded_at=now)
    )


def _add_versions(session: Session, items: list[Item], numbers: Mapping[str, int], source: Source) -> None:
    versions = [_version(item, numbers.get(item.id, 0) + 1, source) for item in items]
    session.add_all(versions)
    session.flush()
    codes = [
        {"item_version_id": version.id, "code": code}
        for version, item in zip(versions, items, strict=True)
        for code in item.codes
    ]
    if codes:
        session.execute(insert(ItemCode), codes)


def _version(item: Item, number: int, source: Source) -> ItemVersion:
    return ItemVersion(
        item_id=item.id,
        number=number,
        content_hash=content_hash(item),
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
        loaded_by=source.loaded_by,
        loaded_at=source.at,
    )


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


def _load_blueprint(session: Session, blueprint: Blueprint, source: Source) -> None:
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

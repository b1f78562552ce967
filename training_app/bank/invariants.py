"""What must always hold of the bank, and its part of `/healthz`."""

from collections.abc import Iterator, Mapping

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from question_bank.serialising import content_hash, item_from_json
from training_app.bank.models import ItemReview, ItemVersion
from training_app.registry import Finding
from training_app.web.requests import read_session


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


def review_findings(session: Session) -> Iterator[Finding]:
    """Every review by somebody who wrote or loaded that version of the item."""
    rows = session.execute(
        select(ItemVersion.item_id, ItemVersion.number)
        .join(ItemReview, ItemReview.item_version_id == ItemVersion.id)
        .where(or_(ItemReview.reviewer_id == ItemVersion.author_id, ItemReview.reviewer_id == ItemVersion.loaded_by))
        .order_by(ItemVersion.id)
    )
    for row in rows:
        yield Finding("reviews", f"item {row.item_id} version {row.number}", "was reviewed by its author or loader")

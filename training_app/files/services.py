"""Keeping assets for their owners, and letting them go.

The row of an asset is written, and with it locked, before its file; whoever deletes a file holds the same lock. So a
file is never deleted while somebody begins to use it, and a crash in between leaves at most a file for the sweep.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update
from sqlalchemy.orm import Session

from training_app.errors import NotFound, Refused
from training_app.files.models import Asset, AssetUse
from training_app.files.pictures import photograph
from training_app.files.store import Store, digest_of
from training_app.upserts import insert_into

LONGEST_SIDE: Final = {"photo": 900}
"""In pixels, by purpose."""

AT_ONCE: Final = 200
"""Assets that one turn lets go, so that it never holds others up for long."""

ORPHAN_AFTER: Final = timedelta(hours=1)
"""A file without a row is somebody's who is just writing it, until it is this old."""

NO_PICTURE = _l("There is no picture any more.")


@dataclass(frozen=True, slots=True)
class Owner:
    """For what an asset is kept. kind and id: the table and row of the package that decides who may see it."""

    purpose: str
    kind: str
    id: int


@dataclass(frozen=True, slots=True)
class Upload:
    """A picture as it was handed in. by: the person who did. keep_until: None as long as the owner keeps it."""

    content: bytes
    by: int | None
    keep_until: datetime | None


def keep_picture(session: Session, store: Store, owner: Owner, upload: Upload, *, now: datetime) -> AssetUse:
    """The picture, scaled and written anew, is the owner's one for the purpose; a former one is no longer.

    Raises NotAPicture with the reason, Refused when the folder of files is full. To be called last in a transaction:
    the file is there before the commit, and no other upload of the same picture goes on until then.
    """
    picture = photograph(upload.content, longest_side=LONGEST_SIDE[owner.purpose])
    digest = digest_of(picture.content)
    held = session.scalar(select(func.coalesce(func.sum(Asset.size), 0)).where(Asset.digest != digest)) or 0
    if held + len(picture.content) > store.quota_bytes:
        raise Refused(_l("The site's room for pictures is used up. Ask the administrator of your base."))
    row = insert_into(session, Asset).values(
        digest=digest,
        media_type=picture.media_type,
        size=len(picture.content),
        width=picture.width,
        height=picture.height,
        created_at=now,
    )
    session.execute(row.on_conflict_do_update(index_elements=["digest"], set_={"size": row.excluded.size}))
    store.put(picture.content)
    use = insert_into(session, AssetUse).values(
        digest=digest,
        purpose=owner.purpose,
        owner_kind=owner.kind,
        owner_id=owner.id,
        keep_until=upload.keep_until,
        by=upload.by,
        at=now,
    )
    changed = {name: use.excluded[name] for name in ("digest", "keep_until", "by", "at")}
    session.execute(use.on_conflict_do_update(index_elements=["purpose", "owner_kind", "owner_id"], set_=changed))
    return session.scalars(select(AssetUse).where(_of(owner)).execution_options(populate_existing=True)).one()


def use_of(session: Session, owner: Owner, now: datetime) -> AssetUse | None:
    """What is kept for the owner and not yet over; None when nothing is."""
    return session.scalar(select(AssetUse).where(_of(owner), _still_kept(now)))


def required_use_of(session: Session, owner: Owner, now: datetime) -> AssetUse:
    """What is kept for the owner. Raises NotFound when nothing is, or its time is over."""
    found = use_of(session, owner, now)
    if found is None:
        raise NotFound(NO_PICTURE)
    return found


def keep_until(session: Session, owner: Owner, until: datetime | None) -> None:
    """What is kept for the owner is kept until then, None: as long as the owner keeps it."""
    session.execute(update(AssetUse).where(_of(owner)).values(keep_until=until))


def drop(session: Session, owner: Owner) -> bool:
    """Whether something was kept for the owner. It can be seen no more; its file goes with the next turn."""
    dropped = session.execute(delete(AssetUse).where(_of(owner)).returning(AssetUse.id)).first()
    return dropped is not None


def drop_expired(session: Session, now: datetime) -> int:
    """How many uses ended because their time is over."""
    return len(session.execute(delete(AssetUse).where(AssetUse.keep_until <= now).returning(AssetUse.id)).all())


def delete_unused(session: Session, store: Store) -> int:
    """How many assets were deleted, row and file, because nobody uses them any more."""
    unused = select(Asset.digest).where(~_is_used()).order_by(Asset.digest).limit(AT_ONCE)
    deleted = 0
    for digest in session.scalars(unused).all():
        # with the row locked nobody begins to use it; who did so before is seen by the second look
        if session.scalar(select(Asset.digest).where(Asset.digest == digest).with_for_update()) is None:
            continue
        gone = session.execute(delete(Asset).where(Asset.digest == digest, ~_is_used()).returning(Asset.digest)).first()
        if gone is not None:
            store.remove(digest)
            deleted += 1
    return deleted


def sweep(session: Session, store: Store, now: datetime) -> int:
    """How many files were removed that no row knows of, as a crash between file and row leaves them."""
    before = (now - ORPHAN_AFTER).timestamp()
    old = [digest for digest, written_at in store.kept() if written_at < before]
    known = _known(session, old)
    orphans = [digest for digest in old if digest not in known][:AT_ONCE]
    removed = store.remove_unfinished(before)
    for digest in orphans:
        # a row of our own holds off whoever wants to keep the same picture just now; who was first keeps it
        row = insert_into(session, Asset).values(
            digest=digest, media_type="", size=1, width=0, height=0, created_at=now
        )
        ours = session.execute(row.on_conflict_do_nothing().returning(Asset.digest)).first()
        if ours is not None:
            store.remove(digest)
            session.execute(delete(Asset).where(Asset.digest == digest))
            removed += 1
    return removed


def _known(session: Session, digests: Iterable[str]) -> set[str]:
    wanted = list(digests)
    found: set[str] = set()
    for start in range(0, len(wanted), 500):
        found.update(session.scalars(select(Asset.digest).where(Asset.digest.in_(wanted[start : start + 500]))))
    return found


def _is_used() -> ColumnElement[bool]:
    return select(AssetUse.id).where(AssetUse.digest == Asset.digest).exists()


def _of(owner: Owner) -> ColumnElement[bool]:
    return and_(AssetUse.purpose == owner.purpose, AssetUse.owner_kind == owner.kind, AssetUse.owner_id == owner.id)


def _still_kept(now: datetime) -> ColumnElement[bool]:
    return or_(AssetUse.keep_until.is_(None), AssetUse.keep_until > now)

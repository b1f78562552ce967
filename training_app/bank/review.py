"""Confirming secret items 审题: a named reviewer, never the author, compares them with the official text."""

from collections.abc import Sequence
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, insert, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from training_app.audit.services import Act, record
from training_app.bank.models import ItemConfirmation, ItemVersion
from training_app.errors import Conflict, NotAllowed, NotFound
from training_app.people.rules import Holder


def waiting(holder: Holder) -> Select[ItemVersion]:
    """Current secret items that nobody has confirmed and that the person did not write, oldest first."""
    return (
        select(ItemVersion)
        .outerjoin(ItemConfirmation, ItemConfirmation.item_version_id == ItemVersion.id)
        .where(
            ItemVersion.superseded_at.is_(None),
            ItemVersion.public.is_(False),
            ItemConfirmation.item_version_id.is_(None),
            or_(ItemVersion.author_id.is_(None), ItemVersion.author_id != holder.id),
        )
        .order_by(ItemVersion.loaded_at, ItemVersion.item_id)
    )


def waiting_items(session: Session, holder: Holder) -> Sequence[ItemVersion]:
    """The items that wait for this reviewer."""
    return session.scalars(waiting(holder)).all()


def item_for_review(session: Session, holder: Holder, version_id: int) -> ItemVersion:
    """The item when it waits for this reviewer; the author is told so, anything else is NotFound."""
    version = session.scalar(waiting(holder).where(ItemVersion.id == version_id))
    if version is not None:
        return version
    found = session.get(ItemVersion, version_id)
    if found is not None and not found.public and found.author_id == holder.id:
        raise NotAllowed(_l("You wrote this item, so another person confirms it."), act="bank.confirm")
    raise NotFound(_l("This item does not wait for confirmation: it is public, confirmed already, or replaced."))


def confirm(session: Session, holder: Holder, version_id: int, *, address: str, now: datetime) -> ItemVersion:
    """The item version, confirmed in the name of the reviewer. Of two at once one is told that it is done."""
    version = item_for_review(session, holder, version_id)
    try:
        with session.begin_nested():
            session.execute(
                insert(ItemConfirmation).values(item_version_id=version.id, reviewer_id=holder.id, confirmed_at=now)
            )
    except IntegrityError as error:
        raise Conflict(_l("Another reviewer confirmed this item a moment ago.")) from error
    details = {"item": version.item_id, "version": version.number}
    record(session, Act("item.confirmed", "item", version.item_id, holder.id, None, address, details), now)
    return version

"""Reviews of items 审题: a named reviewer, never who wrote or loaded it, compares a version with the official text.

A version is confirmed, returned to its author with a reason, or retired. What is returned or retired is drawn by no
form; the answer to a return is a new version, which waits again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, and_, func, insert, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from training_app.audit.services import Act, record
from training_app.bank.models import ItemReview, ItemVersion
from training_app.bank.rules import ReviewAct, admitted_after, may_review
from training_app.clock import shanghai_day
from training_app.errors import Conflict, NotAllowed, NotFound, Refused
from training_app.people.rules import Holder

NO_ITEM = _l("There is no item with this number in the bank.")


@dataclass(frozen=True, slots=True)
class Review:
    """What a reviewer enters. edition: id of the instrument; place: where in it; looked_on: the day of looking."""

    act: ReviewAct
    reason: str | None = None
    edition: str | None = None
    place: str | None = None
    looked_on: date | None = None


def has_act(*acts: str) -> ColumnElement[bool]:
    """The condition on ItemVersion that one of these acts was done to it."""
    found = select(ItemReview.id).where(ItemReview.item_version_id == ItemVersion.id, ItemReview.act.in_(acts))
    return found.exists()


def in_other_hands(person_id: int) -> ColumnElement[bool]:
    """The condition on ItemVersion that the person neither wrote nor loaded any version of the item."""
    versions = select(ItemVersion.item_id).where(
        or_(ItemVersion.author_id == person_id, ItemVersion.loaded_by == person_id)
    )
    return ItemVersion.item_id.not_in(versions)


def is_open() -> ColumnElement[bool]:
    """The condition on ItemVersion that it is current, secret, and nobody has said anything of it yet."""
    return and_(ItemVersion.superseded_at.is_(None), ItemVersion.public.is_(False), ~has_act(*ReviewAct))


def returned_to(person_id: int) -> ColumnElement[bool]:
    """The condition on ItemVersion that it is current, was returned, and that the person wrote or loaded it."""
    own = or_(ItemVersion.author_id == person_id, ItemVersion.loaded_by == person_id)
    sent_back = and_(has_act(ReviewAct.RETURNED), ~has_act(ReviewAct.RETIRED))
    return and_(ItemVersion.superseded_at.is_(None), own, sent_back)


def waiting(holder: Holder) -> Select[ItemVersion]:
    """Current secret items that nobody has reviewed and that the person neither wrote nor loaded, oldest first."""
    statement = select(ItemVersion).where(is_open(), in_other_hands(holder.id))
    return statement.order_by(ItemVersion.loaded_at, ItemVersion.item_id)


def waiting_items(session: Session, holder: Holder, most: int = 200) -> Sequence[ItemVersion]:
    """The first items that wait for this reviewer, at most so many."""
    return session.scalars(waiting(holder).limit(most)).all()


def waiting_count(session: Session, holder: Holder) -> int:
    """How many items wait for this person; 0 for who is no reviewer."""
    if not holder.may("bank.confirm"):
        return 0
    return session.scalar(select(func.count()).where(is_open(), in_other_hands(holder.id))) or 0


def acts_on(session: Session, version_id: int) -> frozenset[str]:
    """What was done to the version so far."""
    return frozenset(session.scalars(select(ItemReview.act).where(ItemReview.item_version_id == version_id)))


def may_review_item(session: Session, holder: Holder, item_id: str) -> bool:
    """Whether the person may review the item: a reviewer who wrote and loaded no version of it."""
    rows = session.execute(select(ItemVersion.author_id, ItemVersion.loaded_by).where(ItemVersion.item_id == item_id))
    return holder.may("bank.confirm") and may_review(holder.id, [hand for row in rows for hand in row])


def review(
    session: Session, holder: Holder, version: ItemVersion, entered: Review, *, address: str, now: datetime
) -> ItemReview:
    """The act on the version, in the name of the reviewer and in the audit log.

    Raises NotAllowed for who wrote or loaded the item, Conflict when somebody was faster, Refused when it lacks what
    the act needs.
    """
    if not may_review_item(session, holder, version.item_id):
        raise NotAllowed(_l("You wrote or loaded this item, so another person reviews it."), act="bank.confirm")
    _require_complete(entered, shanghai_day(now))
    if version.superseded_at is not None:
        raise Conflict(_l("A newer version of this item is in the bank. Look at that one."))
    if entered.act not in admitted_after(acts_on(session, version.id)):
        raise Conflict(_l("Another act on this version was faster. Look at its history below."))
    try:
        with session.begin_nested():
            made = session.scalars(
                insert(ItemReview)
                .values(
                    item_version_id=version.id,
                    act=entered.act.value,
                    reviewer_id=holder.id,
                    edition=entered.edition,
                    place=entered.place,
                    looked_on=entered.looked_on,
                    reason=entered.reason,
                    at=now,
                )
                .returning(ItemReview)
            ).one()
    except IntegrityError as error:
        raise Conflict(_l("Another act on this version was faster. Look at its history below.")) from error
    _write_down(session, holder, version, entered, address=address, now=now)
    return made


def _require_complete(entered: Review, today: date) -> None:
    if entered.act is not ReviewAct.CONFIRMED:
        if not (entered.reason or "").strip():
            raise Refused(_l("Say why, so that whoever comes next understands."))
        return
    if not (entered.edition and (entered.place or "").strip() and entered.looked_on):
        raise Refused(_l("Name the edition, the place in it and the day on which you looked at it."))
    if entered.looked_on > today:
        raise Refused(_l("The day on which you looked at the text lies in the future."))


def _write_down(
    session: Session, holder: Holder, version: ItemVersion, entered: Review, *, address: str, now: datetime
) -> None:
    details = {
        "version": version.number,
        "edition": entered.edition,
        "place_in_text": entered.place,
        "looked_on": entered.looked_on.isoformat() if entered.looked_on else None,
        "reason": entered.reason,
    }
    told = {key: value for key, value in details.items() if value is not None}
    of_item = ("item", version.item_id, holder.id, None, address, told)
    acts = {
        ReviewAct.CONFIRMED: Act("item.confirmed", *of_item),
        ReviewAct.RETURNED: Act("item.returned", *of_item),
        ReviewAct.RETIRED: Act("item.retired", *of_item),
    }
    record(session, acts[entered.act], now)


def newest_version(session: Session, item_id: str, number: int | None = None) -> ItemVersion:
    """The version of the item with this number, the newest when none is named. NotFound when there is none."""
    statement = select(ItemVersion).where(ItemVersion.item_id == item_id)
    if number is not None:
        statement = statement.where(ItemVersion.number == number)
    found = session.scalars(statement.order_by(ItemVersion.number.desc()).limit(1)).first()
    if found is None:
        raise NotFound(NO_ITEM)
    return found


def note_opening(session: Session, holder: Holder, version: ItemVersion, *, address: str, now: datetime) -> None:
    """It stands in the audit log that the person looked at this secret item, each time anew."""
    details = {"version": version.number}
    record(session, Act("item.opened", "item", version.item_id, holder.id, None, address, details), now)

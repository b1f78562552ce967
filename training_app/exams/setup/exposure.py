"""Where the items of the bank stood: on forms of sittings near in time, at other bases, before whom."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from question_bank.wishes import Wishes
from training_app.bank.models import ItemVersion
from training_app.exams.models import Attempt, FormItem
from training_app.exams.sitting_models import Sitting, SittingForm


def wishes_of(session: Session, sitting: Sitting) -> Wishes:
    """What the forms of the sitting may have in common, with one another and with those of other sittings."""
    return Wishes(
        forms=sitting.form_count,
        anchors=sitting.anchors if sitting.form_count > 1 else 0,
        overlap=sitting.overlap if sitting.form_count > 1 else 0,
        exposed=_exposed(session, sitting) if sitting.exposure_cap is not None else {},
        cap=sitting.exposure_cap,
        elsewhere=_elsewhere(session, sitting),
    )


def _near(statement: Any, sitting: Sitting) -> Any:
    """Of forms that stand: those of other sittings that took or take place at most `exposure_days` before or after."""
    span = timedelta(days=sitting.exposure_days)
    return (
        statement.join(FormItem, FormItem.form_id == SittingForm.form_id)
        .join(ItemVersion, ItemVersion.id == FormItem.item_version_id)
        .join(Sitting, Sitting.id == SittingForm.sitting_id)
        .where(
            Sitting.id != sitting.id,
            Sitting.state != "cancelled",
            Sitting.rehearsal.is_(False),
            SittingForm.given_up.is_(False),
            Sitting.in_force_on.between(sitting.in_force_on - span, sitting.in_force_on + span),
        )
    )


def _exposed(session: Session, sitting: Sitting) -> dict[str, int]:
    rows = session.execute(
        _near(select(ItemVersion.item_id, func.count().label("forms")).select_from(SittingForm), sitting).group_by(
            ItemVersion.item_id
        )
    )
    return {row.item_id: row.forms for row in rows}


def _elsewhere(session: Session, sitting: Sitting) -> tuple[tuple[frozenset[str], int], ...]:
    if sitting.base_overlap is None:
        return ()
    rows = session.execute(
        _near(select(SittingForm.form_id, ItemVersion.item_id), sitting)
        .where(Sitting.base_id != sitting.base_id)
        .order_by(SittingForm.form_id)
    )
    forms: dict[int, set[str]] = defaultdict(set)
    for row in rows:
        forms[row.form_id].add(row.item_id)
    return tuple((frozenset(items), sitting.base_overlap) for items in forms.values())


def seen_before(session: Session, people: Collection[int], forms: Collection[int]) -> Mapping[int, Mapping[int, int]]:
    """Person -> form -> how many of its items, in whatever version, stood on a paper that the person began before."""
    began = (
        select(Attempt.person_id, ItemVersion.item_id)
        .join(FormItem, FormItem.form_id == Attempt.form_id)
        .join(ItemVersion, ItemVersion.id == FormItem.item_version_id)
        .where(Attempt.person_id.in_(people), Attempt.kind == "sitting", Attempt.started_at.is_not(None))
        .distinct()
        .subquery()
    )
    rows = session.execute(
        select(began.c.person_id, FormItem.form_id, func.count().label("items"))
        .join(ItemVersion, ItemVersion.item_id == began.c.item_id)
        .join(FormItem, FormItem.item_version_id == ItemVersion.id)
        .where(FormItem.form_id.in_(forms))
        .group_by(began.c.person_id, FormItem.form_id)
    )
    found: dict[int, dict[int, int]] = defaultdict(dict)
    for row in rows:
        found[row.person_id][row.form_id] = row.items
    return found

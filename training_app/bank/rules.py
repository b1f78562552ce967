"""What reviews of an item come to, and who may make them. Pure decisions."""

from collections.abc import Collection, Iterable
from enum import StrEnum
from typing import Final


class ReviewAct(StrEnum):
    """What a reviewer does with a version of an item: 确认, 退回, 停用."""

    CONFIRMED = "confirmed"
    RETURNED = "returned"
    RETIRED = "retired"


OPEN: Final = "open"
"""Nobody has said anything of the version yet."""

WITHDRAWN: Final = "withdrawn"
"""The item is no longer in the bank; its versions stay."""


def standing_of(acts: Collection[str]) -> str:
    """What the acts on a version come to: the gravest of them counts, "open" when there is none."""
    for act in (ReviewAct.RETIRED, ReviewAct.RETURNED, ReviewAct.CONFIRMED):
        if act in acts:
            return act
    return OPEN


def admitted_after(acts: Collection[str]) -> tuple[ReviewAct, ...]:
    """The acts that a reviewer may add: a confirmed version can still be returned, a retired one is past everything."""
    standing = standing_of(acts)
    return {
        OPEN: (ReviewAct.CONFIRMED, ReviewAct.RETURNED, ReviewAct.RETIRED),
        ReviewAct.CONFIRMED: (ReviewAct.RETURNED, ReviewAct.RETIRED),
        ReviewAct.RETURNED: (ReviewAct.RETIRED,),
        ReviewAct.RETIRED: (),
    }[standing]


def may_review(person_id: int, hands: Iterable[int | None]) -> bool:
    """Whether a person may review an item. hands: ids of all who wrote or loaded one of its versions."""
    return person_id not in set(hands)

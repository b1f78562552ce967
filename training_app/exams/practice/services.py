"""Practice 模拟练习: which item comes next, what was answered, how far one has come by criterion."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from question_bank.blueprint import Purpose, eligible
from question_bank.criteria import Criteria
from question_bank.items import Item
from question_bank.scoring import is_empty, score
from training_app.bank.models import ItemVersion
from training_app.bank.services import StoredBank, StoredItem, item_versions
from training_app.errors import NotFound, Refused
from training_app.exams.models import PracticeAnswer
from training_app.exams.raw import parsed
from training_app.people.reach import LARGEST_ID
from training_app.people.rules import Holder

WEAK: Final = "weak"
"""The scope "my weak points" beside the codes of criteria and topics."""

WEAK_BELOW_PERCENT: Final = 60


@dataclass(frozen=True, slots=True)
class LastAnswer:
    """The newest answer to an item: points out of maximum."""

    points: int
    maximum: int
    answered_at: datetime

    @property
    def right(self) -> bool:
        """Whether it earned every point."""
        return self.points == self.maximum


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one has come in a scope: items there are, answered, right the last time, and points of last answers."""

    items: int
    answered: int
    right: int
    points: int
    maximum: int

    @property
    def percent(self) -> int | None:
        """Share of points of the last answers in percent; None before the first answer."""
        return self.points * 100 // self.maximum if self.maximum else None

    @property
    def weak(self) -> bool:
        """Whether the share is below the line of weak points."""
        return self.percent is not None and self.percent < WEAK_BELOW_PERCENT


def pool_of(bank: StoredBank, day: date) -> dict[str, StoredItem]:
    """Items that practice may show on `day`: public ones, historical ones too, never secret ones."""
    return {
        stored.item.id: stored
        for stored in bank.items()
        if eligible(stored.item, Purpose.PRACTICE, day, demonstration=False, confirmed=False) is None
    }


def in_scope(pool: Mapping[str, StoredItem], scope: str, criteria: Criteria) -> list[StoredItem]:
    """The items of the pool that count for the code `scope` or anything below it."""
    if scope not in criteria:
        raise NotFound(_l("There is no such criterion. Choose one from the list."))
    codes = {scope, *(node.code for node in criteria.below(scope))}
    return [stored for stored in pool.values() if not codes.isdisjoint(stored.item.codes)]


def last_answers(session: Session, person_id: int) -> dict[str, LastAnswer]:
    """The newest answer of the person to each item, by item id; versions of an item count as one."""
    newest = (
        select(func.max(PracticeAnswer.id))
        .join(ItemVersion, ItemVersion.id == PracticeAnswer.item_version_id)
        .where(PracticeAnswer.person_id == person_id)
        .group_by(ItemVersion.item_id)
    )
    rows = session.execute(
        select(ItemVersion.item_id, PracticeAnswer.points, PracticeAnswer.maximum, PracticeAnswer.answered_at)
        .join(ItemVersion, ItemVersion.id == PracticeAnswer.item_version_id)
        .where(PracticeAnswer.id.in_(newest))
    )
    return {row.item_id: LastAnswer(row.points, row.maximum, row.answered_at) for row in rows}


def progress_in(items: Iterable[StoredItem], answers: Mapping[str, LastAnswer]) -> Progress:
    """How far `answers` go in `items`."""
    ids = [stored.item.id for stored in items]
    given = [answers[item_id] for item_id in ids if item_id in answers]
    return Progress(
        items=len(ids),
        answered=len(given),
        right=sum(answer.right for answer in given),
        points=sum(answer.points for answer in given),
        maximum=sum(answer.maximum for answer in given),
    )


def weak_items(
    pool: Mapping[str, StoredItem], answers: Mapping[str, LastAnswer], criteria: Criteria, day: date
) -> list[StoredItem]:
    """Items in force that were not fully right the last time, and the unanswered rest of sections below the line."""
    in_force = {key: stored for key, stored in pool.items() if stored.item.in_force_on(day)}
    by_section: dict[str, list[StoredItem]] = defaultdict(list)
    for stored in in_force.values():
        for section in {criteria.section_of(code) for code in stored.item.codes}:
            by_section[section].append(stored)
    weak = {stored.item.id for key, stored in in_force.items() if key in answers and not answers[key].right}
    for items in by_section.values():
        if progress_in(items, answers).weak:
            weak.update(stored.item.id for stored in items if stored.item.id not in answers)
    return [in_force[key] for key in in_force if key in weak]


def next_item(
    candidates: Iterable[StoredItem], answers: Mapping[str, LastAnswer], *, seed: str, after: str | None = None
) -> StoredItem | None:
    """What to practise next: never answered, else wrong the last time, else answered longest ago.

    seed: parts the order of persons. after: id of the item just answered, which comes again only when it is the only
    one. A case goes on to its end.
    """
    found = list(candidates)
    case_after = next((s.item.case for s in found if s.item.id == after), None)

    def order(stored: StoredItem) -> tuple[object, ...]:
        answer = answers.get(stored.item.id)
        rank = 0 if answer is None else 1 if not answer.right else 2
        leaves_case = case_after is None or stored.item.case != case_after
        when = answer.answered_at.timestamp() if answer else 0.0
        drawn = hashlib.sha256(f"{seed}/{stored.item.case or stored.item.id}".encode()).hexdigest()
        return rank, leaves_case, when, drawn, stored.item.id

    others = [stored for stored in found if stored.item.id != after]
    return min(others or found, key=order, default=None)


@dataclass(frozen=True, slots=True)
class Answering:
    """An answer to a practice item. nonce: of the page it was given on; a resend carries the same."""

    version_id: int
    nonce: str
    raw: object


def answer(session: Session, holder: Holder, given: Answering, *, day: date, now: datetime) -> PracticeAnswer:
    """The stored answer with its points. Refused when the item is secret, unknown, or nothing was chosen."""
    item = public_item(session, given.version_id, day)
    known = _answered_before(session, holder.id, given.nonce)
    if known is not None:
        return known
    response = parsed(item, given.raw)
    if is_empty(response):
        raise Refused(_l("Choose or enter an answer first."))
    values = {
        "person_id": holder.id,
        "item_version_id": given.version_id,
        "nonce": given.nonce,
        "response": response,
        "points": score(item, response),
        "maximum": item.points,
        "answered_at": now,
    }
    try:
        with session.begin_nested():
            session.execute(insert(PracticeAnswer).values(values))
    except IntegrityError:
        pass
    stored = _answered_before(session, holder.id, given.nonce)
    assert stored is not None
    return stored


def _answered_before(session: Session, person_id: int, nonce: str) -> PracticeAnswer | None:
    return session.scalar(
        select(PracticeAnswer).where(PracticeAnswer.person_id == person_id, PracticeAnswer.nonce == nonce)
    )


def public_item(session: Session, version_id: int, day: date) -> Item:
    """The item when practice may show it; NotFound for secret and unknown ones alike."""
    item = item_versions(session, [version_id]).get(version_id) if version_id <= LARGEST_ID else None
    open_to_practice = item is not None and not eligible(
        item, Purpose.PRACTICE, day, demonstration=False, confirmed=False
    )
    if item is None or not open_to_practice or _is_secret_now(session, item.id):
        raise NotFound(_l("There is no such practice item. Choose what to practise on the Exams page."))
    return item


def _is_secret_now(session: Session, item_id: str) -> bool:
    # an older version that was public is closed as well when the item became secret
    secret = select(ItemVersion.id).where(
        ItemVersion.item_id == item_id, ItemVersion.superseded_at.is_(None), ItemVersion.public.is_(False)
    )
    return session.scalar(secret) is not None


def answer_of(session: Session, holder: Holder, answer_id: int) -> PracticeAnswer:
    """The person's own answer; another person's is NotFound."""
    found = session.get(PracticeAnswer, answer_id) if answer_id <= LARGEST_ID else None
    if found is None or found.person_id != holder.id:
        raise NotFound(_l("You have no such answer."))
    return found

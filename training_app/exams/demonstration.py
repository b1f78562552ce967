"""What some trainees of a demonstration have done already, by the same services as on the pages, with a fixed seed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from question_bank.criteria import Criteria
from question_bank.items import Item
from question_bank.rng import SeededRandom
from question_bank.scoring import Response, key_response
from training_app.bank.services import StoredItem, current_bank
from training_app.clock import SHANGHAI, shanghai_day
from training_app.exams.attempts import paper_of
from training_app.exams.paper.handing_in import BY_CANDIDATE, submit
from training_app.exams.paper.receiving import Arrival, receive
from training_app.exams.practice.services import Answering, answer, in_scope, pool_of
from training_app.exams.results import score_attempt
from training_app.exams.starting import entry_test, start
from training_app.people.models import Person
from training_app.people.rules import Holder
from training_app.people.signed import holder_of
from training_app.saves import Delivery, Entry

SEED: Final = "demonstration"
DEVICE: Final = "demonstration/1"
PACE: Final = timedelta(seconds=47)
"""Time between two answers."""


@dataclass(frozen=True, slots=True)
class Past:
    """What one trainee has done.

    right_percent: how often an answer is the key. scopes: codes that were practised, each with how many days ago.
    tests: how many days ago each entry test was.
    """

    username: str
    right_percent: int
    scopes: tuple[tuple[str, int], ...] = ()
    tests: tuple[int, ...] = ()


PASTS: Final = (
    Past("shen.zhixia", 86, (("A26.07", 11), ("A26.09", 9), ("T.MR", 8), ("A26.05", 4), ("A26.20", 1)), (12,)),
    Past("gu.mingyuan", 55, (("A26.01", 2), ("A26.07", 1))),
    Past("jiang.nan", 74, (("A26.09", 6), ("A26.18", 5), ("T.FA", 2)), (7,)),
    Past("he.jiaqi", 38, (("A26.02", 3), ("A26.09", 3)), (4,)),
    Past("liang.siyuan", 90, (("A26.07", 15), ("S26.CI", 10), ("T.SF", 10), ("A26.19", 2)), (16, 3)),
)
"""The other trainees are fresh: whoever tries the site can begin with one of them."""


def past_of_the_demonstration(session: Session, criteria: Criteria, now: datetime) -> None:
    """Practice answers and finished entry tests of PASTS, all before `now`."""
    people = session.scalars(select(Person).where(Person.username.in_([past.username for past in PASTS])))
    by_username = {person.username: person for person in people}
    for past in PASTS:
        if past.username in by_username:
            _live_through(session, criteria, (past, holder_of(by_username[past.username])), now)


def _live_through(session: Session, criteria: Criteria, who: tuple[Past, Holder], now: datetime) -> None:
    past, holder = who
    random = SeededRandom(f"{SEED}/{past.username}")
    for days in past.tests:
        _sit(session, criteria, (past, holder, random), _morning(now, days))
    pool = pool_of(current_bank(session), shanghai_day(now))
    number = 0
    for scope, days in past.scopes:
        for place, stored in enumerate(_some(in_scope(pool, scope, criteria), random)):
            at = _morning(now, days) + timedelta(hours=4) + place * PACE
            given = Answering(stored.version_id, f"{holder.id:012x}{number:012x}", _given(stored.item, past, random))
            answer(session, holder, given, day=shanghai_day(at), now=at)
            number += 1


def _morning(now: datetime, days_ago: int) -> datetime:
    """Twenty past nine at the bases."""
    return datetime.combine(shanghai_day(now) - timedelta(days=days_ago), time(9, 20), SHANGHAI).astimezone(UTC)


def _some(items: Sequence[StoredItem], random: SeededRandom) -> list[StoredItem]:
    # most of a section, as people do; a fixed order makes the draw the same everywhere
    ordered = sorted(items, key=lambda stored: stored.item.id)
    return [stored for stored in ordered if random.below(100) < 80]


def _sit(session: Session, criteria: Criteria, who: tuple[Past, Holder, SeededRandom], at: datetime) -> None:
    past, holder, random = who
    attempt = start(session, holder, entry_test(session), criteria, now=at)
    for place in paper_of(session, attempt):
        at += PACE
        entry = Entry(place.version_id, 1, _given(place.item, past, random), at)
        arrival = Arrival(at, lambda _beacon: None)
        receive(session, holder, attempt.id, Delivery(DEVICE, (entry,)), arrival=arrival)
    submit(session, attempt, reason=BY_CANDIDATE, by=holder.id, now=at)
    score_attempt(session, attempt.id, at)


def _given(item: Item, past: Past, random: SeededRandom) -> Response:
    return key_response(item) if random.below(100) < past.right_percent else slip(item, random)


def slip(item: Item, random: SeededRandom) -> Response:
    """A response that misses the key in the way people do."""
    if item.numeric is not None:
        return format(item.numeric.errors[0].value, "f")
    if item.elements:
        order = [str(element) for element in key_response(item)]
        return [*order[1:], order[0]]
    if item.premises:
        responses = [response.id for response in item.responses]
        return {premise.id: random.choice(responses) for premise in item.premises}
    return [random.choice([option.id for option in item.options if not option.key])]

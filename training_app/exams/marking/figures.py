"""How candidates answered each item of a form: what a key is validated with before results are released."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from question_bank.rekeying import KeyCorrection, keys_of, points_under, rekeyed, score_under
from question_bank.scoring import Response, blind_points, is_empty, parse_response
from training_app.exams.attempts import PaperItem
from training_app.exams.marking.scoring import SCORABLE, counted_attempts
from training_app.exams.models import Attempt, ResponseEvent
from training_app.exams.sitting_models import Sitting

MOST_SHOWN: Final = 5
"""Different answers that are listed of an item without options."""

Answers = Mapping[int, Mapping[int, object]]
"""Attempt → item version → the response that counts."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer that was or could be given. option: its id where there are options. full: it earns all points."""

    option: str | None
    response: Response
    count: int
    full: bool


@dataclass(frozen=True, slots=True)
class ItemFigures:
    """One item with how it was answered.

    facility: points earned in percent of those to be had, None without candidates or for a void item. omitted: who
    left it open. flags: why its key must be looked at: "changed", "distractor" (taken more often than the key),
    "guessing" (earned no more than guessing does), "nobody".
    """

    place: PaperItem
    correction: KeyCorrection | None
    candidates: int
    omitted: int
    facility: int | None
    choices: tuple[Choice, ...]
    flags: tuple[str, ...]


def answers_of(session: Session, sitting: Sitting, form_id: int) -> dict[int, dict[int, object]]:
    """Every handed-in attempt on that form of the sitting that counts, with its responses."""
    counted = counted_attempts(sitting.id).where(Attempt.form_id == form_id, Attempt.state.in_(SCORABLE))
    attempts = [attempt.id for attempt in session.scalars(counted)]
    found: dict[int, dict[int, object]] = {attempt: {} for attempt in attempts}
    rows = session.execute(
        select(ResponseEvent.attempt_id, ResponseEvent.item_version_id, ResponseEvent.payload)
        .where(ResponseEvent.attempt_id.in_(attempts))
        .order_by(ResponseEvent.attempt_id, ResponseEvent.item_version_id, ResponseEvent.client_seq)
    )
    for row in rows:
        found[row.attempt_id][row.item_version_id] = row.payload
    return found


def figures_of(
    paper: Sequence[PaperItem], corrections: Mapping[int, KeyCorrection], answers: Answers
) -> list[ItemFigures]:
    """Every item of the paper in its order."""
    return [
        _figures(place, corrections.get(place.version_id), [given.get(place.version_id) for given in answers.values()])
        for place in paper
    ]


def _figures(place: PaperItem, found: KeyCorrection | None, given: Sequence[object]) -> ItemFigures:
    item = place.item
    parsed = [parse_response(item, one) for one in given]
    answered = [one for one in parsed if not is_empty(one)]
    most = points_under(item, found)
    earned = [score_under(item, found, one) for one in parsed]
    facility = _percent(sum(earned), most * len(earned)) if earned and most else None
    choices = _options(place, found, answered) if item.options else _whole_answers(place, found, answered)
    return ItemFigures(
        place=place,
        correction=found,
        candidates=len(parsed),
        omitted=len(parsed) - len(answered),
        facility=facility,
        choices=choices,
        flags=_flags(place, found, (choices, answered, earned)),
    )


def _percent(part: int, whole: int) -> int:
    return (200 * part + whole) // (2 * whole)


def _options(place: PaperItem, found: KeyCorrection | None, answered: Sequence[Response]) -> tuple[Choice, ...]:
    counted = Counter(option for response in answered for option in response)
    keys = rekeyed(place.item, found).key_ids
    beside = keys_of(place.item, found)[1:]
    also = {option for response in beside for option in response}
    return tuple(
        Choice(option, [option], counted[option], full=option in keys or option in also)
        for option in place.option_order
    )


def _whole_answers(place: PaperItem, found: KeyCorrection | None, answered: Sequence[Response]) -> tuple[Choice, ...]:
    counted = Counter(repr(response) for response in answered)
    known = {repr(response): response for response in answered}
    return tuple(
        Choice(None, known[text], count, full=score_under(place.item, found, known[text]) == place.item.points)
        for text, count in counted.most_common(MOST_SHOWN)
    )


def _flags(
    place: PaperItem, found: KeyCorrection | None, seen: tuple[Sequence[Choice], Sequence[Response], Sequence[int]]
) -> tuple[str, ...]:
    choices, answered, earned = seen
    flags = ["changed"] if found is not None else []
    if found is not None and not points_under(place.item, found):
        return tuple(flags)
    if not answered:
        return (*flags, "nobody") if earned else tuple(flags)
    least_key = min((choice.count for choice in choices if choice.full), default=0)
    if any(choice.count > least_key for choice in choices if not choice.full):
        flags.append("distractor")
    if Fraction(sum(earned), len(earned)) <= blind_points(place.item):
        flags.append("guessing")
    return tuple(flags)


def looked_at(figures: Sequence[ItemFigures], ticked: set[int]) -> list[int]:
    """Positions of the flagged items whose version is not among `ticked`."""
    return [one.place.position for one in figures if one.flags and one.place.version_id not in ticked]

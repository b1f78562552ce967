"""One item as its page shows it: what a candidate sees, why each answer is right or wrong, its versions, their use."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from question_bank.items import Case, Element, ErrorClass, Item, MatchResponse, Option, Premise
from question_bank.scoring import true_order
from question_bank.serialising import case_from_json, case_to_json
from question_bank.texts import Text
from training_app.bank.differences import Difference, differences
from training_app.bank.models import CaseVersion, ItemReview, ItemVersion
from training_app.bank.rules import WITHDRAWN, standing_of
from training_app.bank.words import ERROR_NAMES
from training_app.people.models import Person
from training_app.registry import ItemUse
from training_app.web.requests import registry

ENOUGH = 30
"""Responses from which on a share of points says something."""


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """One answer that can be given. name: letter or number, "" where there is none. right: what is said of it."""

    name: str
    text: Text
    right: bool
    said: str
    reason: Text


@dataclass(frozen=True, slots=True)
class VersionLine:
    """One version in the history of an item."""

    version: ItemVersion
    standing: str
    use: ItemUse

    @property
    def facility(self) -> int | None:
        """The share of points that first attempts earned, in percent; None while there are too few of them."""
        if self.use.responses < ENOUGH or not self.use.maximum:
            return None
        return round(100 * self.use.points / self.use.maximum)


def pairs_in(parts: Sequence[Option | Element | Premise | MatchResponse], spoken: str) -> list[tuple[str, str]]:
    """(id, words) of each part in one language, whatever the language of the page."""
    return [(part.id, part.text.in_language(spoken)) for part in parts]


def answer_lines(item: Item) -> list[AnswerLine]:
    """Every answer of the item with whether it is right, and why."""
    if item.options:
        return [_option_line(number, option) for number, option in enumerate(item.options)]
    if item.numeric is not None:
        key, unit = item.numeric, item.numeric.unit
        right = f"{key.value:f}" + (f" ± {key.tolerance:f}" if key.tolerance else "")
        first = AnswerLine("", _with_unit(right, unit), True, _("key"), item.rationale)
        usual = [
            AnswerLine("", _with_unit(f"{error.value:f}", unit), False, _error(error.error), error.reason)
            for error in key.errors
        ]
        return [first, *usual]
    if item.elements:
        by_id = {element.id: element for element in item.elements}
        return [
            AnswerLine(str(place), by_id[one].text, True, _("place %(place)s", place=place), by_id[one].reason)
            for place, one in enumerate(true_order(item), start=1)
        ]
    words = {response.id: response.text for response in item.responses}
    return [
        AnswerLine(
            premise.id,
            _leading_to(premise.text, words[premise.response]),
            True,
            _("key"),
            premise.reason,
        )
        for premise in item.premises
    ]


def _option_line(number: int, option: Option) -> AnswerLine:
    said = _("key") if option.key else _error(option.error)
    return AnswerLine("ABCDEFGHIJ"[number], option.text, option.key, said, option.reason)


def _leading_to(left: Text, right: Text) -> Text:
    return Text(f"{left.zh} → {right.zh}", f"{left.en} → {right.en}")


def _error(error: ErrorClass | None) -> str:
    return str(ERROR_NAMES[error]) if error else ""


def _with_unit(number: str, unit: Text) -> Text:
    return Text(f"{number} {unit.zh}".strip(), f"{number} {unit.en}".strip())


def case_beside(session: Session, version: ItemVersion) -> Case | None:
    """The case as it stood beside this version of the item."""
    row = _case_version(session, version)
    return case_from_json(row.body) if row else None


def _case_version(session: Session, version: ItemVersion) -> CaseVersion | None:
    if version.case_id is None:
        return None
    statement = select(CaseVersion).where(CaseVersion.case_id == version.case_id)
    if version.superseded_at is not None:
        statement = statement.where(CaseVersion.loaded_at <= version.loaded_at)
    return session.scalars(statement.order_by(CaseVersion.number.desc()).limit(1)).first()


def version_lines(session: Session, item_id: str) -> list[VersionLine]:
    """The versions of an item with standing and use, newest first."""
    versions = session.scalars(
        select(ItemVersion).where(ItemVersion.item_id == item_id).order_by(ItemVersion.number.desc())
    ).all()
    ids = [version.id for version in versions]
    asked = registry().use_of_items
    uses = asked(session, ids) if asked else {}
    acts: dict[int, set[str]] = {}
    for row in session.execute(
        select(ItemReview.item_version_id, ItemReview.act).where(ItemReview.item_version_id.in_(ids))
    ):
        acts.setdefault(row.item_version_id, set()).add(row.act)
    return [
        VersionLine(
            version,
            WITHDRAWN
            if version is versions[0] and version.superseded_at is not None
            else standing_of(acts.get(version.id, set())),
            uses.get(version.id, ItemUse()),
        )
        for version in versions
    ]


def changes_between(session: Session, before: ItemVersion, after: ItemVersion) -> tuple[Difference, ...]:
    """What is not the same in two versions of an item, its case included."""
    own = differences(before.body, after.body)
    cases = [case_beside(session, version) for version in (before, after)]
    stimuli = [_stimulus(case) for case in cases]
    return own + differences(stimuli[0], stimuli[1])


def _stimulus(case: Case | None) -> dict[str, Any]:
    return {key: value for key, value in case_to_json(case).items() if key not in {"id", "items"}} if case else {}


def reviews_of(session: Session, item_id: str) -> list[tuple[ItemReview, int]]:
    """Every review of the item with the number of the version it is of, newest first."""
    rows = session.execute(
        select(ItemReview, ItemVersion.number)
        .join(ItemVersion, ItemVersion.id == ItemReview.item_version_id)
        .where(ItemVersion.item_id == item_id)
        .order_by(ItemReview.id.desc())
    )
    return [(row.ItemReview, row.number) for row in rows]


def people_of(session: Session, ids: Sequence[int | None]) -> dict[int, Person]:
    """The people with these ids."""
    wanted = {number for number in ids if number is not None}
    found = session.scalars(select(Person).where(Person.id.in_(wanted))).unique() if wanted else ()
    return {person.id: person for person in found}

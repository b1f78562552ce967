"""The list of the bank: one row an item, its newest version; what secret items ask is not told here."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select
from sqlalchemy.orm import aliased

from question_bank.criteria import Criteria
from training_app.bank.models import ItemCode, ItemVersion
from training_app.bank.review import has_act, in_other_hands, is_open, returned_to
from training_app.bank.rules import ReviewAct
from training_app.bank.words import CERTAINTY_NAMES, KIND_NAMES, LEVEL_NAMES, STANDING_NAMES
from training_app.lists import Column, Filter, ListSpec
from training_app.web.words import in_language, language

STANDING = case(
    (ItemVersion.superseded_at.is_not(None), "withdrawn"),
    (has_act(ReviewAct.RETIRED), "retired"),
    (has_act(ReviewAct.RETURNED), "returned"),
    (has_act(ReviewAct.CONFIRMED), "confirmed"),
    else_="open",
)
CODES = (
    select(func.aggregate_strings(ItemCode.code, " "))
    .where(ItemCode.item_version_id == ItemVersion.id)
    .correlate(ItemVersion)
    .scalar_subquery()
)


def told(part: str, spoken: str) -> ColumnElement[str]:
    """The words of a public item; nothing of a secret one, so that neither list nor search gives it away."""
    return case((ItemVersion.public, ItemVersion.body[part][spoken].as_string()), else_=literal(""))


def items_listed() -> Select[Any]:
    """The newest version of every item, as rows of the list."""
    newer = aliased(ItemVersion)
    later = select(newer.id).where(newer.item_id == ItemVersion.item_id, newer.number > ItemVersion.number)
    statement: Any = select(
        ItemVersion.id,
        ItemVersion.item_id,
        ItemVersion.number,
        ItemVersion.kind,
        ItemVersion.level,
        ItemVersion.points,
        ItemVersion.certainty,
        ItemVersion.public,
        ItemVersion.origin,
        ItemVersion.effective_from,
        ItemVersion.effective_to,
        ItemVersion.case_id,
        ItemVersion.loaded_at,
        STANDING.label("standing"),
        CODES.label("codes"),
        told("stem", language()).label("stem"),
    ).where(~later.exists())
    rows: Select[Any] = statement
    return rows


def item_spec(tree: Criteria, person_id: int, today: date) -> ListSpec:
    """The list on the page. person_id: of the reader, for what waits for whom."""
    return ListSpec(
        columns=(
            Column("item", _l("Item"), lambda row: row.item_id, ItemVersion.item_id),
            Column("asks", _l("What it asks about"), lambda row: about(tree, row)),
            Column("kind", _l("Kind"), lambda row: KIND_NAMES[row.kind], ItemVersion.kind),
            Column("level", _l("Level"), lambda row: LEVEL_NAMES[row.level], ItemVersion.level),
            Column("certainty", _l("Certainty"), lambda row: CERTAINTY_NAMES[row.certainty], ItemVersion.certainty),
            Column("public", _l("Use"), lambda row: _("public") if row.public else _("secret"), ItemVersion.public),
            Column("standing", _l("State"), lambda row: STANDING_NAMES[row.standing], STANDING),
            Column("loaded", _l("Loaded"), lambda row: row.loaded_at, ItemVersion.loaded_at),
        ),
        default_sort="item",
        tie=ItemVersion.id,
        search=(ItemVersion.item_id, CODES, told("stem", "zh"), told("stem", "en")),
        filters=_filters(tree, person_id, today),
    )


def export_spec(tree: Criteria, person_id: int, today: date) -> ListSpec:
    """The list as a file: what the page shows, and the particulars that fit on no page."""
    page = item_spec(tree, person_id, today)
    more = (
        Column("version", _l("Version"), lambda row: row.number, numeric=True),
        Column("points", _l("Points"), lambda row: row.points, numeric=True),
        Column("codes", _l("Criteria"), lambda row: row.codes),
        Column("case", _l("Case"), lambda row: row.case_id),
        Column("from", _l("In force from"), lambda row: row.effective_from),
        Column("until", _l("In force until"), lambda row: row.effective_to),
        Column("origin", _l("Content of"), lambda row: origin_name(row.origin)),
    )
    return ListSpec((*page.columns, *more), page.default_sort, page.tie, page.search, page.filters)


def origin_name(origin: str) -> str:
    """Whose content it is."""
    return str(_("what ships with the site") if origin == "shipped" else _("the bases"))


def about(tree: Criteria, row: Any) -> str:
    """What the item asks: its stem where that is public, else the titles of its criteria."""
    return str(row.stem) if row.stem else titles(tree, str(row.codes or "").split())


def titles(tree: Criteria, codes: Sequence[str]) -> str:
    """The titles of criteria and topics in the language of this answer."""
    return str(_(", ")).join(in_language(tree.node(code).title) for code in codes if code in tree)


def _filters(tree: Criteria, person_id: int, today: date) -> tuple[Filter, ...]:
    return (
        Filter("edition", _l("Edition"), _editions(tree), lambda root: _counts_for(tree, root)),
        Filter("section", _l("Section"), _sections(tree), lambda code: _counts_for(tree, code)),
        Filter("kind", _l("Kind"), tuple(KIND_NAMES.items()), lambda value: ItemVersion.kind == value),
        Filter("level", _l("Level"), tuple(LEVEL_NAMES.items()), lambda value: ItemVersion.level == value),
        Filter(
            "certainty", _l("Certainty"), tuple(CERTAINTY_NAMES.items()), lambda value: ItemVersion.certainty == value
        ),
        Filter(
            "use",
            _l("Use"),
            (("public", _l("public")), ("secret", _l("secret"))),
            lambda value: ItemVersion.public.is_(value == "public"),
        ),
        Filter("state", _l("State"), tuple(STANDING_NAMES.items()), lambda value: STANDING.in_([value])),
        Filter(
            "force",
            _l("In force"),
            (
                ("today", _l("today")),
                ("later", _l("not yet")),
                ("ended", _l("no longer")),
                ("unknown", _l("first day unknown")),
            ),
            lambda value: _in_force(value, today),
        ),
        Filter(
            "waits",
            _l("Waits"),
            (("review", _l("for a review")), ("me", _l("for my review")), ("answer", _l("for my answer"))),
            lambda value: _waits(value, person_id),
        ),
    )


def _editions(tree: Criteria) -> tuple[tuple[str, str], ...]:
    newest_first = sorted(tree.editions.values(), key=lambda one: (one.historical, one.effective_from is None, one.id))
    topics = [topic for topic in tree.topics.values() if topic.parent is None]
    return (
        *((edition.root, in_language(edition.short)) for edition in newest_first),
        *((topic.code, in_language(topic.title)) for topic in topics),
    )


def _sections(tree: Criteria) -> tuple[tuple[str, str], ...]:
    roots = [code for code, _label in _editions(tree)]
    found = dict.fromkeys(tree.section_of(node.code) for root in roots for node in tree.below(root))
    return tuple((code, f"{code} {in_language(tree.node(code).title)}") for code in found if code not in roots)


def _counts_for(tree: Criteria, code: str) -> ColumnElement[bool]:
    codes = [node.code for node in tree.below(code)]
    return ItemVersion.id.in_(select(ItemCode.item_version_id).where(ItemCode.code.in_(codes)))


def _in_force(value: str, today: date) -> ColumnElement[bool]:
    begun = ItemVersion.effective_from <= today
    ended = ItemVersion.effective_to < today
    return {
        "today": and_(begun, or_(ItemVersion.effective_to.is_(None), ItemVersion.effective_to >= today)),
        "later": ItemVersion.effective_from > today,
        "ended": ended,
        "unknown": ItemVersion.effective_from.is_(None),
    }[value]


def _waits(value: str, person_id: int) -> ColumnElement[bool]:
    return {
        "review": is_open(),
        "me": and_(is_open(), in_other_hands(person_id)),
        "answer": returned_to(person_id),
    }[value]

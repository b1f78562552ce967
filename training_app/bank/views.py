"""The criteria reader, and how well the bank is stocked."""

from collections import Counter
from dataclasses import dataclass

from flask import Blueprint, Flask, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from question_bank.criteria import Criteria, Criterion, Edition, Node, NodeLevel, Topic
from question_bank.figures import figure_table
from question_bank.items import Case, Kind, Level
from training_app.bank.item_list import origin_name
from training_app.bank.services import criteria, current_bank
from training_app.errors import NotFound
from training_app.web.access import permit
from training_app.web.requests import read_session
from training_app.web.words import in_language, language

bp = Blueprint("bank", __name__)

FIRST = "A26"
LONGEST_SEARCH = 100


@bp.get("/criteria")
@permit("criteria.read")
def criteria_home() -> Response:
    """The reader opens at the advanced criteria in force."""
    return redirect(url_for("bank.criterion", code=FIRST))


@bp.get("/criteria/<code>")
@permit("criteria.read")
def criterion(code: str) -> str:
    """One node of the trees with its counterparts in the other editions, or what a search finds."""
    tree = criteria()
    if code not in tree:
        raise NotFound(_("There is no such criterion. Choose one from the list."))
    node = tree.node(code)
    words = request.args.get("q", "").strip()[:LONGEST_SEARCH]
    return render_template(
        "bank/criterion.html",
        node=node,
        ancestors=tree.ancestors(code),
        children=tree.children(code),
        nodes=_tree_nodes(tree, node),
        roots=[(root, root.code == _root_of(tree, node).code) for root in _roots(tree)],
        edition=tree.edition_of(code),
        words=words,
        found=tree.search(words, language()) if words else (),
        **_beside(tree, node),
        items=sum(1 for s in current_bank(read_session()).items() if s.item.public and code in s.item.codes),
        tree=tree,
    )


def _roots(tree: Criteria) -> list[Node]:
    editions = sorted(tree.editions.values(), key=lambda e: (e.historical, e.effective_from is None, e.id))
    topics = [topic for topic in tree.topics.values() if topic.parent is None]
    return [*(tree.node(edition.root) for edition in editions), *topics]


def _root_of(tree: Criteria, node: Node) -> Node:
    ancestors = tree.ancestors(node.code)
    return ancestors[0] if ancestors else node


def _tree_nodes(tree: Criteria, node: Node) -> list[dict[str, object]]:
    path = {ancestor.code for ancestor in tree.ancestors(node.code)} | {node.code}
    return [_tree_node(tree, child, path, node.code) for child in tree.children(_root_of(tree, node).code)]


def _tree_node(tree: Criteria, node: Node, path: set[str], current: str) -> dict[str, object]:
    children = tree.children(node.code)
    change = getattr(node, "change", None)
    return {
        "label": in_language(node.title),
        "number": (getattr(node, "official_no", None) or "").strip("()"),
        "href": url_for("bank.criterion", code=node.code),
        "current": node.code == current,
        "open": node.code in path,
        "children": [_tree_node(tree, child, path, current) for child in children],
        "end": str(len(tree.children(node.code))) if children else "",
        "change": {"new": "new", "changed": "changed"}.get(str(change)) if change else None,
    }


@dataclass(frozen=True, slots=True)
class Column:
    """A criterion in the comparison, None where the edition has nothing on the subject."""

    edition_id: str
    criteria: tuple[Criterion, ...]


def _beside(tree: Criteria, node: Node) -> dict[str, object]:
    """The 2022 and the 2026 editions side by side, advanced beside certified, and the table of their figures."""
    if isinstance(node, Topic) or node.level is not NodeLevel.ITEM:
        return {"columns": [], "figures": []}
    linked = {node.edition: (node.code,), **tree.counterparts(node.code)}
    order = ("2018-NANJING", "2022-106-ACE", "2022-106-SPEC", "2026-34-ACE", "2026-34-SPEC", "2026-34-CE")
    columns = [
        Column(edition, tuple(found for code in linked[edition] if isinstance(found := tree.node(code), Criterion)))
        for edition in order
        if edition in linked
    ]
    firsts = [column.criteria[0] for column in columns]
    main = next(i for i, column in enumerate(columns) if node in column.criteria)
    before = main - 1 if main and columns[main - 1].edition_id.startswith("2022") else None
    lines = [
        {
            "label": in_language(line.label),
            "cells": [in_language(cell.value) if cell else "–" for cell in line.cells],
            "change": _change(str(line.change(before, main))) if before is not None else None,
        }
        for line in figure_table(firsts)
    ]
    return {"columns": columns, "figures": lines, "main": main}


def _change(change: str) -> str:
    return {
        "unchanged": "same",
        "tightened": "tightened",
        "relaxed": "relaxed",
        "added": "new",
        "dropped": "gone",
    }.get(change, "changed")


@bp.get("/bank/stock")
@permit("bank.read")
def stock() -> str:
    """How many items each section holds, by kind and level."""
    tree = criteria()
    items = [stored.item for stored in current_bank(read_session()).items()]
    rows: dict[str, Counter[str]] = {}
    for item in items:
        for section in {tree.section_of(code) for code in item.codes}:
            tally = rows.setdefault(section, Counter())
            tally.update((item.level.value, item.certainty.value, "all"))
    return render_template(
        "bank/stock.html",
        rows=[(tree.node(code), rows[code]) for code in sorted(rows)],
        kinds=[(kind, sum(item.kind is kind for item in items)) for kind in Kind],
        levels=list(Level),
        cases=len(current_bank(read_session()).cases),
        total=len(items),
        closing=sum(item.effective_to is not None for item in items),
    )


VERIFY_NAMES = {
    "doc": _l("written files"),
    "interview": _l("interview"),
    "site": _l("on-site view"),
    "sample": _l("sample check"),
}


def edition_line(edition: Edition, tree: Criteria) -> str:
    """`Bulletin 34 of 2026, annex 2, in force from 2026-04-01`, as far as it is known."""
    instrument = tree.instruments.get(edition.instrument or "")
    parts = [in_language(instrument.number or instrument.name)] if instrument else []
    if edition.annex:
        parts.append(in_language(edition.annex))
    if edition.effective_from:
        parts.append(_("in force from %(day)s", day=edition.effective_from.isoformat()))
    elif edition.instrument:
        parts.append(_("first day unknown"))
    if edition.effective_to:
        parts.append(_("in force until %(day)s", day=edition.effective_to.isoformat()))
    return str(_(", ")).join(parts) if parts else str(_("historical"))


def case_in(case: Case, spoken: str) -> list[dict[str, str]]:
    """The table of a case in one language, whatever the language of the page."""
    parts = ("group", "label", "value")
    return [{part: getattr(row, part).in_language(spoken) for part in parts} for row in case.rows]


def init_reader(app: Flask) -> None:
    """Templates of `app` can show criteria."""
    app.jinja_env.filters.update(
        case_in=case_in,
        origin_name=origin_name,
        crumb=lambda node: (in_language(node.title), url_for("bank.criterion", code=node.code)),
        edition_line=edition_line,
        verify_name=lambda method: str(VERIFY_NAMES[method]),
        column_head=lambda column, tree: (
            in_language(tree.editions[column.edition_id].short),
            column.criteria[0].code,
        ),
    )

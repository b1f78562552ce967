"""Exams of a trainee: the overview with practice by criterion and the entry test."""

from flask import Blueprint, render_template, request

from question_bank.criteria import Criteria, NodeLevel, Topic
from training_app.bank.services import blueprint_for, criteria, current_bank
from training_app.clock import shanghai_day
from training_app.exams.attempts import ENTRY, PRACTICE, attempts_of
from training_app.exams.day.occasions import occasions_of
from training_app.exams.marking.own import own_results
from training_app.exams.paper.settling import settle_own
from training_app.exams.paper.standing import LIVE
from training_app.exams.practice.services import in_scope, last_answers, pool_of, progress_in, weak_items
from training_app.exams.results import judgements
from training_app.exams.starting import practice_tests
from training_app.people.signed import me
from training_app.web.access import permit
from training_app.web.requests import now, read_session

bp = Blueprint("exams", __name__)

TREES = ("A26", "C26", "S26", "T", "G22", "S22")
"""Roots offered for practice: what is in force first, history last."""

MOST_SHOWN = 5
"""Timed practices on the overview, the last ones."""


def _trees(found: Criteria) -> tuple[str, ...]:
    return tuple(root for root in TREES if root in found)


@bp.get("/exams")
@permit("practice.take")
def overview() -> str:
    """What can be practised, how far one has come, and the entry test."""
    settle_own()
    session, tree = read_session(), criteria()
    today = shanghai_day(now())
    pool = pool_of(current_bank(session), today)
    answers = last_answers(session, me().id)
    roots = _trees(tree)
    root = request.args.get("tree", roots[0])
    root = root if root in roots else roots[0]
    sections = [
        (tree.node(code), progress_in(in_scope(pool, code, tree), answers)) for code in section_codes(tree, root)
    ]
    may_test = me().holder.may("entry.take")
    found = blueprint_for(session, ENTRY)
    attempts = attempts_of(session, me().id) if may_test else ()
    practised = attempts_of(session, me().id, PRACTICE)[:MOST_SHOWN]
    judged = judgements(session, [*attempts, *practised])
    return render_template(
        "exams/overview.html",
        roots=[(tree.node(code), code == root) for code in roots],
        sections=[row for row in sections if row[1].items],
        whole=progress_in(pool.values(), answers),
        weak=len(weak_items(pool, answers, tree, today)),
        answered=bool(answers),
        may_test=may_test,
        blueprint=found[1] if found else None,
        coming=occasions_of(session, me().id, now()) if may_test else (),
        attempts=[(attempt, judged[attempt.id][1] if attempt.id in judged else None) for attempt in attempts],
        live=next((a for a in attempts if a.state in LIVE), None),
        results=own_results(session, me().id) if may_test else [],
        timed=practice_tests(session),
        practised=[(attempt, judged[attempt.id][1] if attempt.id in judged else None) for attempt in practised],
        timed_live=next((a for a in practised if a.state in LIVE), None),
    )


def section_codes(tree: Criteria, root: str) -> list[str]:
    """Codes of the sections, business classes or topics under `root`, in the order of the tree."""
    found = [tree.section_of(node.code) for node in tree.below(root)]
    return [code for code in dict.fromkeys(found) if code != root and _is_section(tree, code)]


def _is_section(tree: Criteria, code: str) -> bool:
    node = tree.node(code)
    return isinstance(node, Topic) or node.level in (NodeLevel.SECTION, NodeLevel.BUSINESS_CLASS)

"""Practice pages: an item, and at once why each option is right or wrong, with the criterion beside it."""

import secrets

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from question_bank.items import Item
from training_app.bank.services import StoredItem, criteria, current_bank
from training_app.clock import shanghai_day
from training_app.errors import Refused
from training_app.exams.practice.services import (
    WEAK,
    Answering,
    answer,
    answer_of,
    in_scope,
    last_answers,
    next_item,
    pool_of,
    progress_in,
    public_item,
    weak_items,
)
from training_app.exams.raw import as_typed, raw_response
from training_app.exams.shuffle import shown_order
from training_app.exams.views import bp
from training_app.people.signed import me
from training_app.web.access import permit
from training_app.web.requests import now, read_session, write_session
from training_app.web.words import in_language

NONCE_BYTES = 12
DRAFT = ("nonce", "choice", "number", "place.", "pair.")
"""How the fields begin that a change of language takes along."""


def _candidates(scope: str) -> list[StoredItem]:
    session, today = read_session(), shanghai_day(now())
    pool = pool_of(current_bank(session), today)
    if scope == WEAK:
        return weak_items(pool, last_answers(session, me().id), criteria(), today)
    return in_scope(pool, scope, criteria())


@bp.get("/exams/practice/<scope>")
@permit("practice.take")
def practise(scope: str) -> str | Response:
    """The next item of the scope."""
    candidates = _candidates(scope)
    answers = last_answers(read_session(), me().id)
    found = next_item(candidates, answers, seed=str(me().id), after=request.args.get("after"))
    if found is None:
        return render_template("exams/nothing_to_practise.html", scope=scope)
    return redirect(url_for("exams.practice_item", scope=scope, version_id=found.version_id))


@bp.get("/exams/practice/<scope>/items/<int:version_id>")
@permit("practice.take")
def practice_item(scope: str, version_id: int) -> str:
    """One item to answer. Its key stays here until it is answered.

    The address may carry the nonce and what was chosen so far: that is how a change of language keeps both.
    """
    nonce = request.args.get("nonce", "")
    return _item_page(scope, version_id, nonce if _is_nonce(nonce) else secrets.token_hex(NONCE_BYTES))


def _is_nonce(text: str) -> bool:
    return len(text) == 2 * NONCE_BYTES and text.isascii() and text.isalnum()


def _item_page(scope: str, version_id: int, nonce: str, fault: object = None) -> str:
    session = read_session()
    item = public_item(session, version_id, shanghai_day(now()))
    candidates = _candidates(scope)
    return render_template(
        "exams/practice_item.html",
        scope=scope,
        scope_title=_scope_title(scope),
        progress=progress_in(candidates, last_answers(session, me().id)),
        version_id=version_id,
        item=item,
        order=shown_order(item, nonce),
        case=_case_of(item),
        nonce=nonce,
        fault=fault,
        given=as_typed(item, request.form or request.args),
        sections=_sections(item),
    )


@bp.post("/exams/practice/<scope>/items/<int:version_id>")
@permit("practice.take")
def answer_practice_item(scope: str, version_id: int) -> Response | tuple[str, int]:
    """The answer is stored with its points; the page after it tells why."""
    today = shanghai_day(now())
    nonce = request.form.get("nonce", "")
    if not _is_nonce(nonce):
        raise Refused(_("This page was not sent whole. Load it again and repeat."))
    item = public_item(read_session(), version_id, today)
    if "language" in request.form:
        return _in_other_language(scope, version_id)
    try:
        raw = raw_response(item, request.form)
        with write_session() as session:
            stored = answer(session, me().holder, Answering(version_id, nonce, raw), day=today, now=now())
    except Refused as refusal:
        if refusal.status != Refused.status:
            raise
        return _item_page(scope, version_id, nonce, refusal.message), refusal.status
    return redirect(url_for("exams.practice_answer", scope=scope, answer_id=stored.id))


def _in_other_language(scope: str, version_id: int) -> Response:
    fields = {name: values for name, values in request.form.lists() if name.startswith(DRAFT)}
    page = url_for("exams.practice_item", scope=scope, version_id=version_id, **fields)  # type: ignore[arg-type]
    return redirect(url_for("people.switch_language", language=request.form["language"], next=page))


@bp.get("/exams/practice/<scope>/answers/<int:answer_id>")
@permit("practice.take")
def practice_answer(scope: str, answer_id: int) -> str:
    """One's own answer: right or wrong, the reason for each option, the criterion beside it."""
    session = read_session()
    stored = answer_of(session, me().holder, answer_id)
    item = public_item(session, stored.item_version_id, shanghai_day(now()))
    return render_template(
        "exams/practice_answer.html",
        scope=scope,
        scope_title=_scope_title(scope),
        progress=progress_in(_candidates(scope), last_answers(session, me().id)),
        item=item,
        order=shown_order(item, stored.nonce),
        case=_case_of(item),
        given=stored.response,
        stored=stored,
        sections=_sections(item),
        nodes=[criteria().node(code) for code in item.codes],
    )


def _scope_title(scope: str) -> str:
    return _("My weak points") if scope == WEAK else in_language(criteria().node(scope).title)


def _sections(item: Item) -> list[object]:
    tree = criteria()
    return [tree.node(code) for code in dict.fromkeys(tree.section_of(code) for code in item.codes)]


def _case_of(item: Item) -> object:
    if item.case is None:
        return None
    found = current_bank(read_session()).cases.get(item.case)
    return found[1] if found else None

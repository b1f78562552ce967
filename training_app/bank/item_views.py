"""The list of the bank, the page of an item, and what a reviewer does there."""

from collections.abc import Mapping

from flask import Response as Answer
from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from question_bank.fields import ITEM_ID
from question_bank.items import Item
from question_bank.serialising import item_from_json
from training_app.bank.forms import ConfirmForm, ReasonForm
from training_app.bank.item_list import export_spec, item_spec, items_listed, titles
from training_app.bank.item_page import (
    answer_lines,
    case_beside,
    changes_between,
    pairs_in,
    people_of,
    reviews_of,
    version_lines,
)
from training_app.bank.models import ItemVersion
from training_app.bank.review import (
    NO_ITEM,
    Review,
    acts_on,
    may_review_item,
    newest_version,
    note_opening,
    review,
    waiting_count,
    waiting_items,
)
from training_app.bank.rules import ReviewAct, admitted_after
from training_app.bank.services import criteria
from training_app.bank.views import bp
from training_app.bank.words import (
    ACT_NAMES,
    CERTAINTY_NAMES,
    KIND_NAMES,
    LEVEL_NAMES,
    STANDING_MARKS,
    STANDING_NAMES,
)
from training_app.clock import shanghai_day
from training_app.errors import Conflict, NotFound, Refused
from training_app.lists import MEDIA_TYPES, export, list_page, list_rows, positive, requested_export
from training_app.people.signed import me
from training_app.web.access import permit
from training_app.web.requests import address, now, read_session, write_session
from training_app.web.words import in_language

ACTS = {"confirm": ReviewAct.CONFIRMED, "return": ReviewAct.RETURNED, "retire": ReviewAct.RETIRED}

bp.add_app_template_filter(lambda state: str(STANDING_NAMES[state]), "standing_name")
bp.add_app_template_filter(lambda state: STANDING_MARKS[state], "standing_mark")
bp.add_app_template_filter(lambda act: str(ACT_NAMES[act]), "review_act")
bp.add_app_template_filter(lambda kind: str(KIND_NAMES[str(kind)]), "kind_name")
bp.add_app_template_filter(lambda level: str(LEVEL_NAMES[str(level)]), "level_name")
bp.add_app_template_filter(lambda certainty: str(CERTAINTY_NAMES[str(certainty)]), "certainty_name")
bp.add_app_template_filter(lambda codes: titles(criteria(), codes), "criteria_titles")
bp.add_app_template_filter(pairs_in, "pairs_in")


@bp.get("/bank")
@permit("bank.read")
def items() -> str | Answer:
    """Every item of the bank by its newest version."""
    session, person, today = read_session(), me().id, shanghai_day(now())
    kind = requested_export(request.args)
    if kind:
        spec = export_spec(criteria(), person, today)
        return Answer(
            export(spec, list_rows(session, items_listed(), spec, request.args), kind),
            mimetype=MEDIA_TYPES[kind],
            headers={"Content-Disposition": f"attachment; filename=items.{kind}"},
        )
    page = list_page(session, items_listed(), item_spec(criteria(), person, today), request.args)
    return render_template("bank/items.html", page=page, waiting=waiting_count(session, me().holder))


@bp.get("/bank/<item_id>")
@permit("bank.read")
def item(item_id: str) -> str:
    """One item with everything a review rests on. Opening a secret one is written down, each time."""
    return _shown(item_id, {})


@bp.post("/bank/<item_id>/<any(confirm, 'return', retire):act>")
@permit("bank.confirm")
def review_item(item_id: str, act: str) -> Response | tuple[str, int]:
    """The act is done in the reviewer's name; after a confirmation the next item that waits opens."""
    form = _confirm_form(None) if act == "confirm" else ReasonForm(prefix=act)
    if not form.validate():
        return _shown(item_id, {act: form}), 422
    entered = (
        Review(ReviewAct.CONFIRMED, edition=form.edition.data, place=form.place.data, looked_on=form.looked_on.data)
        if isinstance(form, ConfirmForm)
        else Review(ACTS[act], reason=form.reason.data)
    )
    try:
        with write_session() as session:
            version = _version_seen(session, item_id, form.seen_version())
            review(session, me().holder, version, entered, address=address(), now=now())
    except Refused as refusal:
        if refusal.status == 403:
            raise
        flash(str(refusal.message), "error")
        return _shown(item_id, {act: form}), refusal.status
    flash(_("%(item)s: %(act)s.", item=item_id, act=ACT_NAMES[entered.act]), "success")
    return redirect(_onward(act, item_id))


def _onward(act: str, item_id: str) -> str:
    waiting = waiting_items(read_session(), me().holder, 1) if act == "confirm" else ()
    if waiting:
        return url_for("bank.item", item_id=waiting[0].item_id)
    return url_for("bank.review") if act == "confirm" else url_for("bank.item", item_id=item_id)


def _version_seen(session: Session, item_id: str, seen: int) -> ItemVersion:
    newest = newest_version(session, _known(item_id))
    if newest.number != seen:
        raise Conflict(_("A newer version of this item is in the bank. Look at it before you decide."))
    return newest


def _known(item_id: str) -> str:
    if not ITEM_ID.fullmatch(item_id):
        raise NotFound(NO_ITEM)
    return item_id


def _number(name: str) -> int | None:
    return positive(request.args[name]) if request.args.get(name) else None


def _shown(item_id: str, forms: Mapping[str, ConfirmForm | ReasonForm]) -> str:
    version = newest_version(read_session(), _known(item_id), _number("version"))
    if not version.public:
        with write_session() as session:
            note_opening(session, me().holder, version, address=address(), now=now())
    session = read_session()
    found = item_from_json(version.body)
    lines = version_lines(session, item_id)
    beside = next((line.version for line in lines if line.version.number == _number("beside")), None)
    before = beside or next((line.version for line in lines if line.version.number < version.number), None)
    reviews = reviews_of(session, item_id)
    hands = [hand for line in lines for hand in (line.version.author_id, line.version.loaded_by)]
    own = may_review_item(session, me().holder, item_id)
    admitted = admitted_after(acts_on(session, version.id)) if own and version.superseded_at is None else ()
    return render_template(
        "bank/item.html",
        version=version,
        item=found,
        case=case_beside(session, version),
        lines=lines,
        shown=next(line for line in lines if line.version.number == version.number),
        answers=answer_lines(found),
        nodes=[criteria().node(code) for code in found.codes if code in criteria()],
        instruments=[criteria().instruments[one] for one in found.instruments if one in criteria().instruments],
        before=before,
        changes=changes_between(session, before, version) if before else (),
        reviews=reviews,
        people=people_of(session, [*hands, *(made.reviewer_id for made, _number in reviews)]),
        forms=_forms(found, version, forms) if admitted else {},
        admitted=[act for act, name in ACTS.items() if name in admitted],
        in_own_hands=me().holder.may("bank.confirm") and not own,
        edition_names={key: in_language(one.number or one.name) for key, one in criteria().instruments.items()},
    )


def _forms(
    found: Item, version: ItemVersion, filled: Mapping[str, ConfirmForm | ReasonForm]
) -> dict[str, ConfirmForm | ReasonForm]:
    forms = {
        "confirm": filled.get("confirm") or _confirm_form(found),
        "return": filled.get("return") or ReasonForm(None, prefix="return"),
        "retire": filled.get("retire") or ReasonForm(None, prefix="retire"),
    }
    for form in forms.values():
        form.take_version(version.number)
    return forms


def _confirm_form(found: Item | None) -> ConfirmForm:
    """The form with the editions there are, those that the item names first. found: None to read what was sent."""
    form = (
        ConfirmForm(today=shanghai_day(now()), prefix="confirm")
        if found is None
        else ConfirmForm(None, today=shanghai_day(now()), prefix="confirm")
    )
    named = found.instruments if found else ()
    editions = sorted(criteria().instruments.values(), key=lambda one: (one.id not in named, one.id))
    form.edition.choices = [SelectChoice(one.id, in_language(one.number or one.name)) for one in editions]
    return form

"""The life of an account: posting, roles, one-time codes, blocking. Each act is written down in its transaction."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Response as Answer
from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from training_app.audit.services import Act, record
from training_app.errors import NotFound, Refused
from training_app.people.acts import act_on_person, note
from training_app.people.admin_forms import BlockForm
from training_app.people.admission import (
    block,
    end_role,
    give_role,
    hand_out_code,
    require_closing,
    transfer,
    unblock,
)
from training_app.people.models import TrainingBase
from training_app.people.people_views import chosen_grant, live_code
from training_app.people.reach import person_within
from training_app.people.signed import me
from training_app.people.views import bp, door_key
from training_app.web.access import permit
from training_app.web.requests import address, now, read_session, write_session
from training_app.web.words import name_of


def _record_of(person_id: int) -> Response:
    return redirect(url_for("people.person", person_id=person_id))


@contextmanager
def _said_on_the_record() -> Iterator[None]:
    """A refusal within the reach is told above the record; one beyond it stays an error page and is written down."""
    try:
        yield
    except Refused as refusal:
        if refusal.act or isinstance(refusal, NotFound):
            raise
        flash(str(refusal.message), "error")


@bp.post("/people/<int:person_id>/roles")
@permit("roles.give")
def give_a_role(person_id: int) -> Response:
    """A role more, within the giver's reach."""
    holder = me().holder
    with _said_on_the_record(), write_session() as session:
        found = person_within(session, holder, "roles.give", person_id, to_change=True)
        bases = list(session.scalars(select(TrainingBase)))
        grant = chosen_grant(request.form.get("role"), bases)
        give_role(session, found, grant.role, grant.base, now=now(), giver=holder)
        note(session, act_on_person("role.given", found, {"role": grant.role.value, "base": grant.base or "*"}))
        flash(_("The role is given."), "success")
    return _record_of(person_id)


@bp.post("/people/<int:person_id>/roles/<int:grant_id>/end")
@permit("roles.give")
def end_a_role(person_id: int, grant_id: int) -> Response:
    """A role less; that it was held stays on the record."""
    holder = me().holder
    with write_session() as session:
        found = person_within(session, holder, "roles.give", person_id, to_change=True)
        grant = end_role(session, found, grant_id, giver=holder, now=now())
        note(session, act_on_person("role.ended", found, {"role": grant.role, "base": grant.base_id or "*"}))
    flash(_("The role is ended."), "success")
    return _record_of(person_id)


@bp.post("/people/<int:person_id>/transfer")
@permit("people.admit")
def transfer_person(person_id: int) -> Response:
    """The person belongs to another base from today; the act stands in the chains of both."""
    holder = me().holder
    with _said_on_the_record(), write_session() as session:
        found = person_within(session, holder, "people.admit", person_id, to_change=True)
        base = request.form.get("base", "")
        if session.get(TrainingBase, base) is None:
            raise Refused(_("Choose a base from the list."))
        left = found.postings[0].base_id if found.postings else None
        transfer(session, found, base, manager=holder, now=now())
        details = {"base": [left or "", base]}
        for chain in sorted({left or base, base}):  # always in one order, so that two transfers never wait in a circle
            act = Act("person.transferred", "person", found.id, me().id, chain, address(), details)
            record(session, act, now())
        flash(_("The person belongs to the new base from today."), "success")
    return _record_of(person_id)


@bp.route("/people/<int:person_id>/block", methods=["GET", "POST"])
@permit("people.admit")
def block_person(person_id: int) -> str | Response | tuple[str, int]:
    """The account is closed, with a reason; every session of it ends."""
    holder = me().holder
    form = BlockForm()
    if not form.validate_on_submit():
        found = person_within(read_session(), holder, "people.admit", person_id)
        require_closing(holder, found)
        page = render_template("people/block.html", form=form, subject=found)
        return page, 422 if form.errors else 200
    with write_session() as session:
        found = person_within(session, holder, "people.admit", person_id, to_change=True)
        block(session, found, form.reason.data, manager=holder, now=now())
        note(session, act_on_person("person.blocked", found, {"reason": form.reason.data}))
        name = name_of(found)
    flash(_("The account of %(name)s is blocked; every session of it has ended.", name=name), "success")
    return _record_of(person_id)


@bp.post("/people/<int:person_id>/unblock")
@permit("people.admit")
def unblock_person(person_id: int) -> Response:
    """The account is open again."""
    holder = me().holder
    with write_session() as session:
        found = person_within(session, holder, "people.admit", person_id, to_change=True)
        unblock(session, found, manager=holder)
        note(session, act_on_person("person.unblocked", found))
    flash(_("The account is open again."), "success")
    return _record_of(person_id)


@bp.post("/people/<int:person_id>/code")
@permit("people.admit")
def hand_out(person_id: int) -> Answer:
    """The page with a one-time code: the only time it is shown. The answer itself, so that no address carries it."""
    holder = me().holder
    with write_session() as session:
        found = person_within(session, holder, "people.admit", person_id, to_change=True)
        code = hand_out_code(session, found, manager=holder, key=door_key(), now=now())
        issued = live_code(session, found)
        kind = issued.kind if issued else ""
        note(session, act_on_person("code.issued", found, {"kind": kind}))
    answer = make_response(render_template("people/code.html", subject=found, code=code, issued=issued))
    answer.headers["Cache-Control"] = "no-store"
    return answer

"""Pages of the console: the board that renews itself, the panel of a seat or of the sitting, acts, the late pile."""

from collections.abc import Callable
from typing import Any

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from training_app.errors import Conflict, NotAllowed, NotFound, Refused
from training_app.exams.acting import by
from training_app.exams.console.access import claim, console_of, console_to_act, may_act, seat_of_console, token
from training_app.exams.console.acts import SEAT_ACTS, SITTING_ACTS
from training_app.exams.console.added_time import decide, lost_time
from training_app.exams.console.board import GROUPS
from training_app.exams.console.desk import (
    answer,
    desk_of,
    is_part,
    seat_answer,
    seat_context,
    sitting_answer,
    sitting_context,
)
from training_app.exams.console.forms import LateForm, NoForm
from training_app.exams.console.late_pile import decide_pile, piles_of
from training_app.exams.console.words import (
    DOCUMENTS,
    STAGES,
    TROUBLE_ICONS,
    WHY_LATE,
    countdown,
    last_sign,
    span,
    trouble_note,
    trouble_title,
)
from training_app.exams.day.codes import make_entry_code
from training_app.exams.day.rules import CODE_LASTS
from training_app.exams.models import Attempt
from training_app.exams.setup.roster import place_of
from training_app.exams.setup.seating import free_seats
from training_app.exams.sitting_models import RosterPlace, Sitting
from training_app.exams.views import bp
from training_app.people.admin_forms import choices
from training_app.people.signed import me
from training_app.people.views import door_key
from training_app.web.access import permit
from training_app.web.requests import now, read_session, write_session
from training_app.web.words import name_of

WORDS = {
    "trouble_icons": TROUBLE_ICONS,
    "trouble_title": trouble_title,
    "trouble_note": trouble_note,
    "last_sign": last_sign,
    "stages": STAGES,
    "documents": DOCUMENTS,
    "why_late": WHY_LATE,
    "span": span,
    "countdown": countdown,
    "seat_acts": SEAT_ACTS,
    "sitting_acts": SITTING_ACTS,
}
bp.record(lambda state: state.app.jinja_env.globals.update(console_words=WORDS))
SEAT_NAMES = ",".join(f'"{name}"' for name in SEAT_ACTS)
SITTING_NAMES = ",".join(f'"{name}"' for name in SITTING_ACTS)


@bp.get("/sittings/<int:sitting_id>/console")
@permit("console.read")
def console(sitting_id: int) -> Response:
    """The console: the board, and beside it a seat or the sitting as a whole."""
    desk = desk_of(sitting_id)
    seat = request.args.get("seat", type=int)
    return seat_answer(desk, seat) if seat is not None else sitting_answer(desk)


@bp.get("/sittings/<int:sitting_id>/console/board")
@permit("console.read")
def console_board(sitting_id: int) -> str:
    """The board as it is now, and what else on the page renews itself: counts, the clock, the open seat."""
    desk = desk_of(sitting_id)
    tile = desk.board.tile(request.args.get("seat", 0, type=int))
    context: dict[str, Any] = {"desk": desk, "board": desk.board, "sitting": desk.sitting, "groups": GROUPS}
    if tile is not None and request.args.get("live"):
        return render_template("exams/console/_renewed.html", **context, **seat_context(tile), renew="seat")
    context["seat_open"] = tile
    if request.args.get("panel") == "sitting":
        return render_template("exams/console/_renewed.html", **context, **sitting_context(desk), renew="sitting")
    return render_template("exams/console/_renewed.html", **context, renew="")


# acts at a seat


@bp.route(f"/sittings/<int:sitting_id>/console/places/<int:place_id>/<any({SEAT_NAMES}):act>", methods=["GET", "POST"])
@permit("console.act")
def console_seat_act(sitting_id: int, place_id: int, act: str) -> Response:
    """The form of an act at a seat; sent in, it is carried out, or refused with a sentence and nothing is done."""
    session = read_session()
    _require_acting(session, console_of(session, me().holder, sitting_id))
    wanted = SEAT_ACTS[act]
    form = wanted.form()
    if act == "move":
        _offer_seats(session, sitting_id, form)
    if form.validate_on_submit():
        try:
            return _seat_act_done(sitting_id, place_id, act, form)
        except (NotAllowed, NotFound):
            raise
        except Conflict as refusal:
            return seat_answer(desk_of(sitting_id), place_id, status=409, said=("warning", refusal.message))
        except Refused as refusal:
            form.form_errors = [refusal.message]
    desk = desk_of(sitting_id)
    tile = desk.board.tile(place_id)
    if tile is None:
        raise NotFound(_("There is no such place in this sitting."))
    if request.method == "GET":
        form.seen.data = token(act, *seat_of_console(read_session(), desk.sitting, place_id))
    here = desk.here("exams.console_seat_act", place_id=place_id, act=act)
    back = desk.here(seat=place_id)
    return answer(
        desk,
        "_act",
        status=422 if form.errors else 200,
        form=form,
        act=act,
        wanted=wanted,
        action=here,
        back=back,
        seat_open=tile,
        about=tile,
    )


def _require_acting(session: Session, sitting: Sitting) -> None:
    if not may_act(session, me().holder, sitting):
        text = _("Only invigilators on duty in this sitting, and administrators of its base, act here.")
        raise NotAllowed(text, act="console.act")


def _seat_act_done(sitting_id: int, place_id: int, act: str, form: Any) -> Response:
    code = ""
    sentence: object = ""
    with write_session() as session:
        sitting = console_to_act(session, by(), sitting_id)
        seat = _claimed(session, sitting, place_id, (act, str(form.seen.data or "")))
        do = SEAT_ACTS[act].do
        if do is None:
            code = make_entry_code(session, sitting, seat[0], key=door_key(), by=by())
        else:
            sentence = do(session, sitting, seat, form, by=by())
    if code:
        return _code_answer(sitting_id, place_id, code)
    return _carried_out(sitting_id, sentence, place_id)


def _claimed(
    session: Session, sitting: Sitting, place_id: int, what: tuple[str, str]
) -> tuple[RosterPlace, Attempt | None]:
    seat = seat_of_console(session, sitting, place_id)
    claim(session, what[0], seat, what[1])
    return seat


def _code_answer(sitting_id: int, place_id: int, code: str) -> Response:
    desk = desk_of(sitting_id)
    tile = desk.board.tile(place_id)
    minutes = int(CODE_LASTS.total_seconds() // 60)
    place = place_of(read_session(), desk.sitting, place_id)
    return answer(desk, "_code", code=code, minutes=minutes, place=place, seat_open=tile, back=desk.here(seat=place_id))


def _offer_seats(session: Session, sitting_id: int, form: Any) -> None:
    sitting = console_of(session, me().holder, sitting_id)
    rooms = {row.room_id: name_of(row.room) for row in sitting.rooms}
    seats = free_seats(session, sitting, by())
    form.seat.choices = choices({str(seat.id): f"{rooms[seat.room_id]} · {seat.label}" for seat in seats}, _("Choose"))


def _carried_out(sitting_id: int, sentence: object, place_id: int | None = None) -> Response:
    """The panel with what was done; the board is asked to renew itself. A whole page is loaded anew instead."""
    if not is_part():
        flash(str(sentence), "success")
        view, room = request.args.get("view"), request.args.get("room")
        return redirect(url_for("exams.console", sitting_id=sitting_id, seat=place_id, view=view, room=room))
    desk = desk_of(sitting_id)
    said = ("success", sentence)
    done = sitting_answer(desk, said=said) if place_id is None else seat_answer(desk, place_id, said=said)
    done.headers["HX-Trigger"] = "console-changed"
    done.headers["HX-Push-Url"] = desk.here(seat=place_id)
    return done


# acts on a room or the sitting


@bp.route(f"/sittings/<int:sitting_id>/console/<any({SITTING_NAMES}):act>", methods=["GET", "POST"])
@permit("console.act")
def console_act(sitting_id: int, act: str) -> Response:
    """The form of an act on a room or the whole sitting; sent in, it is carried out or refused."""
    session = read_session()
    sitting = console_of(session, me().holder, sitting_id)
    _require_acting(session, sitting)
    wanted = SITTING_ACTS[act]
    form = wanted.form()
    _offer(session, sitting, form)
    if form.validate_on_submit():
        try:
            return _sitting_act(sitting_id, lambda writing, locked: wanted.do(writing, locked, form, by=by()))
        except (NotAllowed, NotFound):
            raise
        except Conflict as refusal:
            return sitting_answer(desk_of(sitting_id), status=409, said=("warning", refusal.message))
        except Refused as refusal:
            form.form_errors = [refusal.message]
    desk = desk_of(sitting_id)
    working = desk.board.count("running", "closing", "paused", "over")
    if act == "end":
        form.working.data = str(working)
    if "room" in form and request.method == "GET":
        form.room.data = desk.room
    here = desk.here("exams.console_act", act=act)
    return answer(
        desk,
        "_act",
        status=422 if form.errors else 200,
        form=form,
        act=act,
        wanted=wanted,
        action=here,
        back=desk.here(),
        about=None,
        working=working,
        never_came=desk.board.count("expected", "waiting"),
        late=desk.board.late,
    )


def _sitting_act(sitting_id: int, act: Callable[[Session, Sitting], object]) -> Response:
    with write_session() as session:
        sentence = act(session, console_to_act(session, by(), sitting_id))
    return _carried_out(sitting_id, sentence)


def _offer(session: Session, sitting: Sitting, form: Any) -> None:
    if "room" in form:
        rooms = {str(row.room_id): name_of(row.room) for row in sitting.rooms}
        form.room.choices = choices(rooms, _("The whole sitting"))
    if "people" in form:
        lost = lost_time(session, sitting, now())
        form.people.choices = [
            (one.attempt_id, f"{one.seat or '–'} {name_of(one.person)} · {span(one.seconds)}") for one in lost
        ]
        if request.method == "GET":
            form.people.data = [one.attempt_id for one in lost]


@bp.post("/sittings/<int:sitting_id>/console/proposals/<int:proposal_id>/<any(approve,refuse):decision>")
@permit("console.act")
def console_decide_time(sitting_id: int, proposal_id: int, decision: str) -> Response:
    """A second person approves proposed time, or refuses it."""
    verdict = "approved" if decision == "approve" else "refused"

    def act(session: Session, sitting: Sitting) -> object:
        given, finished = decide(session, sitting, proposal_id, verdict, by=by())
        if verdict == "refused":
            return _("The proposal is refused.")
        if finished:
            return _("Time added: %(given)s people. Finished before: %(finished)s.", given=given, finished=finished)
        return _("Time added: %(given)s people.", given=given)

    form = NoForm()
    if not form.validate():
        raise Refused(_("This form was not complete. Load the page again."))
    try:
        return _sitting_act(sitting_id, act)
    except (NotAllowed, NotFound):
        raise
    except Refused as refusal:
        return sitting_answer(desk_of(sitting_id), status=refusal.status, said=("warning", refusal.message))


# the late pile


@bp.get("/sittings/<int:sitting_id>/console/late")
@permit("console.read")
def console_late(sitting_id: int) -> Response:
    """Every late answer beside the one that counts."""
    return _late_page(sitting_id)


def _late_page(sitting_id: int, *, form: LateForm | None = None, place_id: int | None = None) -> Response:
    session = read_session()
    sitting = console_of(session, me().holder, sitting_id)
    page = render_template(
        "exams/console/late.html",
        sitting=sitting,
        piles=piles_of(session, sitting),
        acting=may_act(session, me().holder, sitting),
        form=form or LateForm(formdata=None),
        wrong=place_id,
        chosen=request.form,
    )
    return make_response(page, 422 if form is not None else 200)


@bp.post("/sittings/<int:sitting_id>/console/late/<int:place_id>")
@permit("console.act")
def console_decide_late(sitting_id: int, place_id: int) -> Response:
    """Late answers of one candidate count, or do not."""
    form = LateForm()
    _require_acting(read_session(), console_of(read_session(), me().holder, sitting_id))
    decisions = {
        int(name[5:]): value
        for name, value in request.form.items()
        if name.startswith("late.") and name[5:].isascii() and name[5:].isdigit() and len(name) < 15 and value
    }
    if not form.validate():
        return _late_page(sitting_id, form=form, place_id=place_id)
    try:
        with write_session() as session:
            sitting = console_to_act(session, by(), sitting_id)
            place = place_of(session, sitting, place_id)
            count = decide_pile(session, sitting, place, decisions, reason=form.reason.data, by=by())
    except (NotAllowed, NotFound):
        raise
    except Refused as refusal:
        form.form_errors = [refusal.message]
        return _late_page(sitting_id, form=form, place_id=place_id)
    flash(_("Decided: %(count)s late answers.", count=count), "success")
    return redirect(url_for("exams.console_late", sitting_id=sitting_id))

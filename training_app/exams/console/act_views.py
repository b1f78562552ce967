"""Forms of the console's acts, at a seat and on a room or the sitting: shown, carried out, or refused."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from training_app.errors import Conflict, NotAllowed, NotFound, Refused
from training_app.exams.acting import by
from training_app.exams.console.access import claim, console_of, console_to_act, require_acting, seat_of_console, token
from training_app.exams.console.acts import SEAT_ACTS, SITTING_ACTS
from training_app.exams.console.added_time import decide, lost_time
from training_app.exams.console.desk import answer, desk_of, is_part, seat_answer, sitting_answer
from training_app.exams.console.forms import NoForm
from training_app.exams.console.words import span
from training_app.exams.day.codes import make_entry_code
from training_app.exams.day.rules import CODE_LASTS
from training_app.exams.setup.roster import place_of
from training_app.exams.setup.seating import free_seats
from training_app.exams.sitting_models import Sitting
from training_app.exams.views import bp
from training_app.people.admin_forms import choices
from training_app.people.signed import me
from training_app.people.views import door_key
from training_app.web.access import permit
from training_app.web.requests import now, read_session, write_session
from training_app.web.words import name_of

SEAT_NAMES = ",".join(f'"{name}"' for name in SEAT_ACTS)
SITTING_NAMES = ",".join(f'"{name}"' for name in SITTING_ACTS)


# acts at a seat


@bp.route(f"/sittings/<int:sitting_id>/console/places/<int:place_id>/<any({SEAT_NAMES}):act>", methods=["GET", "POST"])
@permit("console.act")
def console_seat_act(sitting_id: int, place_id: int, act: str) -> Response:
    """The form of an act at a seat; sent in, it is carried out, or refused with a sentence and nothing is done."""
    session = read_session()
    require_acting(session, me().holder, console_of(session, me().holder, sitting_id))
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


def _seat_act_done(sitting_id: int, place_id: int, act: str, form: Any) -> Response:
    code = ""
    sentence: object = ""
    with write_session() as session:
        sitting = console_to_act(session, by(), sitting_id)
        seat = seat_of_console(session, sitting, place_id)
        claim(session, act, seat, str(form.seen.data or ""))
        do = SEAT_ACTS[act].do
        if do is None:
            code = make_entry_code(session, sitting, seat[0], key=door_key(), by=by())
        else:
            sentence = do(session, sitting, seat, form, by=by())
    if code:
        return _code_answer(sitting_id, place_id, code)
    return _carried_out(sitting_id, sentence, place_id)


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
    require_acting(session, me().holder, sitting)
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

"""The own place on the day: the waiting room and the start."""

from flask import Response as Answer
from flask import flash, g, jsonify, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from training_app.clock import shanghai_day
from training_app.db import Asks
from training_app.exams.day.door import TurnedAway, arrival_of, note_turned_away
from training_app.exams.day.door_views import place_address, shown_here
from training_app.exams.day.forms import SeatNumberForm
from training_app.exams.day.opening import open_if_due
from training_app.exams.day.own import OwnPlace, own_place_shown
from training_app.exams.day.own_pages import confirm_page, waiting_page
from training_app.exams.day.quick import Seen, place_seen, start_quickly
from training_app.exams.day.rules import ADMITTING, BEGUN
from training_app.exams.day.starting import start
from training_app.exams.day.waiting import waiting_quickly, waiting_state
from training_app.exams.sitting_models import Sitting
from training_app.exams.views import bp
from training_app.people.claims import Claim
from training_app.people.signed import me
from training_app.web.access import permit, quickly
from training_app.web.error_pages import wants_json
from training_app.web.requests import address, database, now, read_session, write_session
from training_app.web.words import clock, moment


def _own_place_quickly(claim: Claim, place_id: int) -> Response | None:
    with database().look() as connection:
        own = own_place_shown(connection, place_id, claim)
        if own is None or own.seen.sitting_state not in ADMITTING or own.seen.why_not(now()) is not None:
            return None
        g.own_language = own.language
        if own.seen.attempt_state in BEGUN:
            return redirect(url_for("exams.paper", attempt_id=own.seen.attempt_id))
        return make_response(_next_page(connection, own))


def _next_page(asked: Asks, own: OwnPlace) -> str:
    """Own details and seat to confirm, then the waiting room."""
    if own.seen.entered_at is None or own.seen.attempt_state in {None, "created"}:
        return confirm_page(own, SeatNumberForm(formdata=None))
    return waiting_page(own, waiting_state(asked, own.seen, now()))


@bp.get("/places/<int:place_id>")
@permit("exam.sit")
@quickly(_own_place_quickly)
def own_place(place_id: int) -> str | Response:
    """The next step of a candidate who is here: own details and seat, the waiting room, or the paper."""
    arrival = arrival_of(read_session(), me().holder, place_id)
    if arrival.sitting.state == "prepared" and arrival.why_not(now()) is None:
        with write_session() as session:
            open_if_due(session, session.get_one(Sitting, arrival.sitting.id), now())
        arrival = arrival_of(read_session(), me().holder, place_id)
    onward = place_address(arrival)
    if onward != request.path:
        return redirect(onward)
    try:
        arrival.require_admitted(now())
    except TurnedAway as refusal:
        flash(str(refusal.message), "error")
        return redirect(url_for("exams.door"))
    return _next_page(read_session(), shown_here(place_id))


def _waiting_quickly(claim: Claim, place_id: int) -> Answer | None:
    told = waiting_quickly(database(), claim, place_id, now())
    return jsonify(told) if told else None


@bp.get("/places/<int:place_id>/waiting")
@permit("exam.sit")
@quickly(_waiting_quickly)
def waiting(place_id: int) -> Answer:
    """How things stand, for the page of the waiting room; asked every five seconds by everybody, so it only reads."""
    arrival_of(read_session(), me().holder, place_id)
    seen = place_seen(read_session(), place_id)
    assert seen is not None
    return jsonify(waiting_state(read_session(), seen, now()))


def _started_quickly(claim: Claim, place_id: int) -> Response | None:
    attempt_id = start_quickly(database(), claim, place_id, now())
    return _to_the_paper(attempt_id) if attempt_id is not None else None


@bp.post("/places/<int:place_id>/start")
@permit("exam.sit")
@quickly(_started_quickly)
def start_paper(place_id: int) -> Response:
    """The paper begins, or has begun: two clicks, two tabs and a replay are one start. A script is told the address."""
    try:
        with write_session() as session:
            attempt_id = start(session, me().holder, place_id, now()).id
    except TurnedAway as refusal:
        with write_session() as session:
            note_turned_away(session, refusal, (me().id, address()), now())
        raise
    return _to_the_paper(attempt_id)


def _to_the_paper(attempt_id: int) -> Response:
    onward = url_for("exams.paper", attempt_id=attempt_id)
    return jsonify(url=onward) if wants_json() else redirect(onward)


def latest_start(sitting: Sitting | Seen) -> str:
    """The latest start as a time of day, with its date when that is another one than the beginning's."""
    same_day = shanghai_day(sitting.latest_start_at) == shanghai_day(sitting.starts_at)
    return clock(sitting.latest_start_at, False) if same_day else moment(sitting.latest_start_at)


bp.add_app_template_filter(latest_start)

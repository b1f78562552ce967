"""The own place on the day: the waiting room and the start."""

from flask import Response as Answer
from flask import flash, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from training_app.clock import shanghai_day
from training_app.exams.day.door import Arrival, TurnedAway, arrival_of, note_turned_away, seat_and_room
from training_app.exams.day.door_views import confirm_page, place_address
from training_app.exams.day.forms import SeatNumberForm
from training_app.exams.day.opening import open_if_due
from training_app.exams.day.starting import start
from training_app.exams.day.waiting import RULES, TRIAL, waiting_state
from training_app.exams.sitting_models import Sitting
from training_app.exams.views import bp
from training_app.people.signed import me
from training_app.web.access import permit
from training_app.web.requests import address, now, read_session, write_session
from training_app.web.words import clock, moment


@bp.get("/places/<int:place_id>")
@permit("exam.sit")
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
    if arrival.place.entered_at is None or arrival.attempt is None or arrival.attempt.state == "created":
        return confirm_page(arrival, SeatNumberForm(formdata=None))
    return _waiting_room(arrival)


def _waiting_room(arrival: Arrival) -> str:
    seat, room = seat_and_room(arrival)
    return render_template(
        "exams/waiting.html",
        arrival=arrival,
        place=arrival.place,
        sitting=arrival.sitting,
        seat=seat,
        room=room,
        rules=RULES,
        trial=TRIAL,
        begun=now() >= arrival.start,
        data=waiting_state(read_session(), arrival, now())
        | {
            "poll": url_for("exams.waiting", place_id=arrival.place.id),
            "again": url_for("exams.own_place", place_id=arrival.place.id),
        },
        base_slug=arrival.sitting.base_id,
    )


@bp.get("/places/<int:place_id>/waiting")
@permit("exam.sit")
def waiting(place_id: int) -> Answer:
    """How things stand, for the page of the waiting room; asked every five seconds by everybody, so it only reads."""
    answer = jsonify(waiting_state(read_session(), arrival_of(read_session(), me().holder, place_id), now()))
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.post("/places/<int:place_id>/start")
@permit("exam.sit")
def start_paper(place_id: int) -> Response:
    """The paper begins, or has begun: two clicks, two tabs and a replay are one start. A script is told the address."""
    try:
        with write_session() as session:
            attempt = start(session, me().holder, place_id, now())
            onward = url_for("exams.paper", attempt_id=attempt.id)
    except TurnedAway as refusal:
        with write_session() as session:
            note_turned_away(session, refusal, (me().id, address()), now())
        raise
    if request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json":
        return jsonify(url=onward)
    return redirect(onward)


def latest_start(sitting: Sitting) -> str:
    """The latest start as a time of day, with its date when that is another one than the beginning's."""
    same_day = shanghai_day(sitting.latest_start_at) == shanghai_day(sitting.starts_at)
    return clock(sitting.latest_start_at, False) if same_day else moment(sitting.latest_start_at)


bp.add_app_template_filter(latest_start)

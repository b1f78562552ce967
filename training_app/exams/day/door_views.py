"""The door: ticket with sign-in, or with an entry code; details and seat confirmed on the screen."""

from flask import flash, redirect, render_template, request, url_for
from flask import session as cookie
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user, logout_user
from werkzeug.wrappers import Response

from training_app.errors import NotAllowed
from training_app.exams.acting import by
from training_app.exams.day.codes import code_for_ticket, spend_entry_code
from training_app.exams.day.door import (
    Arrival,
    TurnedAway,
    arrival_of,
    arrive,
    confirm_seat,
    note_turned_away,
)
from training_app.exams.day.entering import admitted_by_ticket, enter_quickly
from training_app.exams.day.forms import SEAT_LENGTH, DoorForm, EntryCodeForm, SeatNumberForm, TicketForm
from training_app.exams.day.own import OwnPlace, own_place_shown
from training_app.exams.day.own_pages import confirm_page
from training_app.exams.day.rules import BEGUN, ticket_as_typed
from training_app.exams.sitting_acts import By
from training_app.exams.sitting_models import RosterPlace
from training_app.exams.views import bp
from training_app.people.claims import Claim, claim_of, claimed
from training_app.people.models import Person
from training_app.people.rules import Holder
from training_app.people.sign_in import count_failure, forget_failures, refuse_too_many
from training_app.people.signed import holder_of, me, signed_in
from training_app.people.views import door_key, knock_here, open_session, person_let_in
from training_app.web.access import PUBLIC, permit, quickly
from training_app.web.requests import address, database, now, read_session, write_session

WRONG_CODE = _l("Ticket or code is wrong, or the code was used, replaced or has run out. Ask the invigilator for one.")
SEATS = {
    "wrong": _l("This is not your seat. Yours is %(own)s: go there, or tell the invigilator."),
    "taken": _l("This seat is somebody else's today. Yours is %(own)s: go there, or tell the invigilator."),
    "unknown": _l("There is no such seat in this room. Read the number on the desk once more; yours is %(own)s."),
    "unallocated": _l("You have no seat yet. Tell the invigilator."),
}


def place_address(arrival: Arrival) -> str:
    """Where the person goes on: the paper once it runs, the receipt once it is handed in, else the own place."""
    attempt = arrival.attempt
    if attempt is not None and attempt.state in BEGUN:
        return url_for("exams.paper", attempt_id=attempt.id)
    if attempt is not None and arrival.why_not(now()) == "finished":
        return url_for("exams.receipt", attempt_id=attempt.id)
    return url_for("exams.own_place", place_id=arrival.place.id)


def _ticket_quickly(claim: Claim) -> Response | None:
    onward = _way_in(claim, request.form.get("ticket", "")[:60]) if request.method == "POST" else None
    return redirect(onward) if onward else None


@bp.route("/door", methods=["GET", "POST"])
@permit(PUBLIC)
@quickly(_ticket_quickly)
def door() -> str | Response | tuple[str, int]:
    """Where candidates come in: with the number of the ticket, and the sign-in of whom it belongs to."""
    known = {"ticket": request.args.get("ticket", "")[:60]}
    form = TicketForm(data=known) if current_user.is_authenticated else DoorForm(data=known)
    if not form.validate_on_submit():
        return _door(form), 422 if form.errors else 200
    if isinstance(form, DoorForm):
        person = person_let_in(form)
        if person is None:
            return _door(form), 422
        holder = holder_of(person)
    else:
        person, holder = None, me().holder
    claim = claim_of(signed_in(person).get_id()) if person is not None else claimed()
    if not holder.may("exam.sit"):
        form.ticket.errors = [_("Only candidates come in here: this account is not one of a trainee.")]
        return _door(form), 422
    try:
        onward = _way_in(claim, form.ticket.data) or _arrived(holder, form.ticket.data)
    except TurnedAway as refusal:
        _note(refusal, holder.id)
        form.ticket.errors = [refusal.message]
        return _door(form), 422
    if person is not None:
        open_session(person)
    return redirect(onward)


def _way_in(claim: Claim | None, ticket: str) -> str | None:
    """Where somebody goes on for whom the door is open; None when there is more to be done or said."""
    with database().look() as connection:
        seen = admitted_by_ticket(connection, claim, ticket, now()) if claim else None
    if seen is None:
        return None
    if seen.attempt_state in BEGUN:
        return url_for("exams.paper", attempt_id=seen.attempt_id)
    return url_for("exams.own_place", place_id=seen.id)


def _arrived(holder: Holder, ticket: str) -> str:
    with write_session() as session:
        return place_address(arrive(session, holder, ticket, now()))


def _door(form: TicketForm) -> str:
    return render_template("exams/door.html", form=form)


def _note(refusal: TurnedAway, person_id: int | None) -> None:
    with write_session() as session:
        note_turned_away(session, refusal, (person_id, address()), now())


@bp.post("/door/other-person")
@permit(PUBLIC)
def other_person() -> Response:
    """Who was signed in on this computer is not any more; the door is open for the next."""
    language = cookie.get("language")
    logout_user()
    cookie.clear()
    if language:
        cookie["language"] = language
    return redirect(url_for("exams.door"))


@bp.route("/door/code", methods=["GET", "POST"])
@permit(PUBLIC)
def door_by_code() -> str | Response | tuple[str, int]:
    """The door for who cannot sign in: ticket number and the code from the invigilator."""
    form = EntryCodeForm(data={"ticket": request.args.get("ticket", "")[:60]})
    if not form.validate_on_submit():
        return _code_door(form), 422 if form.errors else 200
    ticket = ticket_as_typed(form.ticket.data)
    who = knock_here(f"ticket/{ticket}")
    refuse_too_many(read_session(), who, now())
    code = code_for_ticket(read_session(), ticket, form.code.data, key=door_key(), now=now())
    place = read_session().get(RosterPlace, code.place_id) if code else None
    person = place.person if place else None
    if code is None or place is None or person is None or person.blocked_at is not None:
        return _refused_code(form, ticket)
    holder = holder_of(person)
    try:
        with write_session() as session:
            arrival = arrive(session, holder, ticket, now())
            used = spend_entry_code(session, code, arrival.place, By(holder, address(), now()))
            forget_failures(session, who)
            onward = place_address(arrival)
            person = session.get_one(Person, holder.id)
    except TurnedAway as refusal:
        _note(refusal, holder.id)
        form.ticket.errors = [refusal.message]
        return _code_door(form), 422
    if not used:
        return _refused_code(form, ticket)
    open_session(person, limited_to=arrival.place.id)
    return redirect(onward)


def _refused_code(form: EntryCodeForm, ticket: str) -> tuple[str, int]:
    with write_session() as session:
        count_failure(session, knock_here(f"ticket/{ticket}"), now())
        refusal = TurnedAway("entry_code", WRONG_CODE, ticket)
        note_turned_away(session, refusal, (None, address()), now())
    form.code.errors = [WRONG_CODE]
    return _code_door(form), 422


def _code_door(form: EntryCodeForm) -> str:
    return render_template("exams/door_code.html", form=form)


def _seat_taken_quickly(claim: Claim, place_id: int) -> Response | None:
    typed = request.form.get("seat", "")
    entered = len(typed) <= SEAT_LENGTH and enter_quickly(database(), claim, place_id, typed, now=now())
    return redirect(url_for("exams.own_place", place_id=place_id)) if entered else None


@bp.post("/places/<int:place_id>/seat")
@permit("exam.sit")
@quickly(_seat_taken_quickly)
def take_seat(place_id: int) -> str | Response | tuple[str, int]:
    """The person is in when the seat is the own one; another one is told, and shown to the invigilators."""
    form = SeatNumberForm()
    if not form.validate():
        arrival_of(read_session(), me().holder, place_id)
        return confirm_page(shown_here(place_id), form), 422
    try:
        with write_session() as session:
            answer = confirm_seat(session, arrival_of(session, me().holder, place_id), form.seat.data, by())
    except TurnedAway as refusal:
        _note(refusal, me().id)
        flash(str(refusal.message), "error")
        return redirect(url_for("exams.door"))
    if answer == "right":
        return redirect(url_for("exams.own_place", place_id=place_id))
    own = shown_here(place_id)
    form.seat.errors = [str(SEATS[answer]) % {"own": own.seen.seat or ""}]
    return confirm_page(own, form), 422


def shown_here(place_id: int) -> OwnPlace:
    """The place of this request, which is known to be the own one, as its page shows it."""
    own = own_place_shown(read_session(), place_id)
    assert own is not None
    return own


def require_no_limit() -> None:
    """Nothing, or NotAllowed in a session that an entry code opened."""
    if me().limited_to is not None:
        raise NotAllowed(_("You came in with an entry code. Do this with your own sign-in."), act="entry code")

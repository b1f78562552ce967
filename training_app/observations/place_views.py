"""Pages of places: people found and given one, everybody of the invited bases at once, a place withdrawn."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from training_app.bookings.names import listed
from training_app.observations.acting import by, done
from training_app.observations.claims import standing_places
from training_app.observations.forms import ReasonForm
from training_app.observations.models import Observation, ObservationPlace
from training_app.observations.places import add_place, found_by, person_to_place, place_everybody, withdraw
from training_app.observations.reach import observation_within
from training_app.observations.views import bp
from training_app.people.models import Person
from training_app.people.reach import LARGEST_ID
from training_app.people.signed import me
from training_app.web.access import permit
from training_app.web.requests import read_session
from training_app.web.words import name_of


@bp.get("/observations/<int:observation_id>/people")
@permit("observations.edit")
def watching_people(observation_id: int) -> str:
    """Trainees of the invited bases, found by name or number."""
    session = read_session()
    found = observation_within(session, me().holder, "observations.edit", observation_id)
    words = " ".join(request.args.get("q", "").split())[:100]
    standing = standing_places(session, found)
    return render_template(
        "observations/people.html",
        observation=found,
        words=words,
        people=found_by(session, found, words) if words else [],
        placed={place.person_id for place in standing},
        taken=len(standing),
    )


@bp.post("/observations/<int:observation_id>/places")
@permit("observations.edit")
def give_a_place(observation_id: int) -> Response:
    """One trainee has a place."""
    person_id = request.form.get("person", 0, type=int)
    return done(
        observation_id,
        lambda session, found: add_place(session, found, person_to_place(session, found, person_id), by()),
        _("The person has a place."),
        url_for("observations.watching_people", observation_id=observation_id, q=request.form.get("q", "")),
    )


@bp.post("/observations/<int:observation_id>/places/everybody")
@permit("observations.edit")
def give_everybody_a_place(observation_id: int) -> Response:
    """Every trainee of the invited bases has a place, as far as they are free and places are left."""
    left_out: list[Person] = []

    def act(session: Session, found: Observation) -> None:
        _added, without = place_everybody(session, found, by())
        left_out.extend(without)

    answer = done(observation_id, act, _("Everybody who is free has a place."))
    if left_out:
        names = listed([name_of(person) for person in left_out], 10)
        flash(_("Without a place: %(names)s.", names=names), "warning")
    return answer


@bp.route("/observations/<int:observation_id>/places/<int:place_id>/withdraw", methods=["GET", "POST"])
@permit("observations.edit")
def withdraw_a_place(observation_id: int, place_id: int) -> str | Response | tuple[str, int]:
    """A place is withdrawn, with a reason."""
    form = ReasonForm()
    session = read_session()
    found = observation_within(session, me().holder, "observations.edit", observation_id)
    if not form.validate_on_submit():
        place = session.get(ObservationPlace, place_id) if place_id <= LARGEST_ID else None
        if place is None or place.observation_id != found.id:
            return redirect(url_for("observations.observation", observation_id=observation_id))
        page = render_template(
            "observations/end.html", form=form, observation=found, act="withdraw", what=name_of(place.person)
        )
        return page, 422 if form.errors else 200
    return done(
        observation_id,
        lambda session, locked: withdraw(session, locked, place_id, form.reason.data, by=by()),
        _("The place is withdrawn."),
    )

"""The list of observations, and the page of one: what it is, how to watch it, what staff sees of it."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask import Response as Answer
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from training_app.audit.words import details_in_words
from training_app.bookings.names import value_in_words
from training_app.lists import MEDIA_TYPES, export, list_page, list_rows, requested_export
from training_app.observations.acting import by, done
from training_app.observations.confidentiality import accept
from training_app.observations.listing import observations_listed, observations_spec, on_air_now
from training_app.observations.models import Observation
from training_app.observations.places import give_back, take_place
from training_app.observations.reach import Standing, may_host, observation_for, observations_within
from training_app.observations.rules import LIVE, STANDING
from training_app.observations.staff import for_staff
from training_app.observations.tickets import recordings_of, refusal
from training_app.observations.words import KINDS, MARKS, PLACE_STATES, REFUSALS, STATES, notice, title_of
from training_app.people.models import TrainingBase
from training_app.people.signed import me
from training_app.web.access import permit
from training_app.web.requests import now, read_session, write_session

bp = Blueprint("observations", __name__)
bp.add_app_template_filter(title_of, "observation_title")
bp.add_app_template_filter(lambda state: (MARKS[state], str(STATES[state])), "observation_state")
bp.add_app_template_filter(lambda kind: str(KINDS[kind]), "observation_kind")
bp.add_app_template_filter(lambda state: str(PLACE_STATES[state]), "watch_place_state")
bp.add_app_template_filter(lambda details: details_in_words(details or {}, value_in_words), "observation_details")


@bp.get("/observations")
@permit("observations.read")
def observations() -> str | Answer:
    """What is on the air now, and every observation that is open to the reader or within reach."""
    session, holder = read_session(), me().holder
    bases = session.scalars(select(TrainingBase).order_by(TrainingBase.position)).all()
    spec, statement = observations_spec(bases), observations_listed(holder)
    kind = requested_export(request.args)
    if kind:
        return Answer(
            export(spec, list_rows(session, statement, spec, request.args), kind),
            mimetype=MEDIA_TYPES[kind],
            headers={"Content-Disposition": f"attachment; filename=observations.{kind}"},
        )
    return render_template(
        "observations/observations.html",
        page=list_page(session, statement, spec, request.args),
        live=on_air_now(session, holder),
        may_plan=bool(holder.bases_for("observations.edit")),
        may_host=lambda found: may_host(holder, found),
    )


@bp.get("/observations/<int:observation_id>")
@permit("observations.read")
def observation(observation_id: int) -> str:
    """One observation. Who hosts or administers it sees venues, people and figures as well."""
    session, holder = read_session(), me().holder
    found, standing = observation_for(session, holder, observation_id)
    return render_template(
        "observations/observation.html",
        observation=found,
        base=session.get_one(TrainingBase, found.base_id),
        standing=standing,
        notice=notice(),
        hosting=may_host(holder, found),
        may_edit=_may_edit(session, found) and found.state == "planned",
        may_cancel=_may_edit(session, found) and found.state in {"planned", "open"},
        recordings=recordings_of(session, found, now()),
        staff=for_staff(session, found, now()) if standing.staff else None,
        **_ways_in(session, found, standing),
    )


def _may_edit(session: Session, found: Observation) -> bool:
    within = observations_within(me().holder, "observations.edit")
    return session.scalar(select(Observation.id).where(Observation.id == found.id, within)) is not None


def _ways_in(session: Session, found: Observation, standing: Standing) -> dict[str, object]:
    """What the reader can do: watch, or why not; accept the notice; take or give back a place."""
    may_watch = me().holder.may("observations.watch")
    why = refusal(session, found, standing, now())
    return {
        "may_watch": may_watch and why is None,
        "waits": may_watch and why == "early",
        "why_not": REFUSALS[why] if why in {"over", "cancelled"} else "",
        "asks_for_notice": may_watch and why == "notice",
        "may_take": standing.of_audience
        and standing.place is None
        and found.places is not None
        and found.state in STANDING
        and now() < found.ends_at,
        "may_give_back": standing.place is not None and found.state == "planned",
        "is_live": found.state in LIVE,
    }


def to_look(session: Session, observation_id: int) -> Observation:
    """The observation, locked, for whoever it is open to."""
    return observation_for(session, me().holder, observation_id, to_change=True)[0]


@bp.post("/observations/<int:observation_id>/notice")
@permit("observations.watch")
def accept_notice(observation_id: int) -> Response:
    """The reader accepts the notice of confidentiality, once for this observation."""
    with write_session() as session:
        found, _standing = observation_for(session, me().holder, observation_id)
        accept(session, found, by())
        is_on = found.state in LIVE
    flash(_("You accepted the notice."), "success")
    onward = "observations.watch" if is_on else "observations.observation"
    return redirect(url_for(onward, observation_id=observation_id))


@bp.post("/observations/<int:observation_id>/place")
@permit("observations.watch")
def take_own_place(observation_id: int) -> Response:
    """A trainee who is invited takes a place."""
    return done(
        observation_id,
        lambda session, found: take_place(session, found, _standing_of(session, found), by()),
        _("You have a place."),
        fetch=to_look,
    )


@bp.post("/observations/<int:observation_id>/place/give-back")
@permit("observations.watch")
def give_own_place_back(observation_id: int) -> Response:
    """The own place is free for somebody else."""
    return done(
        observation_id,
        lambda session, found: give_back(session, found, _standing_of(session, found), by()),
        _("The place is given back."),
        fetch=to_look,
    )


def _standing_of(session: Session, found: Observation) -> Standing:
    return observation_for(session, me().holder, found.id)[1]

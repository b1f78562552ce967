"""Pages of a venue for its host: the consent, the link that opens its page."""

from flask import current_app, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from training_app.errors import NotAllowed, NotFound, Refused
from training_app.observations.acting import by, carried_out, done
from training_app.observations.forms import ConsentForm, ReasonForm
from training_app.observations.links import secret_of_link
from training_app.observations.models import Observation
from training_app.observations.reach import studio_of, venue_of
from training_app.observations.studio_views import to_host
from training_app.observations.venues import make_link, note_consent, revoke_link, withdraw_consent
from training_app.observations.views import bp
from training_app.people.signed import me
from training_app.web.access import permit
from training_app.web.requests import read_session
from training_app.web.words import name_of


def _here(observation_id: int, venue_id: int) -> str:
    return url_for("observations.venue_settings", observation_id=observation_id, venue_id=venue_id)


@bp.get("/observations/<int:observation_id>/venues/<int:venue_id>")
@permit("observations.host")
def venue_settings(observation_id: int, venue_id: int) -> str:
    """A venue: its consent, its link to copy."""
    return _page(observation_id, venue_id, ConsentForm(formdata=None))


def _page(observation_id: int, venue_id: int, form: ConsentForm) -> str:
    session = read_session()
    found = studio_of(session, me().holder, observation_id)
    venue = venue_of(session, found, venue_id)
    secret = str(current_app.config["SECRET_KEY"])
    address = (
        url_for("observations.venue", secret=secret_of_link(secret, venue.link), _external=True) if venue.link else ""
    )
    return render_template(
        "observations/venue_settings.html", observation=found, venue=venue, address=address, form=form
    )


@bp.post("/observations/<int:observation_id>/venues/<int:venue_id>/consent")
@permit("observations.host")
def record_consent(observation_id: int, venue_id: int) -> Response | tuple[str, int]:
    """The consent of a venue is taken down, in the place of a former one."""
    form = ConsentForm()
    studio_of(read_session(), me().holder, observation_id)
    if form.validate():
        try:
            carried_out(
                observation_id,
                lambda session, found: note_consent(
                    session, found, venue_of(session, found, venue_id), form.entry(), by=by()
                ),
                to_host,
            )
        except (NotAllowed, NotFound):
            raise
        except Refused as refusal:
            form.keep_until.errors = [refusal.message]
        else:
            return redirect(_here(observation_id, venue_id))
    return _page(observation_id, venue_id, form), 422


@bp.route("/observations/<int:observation_id>/venues/<int:venue_id>/consent/withdraw", methods=["GET", "POST"])
@permit("observations.host")
def withdraw_a_consent(observation_id: int, venue_id: int) -> str | Response | tuple[str, int]:
    """The consent of a venue is withdrawn, with a reason."""
    form = ReasonForm()
    session = read_session()
    found = studio_of(session, me().holder, observation_id)
    venue = venue_of(session, found, venue_id)
    if not form.validate_on_submit():
        page = render_template(
            "observations/end.html", form=form, observation=found, act="consent", what=name_of(venue)
        )
        return page, 422 if form.errors else 200

    def act(session: Session, locked: Observation) -> None:
        withdraw_consent(session, locked, venue_of(session, locked, venue_id), reason=form.reason.data, by=by())

    return done(observation_id, act, _("The consent is withdrawn."), fetch=to_host)


@bp.post("/observations/<int:observation_id>/venues/<int:venue_id>/link")
@permit("observations.host")
def change_link(observation_id: int, venue_id: int) -> Response:
    """A venue gets a new link, or loses the one it has."""
    is_new = request.form.get("act") != "revoke"
    change = make_link if is_new else revoke_link
    return done(
        observation_id,
        lambda session, found: change(session, found, venue_of(session, found, venue_id), by()),
        _("The link is made. Copy it and send it to the venue.") if is_new else _("The link opens nothing any more."),
        _here(observation_id, venue_id),
        fetch=to_host,
    )

"""The photograph of a candidate: given with consent, looked at, taken back; shown to who watches the sitting."""

from flask import Response as Answer
from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from training_app.errors import NotAllowed, NotFound, Refused
from training_app.exams.acting import by
from training_app.exams.day.door import Arrival, arrival_of
from training_app.exams.day.door_views import require_no_limit
from training_app.exams.day.forms import PhotoForm
from training_app.exams.day.photos import give_photo, kept_photo, may_give_photo, take_photo_back
from training_app.exams.retention import photo_of
from training_app.exams.setup.roster import place_of
from training_app.exams.setup.sittings import sitting_within
from training_app.exams.views import bp
from training_app.files.services import required_use_of
from training_app.files.serving import picture_answer, store
from training_app.people.signed import me
from training_app.web.access import permit
from training_app.web.bodies import takes_upload
from training_app.web.requests import now, read_session, settings, write_session

LARGEST_FORM = 9 << 20


@bp.get("/exams/places/<int:place_id>/photo")
@permit("exam.sit")
def own_photo_page(place_id: int) -> str:
    """One's own photograph, and the consent that goes with it."""
    return _page(arrival_of(read_session(), me().holder, place_id), PhotoForm(formdata=None))


def _page(arrival: Arrival, form: PhotoForm) -> str:
    return render_template(
        "exams/photo.html",
        place=arrival.place,
        sitting=arrival.sitting,
        kept=kept_photo(read_session(), arrival.place.id, now()),
        may_give=may_give_photo(arrival),
        appeal_days=settings().appeal_days,
        form=form,
    )


@bp.post("/exams/places/<int:place_id>/photo")
@permit("exam.sit")
@takes_upload(LARGEST_FORM)
def give_own_photo(place_id: int) -> str | Response | tuple[str, int]:
    """The photograph is kept, with consent."""
    require_no_limit()
    arrival = arrival_of(read_session(), me().holder, place_id)
    form = PhotoForm()
    if not form.validate():
        return _page(arrival, form), 422
    content = form.picture.data.read()
    try:
        with write_session() as session:
            own = arrival_of(session, me().holder, place_id)
            give_photo(session, store(), own, content, by=by())
    except (NotAllowed, NotFound):
        raise
    except Refused as refusal:
        form.picture.errors = [refusal.message]
        return _page(arrival_of(read_session(), me().holder, place_id), form), 422
    flash(_("Your photograph is kept and stands on your ticket."), "success")
    return redirect(url_for("exams.own_photo_page", place_id=place_id))


@bp.post("/exams/places/<int:place_id>/photo/take-back")
@permit("exam.sit")
def take_own_photo_back(place_id: int) -> Response:
    """The consent is taken back, and the photograph with it."""
    require_no_limit()
    with write_session() as session:
        take_photo_back(session, arrival_of(session, me().holder, place_id), by())
    flash(_("Your photograph is deleted."), "success")
    return redirect(url_for("exams.own_photo_page", place_id=place_id))


@bp.get("/exams/places/<int:place_id>/photo.jpg")
@permit("exam.sit")
def own_photo(place_id: int) -> Answer:
    """The own photograph."""
    session = read_session()
    arrival = arrival_of(session, me().holder, place_id)
    return picture_answer(required_use_of(session, photo_of(arrival.place.id), now()))


@bp.get("/sittings/<int:sitting_id>/places/<int:place_id>/photo.jpg")
@permit("console.read")
def photo_for_the_room(sitting_id: int, place_id: int) -> Answer:
    """The photograph of a candidate, for who watches the sitting."""
    session = read_session()
    sitting = sitting_within(session, me().holder, "console.read", sitting_id)
    place = place_of(session, sitting, place_id)
    return picture_answer(required_use_of(session, photo_of(place.id), now()))

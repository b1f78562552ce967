"""The pages of the own place: details and seat to confirm, and the waiting room. Both ways to them show the same.

They look nobody up: name and language come with the place, and the head has no menu, which on an exam day only leads
astray.
"""

from flask import current_app, url_for

from training_app.exams.day.forms import SeatNumberForm
from training_app.exams.day.own import OwnPlace
from training_app.exams.day.waiting import RULES, TRIAL
from training_app.web.requests import now
from training_app.web.words import language, name_of


def confirm_page(own: OwnPlace, form: SeatNumberForm) -> str:
    """Own details on the screen, and the field for the seat."""
    return _page("exams/confirm_seat.html", own, form=form)


def waiting_page(own: OwnPlace, told: dict[str, object]) -> str:
    """The waiting room. told: how things stand, as `waiting_state` has it."""
    place = own.seen.id
    addresses = {
        "poll": url_for("exams.waiting", place_id=place),
        "again": url_for("exams.own_place", place_id=place),
    }
    begun = now() >= own.seen.start
    return _page("exams/waiting.html", own, rules=RULES, trial=TRIAL, begun=begun, data=told | addresses)


def _page(template: str, own: OwnPlace, **values: object) -> str:
    here = url_for("exams.own_place", place_id=own.seen.id)
    other = "en" if language() == "zh" else "zh"
    # without what the context of other pages knows of the person, which would have to be looked up
    return current_app.jinja_env.get_template(template).render(
        own=own,
        seen=own.seen,
        language=language(),
        demonstration=current_app.extensions["demonstration"],
        switch_language_href=url_for("people.switch_language", language=other, next=here),
        home_href=here,
        person={"name": name_of(own)},
        base_slug=own.base,
        **values,
    )

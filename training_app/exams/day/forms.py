"""Forms of the door: ticket with sign-in, ticket with entry code, the seat seen on the desk, a photograph."""

from typing import Final

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, StringField
from wtforms.validators import DataRequired, Length

from training_app.people.forms import NEEDED, SignInForm

SEAT_LENGTH: Final = 20
TICKET = {
    "autocomplete": "off",
    "autocapitalize": "characters",
    "spellcheck": "false",
}


class TicketForm(FlaskForm):
    """The ticket of somebody who is signed in."""

    ticket = StringField(
        _l("Ticket number"),
        [NEEDED, Length(max=60)],
        description=_l("As on your admission ticket; dashes and capitals do not matter."),
        render_kw=TICKET,
    )


class DoorForm(SignInForm, TicketForm):
    """Ticket, name and password."""


class EntryCodeForm(TicketForm):
    """Ticket, and the code that the invigilator handed out."""

    code = StringField(
        _l("Entry code"),
        [NEEDED, Length(max=60)],
        description=_l("Eight letters and digits; it works once, for you and this examination only."),
        render_kw={"autocomplete": "one-time-code", "autocapitalize": "characters", "spellcheck": "false"},
    )


class SeatNumberForm(FlaskForm):
    """The seat as it stands on the desk."""

    seat = StringField(
        _l("Seat number on your desk"),
        [NEEDED, Length(max=SEAT_LENGTH)],
        render_kw={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"},
    )


class PhotoForm(FlaskForm):
    """A photograph, with consent."""

    picture = FileField(
        _l("Photograph"),
        [FileRequired(_l("Choose a picture."))],
        description=_l("JPEG, PNG or WebP, your face from the front, at most 8 MB."),
        render_kw={"accept": "image/jpeg,image/png,image/webp"},
    )
    consent = BooleanField(
        _l(
            "I agree that this photograph is shown to the invigilators of this sitting and on my admission ticket, "
            "so that they can see who I am."
        ),
        [DataRequired(_l("Without your consent no photograph is kept."))],
    )

"""Forms of a reviewer, and of an author who sends a folder."""

from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import DateField, Field, SelectField, TextAreaField
from wtforms.validators import InputRequired, Length, ValidationError

from training_app.people.admin_forms import VersionedForm, line, tidy_text
from training_app.people.forms import NEEDED

EARLIEST = date(2012, 1, 1)


class ConfirmForm(VersionedForm):
    """What a reviewer compared the item with."""

    edition = SelectField(_l("Edition of the official text"), [NEEDED])
    place = line(_l("Place in it"), 120, NEEDED, description=_l("For example: annex 2, criterion 8."))
    looked_on = DateField(
        _l("Day on which you looked at it"), [InputRequired(_l("Please fill this in."))], render_kw={"type": "date"}
    )

    def __init__(self, *sent: object, today: date, **more: object) -> None:
        super().__init__(*sent, **more)
        self.today = today

    def validate_looked_on(self, field: Field) -> None:
        """A fault when the day is to come, or before there was anything to look at."""
        if field.data and not EARLIEST <= field.data <= self.today:
            raise ValidationError(_("Give a day from 2012 to today."))


class ReasonForm(VersionedForm):
    """Why an item goes back to its author, or is retired."""

    reason = TextAreaField(_l("Reason"), [NEEDED, Length(max=1000)], filters=[tidy_text], render_kw={"rows": 3})


class UploadForm(FlaskForm):
    """A folder of content as a zip file, and who wrote it."""

    folder = FileField(_l("Content folder as a zip file"), [FileRequired(_l("Choose a file."))])
    author = SelectField(_l("Written by"), coerce=int, description=_l("Neither the author nor you will review it."))

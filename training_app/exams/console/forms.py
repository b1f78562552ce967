"""Forms of the console. Each act says why; `seen` is what the person saw, so that the slower of two is told."""

from datetime import datetime, time

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, IntegerField, RadioField, SelectField, TextAreaField, TimeField
from wtforms.validators import InputRequired, Length, NumberRange
from wtforms.validators import Optional as Empty

from training_app.clock import SHANGHAI
from training_app.exams.console.added_time import MOST_MINUTES
from training_app.exams.console.words import DOCUMENTS
from training_app.exams.setup.forms import MultiCheckboxField
from training_app.people.admin_forms import choices, number_or_none, tidy_text
from training_app.people.forms import NEEDED


def said(label: object, *, needed: bool = True, rows: int = 2) -> TextAreaField:
    """A sentence or two."""
    first = [NEEDED] if needed else [Empty()]
    return TextAreaField(label, [*first, Length(max=300)], filters=[tidy_text], render_kw={"rows": rows})


def added_minutes() -> IntegerField:
    """How much time is given."""
    return IntegerField(
        _l("Minutes"),
        [InputRequired(_l("Please fill this in.")), NumberRange(1, MOST_MINUTES, _l("From 1 to 120 minutes."))],
        render_kw={"inputmode": "numeric"},
    )


class ActForm(FlaskForm):
    """An act with its reason."""

    seen = HiddenField()
    reason = said(_l("Reason"))


class CodeForm(FlaskForm):
    """Handing out a code; what was done before stands in the history."""

    seen = HiddenField()


class DocumentForm(FlaskForm):
    """How an identity document was found; its number is never asked for."""

    seen = HiddenField()
    outcome = RadioField(_l("Identity document"), [NEEDED], choices=choices(DOCUMENTS))
    reason = said(_l("What is missing or doubtful"), needed=False)


class IncidentForm(FlaskForm):
    """Something that happened."""

    seen = HiddenField()
    text = said(_l("What happened"), rows=3)


class NoticeForm(FlaskForm):
    """A sentence for the papers."""

    seen = HiddenField()
    text = said(_l("What the candidates read"), rows=3)


class MinutesForm(FlaskForm):
    """Time for one person."""

    seen = HiddenField()
    minutes = added_minutes()
    reason = said(_l("Reason"))


class MoveForm(FlaskForm):
    """Another seat."""

    seen = HiddenField()
    seat = SelectField(_l("Free seat"), [NEEDED], coerce=number_or_none)
    reason = said(_l("Reason"))


class RoomChoice(FlaskForm):
    """A room of the sitting, or all of them."""

    room = SelectField(_l("Where"), coerce=number_or_none)


class RoomActForm(RoomChoice):
    """An act in a room."""

    reason = said(_l("Reason"))


class RoomIncidentForm(RoomChoice):
    """Something that happened in a room."""

    text = said(_l("What happened"), rows=3)


class RoomNoticeForm(RoomChoice):
    """A sentence for the papers of a room."""

    text = said(_l("What the candidates read"), rows=3)


class RoomMinutesForm(RoomChoice):
    """Time for everybody in a room."""

    minutes = added_minutes()
    reason = said(_l("Reason"))


class LostForm(FlaskForm):
    """Time for those who lost some. The seconds are counted by the site when it is proposed."""

    people = MultiCheckboxField(_l("Who lost time"), coerce=int)
    reason = said(_l("Reason"))


class StartForm(FlaskForm):
    """The common start: now, or at a time of today."""

    when = RadioField(_l("When"), [NEEDED], choices=choices({"now": _l("Now"), "at": _l("At a time")}), default="now")
    at = TimeField(_l("Time"), [Empty()], format=["%H:%M:%S", "%H:%M"], render_kw={"step": 1})

    def moment(self, now: datetime) -> datetime | None:
        """The moment that was chosen, None for now."""
        if self.when.data != "at" or not isinstance(self.at.data, time):
            return None
        return datetime.combine(now.astimezone(SHANGHAI).date(), self.at.data, SHANGHAI)


class EndForm(FlaskForm):
    """The end of a sitting."""

    working = HiddenField()
    also = BooleanField(_l("Hand in for everybody who is still working"))
    reason = said(_l("Reason"))

    def also_working(self) -> int:
        """For how many people at work the sitting is ended too."""
        shown = str(self.working.data or "")
        return int(shown) if self.also.data and shown.isascii() and shown.isdigit() and len(shown) < 5 else 0


class NoForm(FlaskForm):
    """Only the proof that the page is our own."""


class LateForm(FlaskForm):
    """Why late answers count or not; the answers themselves are fields `late.ID`."""

    reason = said(_l("Reason"))

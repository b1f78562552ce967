"""Forms of rooms, seats, hours, equipment and closures."""

from datetime import datetime, timedelta
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateTimeLocalField,
    Field,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, ValidationError

from training_app.bookings.names import ROOM_KIND_NAMES, WEEKDAY_NAMES
from training_app.bookings.rules import MOST_PLACES, MOST_ROWS, Hours, HoursFault, Span, hours_as_typed
from training_app.clock import SHANGHAI
from training_app.people.admin_forms import VersionedForm, choices, line, text_or_none, tidy, tidy_text
from training_app.people.forms import NEEDED
from training_app.web.requests import now

LONGEST_CLOSURE: Final = timedelta(days=731)
MOMENTS: Final = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]
USABLE: Final = {"yes": _l("Usable"), "no": _l("Unusable")}


def _note() -> TextAreaField:
    return TextAreaField(_l("Note"), [Length(max=2000)], filters=[tidy_text])


def _reason(*validators: Any) -> TextAreaField:
    return TextAreaField(_l("Reason"), [*validators, Length(max=500)], filters=[tidy_text])


SAY_WHY = DataRequired(_l("Say why, so that whoever comes next understands."))


class RoomForm(VersionedForm):
    """The particulars of a room."""

    base_id = SelectField(_l("Base"), coerce=text_or_none)
    kind = RadioField(_l("Kind"), [NEEDED], choices=choices(ROOM_KIND_NAMES))
    name_zh = line(_l("Chinese name"), 60, NEEDED)
    name_en = line(_l("English name"), 80, NEEDED)
    note = _note()


class KitForm(VersionedForm):
    """The particulars of a piece of equipment."""

    base_id = SelectField(_l("Base"), coerce=text_or_none)
    name_zh = line(_l("Chinese name"), 60, NEEDED)
    name_en = line(_l("English name"), 80, NEEDED)
    note = _note()


class LayoutForm(VersionedForm):
    """Rows and places of the seats of a room."""

    rows = IntegerField(_l("Rows"), [InputRequired(_l("Enter how many.")), NumberRange(1, MOST_ROWS)])
    places = IntegerField(_l("Seats in each row"), [InputRequired(_l("Enter how many.")), NumberRange(1, MOST_PLACES)])
    anew = BooleanField(_l("Label all seats anew, by row and place: A-01, A-02 …"))


class SeatForm(VersionedForm):
    """One seat. was_usable: as it is stored; a change of it needs a reason."""

    label = line(_l("Label"), 10, NEEDED, render_kw={"autocomplete": "off"})
    usable = RadioField(_l("State"), [NEEDED], choices=choices(USABLE))
    reason = TextAreaField(
        _l("Reason"),
        [Length(max=500)],
        filters=[tidy_text],
        description=_l("Needed when a seat becomes unusable or usable. It stands in the audit log."),
    )
    was_usable = True

    def validate_reason(self, field: Field) -> None:
        """A fault when the state changes without a reason."""
        if not field.data and (self.usable.data == "yes") != self.was_usable:
            raise ValidationError(_("Say why, so that whoever comes next understands."))


class HoursField(StringField):
    """The hours of one weekday as a line of text. `weekday` is set by the form."""

    weekday = 0

    def hours(self) -> tuple[Hours, ...]:
        """The hours that were typed. Raises HoursFault."""
        return hours_as_typed(self.data or "", self.weekday)

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002 - the signature is WTForms'
        """A fault that says which piece is wrong and how it would be right."""
        try:
            self.hours()
        except HoursFault as fault:
            raise ValidationError(_hours_sentence(fault)) from fault


def _hours_sentence(fault: HoursFault) -> str:
    if fault.kind == "overlap":
        return str(_("These hours overlap: %(hours)s.", hours=fault.piece))
    if fault.kind == "order":
        return str(_("%(hours)s ends before it begins.", hours=fault.piece))
    return str(_("%(hours)s cannot be read. Write for example 08:30-12:00, 13:30-17:30.", hours=fault.piece))


def _day(weekday: int) -> HoursField:
    return HoursField(
        WEEKDAY_NAMES[weekday],
        [Length(max=120)],
        filters=[tidy],
        render_kw={"autocomplete": "off"},
    )


class HoursForm(VersionedForm):
    """The opening hours of a week; a day without hours is closed."""

    monday, tuesday, wednesday, thursday = _day(0), _day(1), _day(2), _day(3)
    friday, saturday, sunday = _day(4), _day(5), _day(6)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for weekday, field in enumerate(self.days()):
            field.weekday = weekday

    def days(self) -> tuple[HoursField, ...]:
        """The fields from Monday to Sunday."""
        return tuple(self[name] for name in DAYS)

    def hours(self) -> list[Hours]:
        """All hours of the week, in order."""
        return [hours for field in self.days() for hours in field.hours()]


DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class ClosureForm(FlaskForm):
    """From when to when something is closed, and why. key: of this form, so that sending it twice closes once."""

    key = HiddenField()
    starts = DateTimeLocalField(_l("Begins"), [InputRequired(_l("Enter day and time."))], format=MOMENTS)
    ends = DateTimeLocalField(_l("Ends"), [InputRequired(_l("Enter day and time."))], format=MOMENTS)
    reason = _reason(SAY_WHY)

    def validate_starts(self, field: Field) -> None:
        """A fault for a beginning long ago; today's morning is fine."""
        if field.data is not None and field.data.replace(tzinfo=SHANGHAI) < now() - timedelta(days=1):
            raise ValidationError(_("This is in the past. A closure begins today or later."))

    def validate_ends(self, field: Field) -> None:
        """A fault when the end is over, before the beginning, or too far from it."""
        if field.data is None or self.starts.data is None:
            return
        if field.data <= self.starts.data:
            raise ValidationError(_("It ends after it begins."))
        if field.data.replace(tzinfo=SHANGHAI) <= now():
            raise ValidationError(_("This is in the past already."))
        if field.data - self.starts.data > LONGEST_CLOSURE:
            raise ValidationError(_("A closure lasts two years at most. For longer, take it out of use."))

    def span(self) -> Span:
        """The time that was entered, by the clock of the bases."""
        return Span(_local(self.starts.data), _local(self.ends.data))

    def form_key(self) -> str:
        """The key that came with the form, cut to what the column holds."""
        return str(self.key.data or "")[:40]


def _local(typed: datetime) -> datetime:
    return typed.replace(tzinfo=SHANGHAI)


class ReasonForm(FlaskForm):
    """Why something is done."""

    reason = _reason(SAY_WHY)

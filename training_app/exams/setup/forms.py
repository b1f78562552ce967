"""Forms of sittings and places."""

from dataclasses import fields
from datetime import timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import (
    DateField,
    Field,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from training_app.clock import shanghai_moment
from training_app.exams.rules import Times
from training_app.exams.setup.rules import MOST_FORMS, FormWishes
from training_app.exams.setup.sittings import Plan
from training_app.people.admin_forms import VersionedForm, choices, line, number_or_none, tidy_text
from training_app.people.forms import NEEDED

LONGEST_LIST = 40_000


class MultiCheckboxField(SelectMultipleField):
    """Several choices, each with a box; at least one is taken."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def pre_validate(self, form: FlaskForm) -> None:
        """A fault when none is chosen."""
        super().pre_validate(form)
        if not self.data:
            raise ValidationError(_("Choose at least one room."))


def reason_field(id_on_page: str = "reason", description: object = "") -> TextAreaField:
    """Why something is done; needed, read later by others."""
    return TextAreaField(
        _l("Reason"),
        [NEEDED, Length(max=500)],
        filters=[tidy_text],
        description=description,
        id=id_on_page,
        render_kw={"rows": 3},
    )


def count_field(label: object, least: int, most: int, description: object = "") -> IntegerField:
    """A whole number that may be left out."""
    fault = _l("A whole number from %(least)s to %(most)s.", least=least, most=most)
    return IntegerField(
        label,
        [Optional(), NumberRange(least, most, fault)],
        description=description,
        render_kw={"inputmode": "numeric"},
    )


class NewSittingForm(VersionedForm):
    """A sitting as it is planned. Times are those of the bases."""

    title_zh = line(_l("Chinese title"), 80, NEEDED)
    title_en = line(_l("English title"), 120, NEEDED)
    blueprint = SelectField(_l("Blueprint"), [NEEDED], coerce=number_or_none)
    day = DateField(_l("Day"), [InputRequired(_l("Please fill this in."))])
    starts = TimeField(_l("Beginning"), [InputRequired(_l("Please fill this in."))])
    latest_start = TimeField(
        _l("Latest start"),
        [InputRequired(_l("Please fill this in."))],
        description=_l("Who comes later is not admitted. It ends nothing that has begun."),
    )
    length = IntegerField(
        _l("Length in minutes"),
        [InputRequired(_l("Please fill this in.")), NumberRange(5, 480, _l("From 5 to 480 minutes."))],
        render_kw={"inputmode": "numeric"},
    )
    ends = TimeField(
        _l("Rooms are kept until"),
        [InputRequired(_l("Please fill this in."))],
        description=_l("At least the latest start and the length; longer when somebody has personal time."),
    )
    rooms = MultiCheckboxField(_l("Rooms"), coerce=int)
    form_count = count_field(
        _l("Number of forms"),
        1,
        MOST_FORMS,
        _l("With two or more, neighbours never have the same one."),
    )
    anchors = count_field(_l("Anchors"), 0, 100, _l("Items that stand on every form, so that forms can be compared."))
    overlap = count_field(_l("Shared items"), 0, 100, _l("Items beside anchors that two forms may have in common."))
    exposure_cap = count_field(
        _l("Uses of an item"),
        1,
        100,
        _l("Forms on which an item may stand in that time, these included. Empty: any."),
    )
    base_overlap = count_field(
        _l("Shared with another base"),
        0,
        200,
        _l("Items that a form may have in common with a form of another base in that time. Empty: any."),
    )
    exposure_days = count_field(_l("Days that count"), 1, 3650, _l("Sittings that lie so many days before or after."))

    def times(self) -> Times:
        """The times that were entered, aware."""
        return Times(
            shanghai_moment(self.day.data, self.starts.data),
            shanghai_moment(self.day.data, self.latest_start.data),
            shanghai_moment(self.day.data, self.ends.data),
            timedelta(minutes=self.length.data),
        )

    def plan(self, replaces_id: int | None = None) -> Plan:
        """What was entered."""
        return Plan(
            self.title_zh.data,
            self.title_en.data,
            self.blueprint.data,
            self.times(),
            tuple(self.rooms.data),
            replaces_id,
            self.forms_wished(),
        )

    def forms_wished(self) -> FormWishes:
        """What is wished of the forms; what was left empty is as usual."""
        entered = {one.name: self[one.name].data for one in fields(FormWishes)}
        return FormWishes(**{name: value for name, value in entered.items() if value is not None})


class SittingForm(NewSittingForm):
    """A sitting that is changed or postponed."""

    reason = reason_field()


class ReasonForm(FlaskForm):
    """Why a sitting is cancelled or declared void."""

    reason = reason_field()


class TimeForm(FlaskForm):
    """Personal time of one person."""

    minutes = IntegerField(
        _l("Personal time in minutes"),
        [InputRequired(_l("Please fill this in.")), NumberRange(0, 480, _l("From 0 to 480 minutes."))],
        render_kw={"inputmode": "numeric"},
    )
    reason = reason_field("time-reason", _l("Only administrators read it. No diagnosis is needed: name the decision."))


class LeaveForm(FlaskForm):
    """A place given up."""

    act = RadioField(
        _l("What happens"),
        [NEEDED],
        choices=choices(
            {
                "defer": _l("Defer: the person sits at a later sitting"),
                "withdraw": _l("Withdraw: the place was a mistake or is not wanted"),
            }
        ),
    )
    reason = reason_field("leave-reason")


class SeatForm(FlaskForm):
    """The seat of one person."""

    seat = SelectField(_l("Seat"), [NEEDED], coerce=number_or_none)


class ListForm(FlaskForm):
    """A list of people, pasted or from a file."""

    text = TextAreaField(
        _l("Staff numbers or sign-in names"),
        [Length(max=LONGEST_LIST)],
        description=_l("One person a line. Of a table the first column counts."),
        render_kw={"rows": 8, "spellcheck": "false", "autocapitalize": "none"},
    )
    file = FileField(_l("Or a file"), description=_l("CSV or text, at most 500 lines."))

    def validate_text(self, field: Field) -> None:
        """A fault when there is neither text nor file."""
        if not (field.data or "").strip() and not self.file.data:
            raise ValidationError(_("Paste a list or choose a file."))


class DutyForm(FlaskForm):
    """Who watches which room."""

    person = SelectField(_l("Invigilator"), [NEEDED], coerce=number_or_none)
    room = SelectField(_l("Room"), [NEEDED], coerce=number_or_none)

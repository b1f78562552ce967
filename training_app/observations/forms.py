"""Forms of observations: the plan, consents of venues, reasons, people found."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
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
from training_app.observations.plans import Plan
from training_app.observations.rules import MOST_KEPT, Times
from training_app.observations.venues import ConsentEntry, VenueEntry
from training_app.observations.words import KINDS
from training_app.people.admin_forms import VersionedForm, choices, line, number_or_none, tidy_text
from training_app.people.forms import NEEDED
from training_app.people.names import PLACE_NAMES
from training_app.programmes.services import PERSONNEL

FILLED = InputRequired(_l("Please fill this in."))
BASES = ("suzhou", "shenzhen", "guangzhou")
VENUES = (1, 2, 3)


class MultiCheckboxField(SelectMultipleField):
    """The bases that are invited, each with a box; at least one is taken."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def pre_validate(self, form: FlaskForm) -> None:
        """A fault when none is chosen."""
        super().pre_validate(form)
        if not self.data:
            raise ValidationError(_("Choose at least one base whose trainees may come."))


def reason_field() -> TextAreaField:
    """Why something is done; needed, read later by others."""
    return TextAreaField(_l("Reason"), [NEEDED, Length(max=500)], filters=[tidy_text], render_kw={"rows": 3})


def _venue_name(language: str, number: int) -> Field:
    label = {
        "zh": (_l("Venue 1, Chinese name"), _l("Venue 2, Chinese name"), _l("Venue 3, Chinese name")),
        "en": (_l("Venue 1, English name"), _l("Venue 2, English name"), _l("Venue 3, English name")),
    }[language][number - 1]
    return line(label, 60 if language == "zh" else 80, NEEDED if number == 1 else Optional())


def _venue_room(number: int) -> SelectField:
    label = (_l("Room of venue 1"), _l("Room of venue 2"), _l("Room of venue 3"))[number - 1]
    return SelectField(label, coerce=number_or_none, description=_l("Only when it is a room of a base."))


class NewObservationForm(VersionedForm):
    """An observation as it is planned. Times are those of the bases."""

    kind = RadioField(
        _l("Kind"),
        [NEEDED],
        choices=choices(KINDS),
        default="validation",
        description=_l("A validation observation has one to three venues, a briefing one."),
    )
    title_zh = line(_l("Chinese title"), 80, NEEDED)
    title_en = line(_l("English title"), 120, NEEDED)
    note = TextAreaField(
        _l("What will be seen"),
        [Length(max=2000)],
        filters=[tidy_text],
        description=_l("Everybody who may come reads it."),
        render_kw={"rows": 3},
    )
    day = DateField(_l("Day"), [FILLED])
    starts = TimeField(_l("Begins"), [FILLED])
    ends = TimeField(_l("End"), [FILLED])
    host = SelectField(_l("Host"), [NEEDED], coerce=number_or_none)
    bases = MultiCheckboxField(_l("Trainees of"), choices=choices({base: PLACE_NAMES[base] for base in BASES}))
    places = IntegerField(
        _l("Places"),
        [Optional(), NumberRange(1, 5000, _l("A whole number from %(least)s to %(most)s.", least=1, most=5000))],
        description=_l("Empty: nobody needs a place, and nobody's time is booked."),
        render_kw={"inputmode": "numeric"},
    )
    keep_days = IntegerField(
        _l("Days that the recording is kept"),
        [FILLED, NumberRange(1, MOST_KEPT.days, _l("From 1 to %(most)s days.", most=MOST_KEPT.days))],
        description=_l("Never longer than the consents of the venues allow."),
        render_kw={"inputmode": "numeric"},
    )
    venue_1_zh = _venue_name("zh", 1)
    venue_1_en = _venue_name("en", 1)
    venue_1_room = _venue_room(1)
    venue_2_zh = _venue_name("zh", 2)
    venue_2_en = _venue_name("en", 2)
    venue_2_room = _venue_room(2)
    venue_3_zh = _venue_name("zh", 3)
    venue_3_en = _venue_name("en", 3)
    venue_3_room = _venue_room(3)

    def validate_ends(self, field: Field) -> None:
        """A fault when the end is not after the beginning."""
        if field.data and self.starts.data and field.data <= self.starts.data:
            raise ValidationError(_("The end lies before the beginning."))

    def plan(self) -> Plan:
        """What was entered."""
        times = Times(shanghai_moment(self.day.data, self.starts.data), shanghai_moment(self.day.data, self.ends.data))
        return Plan(
            self.kind.data,
            self.title_zh.data,
            self.title_en.data,
            self.note.data or "",
            times,
            self.host.data,
            PERSONNEL,
            tuple(self.bases.data),
            self.places.data,
            self.keep_days.data,
            self.venues(),
        )

    def venues(self) -> tuple[VenueEntry, ...]:
        """The venues that have a name; the one in the other language stands in for a missing one."""
        found = []
        for number in VENUES:
            chinese, english, room = (self[f"venue_{number}_{part}"].data for part in ("zh", "en", "room"))
            if chinese or english:
                found.append(VenueEntry(chinese or english, english or chinese, room))
        return tuple(found)


class ObservationForm(NewObservationForm):
    """An observation that is changed or postponed."""

    reason = reason_field()


class ReasonForm(FlaskForm):
    """Why something is ended or taken back."""

    reason = reason_field()


class ConsentForm(FlaskForm):
    """That a venue agreed to be shown."""

    given_by = line(_l("Who agreed for the venue"), 120, NEEDED, description=_l("Name and office."))
    scope = TextAreaField(
        _l("What may be shown"),
        [NEEDED, Length(max=1000)],
        filters=[tidy_text],
        description=_l("Rooms, papers, people; what must not be seen."),
        render_kw={"rows": 3},
    )
    recording = BooleanField(_l("It may be recorded"))
    keep_until = DateField(
        _l("The recording may be kept until"), [Optional()], description=_l("Needed when it may be recorded.")
    )

    def validate_recording(self, field: Field) -> None:
        """A fault when it may be recorded and no day was entered."""
        if field.data and not self.keep_until.data:
            raise ValidationError(_("Enter the last day on which the recording may be watched."))

    def entry(self) -> ConsentEntry:
        """What was entered."""
        return ConsentEntry(self.given_by.data, self.scope.data, self.keep_until.data if self.recording.data else None)

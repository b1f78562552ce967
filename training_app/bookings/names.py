"""Words of rooms, equipment, hours and bookings, in the language of the answer."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from training_app.bookings.models import Opening
from training_app.bookings.rules import Hours, Span, days_alike, hours_as_typed, in_digits
from training_app.clock import SHANGHAI
from training_app.people.names import value_in_words as value_of_people_in_words
from training_app.web.words import language, moment

ROOM_KIND_NAMES = {
    "exam": _l("Exam room"),
    "interview": _l("Interview room"),
    "training": _l("Training room"),
}

STATE_NAMES = {"in_use": _l("In use"), "closed": _l("Closed now"), "retired": _l("Out of use")}

WEEKDAY_NAMES = (
    _l("Monday"),
    _l("Tuesday"),
    _l("Wednesday"),
    _l("Thursday"),
    _l("Friday"),
    _l("Saturday"),
    _l("Sunday"),
)

OCCASION_NAMES = {
    "closure": _l("Closure"),
    "kit_closure": _l("Closure"),
    "observation": _l("Observation"),
    "sitting": _l("Sitting"),
}
"""What a booking is for, by the kind of its occasion; others are told as a booking."""


def occasion_name(kind: str) -> str:
    """The kind of an occasion in the language of this answer."""
    return str(OCCASION_NAMES.get(kind) or _("Booking"))


def hours_of(openings: Iterable[Opening]) -> list[Hours]:
    """The stored hours as rules read them."""
    return [Hours(one.weekday, one.from_minute, one.to_minute) for one in openings]


def spans_in_words(hours: Iterable[Hours]) -> str:
    """Hours of one day: `08:30–12:00, 13:30–17:30`."""
    separator = "、" if language() == "zh" else ", "
    return separator.join(f"{in_digits(one.from_minute)}–{in_digits(one.to_minute)}" for one in hours)


def hours_in_words(hours: Iterable[Hours]) -> str:
    """Hours of the week in one line: `Monday to Friday 08:30–12:00, 13:30–17:30`; empty when never open."""
    parts = []
    for first, last, own in days_alike(hours):
        if first == last:
            days = str(WEEKDAY_NAMES[first])
        else:
            days = _("%(first_day)s to %(last_day)s", first_day=WEEKDAY_NAMES[first], last_day=WEEKDAY_NAMES[last])
        parts.append(f"{days} {spans_in_words(own)}")
    return str(_("; ")).join(parts)


def span_in_words(span: Span) -> str:
    """`2026-12-01 Tue 09:00 to 11:00`; the second day too where it is another."""
    start, end = span.start.astimezone(SHANGHAI), span.end.astimezone(SHANGHAI)
    last = f"{end:%H:%M}" if start.date() == end.date() else moment(end)
    return str(_("%(first)s to %(last)s", first=moment(start), last=last))


def listed(names: Sequence[str], most: int = 3) -> str:
    """The first few of the names in one line, and how many more there are."""
    separator = "、" if language() == "zh" else ", "
    shown = separator.join(names[:most])
    return shown if len(names) <= most else str(_("%(names)s and %(num)s more", names=shown, num=len(names) - most))


def local_text(value: datetime) -> str:
    """The moment at the bases as the audit log keeps it: `2026-12-01 09:00`."""
    return f"{value.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def hours_as_kept(hours: Sequence[Hours]) -> str:
    """The hours as the audit log keeps them, in no language: `1 08:30-12:00, 13:30-17:30; 2 09:00-12:00`."""
    days = sorted({one.weekday for one in hours})
    return "; ".join(
        f"{day + 1} "
        + ", ".join(f"{in_digits(h.from_minute)}-{in_digits(h.to_minute)}" for h in hours if h.weekday == day)
        for day in days
    )


def value_in_words(key: str, value: str) -> str:
    """The value of a detail of the audit log in the language of this answer; what has no words stays as it is."""
    if key == "kind" and value in ROOM_KIND_NAMES:
        return str(ROOM_KIND_NAMES[value])
    if key == "hours":
        days = (part.partition(" ") for part in value.split("; "))
        return hours_in_words(hour for day, _space, typed in days for hour in hours_as_typed(typed, int(day) - 1))
    return value_of_people_in_words(key, value)

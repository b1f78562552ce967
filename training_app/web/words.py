"""Words of an answer: its language, names, dates as the bases write them."""

from datetime import date, datetime

from flask_babel import get_locale
from flask_babel import lazy_gettext as _l

from question_bank.texts import Text
from training_app.clock import SHANGHAI

WEEKDAYS = (_l("Mon"), _l("Tue"), _l("Wed"), _l("Thu"), _l("Fri"), _l("Sat"), _l("Sun"))


def language() -> str:
    """The language of this answer: "zh" or "en"."""
    locale = get_locale()
    return "en" if locale is not None and locale.language == "en" else "zh"


def in_language(text: Text) -> str:
    """A text of the bank in the language of this answer."""
    return text.in_language(language())


def name_of(row: object) -> str:
    """The name of a person, base or organisation in the language of this answer, or in the one it has."""
    chinese, english = str(getattr(row, "name_zh", "")), str(getattr(row, "name_en", ""))
    return (english or chinese) if language() == "en" else (chinese or english)


def moment(value: datetime | None, *, seconds: bool = False) -> str:
    """`2026-11-23 周一 14:30` at the bases; empty for None."""
    if value is None:
        return ""
    local = value.astimezone(SHANGHAI)
    clock = local.strftime("%H:%M:%S" if seconds else "%H:%M")
    return f"{local:%Y-%m-%d} {WEEKDAYS[local.weekday()]} {clock}"


def day(value: date | datetime | None) -> str:
    """`2026-11-23`; of a moment, the day at the bases."""
    if isinstance(value, datetime):
        value = value.astimezone(SHANGHAI).date()
    return value.isoformat() if value else ""


def clock(value: datetime, seconds: bool = True) -> str:
    """`14:30:05` at the bases."""
    return value.astimezone(SHANGHAI).strftime("%H:%M:%S" if seconds else "%H:%M")


def today_line(value: date) -> str:
    """`2026-11-23 周一`."""
    return f"{value.isoformat()} {WEEKDAYS[value.weekday()]}"

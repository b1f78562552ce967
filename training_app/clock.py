"""The one place where the site reads the time; everything else is handed `now`."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


def shanghai_day(moment: datetime) -> date:
    """The calendar day of `moment` at the bases."""
    return moment.astimezone(SHANGHAI).date()


def shanghai_moment(day: date, clock: time) -> datetime:
    """That time of that day at the bases."""
    return datetime.combine(day, clock, SHANGHAI)

"""What the console says of a seat, in the language of the answer."""

from datetime import datetime
from typing import Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from training_app.exams.console.board import Tile
from training_app.exams.console.rules import Trouble
from training_app.web.words import clock

TROUBLE_ICONS: Final = {
    "lost": "plug-connected-x",
    "second_device": "device-desktop-x",
    "wrong_seat": "armchair",
    "late": "inbox",
    "over": "clock-x",
    "no_answer": "hourglass",
    "left_window": "external-link",
    "paused": "player-pause",
    "document": "id-off",
    "not_arrived": "user-x",
}
STAGES: Final = {
    "expected": _l("Not here yet"),
    "waiting": _l("Waits for the start"),
    "running": _l("At work"),
    "closing": _l("Time is up; last answers arrive"),
    "over": _l("Time is over"),
    "paused": _l("Paused"),
    "handed_in": _l("Handed in"),
    "absent": _l("Absent"),
    "deferred": _l("Deferred"),
    "expelled": _l("Expelled"),
    "void": _l("Void"),
}
DOCUMENTS: Final = {"seen": _l("Seen"), "missing": _l("Missing"), "doubtful": _l("Doubtful")}
FACTS: Final = {
    "opened": _l("Opened the paper"),
    "took_over": _l("Went on at this computer"),
    "elsewhere": _l("Opened on a second device, which was stopped"),
    "left_window": _l("Left the window"),
    "left_full_screen": _l("Left the full screen"),
    "left_behind": _l("Answers left on a computer were sent in"),
    "wrong_seat": _l("Typed the number of a wrong seat"),
}
CHANGES: Final = {
    "waiting": _l("Confirmed details and seat"),
    "running": _l("Began to work"),
    "paused": _l("Paused"),
    "submitted": _l("Handed in"),
    "voided": _l("The paper is void"),
}
WHY_LATE: Final = {
    "late": _l("arrived after the end"),
    "conflict": _l("contradicts what another page stored"),
    "paused": _l("given while the clock stood still"),
    "left_behind": _l("left on a computer, sent in later"),
    "handed_in": _l("arrived after the hand-in"),
}


def span(seconds: float) -> str:
    """A length of time as people say it: `48 s`, `3 min 20 s`, `1 h 5 min`."""
    whole = max(0, int(seconds))
    if whole < 60:
        return str(_("%(seconds)s s", seconds=whole))
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        if not rest:
            return str(_("%(minutes)s min", minutes=minutes))
        return str(_("%(minutes)s min %(seconds)s s", minutes=minutes, seconds=rest))
    return str(_("%(hours)s h %(minutes)s min", hours=minutes // 60, minutes=minutes % 60))


def minutes_of(seconds: float) -> str:
    """A length of time in whole minutes."""
    return span(max(60, int(seconds) // 60 * 60))


def countdown(seconds: float) -> str:
    """`27:49`, or `1:02:07` from an hour on."""
    minutes, rest = divmod(max(0, int(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes:02}:{rest:02}"


def trouble_title(trouble: Trouble, tile: Tile, now: datetime) -> str:
    """What is wrong, in a few words."""
    lasted = (now - trouble.since).total_seconds()
    titles = {
        "lost": lambda: _("Disconnected %(time)s", time=span(lasted)),
        "second_device": lambda: _("Opened on a second device"),
        "wrong_seat": lambda: _("Sits on a wrong seat"),
        "late": lambda: _("Late answers wait: %(count)s", count=trouble.count),
        "over": lambda: _("Time is over, not handed in"),
        "no_answer": lambda: _("No answer for %(time)s", time=minutes_of(lasted)),
        "left_window": lambda: _("Left the window: %(count)s ×", count=trouble.count),
        "paused": lambda: _("Paused for %(time)s", time=span(lasted)),
        "document": lambda: _("Document missing") if tile.known.document == "missing" else _("Document doubtful"),
        "not_arrived": lambda: _("Not here yet"),
    }
    return str(titles[trouble.kind]())


def trouble_note(trouble: Trouble, tile: Tile) -> str:
    """What belongs to it: since when, how long, where."""
    since = clock(trouble.since)
    notes = {
        "lost": lambda: _("Last sign %(time)s", time=since),
        "second_device": lambda: _("Last %(time)s, %(count)s × in all", time=since, count=trouble.count),
        "wrong_seat": lambda: _("Told at the door, %(time)s", time=since),
        "late": lambda: _("Since %(time)s; a person decides", time=since),
        "over": lambda: _("Ended %(time)s", time=since),
        "no_answer": lambda: (
            _("Connected, at item %(number)s", number=tile.position) if tile.position else _("Connected")
        ),
        "left_window": lambda: _("Last %(time)s, %(sum)s together", time=since, sum=span(trouble.seconds)),
        "paused": lambda: _("Since %(time)s", time=since),
        "document": lambda: _("Looked at %(time)s", time=since),
        "not_arrived": lambda: _("Begun %(time)s", time=clock(trouble.since, False)),
    }
    return str(notes[trouble.kind]())


def last_sign(tile: Tile, now: datetime) -> str:
    """How long ago the page gave a sign of life; empty when it never did."""
    if tile.known.seen_at is None:
        return ""
    return str(_("%(time)s ago", time=span((now - tile.known.seen_at).total_seconds())))

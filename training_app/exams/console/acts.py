"""The acts of a console as its forms name them: what is asked for, what is done, what is said afterwards."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session

from training_app.errors import Refused
from training_app.exams.console.access import SeatOf
from training_app.exams.console.added_time import propose_for_person, propose_for_room, propose_lost
from training_app.exams.console.ending import end_sitting
from training_app.exams.console.forms import (
    ActForm,
    CodeForm,
    DocumentForm,
    EndForm,
    IncidentForm,
    LostForm,
    MinutesForm,
    MoveForm,
    NoForm,
    NoticeForm,
    RoomActForm,
    RoomIncidentForm,
    RoomMinutesForm,
    RoomNoticeForm,
    StartForm,
)
from training_app.exams.console.moves import move
from training_app.exams.console.pausing import pause_all, pause_person, resume_all, resume_person
from training_app.exams.console.seat_acts import (
    expel,
    hand_in_for,
    mark_absent,
    mark_document,
    note_incident,
    put_off,
    tell,
)
from training_app.exams.console.words import span
from training_app.exams.day.opening import announce_start, open_sitting
from training_app.exams.setup.dealing import alike_seats
from training_app.exams.sitting_acts import By
from training_app.exams.sitting_models import Sitting
from training_app.web.words import clock


@dataclass(frozen=True, slots=True)
class SeatAct:
    """An act at one seat. label: on its button; ends with dots when it asks for something. grave: set in red.

    do: None for the entry code, which the page shows once.
    """

    label: object
    form: type[FlaskForm]
    do: Callable[..., object] | None
    picture: str
    hint: object = ""
    grave: bool = False


@dataclass(frozen=True, slots=True)
class SittingAct:
    """An act on a room or the whole sitting."""

    label: object
    form: type[FlaskForm]
    do: Callable[..., object]
    picture: str
    hint: object = ""
    grave: bool = False


def _document(session: Session, sitting: Sitting, seat: SeatOf, form: Any, *, by: By) -> object:
    mark_document(session, sitting, seat, form.outcome.data, reason=form.reason.data or "", by=by)
    return _("The document is marked.")


def _move(session: Session, sitting: Sitting, seat: SeatOf, form: Any, *, by: By) -> object:
    move(session, sitting, seat, form.seat.data, reason=form.reason.data, by=by)
    alike = alike_seats(session, sitting.id).get(seat[0].id)
    if alike:
        return _(
            "The seat is changed and the paper stays: %(seats)s beside it has the same form. Watch these seats.",
            seats=", ".join(alike),
        )
    return _("The seat is changed. The paper goes on at the new computer after signing in there.")


def _notice(session: Session, sitting: Sitting, seat: SeatOf, form: Any, *, by: By) -> object:
    tell(session, sitting, seat[0], form.text.data, by=by)
    return _("The paper shows the notice within 10 seconds.")


def _time(session: Session, sitting: Sitting, seat: SeatOf, form: Any, *, by: By) -> object:
    propose_for_person(session, sitting, seat, form.minutes.data * 60, reason=form.reason.data, by=by)
    return _("The time is proposed. A second person approves it.")


def _pause(session: Session, sitting: Sitting, seat: SeatOf, form: Any, *, by: By) -> object:
    pause_person(session, sitting, seat, form.reason.data, by=by)
    return _("The clock of this paper stands still.")


def _resume(session: Session, sitting: Sitting, seat: SeatOf, form: Any, *, by: By) -> object:
    seconds = resume_person(session, sitting, seat, form.reason.data, by=by)
    return _("The paper goes on; %(time)s were added to its end.", time=span(seconds))


def _incident(session: Session, sitting: Sitting, seat: SeatOf, form: Any, *, by: By) -> object:
    note_incident(session, sitting, seat[0], form.text.data, by=by)
    return _("The incident is noted.")


def _hand_in(session: Session, sitting: Sitting, seat: SeatOf, form: Any, *, by: By) -> object:
    hand_in_for(session, sitting, seat, form.reason.data, by=by)
    return _("The paper is handed in; its receipt is made.")


def _expel(session: Session, sitting: Sitting, seat: SeatOf, form: Any, *, by: By) -> object:
    expel(session, sitting, seat, form.reason.data, by=by)
    return _("The person is excluded. What was answered stays stored and counts for nothing.")


def _absent(session: Session, sitting: Sitting, seat: SeatOf, form: Any, *, by: By) -> object:
    mark_absent(session, sitting, seat, form.reason.data, by=by)
    return _("The person is marked absent.")


def _defer(session: Session, sitting: Sitting, seat: SeatOf, form: Any, *, by: By) -> object:
    put_off(session, sitting, seat, form.reason.data, by=by)
    return _("The place is deferred.")


SEAT_ACTS: Final[Mapping[str, SeatAct]] = {
    "document": SeatAct(
        _l("Identity document"),
        DocumentForm,
        _document,
        "id",
        _l("Only the outcome, the time and your name are kept, never a number."),
    ),
    "code": SeatAct(
        _l("Entry code"),
        CodeForm,
        None,
        "key",
        _l("For who cannot sign in: for this person and this sitting only, once. It is shown once; read it out."),
    ),
    "move": SeatAct(
        _l("Move to another seat"),
        MoveForm,
        _move,
        "device-desktop",
        _l(
            "What is stored goes along. What an unreachable computer still holds is sent in when it is connected again."
        ),
    ),
    "time": SeatAct(
        _l("Add time…"), MinutesForm, _time, "clock-plus", _l("You propose it; a second person approves it.")
    ),
    "pause": SeatAct(
        _l("Pause…"), ActForm, _pause, "player-pause", _l("Letting go on adds the paused time to the end.")
    ),
    "resume": SeatAct(_l("Let go on…"), ActForm, _resume, "player-play"),
    "incident": SeatAct(_l("Note an incident"), IncidentForm, _incident, "notes"),
    "notice": SeatAct(_l("Send a notice"), NoticeForm, _notice, "message-2"),
    "hand-in": SeatAct(
        _l("Hand in for this person…"),
        ActForm,
        _hand_in,
        "file-check",
        _l("This cannot be undone. What is stored is handed in; what a computer still holds goes to the late pile."),
        grave=True,
    ),
    "absent": SeatAct(_l("Mark as absent…"), ActForm, _absent, "user-x", _l("This cannot be undone."), grave=True),
    "defer": SeatAct(
        _l("Defer…"),
        ActForm,
        _defer,
        "calendar",
        _l("The person sits at a later sitting. This cannot be undone."),
        grave=True,
    ),
    "expel": SeatAct(
        _l("Exclude…"),
        ActForm,
        _expel,
        "ban",
        _l("This cannot be undone. The paper is handed in and counts for nothing."),
        grave=True,
    ),
}


def _open(session: Session, sitting: Sitting, _form: Any, *, by: By) -> object:
    open_sitting(session, sitting, by)
    return _("The door is open: candidates may enter.")


def _start(session: Session, sitting: Sitting, form: Any, *, by: By) -> object:
    if form.when.data == "at" and form.moment(by.now) is None:
        raise Refused(_l("Say at what time."))
    at = announce_start(session, sitting, form.moment(by.now), by)
    return _("Everybody begins at %(time)s.", time=clock(at))


def _tell_room(session: Session, sitting: Sitting, form: Any, *, by: By) -> object:
    tell(session, sitting, form.room.data, form.text.data, by=by)
    return _("The papers show the notice within 10 seconds.")


def _time_for_room(session: Session, sitting: Sitting, form: Any, *, by: By) -> object:
    propose_for_room(session, sitting, form.room.data, form.minutes.data * 60, reason=form.reason.data, by=by)
    return _("The time is proposed. A second person approves it.")


def _lost(session: Session, sitting: Sitting, form: Any, *, by: By) -> object:
    propose_lost(session, sitting, form.people.data, reason=form.reason.data, by=by)
    return _("The time is proposed. A second person approves it.")


def _pause_room(session: Session, sitting: Sitting, form: Any, *, by: By) -> object:
    count = pause_all(session, sitting, form.room.data, form.reason.data, by=by)
    return _("Paused: %(count)s people.", count=count)


def _resume_room(session: Session, sitting: Sitting, form: Any, *, by: By) -> object:
    count = resume_all(session, sitting, form.room.data, form.reason.data, by=by)
    return _("Going on: %(count)s people. The paused time was added to each end.", count=count)


def _note_in_room(session: Session, sitting: Sitting, form: Any, *, by: By) -> object:
    note_incident(session, sitting, form.room.data, form.text.data, by=by)
    return _("The incident is noted.")


def _end(session: Session, sitting: Sitting, form: Any, *, by: By) -> object:
    ending = end_sitting(session, sitting, form.reason.data, also_working=form.also_working(), by=by)
    return _("The sitting is closed. Sat: %(sat)s, absent: %(absent)s.", sat=ending.sat, absent=ending.absent)


SITTING_ACTS: Final[Mapping[str, SittingAct]] = {
    "open": SittingAct(
        _l("Open the door"),
        NoForm,
        _open,
        "door-enter",
        _l("From now on candidates may enter with ticket and sign-in."),
    ),
    "start": SittingAct(
        _l("Announce the start…"),
        StartForm,
        _start,
        "player-play",
        _l("Every waiting page counts down to it. It can be moved until somebody has begun."),
    ),
    "notice": SittingAct(_l("Notice to the room"), RoomNoticeForm, _tell_room, "speakerphone"),
    "pause": SittingAct(
        _l("Pause the room…"),
        RoomActForm,
        _pause_room,
        "player-pause",
        _l("Every clock there stands still. Letting go on adds the paused time to each end."),
    ),
    "resume": SittingAct(_l("Let the room go on…"), RoomActForm, _resume_room, "player-play"),
    "time": SittingAct(
        _l("Add time to a room…"),
        RoomMinutesForm,
        _time_for_room,
        "clock-plus",
        _l("You propose it; a second person approves it."),
    ),
    "lost": SittingAct(
        _l("Add time to who lost some…"),
        LostForm,
        _lost,
        "history",
        _l("Seconds without connection, as recorded, less pauses and what was given back. A second person approves."),
    ),
    "incident": SittingAct(_l("Note an incident"), RoomIncidentForm, _note_in_room, "notes"),
    "end": SittingAct(
        _l("End the sitting…"),
        EndForm,
        _end,
        "lock-check",
        _l("This cannot be undone. Papers that are open are handed in, who never began is absent."),
        grave=True,
    ),
}

"""Sittings planned and changed, and the way to one that checks who asks."""

from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, and_, true
from sqlalchemy.orm import Session

from question_bank.serialising import blueprint_from_json
from training_app.audit.services import Act
from training_app.bank.models import BlueprintVersion
from training_app.clock import SHANGHAI, shanghai_day
from training_app.errors import Conflict, NotFound, Refused
from training_app.exams.rules import CAN_BE_SET_ANEW, CHANGEABLE, Times, times_fault
from training_app.exams.setup.claims import book_rooms, move_all
from training_app.exams.setup.preparing import unprepare
from training_app.exams.setup.rules import ONE_FORM, FormWishes
from training_app.exams.sitting_acts import By, write_down
from training_app.exams.sitting_models import Sitting
from training_app.people.reach import LARGEST_ID
from training_app.people.rules import ALL_BASES, Holder
from training_app.web.words import name_of

NO_SITTING = _l("There is no such sitting within your reach.")
CLOSED = _l("This sitting can no longer be changed.")
TIMES = {
    "past": _l("The sitting begins in the past. Choose a later time."),
    "far": _l("The sitting lies more than five years ahead. Look at the year."),
    "latest_start": _l("The latest start lies before the beginning."),
    "end": _l("Who begins at the latest start needs the whole length: keep the rooms longer."),
}
CHANGED_MEANWHILE = _l(
    "Somebody else changed this sitting while you were editing. Compare with what stands there now; "
    "saving again puts yours in its place."
)


class ChangedMeanwhile(Conflict):
    """Somebody else changed the sitting since it was shown."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is entered for a sitting. rooms: ids. replaces_id: the sitting this one sets anew. forms: what is wished."""

    title_zh: str
    title_en: str
    blueprint_version_id: int
    times: Times
    rooms: tuple[int, ...]
    replaces_id: int | None = None
    forms: FormWishes = ONE_FORM


def sittings_within(holder: Holder, permission: str) -> ColumnElement[bool]:
    """The condition on Sitting that `permission` of `holder` sets. Rehearsals are within nobody's reach."""
    bases = holder.bases_for(permission)
    within = true() if bases == ALL_BASES else Sitting.base_id.in_(bases)
    return and_(Sitting.rehearsal.is_(False), within)


def sitting_within(
    session: Session, holder: Holder, permission: str, sitting_id: int, *, to_change: bool = False
) -> Sitting:
    """The sitting with this id. NotFound, the same for none and for another base's; the latter is noted.

    to_change: the row stays locked to the end of the transaction, so that acts on one sitting follow each other.
    """
    lock = {"of": Sitting} if to_change else None
    sitting = session.get(Sitting, sitting_id, with_for_update=lock) if sitting_id <= LARGEST_ID else None
    if sitting is None or sitting.rehearsal:
        raise NotFound(NO_SITTING)
    if not holder.reaches(permission, sitting.base_id):
        raise NotFound(NO_SITTING, act=permission)
    return sitting


def require_changeable(sitting: Sitting) -> None:
    """Nothing, or Refused when times, rooms and roster stand."""
    if sitting.state not in CHANGEABLE:
        raise Refused(CLOSED)


def times_of(sitting: Sitting) -> Times:
    """The times of the sitting as the rules see them."""
    length = timedelta(seconds=sitting.length_s)
    return Times(sitting.starts_at, sitting.latest_start_at, sitting.ends_at, length)


def plan(session: Session, base: str, entered: Plan, by: By) -> Sitting:
    """The planned sitting with its rooms, or a refusal and nothing."""
    if not by.holder.reaches("sittings.edit", base):
        raise NotFound(NO_SITTING, act="sittings.edit")
    _require_sound(session, entered, by.now)
    if entered.replaces_id is not None:
        _require_former(session, base, entered.replaces_id, by)
    sitting = Sitting(base_id=base, state="planned", made_by=by.holder.id, made_at=by.now)
    sitting.replaces_id = entered.replaces_id
    _take_over(sitting, entered)
    session.add(sitting)
    session.flush()
    book_rooms(session, sitting, entered.rooms, by)
    details = {"starts": _local(sitting.starts_at), "title": sitting.title_zh}
    write_down(session, sitting, Act("sitting.planned", "sitting", *by.stamp(sitting), details), by)
    return sitting


def _local(moment: datetime) -> str:
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def _require_former(session: Session, base: str, former_id: int, by: By) -> None:
    former = sitting_within(session, by.holder, "sittings.edit", former_id)
    if former.base_id != base or former.state not in CAN_BE_SET_ANEW:
        raise Refused(_l("Only a sitting of this base that was declared void or cancelled is set anew."))


def _require_sound(session: Session, entered: Plan, now: datetime) -> None:
    fault = times_fault(entered.times, now)
    if fault is not None:
        raise Refused(TIMES[fault])
    version = session.get(BlueprintVersion, entered.blueprint_version_id)
    if version is None or version.purpose != "certification":
        raise Refused(_l("Choose a blueprint of a certification examination."))
    items = blueprint_from_json(version.body).items
    if entered.forms.anchors + entered.forms.overlap >= items:
        text = _l("Forms of %(items)s items cannot all have so many in common. Wish for fewer.", items=items)
        raise Refused(text)


def _take_over(sitting: Sitting, entered: Plan) -> None:
    times = entered.times
    sitting.title_zh, sitting.title_en = entered.title_zh, entered.title_en
    sitting.blueprint_version_id = entered.blueprint_version_id
    sitting.in_force_on = shanghai_day(times.starts_at)
    sitting.starts_at, sitting.latest_start_at, sitting.ends_at = (
        times.starts_at,
        times.latest_start_at,
        times.ends_at,
    )
    sitting.length_s = int(times.length.total_seconds())
    for name, value in asdict(entered.forms).items():
        setattr(sitting, name, value)


def forms_wished(sitting: Sitting) -> FormWishes:
    """How many forms the sitting is to have, and what they may have in common."""
    return FormWishes(**{field.name: getattr(sitting, field.name) for field in fields(FormWishes)})


def change(session: Session, sitting: Sitting, entered: Plan, *, reason: str, by: By) -> None:
    """The sitting as entered. With other times or rooms every claim moves, or nothing does.

    Drawn forms are given up when the day, the blueprint or what is wished of them is another one.
    """
    require_changeable(sitting)
    _require_sound(session, entered, by.now)
    before = (sitting.starts_at, sitting.ends_at, {row.room_id for row in sitting.rooms})
    law = (sitting.in_force_on, sitting.blueprint_version_id, forms_wished(sitting))
    _take_over(sitting, entered)
    sitting.version += 1
    session.flush()
    for place in sitting.places:
        if not times_of(sitting).room_for(timedelta(seconds=place.personal_time_s)) and place.state == "expected":
            raise Refused(_l("%(name)s has personal time: keep the rooms longer.", name=name_of(place.person)))
    drawn_for = (sitting.in_force_on, sitting.blueprint_version_id, forms_wished(sitting))
    if sitting.state == "prepared" and law != drawn_for:
        unprepare(session, sitting, by)
    postponed = before[:2] != (sitting.starts_at, sitting.ends_at)
    if postponed or before[2] != set(entered.rooms):
        move_all(session, sitting, entered.rooms, by)
    details = {"starts": [_local(before[0]), _local(sitting.starts_at)]} if postponed else {}
    act = (
        Act("sitting.postponed", "sitting", *by.stamp(sitting), details)
        if postponed
        else Act("sitting.changed", "sitting", *by.stamp(sitting), details)
    )
    write_down(session, sitting, act, by, reason=reason)


def claim_version(sitting: Sitting, seen: int) -> None:
    """Nothing when the sitting still has the version that was shown, else ChangedMeanwhile."""
    if sitting.version != seen:
        raise ChangedMeanwhile(CHANGED_MEANWHILE)

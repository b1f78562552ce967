"""Photographs of candidates: given beforehand with consent, taken back at will, gone after the time for objections."""

from datetime import datetime, timedelta
from typing import Final

from flask_babel import lazy_gettext as _l
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from training_app.audit.services import Act, record
from training_app.errors import Refused
from training_app.exams.day.door import Arrival
from training_app.exams.sitting_acts import By
from training_app.exams.sitting_models import RosterPlace, Sitting
from training_app.files.models import AssetUse
from training_app.files.services import Owner, Upload, drop, keep_picture, keep_until, use_of
from training_app.files.store import Store

OWNER_KIND: Final = "roster_place"
PURPOSE: Final = "photo"
UNTIL_RELEASE: Final = timedelta(days=60)
"""Results are released within this time after a sitting; a photograph is kept no longer even when they are not."""

TAKES_PHOTOS: Final = frozenset({"planned", "prepared", "open"})


def owner_of(place_id: int) -> Owner:
    """For what the photograph is kept: a place in a sitting."""
    return Owner(PURPOSE, OWNER_KIND, place_id)


def photo_of(session: Session, place_id: int, now: datetime) -> AssetUse | None:
    """The photograph of the place, None when there is none any more."""
    return use_of(session, owner_of(place_id), now)


def may_give_photo(arrival: Arrival) -> bool:
    """Whether a photograph is still taken: beforehand, while the person is expected and has not entered."""
    place = arrival.place
    return arrival.sitting.state in TAKES_PHOTOS and place.state == "expected" and place.entered_at is None


def give_photo(session: Session, store: Store, arrival: Arrival, content: bytes, *, appeal: timedelta, by: By) -> None:
    """The photograph is kept with the place, with the person's consent; a former one goes.

    appeal: the time for objections. Raises NotAPicture, or Refused once the person has entered.
    """
    if not may_give_photo(arrival):
        raise Refused(_l("A photograph is given before the examination; it is too late for this one."))
    place, sitting = arrival.place, arrival.sitting
    details = {"ticket": place.ticket_number}
    record(session, Act("photo.given", "sitting", *by.stamp(sitting), details), by.now)
    until = sitting.ends_at + UNTIL_RELEASE + appeal
    use = keep_picture(session, store, owner_of(place.id), Upload(content, by.holder.id, until), now=by.now)
    place.photo, place.version = use.digest, place.version + 1
    session.flush()


def take_photo_back(session: Session, arrival: Arrival, by: By) -> None:
    """The photograph is gone; its file goes with the next turn of the worker."""
    place = arrival.place
    place.photo, place.version = None, place.version + 1
    session.flush()
    if drop(session, owner_of(place.id)):
        details = {"ticket": place.ticket_number}
        record(session, Act("photo.taken_back", "sitting", *by.stamp(arrival.sitting), details), by.now)


def keep_photos_until(session: Session, sitting: Sitting, until: datetime) -> None:
    """The photographs of the sitting are kept until then: the time for objections is known once results are out."""
    for place in session.scalars(select(RosterPlace.id).where(RosterPlace.sitting_id == sitting.id)).all():
        keep_until(session, owner_of(place), until)


def forget_photos(session: Session) -> int:
    """How many places no longer name a photograph, because it is kept no more."""
    kept = select(AssetUse.owner_id).where(AssetUse.purpose == PURPOSE, AssetUse.owner_kind == OWNER_KIND)
    gone = (
        update(RosterPlace)
        .where(RosterPlace.photo.is_not(None), RosterPlace.id.not_in(kept))
        .values(photo=None)
        .returning(RosterPlace.id)
    )
    return len(session.execute(gone, execution_options={"synchronize_session": False}).all())

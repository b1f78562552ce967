"""Photographs of candidates: given beforehand with consent, taken back at will, gone after the time for objections."""

from datetime import datetime
from typing import Final

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from training_app.audit.services import Act, record
from training_app.errors import Refused
from training_app.exams.day.door import Arrival
from training_app.exams.retention import photo_of
from training_app.exams.sitting_acts import By
from training_app.files.models import AssetUse
from training_app.files.services import Upload, drop, keep_picture, use_of
from training_app.files.store import Store

TAKES_PHOTOS: Final = frozenset({"planned", "prepared", "open"})


def kept_photo(session: Session, place_id: int, now: datetime) -> AssetUse | None:
    """The photograph of the place, None when there is none any more."""
    return use_of(session, photo_of(place_id), now)


def may_give_photo(arrival: Arrival) -> bool:
    """Whether a photograph is still taken: beforehand, while the person is expected and has not entered."""
    place = arrival.place
    return arrival.sitting.state in TAKES_PHOTOS and place.state == "expected" and place.entered_at is None


def give_photo(session: Session, store: Store, arrival: Arrival, content: bytes, *, by: By) -> None:
    """The photograph is kept with the place, with the person's consent; a former one goes.

    Raises NotAPicture, or Refused once the person has entered.
    """
    if not may_give_photo(arrival):
        raise Refused(_l("A photograph is given before the examination; it is too late for this one."))
    place, sitting = arrival.place, arrival.sitting
    details = {"ticket": place.ticket_number}
    record(session, Act("photo.given", "sitting", *by.stamp(sitting), details), by.now)
    use = keep_picture(session, store, photo_of(place.id), Upload(content, by.holder.id, None), now=by.now)
    place.photo, place.version = use.digest, place.version + 1
    session.flush()


def take_photo_back(session: Session, arrival: Arrival, by: By) -> None:
    """The photograph is gone; its file goes with the next turn of the worker."""
    place = arrival.place
    place.photo, place.version = None, place.version + 1
    session.flush()
    if drop(session, photo_of(place.id)):
        details = {"ticket": place.ticket_number}
        record(session, Act("photo.taken_back", "sitting", *by.stamp(arrival.sitting), details), by.now)

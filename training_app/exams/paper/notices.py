"""What the room tells a paper."""

from typing import cast

from sqlalchemy import Table, and_, bindparam, or_, select

from training_app.bookings.models import Seat
from training_app.db import Asks
from training_app.exams.day_models import RoomNotice
from training_app.exams.paper.known import Known
from training_app.exams.sitting_models import RosterPlace

MOST = 20

_NOTICE, _PLACE = cast("Table", RoomNotice.__table__).c, cast("Table", RosterPlace.__table__).c
_SEAT = cast("Table", Seat.__table__).c
_OF_PAPER = (
    select(_NOTICE.id, _NOTICE.text, _NOTICE.at)
    .join(
        RosterPlace.__table__, and_(_PLACE.attempt_id == bindparam("attempt"), _PLACE.sitting_id == _NOTICE.sitting_id)
    )
    .outerjoin(Seat.__table__, _SEAT.id == _PLACE.seat_id)
    .where(
        _NOTICE.text.is_not(None),
        or_(
            _NOTICE.place_id == _PLACE.id,
            and_(_NOTICE.place_id.is_(None), or_(_NOTICE.room_id.is_(None), _NOTICE.room_id == _SEAT.room_id)),
        ),
    )
    .order_by(_NOTICE.id.desc())
    .limit(MOST)
)


def notices_of(session: Asks, known: Known) -> list[dict[str, object]]:
    """Notices to this place, its room or everybody in its sitting, oldest first: the last ones."""
    if known.sitting_id is None:
        return []
    rows = session.execute(_OF_PAPER, {"attempt": known.id}).all()
    return [{"id": row.id, "text": row.text, "at": row.at.isoformat()} for row in reversed(rows)]

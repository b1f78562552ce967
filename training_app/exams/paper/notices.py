"""What the room tells a paper."""

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from training_app.bookings.models import Seat
from training_app.exams.day_models import RoomNotice
from training_app.exams.paper.known import Known
from training_app.exams.sitting_models import RosterPlace

MOST = 20


def notices_of(session: Session, known: Known) -> list[dict[str, object]]:
    """Notices to this place, its room or everybody in its sitting, oldest first: the last ones."""
    if known.sitting_id is None:
        return []
    rows = session.execute(
        select(RoomNotice.id, RoomNotice.text, RoomNotice.at)
        .join(RosterPlace, and_(RosterPlace.attempt_id == known.id, RosterPlace.sitting_id == RoomNotice.sitting_id))
        .outerjoin(Seat, Seat.id == RosterPlace.seat_id)
        .where(
            RoomNotice.text.is_not(None),
            or_(
                RoomNotice.place_id == RosterPlace.id,
                and_(
                    RoomNotice.place_id.is_(None),
                    or_(RoomNotice.room_id.is_(None), RoomNotice.room_id == Seat.room_id),
                ),
            ),
        )
        .order_by(RoomNotice.id.desc())
        .limit(MOST)
    ).all()
    return [{"id": row.id, "text": row.text, "at": row.at.isoformat()} for row in reversed(rows)]

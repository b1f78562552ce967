"""The consoles that somebody acts on today: what an invigilator's home leads to."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from training_app.clock import SHANGHAI, shanghai_day
from training_app.exams.sitting_models import InvigilatorDuty, Sitting
from training_app.people.rules import Holder, Role


def consoles_today(session: Session, holder: Holder, now: datetime) -> Sequence[Sitting]:
    """Sittings of today, and those that still run, in which the person acts: on duty or as the base's administrator."""
    midnight = datetime.combine(shanghai_day(now), time(), SHANGHAI)
    bases = [grant.base for grant in holder.grants if grant.role is Role.BASE_ADMIN and grant.base]
    duty = select(InvigilatorDuty.sitting_id).where(
        InvigilatorDuty.person_id == holder.id, InvigilatorDuty.ended_at.is_(None)
    )
    today = and_(Sitting.starts_at >= midnight, Sitting.starts_at < midnight + timedelta(days=1))
    return session.scalars(
        select(Sitting)
        .where(
            Sitting.rehearsal.is_(False),
            or_(Sitting.id.in_(duty), Sitting.base_id.in_(bases)),
            or_(
                Sitting.state.in_(("open", "running")),
                and_(today, Sitting.state.in_(("prepared", "closed"))),
            ),
        )
        .order_by(Sitting.starts_at, Sitting.id)
    ).all()

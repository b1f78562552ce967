"""Past sittings of a demonstration: at each base one that was sat, scored and released, so that no page is empty."""

from contextlib import nullcontext
from datetime import UTC, datetime, time, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from question_bank.criteria import Criteria
from question_bank.rng import SeededRandom
from question_bank.scoring import Response, key_response
from question_bank.standard import cut_of_percent
from training_app.bookings.models import Room
from training_app.clock import SHANGHAI, shanghai_day
from training_app.exams.attempts import PaperItem
from training_app.exams.demonstration import slip
from training_app.exams.marking.keys import maximum_of
from training_app.exams.marking.releasing import release
from training_app.exams.marking.scoring import score_sitting
from training_app.exams.marking.simulation import Answering, Day, live_through
from training_app.exams.marking.sitting_forms import used_forms
from training_app.exams.marking.standards import CutScore, confirm_standard, enter_standard
from training_app.exams.rules import Times
from training_app.exams.setup.demonstration import certification_blueprint, working_day
from training_app.exams.setup.duties import assign, invigilators_at
from training_app.exams.setup.preparing import prepare
from training_app.exams.setup.roster import add_place
from training_app.exams.setup.rules import ONE_FORM, FormWishes
from training_app.exams.setup.seating import allocate_all
from training_app.exams.setup.sittings import Plan, plan
from training_app.exams.sitting_acts import By
from training_app.exams.sitting_models import Sitting
from training_app.people.models import Person, RoleGrant, TrainingBase
from training_app.people.rules import Holder, Role
from training_app.people.signed import holder_of

AGO: Final = timedelta(days=9)
PLANNED_BEFORE: Final = timedelta(days=9)
BEGINNING: Final = time(9, 0)
LENGTH: Final = timedelta(minutes=90)
CUT_PERCENT: Final = 60
BASIS: Final = "演示：五位评审按Angoff法评定，取平均值后向上取整（虚构）。"
SAT: Final = {
    "suzhou": {"shen.zhixia": 82, "gu.mingyuan": 28},
    "shenzhen": {"jiang.nan": 76, "he.jiaqi": 41},
    "guangzhou": {"liang.siyuan": 88, "peng.xinyue": 52},
}
"""How often an answer of these trainees was the key, in percent."""
FORMS: Final = {"suzhou": FormWishes(form_count=2, overlap=20)}
"""Where the sitting has parallel forms."""


def results_of_the_demonstration(session: Session, criteria: Criteria, now: datetime) -> None:
    """One released sitting a base, lived through at its own times."""
    blueprint = certification_blueprint(session)
    if blueprint is None:
        return
    for base in session.scalars(select(TrainingBase).order_by(TrainingBase.position)).all():
        sitting = _prepared(session, base, (blueprint, criteria), now)
        _sat(session, sitting, base.id)
        _released(session, sitting)


def _holders(session: Session, role: Role, base: str | None) -> list[Holder]:
    granted = select(RoleGrant.person_id).where(RoleGrant.role == role, RoleGrant.base_id == base)
    people = session.scalars(select(Person).where(Person.id.in_(granted)).order_by(Person.id)).unique()
    return [holder_of(person) for person in people]


def _prepared(session: Session, base: TrainingBase, drawn_by: tuple[int, Criteria], now: datetime) -> Sitting:
    blueprint, criteria = drawn_by
    day = working_day(shanghai_day(now) - AGO)
    begins = datetime.combine(day, BEGINNING, SHANGHAI)
    latest = begins + timedelta(minutes=15)
    by = By(_holders(session, Role.BASE_ADMIN, base.id)[0], None, (begins - PLANNED_BEFORE).astimezone(UTC))
    rooms = session.scalars(select(Room.id).where(Room.base_id == base.id, Room.kind == "exam").order_by(Room.id))
    titles = (
        f"{base.name_zh}{day.month}月{day.day}日认证考试",
        f"Certification examination, {base.name_en}, {day.day} {day:%B %Y}",
    )
    times = Times(begins, latest, latest + LENGTH + timedelta(minutes=15), LENGTH)
    entered = Plan(*titles, blueprint, times, tuple(rooms), forms=FORMS.get(base.id, ONE_FORM))
    sitting = plan(session, base.id, entered, by)
    usernames = SAT.get(base.id, {})
    for person in session.scalars(select(Person).where(Person.username.in_(usernames)).order_by(Person.id)).unique():
        add_place(session, sitting, person, by)
    allocate_all(session, sitting, f"past/{base.id}", by)
    session.refresh(sitting)
    for number, person in enumerate(invigilators_at(session, base.id)):
        assign(session, sitting, person.id, sitting.rooms[number % len(sitting.rooms)].room_id, by=by)
    prepare(session, sitting, criteria, by)
    session.refresh(sitting)
    return sitting


def _sat(session: Session, sitting: Sitting, base: str) -> None:
    usernames = SAT.get(base, {})
    people = session.scalars(select(Person).where(Person.username.in_(usernames))).unique().all()
    answering = {person.id: _answering(person.username, usernames[person.username]) for person in people}
    invigilator = _holders(session, Role.INVIGILATOR, base)[0]
    live_through(session, Day(sitting.id, answering, invigilator, sitting.ends_at))


def _answering(username: str, right_percent: int) -> Answering:
    random = SeededRandom(f"past/{username}")

    def respond(place: PaperItem) -> Response:
        return key_response(place.item) if random.below(100) < right_percent else slip(place.item, random)

    return respond


def _released(session: Session, sitting: Sitting) -> None:
    """The cut score is entered and confirmed by two people on the next day, and the results are released."""
    first, second = _holders(session, Role.PROGRAMME_ADMIN, None)[:2]
    next_day = sitting.starts_at.astimezone(UTC) + timedelta(days=1)
    by = By(second, None, next_day + timedelta(hours=2))
    for form in used_forms(session, sitting):
        cut = cut_of_percent(CUT_PERCENT, maximum_of(session, form.form_id))
        entered = CutScore(cut, BASIS, shanghai_day(next_day), form.form_id)
        standard = enter_standard(session, sitting, entered, By(first, None, next_day))
        confirm_standard(session, sitting, standard.id, by=by)
    score_sitting(lambda: nullcontext(session), sitting.id, by.now)
    session.refresh(sitting)
    release(session, sitting, sitting.version, By(first, None, next_day + timedelta(hours=3)))

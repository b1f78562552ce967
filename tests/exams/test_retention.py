"""What of a sitting goes when its time is over: photographs, entry codes, reasons, answers in practice."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import func, insert, select, update

from tests.support.exam_day import ExamDay
from training_app.bank.models import ItemVersion
from training_app.exams import retention
from training_app.exams.day.codes import make_entry_code
from training_app.exams.day_models import EntryCode
from training_app.exams.marking_models import Objection, Release, Standard
from training_app.exams.models import PracticeAnswer
from training_app.exams.retention import delete_photos
from training_app.exams.sitting_models import RosterPlace, Sitting

DAYS = timedelta(days=1)
KEY = b"a key of the tests, 32 bytes long"


def with_photo(day: ExamDay) -> None:
    with day.exam.home.database.write() as session:
        session.execute(update(RosterPlace).where(RosterPlace.id == day.places["trainee"]).values(photo="0" * 64))


def released(day: ExamDay) -> None:
    """The results of the sitting were released now."""
    head, second = day.exam.home.number("head"), day.exam.home.number("second.head")
    with day.exam.home.database.write() as session:
        standard = Standard(
            form_id=day.stored().forms[0].form_id,
            cut=1,
            points=2,
            basis="",
            decided_on=date(2026, 11, 26),
            entered_by=head,
            entered_at=day.now,
            confirmed_by=second,
            confirmed_at=day.now,
        )
        session.add(standard)
        session.flush()
        session.add(Release(sitting_id=day.sitting, standard_id=standard.id, by=head, at=day.now))


def objects(day: ExamDay, **decided: object) -> None:
    place = day.place()
    with day.exam.home.database.write() as session:
        session.add(
            Objection(
                attempt_id=place.attempt_id, person_id=place.person_id, kind="score", text="x", at=day.now, **decided
            )
        )


def gone(day: ExamDay, after: timedelta) -> bool:
    """Whether the photograph is gone so long after the present of the day."""
    with day.exam.home.database.write() as session:
        delete_photos(session, day.now + after, appeal_days=15)
    return day.place().photo is None


def test_a_photograph_goes_when_the_time_for_objections_is_over(day: ExamDay) -> None:
    with_photo(day)
    assert not gone(day, 100 * DAYS), "nothing is released yet"
    released(day)
    assert not gone(day, 15 * DAYS) and gone(day, 16 * DAYS), "fifteen whole days after that of the release"


def test_it_stays_while_an_objection_is_open(day: ExamDay) -> None:
    with_photo(day)
    released(day)
    objects(day)
    assert not gone(day, 30 * DAYS)
    with day.exam.home.database.write() as session:
        session.execute(update(Objection).values(withdrawn_at=day.now))
    assert gone(day, 30 * DAYS)


def test_it_goes_after_a_year_even_when_nothing_was_released(day: ExamDay) -> None:
    with_photo(day)
    assert not gone(day, 365 * DAYS) and gone(day, 366 * DAYS)


def test_the_photograph_of_a_place_that_was_withdrawn_goes_at_once(day: ExamDay) -> None:
    with_photo(day)
    with day.exam.home.database.write() as session:
        session.execute(update(RosterPlace).values(state="withdrawn"))
    assert gone(day, timedelta())


def test_an_entry_code_that_ran_out_is_ended_at_that_moment(day: ExamDay) -> None:
    with day.exam.home.database.write() as session:
        sitting, place = session.get_one(Sitting, day.sitting), session.get_one(RosterPlace, day.places["trainee"])
        make_entry_code(session, sitting, place, key=KEY, by=day.by("watcher"))
        expires_at = session.scalars(select(EntryCode.expires_at)).one()
        assert retention.end_entry_codes(session, expires_at - timedelta(seconds=1)) == 0
        assert retention.end_entry_codes(session, expires_at) == 1
        assert retention.end_entry_codes(session, expires_at + DAYS) == 0
        assert session.scalars(select(EntryCode.ended_at)).one() == expires_at


def test_why_more_time_was_granted_is_forgotten_a_year_after_the_sitting(day: ExamDay) -> None:
    with day.exam.home.database.write() as session:
        session.execute(
            update(RosterPlace).where(RosterPlace.id == day.places["trainee"]).values(personal_time_reason="asked")
        )
    ends_at = day.stored().ends_at
    with day.exam.home.database.write() as session:
        assert retention.forget_reasons(session, ends_at + timedelta(days=365, seconds=-1)) == 0
        assert retention.forget_reasons(session, ends_at + timedelta(days=365)) == 1
    assert day.place().personal_time_reason == ""


@pytest.mark.parametrize(("age", "left"), [(timedelta(days=729), 1), (timedelta(days=730), 0)])
def test_answers_in_practice_are_kept_two_years(day: ExamDay, age: timedelta, left: int) -> None:
    answered_at: datetime = day.now
    with day.exam.home.database.write() as session:
        session.execute(
            insert(PracticeAnswer).values(
                person_id=day.exam.home.number("trainee"),
                item_version_id=session.scalars(select(ItemVersion.id).limit(1)).one(),
                nonce="n",
                response=["A"],
                points=0,
                maximum=1,
                answered_at=answered_at,
            )
        )
        assert retention.forget_practice(session, answered_at + age) == 1 - left
        assert session.scalar(select(func.count()).select_from(PracticeAnswer)) == left

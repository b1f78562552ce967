"""Rehearsals in the database: marked once for all, seen by nobody, removed without a trace; nothing real ever goes."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tests.support.examination import THURSDAY, Examination
from tests.support.house import CRITERIA
from tests.support.rehearsed import answer, counts, rehearsed
from tests.support.school import NOW
from training_app.audit.services import Act, record
from training_app.bank.models import ItemVersion
from training_app.bookings.models import Claim
from training_app.errors import Conflict, Refused
from training_app.exams.models import Attempt, AttemptEvent, Form, FormItem, ResponseEvent
from training_app.exams.rehearsal.checking import lost_of, place_in_rehearsal
from training_app.exams.rehearsal.dropping import drop_ended, drop_some
from training_app.exams.rehearsal.job import begin_rehearsal
from training_app.exams.rehearsal.models import Rehearsal
from training_app.exams.rehearsal.preparing import require_quiet
from training_app.exams.setup.preparing import prepare
from training_app.exams.setup.seating import allocate_all
from training_app.exams.sitting_models import RosterPlace, Sitting
from training_app.installation import Installation
from training_app.people.models import Person
from training_app.progress.figures import figures_by_base

WANTED = (5, 60, 1000)


def prepared(exam: Examination) -> int:
    """A real sitting with its form and three attempts."""
    sitting = exam.planned()
    exam.place(sitting, "trainee", "second.trainee", "third.trainee")
    exam.act(sitting, lambda session, found, by: allocate_all(session, found, "seed", by))
    exam.act(sitting, lambda session, found, by: prepare(session, found, CRITERIA, by))
    return sitting


def refused(exam: Examination, statement: str, **values: object) -> None:
    with pytest.raises(DBAPIError, match=r"append-only|never mixed"), exam.home.database.write() as session:
        session.execute(text(statement), values)


# what it is made of


def test_a_rehearsal_has_public_items_and_claims_nothing(exam: Examination) -> None:
    found = rehearsed(exam.home, NOW)
    with exam.home.database.read() as session:
        forms = select(Attempt.form_id).where(Attempt.sitting_id == found.id)
        items = select(ItemVersion.public).join(FormItem, FormItem.item_version_id == ItemVersion.id)
        assert set(session.scalars(items.where(FormItem.form_id.in_(forms)))) == {True}
        assert session.scalar(select(func.count()).select_from(Claim)) == 0
        places = session.scalars(select(RosterPlace).where(RosterPlace.sitting_id == found.id)).all()
        assert [(one.booking_id, one.cycle_id, one.seat is not None) for one in places] == [(None, None, True)] * 3


def test_accounts_share_one_hash_of_a_random_password_and_nobody_real_has_it(exam: Examination) -> None:
    found = rehearsed(exam.home, NOW)
    with exam.home.database.read() as session:
        hashes = dict(session.execute(select(Person.password_hash, func.count()).group_by(Person.password_hash)).all())
        simulated = session.get_one(Person, found.people()[0])
        assert hashes[simulated.password_hash] == 3 and str(simulated.password_hash).startswith("$argon2id$")


# who sees it


def test_figures_count_nobody_simulated(exam: Examination) -> None:
    with exam.home.database.read() as session:
        before = figures_by_base(session, NOW)
    rehearsed(exam.home, NOW)
    with exam.home.database.read() as session:
        assert figures_by_base(session, NOW) == before


def test_a_simulated_account_opens_its_own_place_and_nothing_else(exam: Examination) -> None:
    found = rehearsed(exam.home, NOW)
    place, person = found.made.places[0][0], found.people()[0]
    with exam.home.database.read() as session:
        assert place_in_rehearsal(session, person, NOW) == place
        assert place_in_rehearsal(session, person, NOW + timedelta(days=2)) is None
        assert place_in_rehearsal(session, exam.home.number("trainee"), NOW) is None


def test_what_a_simulated_candidate_does_has_no_actor(exam: Examination) -> None:
    person = rehearsed(exam.home, NOW).people()[0]
    with exam.home.database.write() as session:
        record(session, Act("refused", "endpoint", "somewhere", actor_id=person), NOW)
    assert [entry.actor_id for entry in exam.home.acts("refused")] == [None]


# what may be removed


def test_a_rehearsal_leaves_no_row(exam: Examination) -> None:
    before = counts(exam.home.database)
    found = rehearsed(exam.home, NOW)
    attempt = found.attempts()[0]
    with exam.home.database.write() as session:
        item = session.scalars(select(FormItem.item_version_id).where(FormItem.form_id == attempt.form_id)).first()
        answer(session, attempt, item or 0, NOW)
    assert counts(exam.home.database) != before
    found.drop(NOW)
    assert counts(exam.home.database) == before
    assert [len(exam.home.acts(f"rehearsal.{act}")) for act in ("prepared", "dropped")] == [1, 1]


def test_nothing_real_can_be_deleted(exam: Examination) -> None:
    sitting = prepared(exam)
    rehearsed(exam.home, NOW)
    with exam.home.database.write() as session:
        attempt = session.scalars(select(Attempt).where(Attempt.sitting_id == sitting)).first()
        assert attempt is not None
        item = session.scalars(select(FormItem.item_version_id).where(FormItem.form_id == attempt.form_id)).first()
        answer(session, attempt, item or 0, NOW)
    for table in (ResponseEvent, AttemptEvent):
        with pytest.raises(DBAPIError, match="append-only"), exam.home.database.write() as session:
            session.execute(delete(table).where(table.attempt_id == attempt.id))
    refused(exam, "DELETE FROM form_item WHERE form_id = :form", form=attempt.form_id)
    refused(exam, "DELETE FROM form WHERE id = :form", form=attempt.form_id)
    refused(exam, "DELETE FROM sitting_event WHERE sitting_id = :sitting", sitting=sitting)
    with pytest.raises(ValueError, match="only a rehearsal"), exam.home.database.write() as session:
        drop_some(session, session.get_one(Sitting, sitting), NOW)


def test_a_mark_never_changes_and_nothing_is_mixed(exam: Examination) -> None:
    sitting = prepared(exam)
    found = rehearsed(exam.home, NOW)
    refused(exam, "UPDATE sitting SET rehearsal = true WHERE id = :sitting", sitting=sitting)
    refused(exam, "UPDATE person SET rehearsal = true WHERE id = :person", person=exam.home.number("trainee"))
    refused(exam, "UPDATE form SET rehearsal = true WHERE NOT rehearsal")
    moved = "UPDATE attempt SET sitting_id = :marked WHERE sitting_id = :sitting"
    refused(exam, moved, marked=found.id, sitting=sitting)
    refused(
        exam,
        "UPDATE roster_place SET person_id = :person WHERE sitting_id = :marked",
        marked=found.id,
        person=exam.home.number("trainee"),
    )


# when it ends, and when it is not begun


def test_the_worker_removes_what_is_a_day_old_or_was_left_by_its_job(exam: Examination) -> None:
    old = rehearsed(exam.home, NOW - timedelta(hours=25), 2)
    fresh = rehearsed(exam.home, NOW, 2)
    left = rehearsed(exam.home, NOW, 2)
    sitting = exam.planned()
    job = exam.act(sitting, lambda session, found, by: begin_rehearsal(session, found, WANTED, by))

    def lose(session: Session, _found: Sitting, _by: object) -> None:
        session.scalars(select(Rehearsal)).one().marked_id = left.id

    exam.act(sitting, lose)
    assert turned(exam) == 1 and there(exam) == [fresh.id, left.id]
    with exam.home.database.write() as session:
        session.execute(text("UPDATE job SET state = 'failed', ended_at = created_at WHERE id = :id"), {"id": job.id})
    assert turned(exam) == 1 and there(exam) == [fresh.id] and old.id != fresh.id


def turned(exam: Examination) -> int:
    """How many rounds of the turn found something."""
    rounds = 0
    while True:
        with exam.home.database.write() as session:
            if not drop_ended(session, NOW):
                return rounds
        rounds += 1


def there(exam: Examination) -> list[int]:
    with exam.home.database.read() as session:
        return list(session.scalars(select(Sitting.id).where(Sitting.rehearsal).order_by(Sitting.id)))


def test_nobody_rehearses_while_people_sit(exam: Examination) -> None:
    prepared(exam)
    with exam.home.database.write() as session:
        session.execute(
            text("DROP TRIGGER installation_append_only" + ("" if exam.home.database.on_sqlite else " ON installation"))
        )
        session.get_one(Installation, 1).demonstration = False
        session.flush()
        require_quiet(session, NOW, NOW + timedelta(hours=1))
        with pytest.raises(Refused, match="when it is over"):
            require_quiet(session, THURSDAY, THURSDAY)
        require_quiet(session, THURSDAY + timedelta(hours=3), THURSDAY + timedelta(hours=4))


def test_one_machine_holds_one_rehearsal_at_a_time(exam: Examination) -> None:
    sitting = exam.planned()
    exam.act(sitting, lambda session, found, by: begin_rehearsal(session, found, WANTED, by))
    with pytest.raises(Conflict):
        exam.act(sitting, lambda session, found, by: begin_rehearsal(session, found, WANTED, by))


# what was acknowledged


def test_an_acknowledged_answer_that_is_not_stored_is_found(exam: Examination) -> None:
    found = rehearsed(exam.home, NOW)
    attempt = found.attempts()[0]
    with exam.home.database.write() as session:
        item = session.scalars(select(FormItem.item_version_id).where(FormItem.form_id == attempt.form_id)).first() or 0
        answer(session, attempt, item, NOW)
    known: dict[tuple[int, int, int], object] = {(attempt.id, item, 1): ["A"]}
    with exam.home.database.read() as session:
        assert lost_of(session, found.id, known) == 0
        assert lost_of(session, found.id, {(attempt.id, item, 1): ["B"], (attempt.id, item, 2): ["A"]}) == 2
        assert session.scalar(select(func.count()).select_from(Form).where(Form.rehearsal)) == 1

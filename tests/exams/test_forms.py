"""Several forms of a sitting: drawn, dealt to seats, kept apart from those of other sittings."""

import threading
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from itertools import combinations
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tests.support.databases import Databases
from tests.support.examination import THURSDAY, WEEK, Examination, examination_after
from tests.support.house import CRITERIA
from tests.support.pdf import lines_of
from tests.support.school import NOW
from training_app.bookings.models import Seat
from training_app.errors import Refused
from training_app.exams.models import Attempt, FormItem
from training_app.exams.setup.dealing import alike_seats, letters_of
from training_app.exams.setup.drawing import what_lacks
from training_app.exams.setup.drawing_job import PREPARE_KIND, begin_preparing, prepare_kind
from training_app.exams.setup.exposure import seen_before
from training_app.exams.setup.invariants import sitting_findings
from training_app.exams.setup.likeness import likeness_of
from training_app.exams.setup.preparing import prepare
from training_app.exams.setup.rules import FormWishes
from training_app.exams.setup.seating import allocate_all, give_seat
from training_app.exams.setup.sittings import change, forms_wished
from training_app.exams.sitting_models import RosterPlace, Sitting, SittingEvent, SittingForm
from training_app.jobs.holding import Loop
from training_app.jobs.models import Job
from training_app.jobs.worker import run_one
from training_app.registry import Registry

Twin = tuple[Examination, int]

PEOPLE = ("trainee", "second.trainee", "third.trainee")
TWO = FormWishes(form_count=2)
EIGHT = FormWishes(form_count=8)


def wishing(exam: Examination, forms: FormWishes, starts: datetime = THURSDAY) -> int:
    """A sitting of three people with seats, for which these forms are wished."""
    sitting = exam.planned(starts, forms=forms)
    exam.place(sitting, *PEOPLE)
    exam.act(sitting, lambda s, found, by: allocate_all(s, found, "a", by))
    return sitting


def wish(exam: Examination, sitting: int, forms: FormWishes, starts: datetime = THURSDAY) -> None:
    entered = replace(exam.entered(starts), forms=forms)
    exam.act(sitting, lambda s, found, by: change(s, found, entered, reason="forms", by=by))


def prepared(exam: Examination, forms: FormWishes, starts: datetime = THURSDAY) -> int:
    sitting = wishing(exam, forms, starts)
    exam.act(sitting, lambda s, found, by: prepare(s, found, CRITERIA, by))
    return sitting


@pytest.fixture
def twin(databases: Databases, tmp_path: Path) -> Iterator[Twin]:
    """A prepared sitting of three people with forms A and B."""
    with examination_after(databases, tmp_path / "var", "two-forms", lambda exam: prepared(exam, TWO)) as made:
        yield made


def side_by_side(session: Session, sitting: Sitting, by) -> None:
    """All three sit in one row, nobody between them."""
    seats = session.scalars(
        select(Seat).where(Seat.room_id == sitting.rooms[0].room_id, Seat.row == 1, Seat.usable).order_by(Seat.place)
    ).all()
    taken = {place.seat_id for place in sitting.places}
    free = [seat for seat in seats if seat.id not in taken]
    for place, seat in zip(sitting.places, free, strict=False):
        give_seat(session, sitting, place, seat.id, by=by)


def items_of(session: Session, sitting: int) -> list[set[int]]:
    forms = session.scalars(
        select(SittingForm.form_id)
        .where(SittingForm.sitting_id == sitting, SittingForm.given_up.is_(False))
        .order_by(SittingForm.letter)
    ).all()
    return [set(session.scalars(select(FormItem.item_version_id).where(FormItem.form_id == form))) for form in forms]


def findings(session: Session) -> list[object]:
    return list(sitting_findings(session))


def test_forms_differ_beside_each_other_and_again_when_seats_change(twin: Twin) -> None:
    exam, sitting = twin
    exam.act(sitting, side_by_side)
    with exam.home.database.read() as session:
        found = session.get_one(Sitting, sitting)
        likeness = likeness_of(session, found)
        letters = letters_of(session, sitting)
        one, other = items_of(session, sitting)
        assert [form.letter for form in found.forms] == ["A", "B"]
        assert (len(one), len(other), one & other) == (60, 60, set())
        assert likeness is not None
        assert (likeness.most_shared, likeness.anchors) == (0, 0)
        assert likeness.means_apart < 2
        assert set(letters.values()) == {"A", "B"}
        assert alike_seats(session, sitting) == {}
        assert findings(session) == []


def test_who_is_moved_on_the_day_keeps_the_paper_and_staff_are_warned(twin: Twin) -> None:
    exam, sitting = twin
    with exam.home.database.write() as session:
        places = {place.id: place for place in session.get_one(Sitting, sitting).places}
        letters = letters_of(session, sitting)
        pair = next(both for both in combinations(sorted(places), 2) if letters[both[0]] == letters[both[1]])
        for number, seat in zip(pair, free_neighbours(session, places.values()), strict=True):
            session.execute(update(RosterPlace).where(RosterPlace.id == number).values(seat_id=seat))
        assert set(alike_seats(session, sitting)) == set(pair)
        assert same_form(session) == 2
        session.add(SittingEvent(sitting_id=sitting, place_id=pair[0], act="place.moved", at=NOW))
        assert same_form(session) == 0
    assert said_on_plan(exam, sitting, "Neighbours with the same form")


def said_on_plan(exam: Examination, sitting: int, words: str) -> bool:
    plan = exam.home.signed_in("base.admin").get(f"/sittings/{sitting}/seat-plan.pdf").data
    return any(words in line for line in lines_of(plan))


def free_neighbours(session: Session, places: Iterable[RosterPlace]) -> tuple[int, int]:
    """Ids of two seats of the room beside each other on which nobody sits."""
    taken = {place.seat_id for place in places}
    seats = session.scalars(select(Seat).where(Seat.room_id == 1).order_by(Seat.row, Seat.place)).all()
    free = {(seat.row, seat.place): seat.id for seat in seats if seat.id not in taken}
    return next((free[row, place], free[row, place + 1]) for row, place in free if (row, place + 1) in free)


def same_form(session: Session) -> int:
    session.flush()
    return sum("the same form" in str(finding) for finding in findings(session))


def test_the_plan_for_invigilators_names_the_forms_and_the_list_at_the_door_does_not(
    twin: tuple[Examination, int],
) -> None:
    exam, sitting = twin
    door = exam.home.signed_in("base.admin").get(f"/sittings/{sitting}/door-list.pdf").data
    assert said_on_plan(exam, sitting, "Form A") and not said_on_plan(exam, sitting, "same form")
    assert not any("Form A" in line for line in lines_of(door))


def test_wishes_are_entered_on_the_page_of_the_sitting(exam: Examination) -> None:
    sitting = exam.planned()
    browser = exam.home.signed_in("base.admin")
    fields = {
        "title_zh": "认证考试",
        "title_en": "Certification",
        "blueprint": str(exam.stored(sitting).blueprint_version_id),
        "day": "2026-12-03",
        "starts": "09:00",
        "latest_start": "09:15",
        "ends": "11:30",
        "length": "90",
        "rooms": [str(exam.rooms()[0])],
        "reason": "two forms",
        "version": str(exam.stored(sitting).version),
        "form_count": "3",
        "anchors": "6",
        "overlap": "20",
        "exposure_cap": "4",
        "base_overlap": "",
        "exposure_days": "200",
    }
    assert browser.post(f"/sittings/{sitting}/edit", data=fields | {"form_count": "9"}).status_code == 422
    assert browser.post(f"/sittings/{sitting}/edit", data=fields).status_code == 302
    assert forms_wished(exam.stored(sitting)) == FormWishes(3, 6, 20, 4, None, 200)


def test_the_database_refuses_an_attempt_on_a_form_of_another_sitting(exam: Examination) -> None:
    one, other = prepared(exam, FormWishes()), prepared(exam, FormWishes(), THURSDAY + WEEK)
    strange = exam.stored(other).forms[0].form_id
    with pytest.raises(IntegrityError), exam.home.database.write() as session:
        session.execute(update(Attempt).where(Attempt.sitting_id == one).values(form_id=strange))


def test_other_wishes_give_drawn_forms_up(exam: Examination) -> None:
    sitting = prepared(exam, FormWishes())
    wish(exam, sitting, TWO)
    found = exam.stored(sitting)
    assert (found.state, found.forms, found.difference) == ("planned", [], None)


def test_items_of_near_sittings_stay_away_and_far_ones_do_not_count(exam: Examination) -> None:
    once = FormWishes(exposure_cap=1, exposure_days=30)
    first = prepared(exam, FormWishes())
    near, far = prepared(exam, once, THURSDAY + WEEK), prepared(exam, once, THURSDAY + 9 * WEEK)
    with exam.home.database.read() as session:
        used = items_of(session, first)[0]
        assert not used & items_of(session, near)[0]
        assert used & items_of(session, far)[0]


def test_what_people_saw_before_is_known_for_every_form(exam: Examination) -> None:
    first, second = prepared(exam, FormWishes()), prepared(exam, FormWishes(), THURSDAY + WEEK)
    with exam.home.database.write() as session:
        place = session.scalars(select(RosterPlace).where(RosterPlace.sitting_id == first)).unique().all()[0]
        began = update(Attempt).where(Attempt.id == place.attempt_id)
        session.execute(began.values(started_at=NOW))
        form = session.get_one(Sitting, second).forms[0].form_id
        common = len(items_of(session, first)[0] & items_of(session, second)[0])
        people = [place.person_id, exam.home.number("second.trainee")]
        assert seen_before(session, people, [form]) == {place.person_id: {form: common}}


# the job


def worked(exam: Examination, sitting: int) -> Job:
    """The job that prepares the sitting, done."""
    number = exam.act(sitting, lambda s, found, by: begin_preparing(s, found, by).id)
    registry = Registry(job_kinds={PREPARE_KIND: prepare_kind()})
    assert run_one(Loop(exam.home.database, registry, exam.home.app.app_context, threading.Event()))
    with exam.home.database.read() as session:
        return session.get_one(Job, number)


def test_a_job_draws_the_forms_in_another_process(exam: Examination) -> None:
    sitting = wishing(exam, TWO)
    job = worked(exam, sitting)
    assert (job.state, job.result) == ("done", {"sitting": sitting, "forms": 2})
    found = exam.stored(sitting)
    assert (found.state, [form.letter for form in found.forms]) == ("prepared", ["A", "B"])


def test_the_cell_that_lacks_items_is_named_before_and_after(exam: Examination) -> None:
    sitting = wishing(exam, EIGHT)
    with exam.home.database.read() as session:
        lacking = what_lacks(session, session.get_one(Sitting, sitting), CRITERIA)
    assert lacking is not None
    assert lacking.proved
    job = worked(exam, sitting)
    assert (job.state, exam.stored(sitting).state) == ("failed", "planned")
    assert str(lacking.shortages[0].said.en) in job.message_en
    assert str(lacking.shortages[0].said.zh) in job.message_zh


def test_a_sitting_is_prepared_by_one_job_at_a_time(exam: Examination) -> None:
    sitting = wishing(exam, FormWishes())
    exam.act(sitting, begin_preparing)
    with pytest.raises(Refused, match="already"):
        exam.act(sitting, begin_preparing)

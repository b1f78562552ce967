"""Releases: what must be there first, once by one standard, again after corrected keys, taken back when void."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, update
from sqlalchemy.exc import DBAPIError

from question_bank.rekeying import VOID, ChangeKind, correction
from tests.support.examination import Examination
from tests.support.marked import AFTER, Marked, missed, reader, sat
from training_app.audit.services import chain_findings
from training_app.errors import Refused
from training_app.exams.day_models import LateEvent
from training_app.exams.marking.own import own_results
from training_app.exams.marking_models import Release
from training_app.exams.setup.calling_off import declare_void
from training_app.exams.sitting_models import RosterPlace, Sitting


def test_every_missing_thing_is_said_before_a_release(marked: Marked) -> None:
    assert marked.missing() == ["standard", "scored"]
    with pytest.raises(Refused, match="no cut score yet"):
        marked.release()


def test_undecided_late_answers_hold_the_release(marked: Marked) -> None:
    marked.set_cut()
    marked.score()
    late = {"attempt_id": marked.attempt().id, "item_version_id": marked.first().version_id, "device": "a/b"}
    with marked.exam.home.database.write() as session:
        times = {"captured_at": AFTER, "received_at": AFTER}
        session.execute(insert(LateEvent).values(**late, **times, client_seq=9, payload=["A"], why="late"))
    assert marked.missing() == ["late"]
    with pytest.raises(Refused, match="1 late answers wait"):
        marked.release()


def test_a_sitting_that_runs_releases_nothing(marked: Marked) -> None:
    marked.set_cut()
    marked.score()
    with marked.exam.home.database.write() as session:
        session.execute(update(Sitting).values(state="running"))
    with pytest.raises(Refused, match="is not closed yet"):
        marked.release()


def test_a_release_is_written_down_and_stands_in_the_programme(marked: Marked) -> None:
    marked.released(marked.points() - 5)
    assert marked.stored().state == "released"
    assert {marked.attempt(name).state for name in ("trainee", "second.trainee")} == {"released"}
    assert [(act.details or {})["count"] for act in marked.exam.home.acts("results.released")] == [2]
    assert [outcome for _, outcome in marked.stages()] == ["pass", "fail"]
    with marked.exam.home.database.read() as session:
        assert list(chain_findings(session)) == []


def test_results_are_released_once_by_one_standard(marked: Marked) -> None:
    marked.released()
    with pytest.raises(Refused, match="are released"):
        marked.release()


def test_a_release_of_a_sitting_that_changed_meanwhile_is_refused(marked: Marked) -> None:
    marked.set_cut()
    marked.score()
    from_before = marked.stored().version
    with marked.exam.home.database.write() as session:
        session.execute(update(Sitting).values(version=Sitting.version + 1))
    answer = reader(marked.exam, "head").post(
        f"/sittings/{marked.id}/release", data={"version": from_before}, follow_redirects=True
    )
    assert "meanwhile" in answer.text and marked.stored().state == "closed"


def test_after_corrected_keys_the_programme_has_the_new_outcome_too(marked: Marked) -> None:
    marked.released(marked.points())
    place = marked.paper()[0]
    marked.revise({place.version_id: correction(place.item, ChangeKind.KEY, [missed(place)])})
    marked.released(marked.points())
    assert [outcome for _, outcome in marked.stages()] == ["pass", "fail", "fail", "fail"]


def test_new_results_are_seen_by_nobody_before_they_are_released(marked: Marked) -> None:
    marked.released(40)
    marked.revise({marked.first().version_id: VOID})
    marked.set_cut(1)
    marked.score()
    with marked.exam.home.database.read() as session:
        (own,) = own_results(session, marked.exam.home.number("trainee"))
        assert own.result is not None and own.result.standard.cut == 40


def test_who_was_expelled_or_absent_has_no_result(exam: Examination) -> None:
    marked = sat(exam, {"trainee": 60, "second.trainee": 60})
    with exam.home.database.write() as session:
        expelled = exam.home.number("second.trainee")
        session.execute(update(RosterPlace).where(RosterPlace.person_id == expelled).values(state="expelled"))
    marked.released()
    assert marked.results("second.trainee") == [] and len(marked.stages()) == 1
    with exam.home.database.read() as session:
        told = {
            name: [own.state for own in own_results(session, exam.home.number(name))]
            for name in ("trainee", "second.trainee", "third.trainee")
        }
    assert told == {"trainee": ["pass"], "second.trainee": ["expelled"], "third.trainee": ["absent"]}


def test_a_sitting_declared_void_after_the_release_takes_its_results_back(marked: Marked) -> None:
    marked.released(1)
    marked.exam.act(marked.id, lambda session, found, by: declare_void(session, found, "wrong paper", by))
    assert [outcome for _, outcome in marked.stages()] == ["pass", "pass", "void", "void"]
    with marked.exam.home.database.read() as session:
        (own,) = own_results(session, marked.exam.home.number("trainee"))
        assert (own.state, own.result) == ("void", None)


def test_a_release_can_be_neither_changed_nor_deleted(marked: Marked) -> None:
    marked.released()
    with pytest.raises(DBAPIError), marked.exam.home.database.write() as session:
        session.execute(update(Release).values(at=AFTER + timedelta(days=1)))

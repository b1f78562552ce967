"""The entry test by its services: started once, handed in, scored, judged; timed practice likewise."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text, update

from question_bank.scoring import score
from question_bank.standard import judge
from tests.support.house import House
from tests.support.school import NOW
from tests.support.sitting_down import LATE, Candidate
from training_app.errors import NotFound
from training_app.exams.day_models import Receipt
from training_app.exams.invariants import exam_findings
from training_app.exams.models import Attempt, AttemptEvent, Form, ResponseEvent, Result, ScoreLine, ScoreRun
from training_app.exams.results import by_section, scored
from training_app.exams.starting import practice_test, practice_tests


def test_starting_again_gives_the_running_attempt(me: Candidate) -> None:
    assert me.start().id == me.start(NOW + timedelta(minutes=3)).id


def test_two_starts_at_once_give_one_attempt_and_one_form(home: House, me: Candidate) -> None:
    ready, found = threading.Barrier(2), []

    def press() -> None:
        ready.wait(10)
        found.append(me.start().id)

    threads = [threading.Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    with home.database.read() as session:
        assert len(set(found)) == 1 and len(found) == 2
        assert session.scalar(select(func.count()).select_from(Attempt)) == 1
        assert session.scalar(select(func.count()).select_from(Form)) == 1


def test_the_paper_keeps_its_blueprint_and_counts_its_points(home: House, me: Candidate) -> None:
    attempt = me.start()
    paper = me.paper(attempt)
    with home.database.read() as session:
        form = session.get_one(Form, attempt.form_id)
    assert len({place.version_id for place in paper}) == 20
    assert sum(place.points for place in paper) == form.points
    assert attempt.deadline_at == NOW + timedelta(minutes=20)


def test_handing_in_twice_gives_one_result(home: House, me: Candidate) -> None:
    attempt = me.start()
    for _ in range(2):
        me.hand_in(attempt)
        me.score(attempt)
    with home.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Result)) == 1
        reasons = session.scalars(select(AttemptEvent.reason).order_by(AttemptEvent.id)).all()
    assert reasons == ["started", "handed_in", "scored"]


def test_a_crash_between_hand_in_and_scoring_is_made_good_by_the_next_reading(home: House, me: Candidate) -> None:
    attempt = me.start()
    me.hand_in(attempt)
    assert me.stored(attempt).state == "submitted"
    page = home.signed_in("trainee").get("/exams")
    assert page.status_code == 200
    assert me.stored(attempt).state == "released"


def test_the_result_is_what_scoring_and_standard_say(home: House, me: Candidate) -> None:
    attempt = me.start()
    me.answer_all(attempt, right=13)
    me.hand_in(attempt)
    me.score(attempt)
    paper, given = me.paper(attempt), me.given(attempt)
    expected = {place.version_id: score(place.item, given.get(place.version_id)) for place in paper}
    with home.database.read() as session:
        found, form = scored(session, attempt), session.get_one(Form, attempt.form_id)
    assert found is not None
    assert found.points == expected
    assert found.judgement == judge(sum(expected.values()), form.points, form.cut)


def test_scores_by_section_add_up_to_the_whole(home: House, me: Candidate) -> None:
    attempt = me.start()
    me.answer_all(attempt, right=11)
    me.hand_in(attempt)
    me.score(attempt)
    with home.database.read() as session:
        found = scored(session, attempt)
    assert found is not None
    sections = by_section(me.paper(attempt), found, home.app.extensions["criteria"])
    assert sum(section.points for section in sections) == found.judgement.score
    assert sum(section.maximum for section in sections) == found.judgement.maximum
    assert len({section.code for section in sections}) == len(sections)


def test_an_attempt_whose_time_is_up_closes_when_it_is_read(
    home: House, me: Candidate, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempt = me.start()
    me.answer_all(attempt, right=2)
    monkeypatch.setattr("training_app.clock.now", lambda: NOW + LATE)
    answer = home.signed_in("trainee").get(f"/attempts/{attempt.id}")
    assert answer.headers["Location"].endswith(f"/attempts/{attempt.id}/result")
    closed = me.stored(attempt)
    assert (closed.state, closed.submitted_at) == ("released", closed.deadline_at)


def test_a_new_test_begins_after_one_whose_time_was_up(me: Candidate) -> None:
    first = me.start()
    second = me.start(NOW + LATE)
    assert (first.number, second.number) == (1, 2)
    assert me.stored(first).state == "submitted"


def test_a_timed_practice_has_public_items_only_and_runs_beside_an_entry_test(home: House, me: Candidate) -> None:
    entry = me.start()
    with home.database.read() as session:
        tests = practice_tests(session)
    attempt = me.start(test=tests[0])
    assert [(test.blueprint.items, test.blueprint.minutes) for test in tests] == [(20, 30), (60, 90)]
    assert attempt.id != entry.id and me.start(test=tests[0]).id == attempt.id
    assert all(place.item.public for place in me.paper(attempt))
    assert attempt.deadline_at == NOW + timedelta(minutes=30)


def test_a_practice_that_is_not_offered_cannot_be_begun(home: House) -> None:
    with home.database.read() as session, pytest.raises(NotFound):
        practice_test(session, 999_999)


def test_untouched_records_have_no_findings(home: House, me: Candidate) -> None:
    attempt = me.start()
    me.answer_all(attempt, right=4)
    me.hand_in(attempt)
    me.score(attempt)
    with home.database.read() as session:
        assert list(exam_findings(session)) == []


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE attempt SET head_seq = head_seq - 1",
        "UPDATE attempt SET head_hash = '0'",
        "UPDATE attempt SET deadline_at = submitted_at",
        "UPDATE attempt SET state = 'running'",
        "INSERT INTO score_line (run_id, item_version_id, points) SELECT 1, max(id), 1 FROM item_version",
        "INSERT INTO response_event (attempt_id, item_version_id, client_seq, server_seq, received_at, payload, digest,"
        " previous_hash, hash) SELECT attempt_id, item_version_id, 9, 9, received_at, payload, digest, hash, '0'"
        " FROM response_event WHERE server_seq = 4",
    ],
    ids=["a shorter chain", "another head", "a moved deadline", "reopened", "an added score", "an added answer"],
)
def test_tampering_is_found(home: House, me: Candidate, tampering: str) -> None:
    attempt = me.start()
    me.answer_all(attempt, right=4)
    me.hand_in(attempt)
    me.score(attempt)
    with home.database.write() as session:
        session.execute(text(tampering))
    with home.database.read() as session:
        assert list(exam_findings(session)) != []


@pytest.mark.parametrize("table", [ResponseEvent, ScoreRun, ScoreLine, AttemptEvent, Result, Receipt])
def test_the_database_refuses_to_delete_what_a_candidate_did(home: House, me: Candidate, table: type) -> None:
    attempt = me.start()
    me.answer_all(attempt, right=1)
    me.hand_in(attempt)
    me.score(attempt)
    with pytest.raises(Exception, match="append-only"), home.database.write() as session:
        session.execute(text(f"DELETE FROM {table.__tablename__}"))


def test_the_database_refuses_to_change_an_answer(home: House, me: Candidate) -> None:
    attempt = me.start()
    me.answer_all(attempt, right=1)
    with pytest.raises(Exception, match="append-only"), home.database.write() as session:
        session.execute(update(ResponseEvent).values(payload=["A"], digest="0" * 64))

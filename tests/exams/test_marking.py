"""What follows a sitting: keys, cut scores by two people, score runs that are never repeated, the release."""

from datetime import date

import pytest
from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from question_bank.rekeying import VOID, ChangeKind, correction
from question_bank.standard import judge
from tests.support.marked import AFTER, Marked, missed, reader
from training_app.errors import Conflict, NotAllowed, Refused
from training_app.exams.invariants import exam_findings
from training_app.exams.marking.scoring import due, score_some
from training_app.exams.marking.standards import CutScore, enter_standard, withdraw_standard
from training_app.exams.marking_models import KeyChange, Standard
from training_app.exams.models import Attempt, AttemptEvent, ScoreLine, ScoreRun
from training_app.exams.sitting_models import Sitting


def runs(marked: Marked) -> int:
    with marked.exam.home.database.read() as session:
        return session.scalar(select(func.count()).select_from(ScoreRun)) or 0


def waiting(marked: Marked) -> list[int]:
    with marked.exam.home.database.read() as session:
        return due(session, session.get_one(Sitting, marked.id))


# scoring


def test_nobody_is_scored_before_cut_and_keys_are_confirmed(marked: Marked) -> None:
    marked.enter()
    assert marked.score() == (0, 0) and runs(marked) == 0
    assert marked.attempt().state == "submitted"


def test_a_confirmed_cut_score_gives_everybody_points_mark_and_outcome(marked: Marked) -> None:
    marked.set_cut(40)
    assert marked.score() == (2, 0)
    most = marked.points()
    (best,) = marked.results()
    assert (best.score, best.mark, best.outcome) == (most, 100, "pass")
    (half,) = marked.results("second.trainee")
    judged = judge(half.score, most, 40)
    assert (half.mark, half.outcome) == (judged.mark, judged.outcome.value)


def test_the_lines_of_a_run_name_every_item_and_add_up(marked: Marked) -> None:
    marked.set_cut()
    marked.score()
    (result,) = marked.results("second.trainee")
    with marked.exam.home.database.read() as session:
        lines = session.scalars(select(ScoreLine).where(ScoreLine.run_id == result.run_id)).all()
        assert list(exam_findings(session)) == []
    assert len(lines) == len(marked.paper()) and sum(line.points for line in lines) == result.score


def test_scoring_again_by_the_same_standard_changes_nothing(marked: Marked) -> None:
    marked.set_cut()
    marked.score()
    assert marked.score() == (0, 0) and runs(marked) == 2


def test_an_attempt_passes_over_marking_to_marked(marked: Marked) -> None:
    marked.set_cut()
    marked.score()
    with marked.exam.home.database.read() as session:
        events = session.scalars(
            select(AttemptEvent)
            .where(AttemptEvent.attempt_id == marked.attempt().id, AttemptEvent.reason == "scored")
            .order_by(AttemptEvent.id)
        ).all()
    assert [(event.from_state, event.to_state) for event in events] == [("submitted", "marking"), ("marking", "marked")]


def test_a_run_that_was_cut_off_goes_on_where_it_stopped(marked: Marked) -> None:
    marked.set_cut()
    with marked.exam.home.database.write() as session:
        assert score_some(session, AFTER, most=1) == 1
    assert (len(waiting(marked)), marked.missing()) == (1, ["scored"])
    with marked.exam.home.database.write() as session:
        assert score_some(session, AFTER) == 1
    assert waiting(marked) == []


def test_a_crash_between_two_attempts_loses_none_and_scores_none_twice(
    marked: Marked, monkeypatch: pytest.MonkeyPatch
) -> None:
    marked.set_cut()
    with monkeypatch.context() as patch:
        patch.setattr("training_app.exams.marking.scoring._mark", _crash)
        with pytest.raises(RuntimeError, match="killed"):
            marked.score()
    assert (runs(marked), len(waiting(marked))) == (0, 2)
    assert marked.score() == (2, 0) and runs(marked) == 2


def _crash(*_: object) -> None:
    raise RuntimeError("killed")


def test_a_late_answer_that_is_accepted_before_the_release_is_scored_anew(marked: Marked) -> None:
    marked.set_cut()
    marked.score()
    with marked.exam.home.database.write() as session:
        attempt = session.get_one(Attempt, marked.attempt("second.trainee").id)
        attempt.head_seq += 1
    assert marked.missing() == ["scored"]
    assert marked.score() == (1, 0) and len(marked.results("second.trainee")) == 2


def test_the_database_refuses_a_second_run_over_the_same_answers_by_one_standard(marked: Marked) -> None:
    marked.set_cut()
    marked.score()
    with marked.exam.home.database.read() as session:
        run = session.scalars(select(ScoreRun)).first()
        assert run is not None
        same = {"attempt_id": run.attempt_id, "standard_id": run.standard_id, "head_seq": run.head_seq}
    with pytest.raises(IntegrityError), marked.exam.home.database.write() as session:
        session.execute(insert(ScoreRun).values(**same, reason="again", at=AFTER))


# cut scores


def test_who_entered_a_cut_score_does_not_confirm_it(marked: Marked) -> None:
    standard = marked.enter()
    with pytest.raises(NotAllowed, match="another programme administrator"):
        marked.confirm(standard, "head")
    assert marked.missing() == ["standard", "scored"]


def test_the_database_refuses_the_same_person_as_well(marked: Marked) -> None:
    standard = marked.enter()
    with pytest.raises(IntegrityError), marked.exam.home.database.write() as session:
        session.execute(
            update(Standard)
            .where(Standard.id == standard.id)
            .values(confirmed_by=standard.entered_by, confirmed_at=AFTER)
        )


def test_who_corrected_the_keys_does_not_confirm_them(marked: Marked) -> None:
    marked.revise({marked.first().version_id: VOID}, "second.head")
    standard = marked.enter()
    with pytest.raises(NotAllowed, match="You corrected these keys"):
        marked.confirm(standard, "second.head")


def test_cut_and_keys_are_not_confirmed_while_people_sit(marked: Marked) -> None:
    with marked.exam.home.database.write() as session:
        session.execute(update(Sitting).values(state="running"))
    standard = marked.enter()
    with pytest.raises(Refused, match="when the sitting is closed"):
        marked.confirm(standard)


@pytest.mark.parametrize(
    ("cut", "basis", "day", "sentence"),
    [
        (0, "Angoff", AFTER.date(), "lies between 1 and"),
        (1000, "Angoff", AFTER.date(), "lies between 1 and"),
        (40, "  ", AFTER.date(), "Say what the cut score rests on"),
        (40, "Angoff", date(2027, 1, 1), "lies in the future"),
    ],
)
def test_a_cut_score_that_cannot_be_is_refused_with_a_sentence(
    marked: Marked, cut: int, basis: str, day: date, sentence: str
) -> None:
    with pytest.raises(Refused, match=sentence):
        marked.act(lambda session, found, by: enter_standard(session, found, CutScore(cut, basis, day), by))


def test_one_cut_score_waits_at_a_time(marked: Marked) -> None:
    marked.enter()
    with pytest.raises(Conflict, match="waits for its confirmation"):
        marked.enter(41, "second.head")


def test_a_cut_score_is_confirmed_once(marked: Marked) -> None:
    standard = marked.set_cut()
    with pytest.raises(Conflict, match="confirmed or withdrawn meanwhile"):
        marked.confirm(standard)


def test_marked_items_are_looked_at_before_keys_are_confirmed(marked: Marked) -> None:
    marked.revise({marked.first().version_id: VOID})
    standard = marked.enter()
    page = f"/sittings/{marked.id}/standards/{standard.id}/confirm"
    browser = reader(marked.exam, "second.head")
    assert "are not looked at yet" in browser.post(page, follow_redirects=True).text
    ticked = {"looked": [str(place.version_id) for place in marked.paper()]}
    assert "Cut score and keys are confirmed" in browser.post(page, data=ticked, follow_redirects=True).text
    assert marked.missing() == []


def test_a_withdrawn_cut_score_counts_no_more(marked: Marked) -> None:
    standard = marked.set_cut()
    marked.act(lambda session, found, by: withdraw_standard(session, found, standard.id, reason="a slip", by=by))
    assert "standard" in marked.missing()
    assert [(act.details or {})["reason"] for act in marked.exam.home.acts("standard.withdrawn")] == ["a slip"]


def test_a_cut_score_by_which_results_were_released_is_not_withdrawn(marked: Marked) -> None:
    standard = marked.released()
    with pytest.raises(Conflict, match="released by this cut score"):
        marked.act(lambda session, found, by: withdraw_standard(session, found, standard.id, reason="x", by=by))


# corrected keys


def test_a_void_item_lowers_the_maximum_and_counts_for_nobody(marked: Marked) -> None:
    place, before = marked.first(), marked.points()
    marked.revise({place.version_id: VOID})
    assert marked.points() == before - place.points
    marked.set_cut()
    marked.score()
    (best,) = marked.results()
    assert best.score == marked.points() == before - place.points


def test_another_key_gives_points_to_those_who_gave_it(marked: Marked) -> None:
    place = marked.paper()[-1]
    change = correction(place.item, ChangeKind.KEY, [missed(place)])
    before = marked.released()
    marked.revise({place.version_id: change})
    marked.released()
    first, second = marked.results("second.trainee")
    assert second.score == first.score + place.points and before.id != 0
    assert [result.score for result in marked.results()] == [marked.points(), marked.points() - place.points]


def test_older_runs_stay_when_keys_are_corrected(marked: Marked) -> None:
    marked.released()
    marked.revise({marked.first().version_id: VOID})
    marked.released()
    assert len(marked.results()) == 2 and runs(marked) == 4


def test_a_revision_names_the_changes_of_earlier_ones_too_and_can_take_one_back(marked: Marked) -> None:
    one, other = marked.paper()[0].version_id, marked.paper()[1].version_id
    marked.revise({one: VOID})
    second = marked.revise({other: VOID})
    third = marked.revise({one: None})
    with marked.exam.home.database.read() as session:
        changes = session.execute(select(KeyChange.revision_id, KeyChange.item_version_id)).all()
    assert {row.item_version_id for row in changes if row.revision_id == second.id} == {one, other}
    assert {row.item_version_id for row in changes if row.revision_id == third.id} == {other}


def test_what_is_accepted_beside_the_key_is_stored_and_read_back(marked: Marked) -> None:
    place = marked.paper()[-1]
    marked.revise({place.version_id: correction(place.item, ChangeKind.ALSO, [missed(place)])})
    marked.set_cut()
    marked.score()
    with marked.exam.home.database.read() as session:
        lines = session.execute(select(ScoreLine.points).where(ScoreLine.item_version_id == place.version_id)).scalars()
        assert set(lines) == {place.points}


def test_a_cut_score_for_older_keys_waits_no_more(marked: Marked) -> None:
    standard = marked.enter()
    marked.revise({marked.first().version_id: VOID})
    with pytest.raises(Conflict):
        marked.confirm(standard)


def test_corrected_keys_hold_the_release_until_they_are_confirmed(marked: Marked) -> None:
    marked.set_cut()
    marked.score()
    marked.revise({marked.first().version_id: VOID})
    assert marked.missing() == ["standard", "scored"]


@pytest.mark.parametrize("changes", ["nothing", "stranger", "all"])
def test_a_revision_that_makes_no_sense_is_refused(marked: Marked, changes: str) -> None:
    given = {"nothing": {}, "stranger": {99_999: VOID}, "all": {place.version_id: VOID for place in marked.paper()}}
    with pytest.raises(Refused):
        marked.revise({**given[changes]})


def test_keys_and_revisions_are_append_only(marked: Marked) -> None:
    marked.revise({marked.first().version_id: VOID})
    with pytest.raises(DBAPIError), marked.exam.home.database.write() as session:
        session.execute(update(KeyChange).values(kind="also"))

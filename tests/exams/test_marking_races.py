"""Two at once: scoring, confirming, releasing and correcting happen once."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import func, select

from question_bank.rekeying import VOID
from tests.support.marked import Marked
from training_app.errors import Refused
from training_app.exams.invariants import exam_findings
from training_app.exams.marking_models import KeyRevision, Release
from training_app.exams.models import AttemptEvent, ScoreRun


def at_once(marked: Marked, acts: list[Callable[[], object]]) -> Counter[str]:
    """How the acts ended, all begun together: "done" or the name of the refusal."""
    app = marked.exam.home.app

    def one(act: Callable[[], object]) -> str:
        with app.test_request_context(headers={"Accept-Language": "en"}):
            try:
                act()
            except Refused as refusal:
                return type(refusal).__name__
        return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return Counter(pool.map(one, acts))


def test_two_that_score_at_once_score_everybody_once(marked: Marked) -> None:
    marked.set_cut()
    assert at_once(marked, [marked.score] * 4) == {"done": 4}
    with marked.exam.home.database.read() as session:
        assert session.scalar(select(func.count()).select_from(ScoreRun)) == 2
        scored = select(func.count()).select_from(AttemptEvent).where(AttemptEvent.to_state == "marked")
        assert session.scalar(scored) == 2
        assert list(exam_findings(session)) == []


def test_of_two_that_confirm_at_once_one_does(marked: Marked) -> None:
    standard = marked.enter()
    ended = at_once(marked, [lambda: marked.confirm(standard)] * 3)
    assert ended["done"] == 1 and len(marked.exam.home.acts("standard.confirmed")) == 1


def test_of_two_that_enter_a_cut_score_at_once_one_does(marked: Marked) -> None:
    ended = at_once(marked, [lambda: marked.enter(40), lambda: marked.enter(41, "second.head")])
    assert ended == {"done": 1, "Conflict": 1}


def test_of_two_that_release_at_once_one_does(marked: Marked) -> None:
    marked.set_cut()
    marked.score()
    ended = at_once(marked, [marked.release, lambda: marked.release("second.head")])
    assert ended["done"] == 1
    with marked.exam.home.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Release)) == 1
    assert len(marked.exam.home.acts("results.released")) == 1


def test_two_corrections_at_once_are_two_revisions_and_none_is_lost(marked: Marked) -> None:
    one, other = (place.version_id for place in marked.paper()[:2])
    before = marked.points()
    acts: list[Callable[[], object]] = [lambda: marked.revise({one: VOID}), lambda: marked.revise({other: VOID})]
    assert at_once(marked, acts) == {"done": 2}
    with marked.exam.home.database.read() as session:
        assert list(session.scalars(select(KeyRevision.number).order_by(KeyRevision.number))) == [1, 2]
    assert marked.points() == before - sum(place.points for place in marked.paper()[:2])

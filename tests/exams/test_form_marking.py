"""Keys, cut scores and results of a sitting with two forms, each marked by its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from question_bank.rekeying import ChangeKind, correction
from tests.support.databases import Databases
from tests.support.examination import examination_after
from tests.support.house import CRITERIA
from tests.support.marked import AFTER, Marked, reader, sat
from training_app.exams.attempts import PaperItem, paper_of_form
from training_app.exams.marking.own import own_result, told_of
from training_app.exams.marking.releasing import requirements
from training_app.exams.marking.standards import CutScore, enter_standard
from training_app.exams.marking_models import KeyRevision, Standard
from training_app.exams.models import Attempt
from training_app.exams.setup.rules import FormWishes
from training_app.exams.sitting_models import Sitting
from training_app.people.models import Person
from training_app.people.signed import holder_of

TWO = FormWishes(form_count=2, anchors=6, overlap=20)
RIGHT = {"trainee": 60, "second.trainee": 45, "third.trainee": 20}


@pytest.fixture
def twin(databases: Databases, tmp_path: Path) -> Iterator[Marked]:
    """A closed sitting with forms A and B, sat by three candidates."""
    made = examination_after(databases, tmp_path / "var", "twin", lambda exam: sat(exam, RIGHT, TWO).id)
    with made as (exam, sitting):
        yield Marked(exam, sitting)


def form_of(marked: Marked, letter: str) -> int:
    return next(one.form_id for one in marked.stored().forms if one.letter == letter)


def set_cut(marked: Marked, letter: str, cut: int) -> Standard:
    entered = CutScore(cut, "Angoff", AFTER.date(), form_of(marked, letter))
    return marked.confirm(marked.act(lambda session, found, by: enter_standard(session, found, entered, by)))


def released(marked: Marked) -> None:
    set_cut(marked, "A", 50)
    set_cut(marked, "B", 60)
    marked.score()
    marked.release()


def attempts_on(marked: Marked, letter: str) -> list[Attempt]:
    with marked.exam.home.database.read() as session:
        wanted = select(Attempt).where(Attempt.form_id == form_of(marked, letter), Attempt.started_at.is_not(None))
        return list(session.scalars(wanted))


def person(marked: Marked, attempt: Attempt) -> Person:
    with marked.exam.home.database.read() as session:
        return session.get_one(Person, attempt.person_id)


def paper(marked: Marked, letter: str) -> dict[int, PaperItem]:
    with marked.exam.home.database.read() as session:
        return {place.version_id: place for place in paper_of_form(session, form_of(marked, letter))}


def cuts_and_releases(marked: Marked, letter: str) -> list[tuple[int, int]]:
    """Of each attempt on the form, the cut score of its result and how many releases went before."""
    found = []
    for attempt in attempts_on(marked, letter):
        with marked.exam.home.database.read() as session:
            own = own_result(session, holder_of(person(marked, attempt)), attempt.id)
            assert own.result is not None
            found.append((own.result.judgement.cut, len(told_of(session, own, CRITERIA).earlier)))
    return found


def test_a_release_waits_until_every_form_has_cut_score_and_keys(twin: Marked) -> None:
    set_cut(twin, "A", 50)
    twin.score()
    assert twin.missing() == ["standard", "scored"]
    with twin.exam.home.database.read() as session:
        said = [one.sentence for one in requirements(session, session.get_one(Sitting, twin.id)) if not one.done]
    assert said[0].startswith("Form B: There is no cut score yet.")


def test_everybody_is_judged_by_the_cut_score_of_the_own_form(twin: Marked) -> None:
    released(twin)
    one, other = cuts_and_releases(twin, "A"), cuts_and_releases(twin, "B")
    assert (set(one), set(other)) == ({(50, 0)}, {(60, 0)})
    assert len(one) + len(other) == len(twin.stages()) == 3


def test_corrected_keys_of_one_form_leave_the_results_of_the_other_as_they_were(twin: Marked) -> None:
    released(twin)
    mine = next(place for version, place in paper(twin, "A").items() if version not in paper(twin, "B"))
    twin.revise({mine.version_id: correction(mine.item, ChangeKind.VOID)})
    set_cut(twin, "A", 49)
    twin.score()
    twin.release()
    assert set(cuts_and_releases(twin, "A")) == {(49, 1)}
    assert set(cuts_and_releases(twin, "B")) == {(60, 0)}


def test_the_key_of_an_anchor_is_corrected_on_every_form(twin: Marked) -> None:
    anchor = next(iter(paper(twin, "A").keys() & paper(twin, "B").keys()))
    head = reader(twin.exam, "head")
    entered = {"kind": "void", "reason": "the clause changed", "do": "correct"}
    assert head.post(f"/sittings/{twin.id}/keys/{anchor}?form=B", data=entered).status_code == 302
    with twin.exam.home.database.read() as session:
        corrected = set(session.scalars(select(KeyRevision.form_id)))
    assert corrected == {form_of(twin, "A"), form_of(twin, "B")}


def test_staff_see_the_form_of_everybody_and_candidates_never_do(twin: Marked) -> None:
    released(twin)
    head = reader(twin.exam, "head")
    page, file = head.get(f"/sittings/{twin.id}/results"), head.get(f"/sittings/{twin.id}/results?format=csv")
    assert 'data-label="Form"' in page.text
    assert "Form" in file.text.splitlines()[0].split(",")
    assert "Form B" in head.get(f"/sittings/{twin.id}/keys?form=B").text
    assert head.get(f"/sittings/{twin.id}/keys?form=C").status_code == 404
    (attempt, *_) = attempts_on(twin, "B")
    assert "Form B" not in reader(twin.exam, person(twin, attempt).username).get(f"/exams/results/{attempt.id}").text

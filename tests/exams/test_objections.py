"""Score checks and objections on both databases: asked in time, once; decided by another person; what follows."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from question_bank.rekeying import VOID
from tests.support.marked import AFTER, Marked
from tests.support.objecting import ANSWER, DAYS, TEXT, Appeals
from training_app.bank.models import ItemVersion
from training_app.errors import Conflict, NotAllowed, NotFound, Refused
from training_app.exams.marking_models import Objection
from training_app.exams.models import Attempt, AttemptEvent
from training_app.exams.objections.asking import appeals_end, window_of
from training_app.exams.objections.deciding import waiting_for
from training_app.exams.objections.following import waiting_for_keys
from training_app.exams.objections.rules import Decision, Kind
from training_app.exams.setup.calling_off import declare_void
from training_app.exams.setup.roster import add_place
from training_app.exams.sitting_models import RosterPlace, Sitting
from training_app.people.models import Person
from training_app.programmes.models import StageResult


@pytest.fixture
def appeals(released: Marked) -> Appeals:
    """What candidates ask after it."""
    return Appeals(released)


# asking


@pytest.mark.parametrize(("kind", "position"), [(Kind.SCORE, None), (Kind.ITEM, 7), (Kind.PROCEDURE, None)])
def test_a_candidate_asks_once_and_the_second_is_told(appeals: Appeals, kind: Kind, position: int | None) -> None:
    appeals.ask(kind, position=position)
    with pytest.raises(Conflict, match="waits for a decision"):
        appeals.ask(kind, position=position)


def test_each_item_can_be_objected_to_beside_another(appeals: Appeals) -> None:
    first, second = (appeals.ask(Kind.ITEM, position=position) for position in (1, 2))
    assert first.item_version_id != second.item_version_id


def test_the_database_refuses_a_second_open_one(appeals: Appeals) -> None:
    objection = appeals.ask(Kind.SCORE)
    row = {"attempt_id": objection.attempt_id, "person_id": objection.person_id, "kind": "score", "text": "again"}
    with (
        pytest.raises(IntegrityError),
        appeals.marked.exam.home.database.write() as session,
    ):
        session.execute(insert(Objection).values(**row, at=AFTER))


def test_of_two_who_ask_at_once_one_is_stored(appeals: Appeals) -> None:
    start, ends = Barrier(2), []

    def ask() -> None:
        start.wait()
        try:
            ends.append(appeals.ask(Kind.SCORE).kind)
        except Conflict:
            ends.append("conflict")

    threads = [Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ends) == ["conflict", "score"]


def test_what_was_taken_back_can_be_asked_again(appeals: Appeals) -> None:
    appeals.take_back(appeals.ask(Kind.SCORE))
    assert appeals.ask(Kind.SCORE).withdrawn_at is None


def test_what_was_decided_is_not_heard_again_until_results_are_released_anew(appeals: Appeals) -> None:
    appeals.decide(appeals.ask(Kind.SCORE), decision=Decision.REJECTED)
    with pytest.raises(Refused, match="decided already"):
        appeals.ask(Kind.SCORE, later=timedelta(days=2))


def test_nothing_is_taken_back_twice_or_after_the_decision(appeals: Appeals) -> None:
    objection = appeals.ask()
    appeals.take_back(objection)
    with pytest.raises(Conflict):
        appeals.take_back(objection)
    decided = appeals.ask(Kind.SCORE)
    appeals.decide(decided)
    with pytest.raises(Conflict):
        appeals.take_back(decided)


def test_an_objection_of_another_person_cannot_be_taken_back(appeals: Appeals) -> None:
    objection = appeals.ask()
    with pytest.raises(NotFound):
        appeals.take_back(objection, "second.trainee")


def test_after_the_window_nothing_is_asked(appeals: Appeals) -> None:
    with pytest.raises(Refused, match="is over"):
        appeals.ask(later=timedelta(days=DAYS + 1))


def test_before_the_release_only_the_procedure_is_objected_to(marked: Marked) -> None:
    appeals = Appeals(marked)
    with pytest.raises(Refused, match="once the results are released"):
        appeals.ask(Kind.SCORE)
    assert appeals.ask(Kind.PROCEDURE).decision is None


@pytest.mark.parametrize("position", [0, 61, -1, 2**40])
def test_an_item_that_is_not_on_the_paper_cannot_be_objected_to(appeals: Appeals, position: int) -> None:
    with pytest.raises(Refused, match="no such item"):
        appeals.ask(Kind.ITEM, position=position)


def test_identity_numbers_are_masked_before_they_are_stored(appeals: Appeals) -> None:
    objection = appeals.ask(text="My number is 11010519491231002X, the invigilator asked for it.")
    assert "11010519491231002X" not in appeals.stored(objection).text


# the window and what is kept


def test_photos_stay_while_results_are_not_released(marked: Marked) -> None:
    with marked.exam.home.database.read() as session:
        assert appeals_end(session, session.get_one(Sitting, marked.id), DAYS) is None


def test_photos_stay_while_an_objection_is_open_and_may_go_after_the_window(appeals: Appeals) -> None:
    database = appeals.marked.exam.home.database
    objection = appeals.ask()
    with database.read() as session:
        assert appeals_end(session, session.get_one(Sitting, appeals.marked.id), DAYS) is None
    appeals.decide(objection)
    with database.read() as session:
        sitting = session.get_one(Sitting, appeals.marked.id)
        ends = appeals_end(session, sitting, DAYS)
        assert ends == window_of(session, sitting, DAYS).ends
    assert ends is not None and timedelta(days=DAYS) < ends - AFTER <= timedelta(days=DAYS + 1)


def test_a_sitting_that_was_declared_void_has_a_window_too(marked: Marked) -> None:
    marked.exam.act(marked.id, lambda session, found, by: declare_void(session, found, "a fire", by))
    with marked.exam.home.database.read() as session:
        assert appeals_end(session, session.get_one(Sitting, marked.id), DAYS) is not None


# deciding


def test_another_person_decides_and_the_candidate_has_the_answer(appeals: Appeals) -> None:
    decided = appeals.decide(appeals.ask())
    assert (decided.decision, decided.answer) == ("upheld", ANSWER)
    (act,) = appeals.marked.exam.home.acts("objection.decided")
    assert act.details is not None and act.details["decision"] == "upheld" and ANSWER not in str(act.details)


def test_it_is_decided_once(appeals: Appeals) -> None:
    objection = appeals.ask()
    appeals.decide(objection)
    with pytest.raises(Conflict, match="meanwhile"):
        appeals.decide(objection, "second.admin", Decision.REJECTED)
    assert appeals.stored(objection).decision == "upheld"


def test_of_two_who_decide_at_once_one_counts(appeals: Appeals) -> None:
    objection, start, ends = appeals.ask(), Barrier(2), []

    def decide(username: str) -> None:
        start.wait()
        try:
            ends.append(appeals.decide(objection, username).decision)
        except Conflict:
            ends.append("conflict")

    threads = [Thread(target=decide, args=(name,)) for name in ("base.admin", "second.admin")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(str(end) for end in ends) == ["conflict", "upheld"]


def test_what_was_taken_back_is_not_decided(appeals: Appeals) -> None:
    objection = appeals.ask()
    appeals.take_back(objection)
    with pytest.raises(Conflict):
        appeals.decide(objection)


def test_the_candidate_never_decides_even_as_an_administrator(appeals: Appeals) -> None:
    objection, home = appeals.ask(), appeals.marked.exam.home
    with home.database.write() as session:
        session.execute(
            update(Objection).where(Objection.id == objection.id).values(person_id=home.number("base.admin"))
        )
    with pytest.raises(NotAllowed, match="You ask this yourself"):
        appeals.decide(objection)


@pytest.mark.parametrize("kind", [Kind.SCORE, Kind.PROCEDURE])
@pytest.mark.parametrize("username", ["head", "second.head"])
def test_who_entered_or_confirmed_the_cut_score_decides_no_score_or_procedure(
    appeals: Appeals, kind: Kind, username: str
) -> None:
    with pytest.raises(NotAllowed, match="cut score"):
        appeals.decide(appeals.ask(kind), username)


def test_who_reviewed_or_wrote_the_item_does_not_decide_about_it(appeals: Appeals) -> None:
    objection, home = appeals.ask(Kind.ITEM, position=3), appeals.marked.exam.home
    with home.database.write() as session:
        session.execute(
            update(ItemVersion)
            .where(ItemVersion.id == objection.item_version_id)
            .values(author_id=home.number("second.head"))
        )
    with pytest.raises(NotAllowed, match="wrote, loaded or reviewed"):
        appeals.decide(objection, "second.head")
    assert appeals.decide(objection, "head").decision == "upheld"


def test_another_base_does_not_know_the_objection(appeals: Appeals) -> None:
    with pytest.raises(NotFound):
        appeals.decide(appeals.ask(), "far.admin")


def test_homes_show_what_waits_and_can_be_decided_oldest_first(appeals: Appeals) -> None:
    late = appeals.ask(Kind.SCORE, "second.trainee", later=timedelta(hours=5))
    early = appeals.ask(Kind.PROCEDURE)
    home = appeals.marked.exam.home
    with home.database.read() as session:
        mine = [one.objection.id for one in waiting_for(session, appeals.by("base.admin").holder)]
        heads = waiting_for(session, appeals.by("head").holder)
        far = waiting_for(session, appeals.by("far.admin").holder)
    assert mine == [early.id, late.id] and heads == [] and far == []


# what follows


def test_corrected_keys_name_the_upheld_objection_that_they_followed(appeals: Appeals) -> None:
    place = appeals.marked.first()
    objection = appeals.decide(appeals.ask(Kind.ITEM, position=place.position), "head")
    with appeals.marked.exam.home.database.read() as session:
        form = appeals.attempt().form_id
        assert [one.id for one in waiting_for_keys(session, form)] == [objection.id]
    revision = appeals.marked.revise({place.version_id: VOID}, "second.head")
    assert appeals.stored(objection).revision_id == revision.id


def test_corrected_keys_of_another_item_leave_it_waiting(appeals: Appeals) -> None:
    first, other = appeals.marked.paper()[:2]
    objection = appeals.decide(appeals.ask(Kind.ITEM, position=first.position), "head")
    appeals.marked.revise({other.version_id: VOID}, "second.head")
    assert appeals.stored(objection).revision_id is None


def test_an_upheld_procedure_voids_the_place_and_leads_to_a_resit(appeals: Appeals) -> None:
    exam = appeals.marked.exam
    objection = appeals.decide(appeals.ask())
    appeals.void(objection)
    with exam.home.database.read() as session:
        place = session.scalars(select(RosterPlace).where(RosterPlace.attempt_id == appeals.attempt().id)).one()
        outcomes = list(session.scalars(select(StageResult.outcome).order_by(StageResult.id)))
        last = session.scalars(
            select(AttemptEvent).where(AttemptEvent.attempt_id == objection.attempt_id).order_by(AttemptEvent.id.desc())
        ).first()
        assert session.get_one(Attempt, objection.attempt_id).state == "voided"
    assert place.state == "void" and outcomes[-1] == "void" and last is not None and last.to_state == "voided"
    again = exam.planned(exam.stored(appeals.marked.id).starts_at + timedelta(days=7))

    def place_again(session: object, found: Sitting, by: object) -> int | None:
        person = session.scalars(select(Person).where(Person.username == "trainee")).unique().one()  # type: ignore[attr-defined]  # the session of a write
        return add_place(session, found, person, by).resit_of  # type: ignore[arg-type]  # as above

    assert exam.act(again, place_again) == place.id


@pytest.mark.parametrize("decision", [None, Decision.REJECTED])
def test_a_place_is_not_void_before_its_objection_is_upheld(appeals: Appeals, decision: Decision | None) -> None:
    objection = appeals.ask()
    [appeals.decide(objection, decision=one) for one in (decision,) if one]
    with pytest.raises(Conflict):
        appeals.void(objection)


def test_a_score_check_never_voids_a_place(appeals: Appeals) -> None:
    objection = appeals.decide(appeals.ask(Kind.SCORE))
    with pytest.raises(Conflict):
        appeals.void(objection)


def test_a_place_is_void_once(appeals: Appeals) -> None:
    objection = appeals.decide(appeals.ask())
    appeals.void(objection)
    with pytest.raises(Conflict):
        appeals.void(objection)


# the evidence


def test_the_evidence_holds_every_item_save_and_run(appeals: Appeals) -> None:
    evidence = appeals.evidence(appeals.ask(Kind.ITEM, position=2))
    assert len(evidence.items) == 60 and len(evidence.saves) >= 60 and len(evidence.runs) == 1
    assert sum(evidence.runs[0].points.values()) == evidence.runs[0].result.score  # type: ignore[union-attr]  # a released run has a result
    assert evidence.subject is not None and evidence.subject.position == 2
    assert evidence.chain.is_sound and evidence.chain.matches


def test_a_chain_that_does_not_end_at_its_head_is_told(appeals: Appeals) -> None:
    objection = appeals.ask()
    with appeals.marked.exam.home.database.write() as session:
        session.execute(update(Attempt).where(Attempt.id == objection.attempt_id).values(head_hash="0" * 64))
    chain = appeals.evidence(objection).chain
    assert not chain.is_sound and "last answer" in chain.faults[0].message


def test_a_secret_item_is_told_by_section_and_number_to_who_may_not_read_it(appeals: Appeals) -> None:
    objection, database = appeals.ask(Kind.ITEM, position=1), appeals.marked.exam.home.database
    with database.write() as session:
        session.execute(update(ItemVersion).where(ItemVersion.id == objection.item_version_id).values(public=False))
    for_base, for_head = appeals.evidence(objection), appeals.evidence(objection, "head")
    assert for_base.subject is not None and for_head.subject is not None
    assert (for_base.subject.item, for_base.subject.item_id) == (None, None)
    assert for_base.subject.section and for_head.subject.item is not None
    with pytest.raises(NotAllowed, match="secret"):
        appeals.decide(objection)


def test_the_text_is_what_was_asked(appeals: Appeals) -> None:
    assert appeals.stored(appeals.ask()).text == TEXT

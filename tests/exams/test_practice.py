"""Practice by its services: what comes next, what is stored, what stays closed."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType

import pytest
from sqlalchemy import func, select

from question_bank.items import Bank, Item, Kind
from question_bank.loading import LoadedContent
from question_bank.scoring import key_response
from tests.support.house import CRITERIA, House
from tests.support.school import CONTENT, NOW
from tests.support.sitting_down import candidate, wrong_response
from training_app.bank.loading import load_content
from training_app.bank.services import StoredItem, current_bank
from training_app.clock import shanghai_day
from training_app.errors import NotFound, Refused
from training_app.exams.models import PracticeAnswer
from training_app.exams.practice.services import (
    Answering,
    LastAnswer,
    answer,
    answer_of,
    in_scope,
    last_answers,
    next_item,
    pool_of,
    progress_in,
    public_item,
    weak_items,
)

TODAY = shanghai_day(NOW)
NONCE = "0123456789abcdef01234567"


def pool(home: House) -> Mapping[str, StoredItem]:
    with home.database.read() as session:
        return pool_of(current_bank(session), TODAY)


def own_item(**changes: object) -> Item:
    single = next(item for item in CONTENT.bank.items if item.kind is Kind.SINGLE)
    return replace(single, id="OWN-001", enemies=(), twins=(), **changes)


def load(home: House, *items: Item) -> None:
    with home.database.write() as session:
        load_content(session, LoadedContent(Bank(items, ()), (), MappingProxyType({})), origin="base", now=NOW)


def version_of(home: House, item_id: str) -> int:
    with home.database.read() as session:
        return current_bank(session).version_ids[item_id]


def practise(home: House, version: int, raw: object, nonce: str = NONCE) -> PracticeAnswer:
    with home.database.write() as session:
        return answer(session, candidate(home).holder, Answering(version, nonce, raw), day=TODAY, now=NOW)


def test_a_secret_item_is_in_no_pool_and_cannot_be_opened_or_answered(home: House) -> None:
    load(home, own_item(public=False))
    version = version_of(home, "OWN-001")
    assert "OWN-001" not in pool(home)
    with home.database.read() as session, pytest.raises(NotFound):
        public_item(session, version, TODAY)
    with pytest.raises(NotFound):
        practise(home, version, ["A"])
    browser = home.signed_in("trainee")
    assert browser.get(f"/exams/practice/A26/items/{version}").status_code == 404
    assert browser.post(f"/exams/practice/A26/items/{version}", data={"nonce": NONCE}).status_code == 404


def test_an_item_that_became_secret_is_closed_in_its_public_version_as_well(home: House) -> None:
    load(home, own_item())
    before = version_of(home, "OWN-001")
    stored = practise(home, before, ["A"])
    load(home, own_item(public=False))
    browser = home.signed_in("trainee")
    assert browser.get(f"/exams/practice/A26/items/{before}").status_code == 404
    assert browser.get(f"/exams/practice/A26/answers/{stored.id}").status_code == 404


def test_an_older_version_that_is_open_on_a_page_can_still_be_answered(home: House) -> None:
    load(home, own_item())
    before = version_of(home, "OWN-001")
    load(home, own_item(difficulty=41))
    assert version_of(home, "OWN-001") != before
    assert practise(home, before, key_response(own_item())).points == own_item().points


def test_every_item_of_the_pool_earns_all_points_by_its_key_and_less_by_a_slip(home: House) -> None:
    found = list(pool(home).values())[:40]
    for number, stored in enumerate(found):
        right = practise(home, stored.version_id, key_response(stored.item), f"{number:024x}")
        slip = practise(home, stored.version_id, wrong_response(stored.item), f"{number + 1000:024x}")
        assert right.points == stored.item.points > slip.points, stored.item.id


def test_a_resend_of_the_same_page_is_one_answer(home: House) -> None:
    stored = next(iter(pool(home).values()))
    first = practise(home, stored.version_id, key_response(stored.item))
    again = practise(home, stored.version_id, wrong_response(stored.item))
    with home.database.read() as session:
        assert session.scalar(select(func.count()).select_from(PracticeAnswer)) == 1
    assert (again.id, again.points) == (first.id, first.points)


@pytest.mark.parametrize("raw", [[], None, ["Z"], ["A", "B"], "A", ["\x00"], ["A" * 100_000]])
def test_an_empty_or_malformed_answer_is_refused_and_not_counted(home: House, raw: object) -> None:
    single = next(stored for stored in pool(home).values() if stored.item.kind is Kind.SINGLE)
    with home.app.test_request_context(), pytest.raises(Refused):
        practise(home, single.version_id, raw)
    with home.database.read() as session:
        assert session.scalar(select(func.count()).select_from(PracticeAnswer)) == 0


def test_anothers_answer_is_not_there(home: House) -> None:
    stored = next(iter(pool(home).values()))
    mine = practise(home, stored.version_id, key_response(stored.item))
    with home.database.read() as session, pytest.raises(NotFound):
        answer_of(session, candidate(home, "far.trainee").holder, mine.id)
    page = home.signed_in("far.trainee").get(f"/exams/practice/A26/answers/{mine.id}")
    assert page.status_code == 404


def test_only_the_newest_answer_to_an_item_counts_over_its_versions(home: House) -> None:
    load(home, own_item())
    practise(home, version_of(home, "OWN-001"), wrong_response(own_item()))
    load(home, own_item(difficulty=41))
    practise(home, version_of(home, "OWN-001"), key_response(own_item()), NONCE[::-1])
    with home.database.read() as session:
        answers = last_answers(session, home.number("trainee"))
    assert list(answers) == ["OWN-001"] and answers["OWN-001"].right


def test_progress_counts_the_items_of_a_scope_and_what_was_answered_there(home: House) -> None:
    found = in_scope(pool(home), "A26.07", CRITERIA)
    practise(home, found[0].version_id, key_response(found[0].item))
    with home.database.read() as session:
        progress = progress_in(found, last_answers(session, home.number("trainee")))
    assert (progress.items, progress.answered, progress.right, progress.percent) == (len(found), 1, 1, 100)


def test_an_unknown_scope_is_not_found(home: House) -> None:
    with pytest.raises(NotFound):
        in_scope(pool(home), "A99", CRITERIA)


def answers_to(found: list[StoredItem], *points: int) -> dict[str, LastAnswer]:
    return {
        stored.item.id: LastAnswer(share, 2, NOW + timedelta(minutes=minute))
        for minute, (stored, share) in enumerate(zip(found, points, strict=False))
    }


def test_weak_points_are_what_was_not_right_and_the_rest_of_weak_sections(home: House) -> None:
    found = pool(home)
    section = [stored for stored in in_scope(found, "A26.07", CRITERIA) if stored.item.in_force_on(TODAY)]
    alone = [stored for stored in section if len({CRITERIA.section_of(code) for code in stored.item.codes}) == 1]
    weak = weak_items(found, answers_to(alone, 0, 2, 0), CRITERIA, TODAY)
    ids = {stored.item.id for stored in weak}
    assert ids == {stored.item.id for stored in section} - {alone[1].item.id}


def test_nobody_has_weak_points_before_the_first_answer(home: House) -> None:
    assert weak_items(pool(home), {}, CRITERIA, TODAY) == []


def test_unanswered_items_come_first_then_wrong_ones_then_the_oldest(home: House) -> None:
    found = [stored for stored in pool(home).values() if stored.item.case is None][:3]
    assert next_item(found, answers_to(found[:2], 0, 2), seed="1") == found[2]
    assert next_item(found, answers_to(found, 2, 0, 2), seed="1") == found[1]
    assert next_item(found, answers_to(found, 2, 2, 2), seed="1") == found[0]


def test_the_item_just_answered_comes_again_only_when_it_is_the_only_one(home: House) -> None:
    found = [stored for stored in pool(home).values() if stored.item.case is None][:2]
    assert next_item(found, {}, seed="1", after=found[0].item.id) == found[1]
    assert next_item(found[:1], {}, seed="1", after=found[0].item.id) == found[0]
    assert next_item([], {}, seed="1") is None


def test_a_case_goes_on_to_its_end(home: House) -> None:
    found = list(pool(home).values())
    case = CONTENT.bank.cases[0]
    answers: dict[str, LastAnswer] = {}
    shown = case.items[0].id
    for _ in case.items[1:]:
        answers[shown] = LastAnswer(1, 1, NOW)
        following = next_item(found, answers, seed="1", after=shown)
        assert following is not None and following.item.case == case.id
        shown = following.item.id
    assert len(answers) == len(case.items) - 1


def test_two_people_get_orders_of_their_own(home: House) -> None:
    found = [stored for stored in pool(home).values() if stored.item.case is None]
    firsts = {first.item.id for seed in range(12) if (first := next_item(found, {}, seed=str(seed)))}
    assert len(firsts) > 6

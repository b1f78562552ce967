"""Content in the database: new, changed, unchanged and withdrawn items; other content's ids; papers that stay."""

import threading
from collections.abc import Iterable
from dataclasses import replace
from types import MappingProxyType

import pytest
from sqlalchemy import func, select, update

from question_bank.assembly import assemble
from question_bank.blueprint import Purpose
from question_bank.errors import CannotAssemble
from question_bank.items import Bank, Case, Certainty, Item
from question_bank.loading import LoadedContent
from question_bank.texts import Text
from tests.support.house import CRITERIA, House
from tests.support.school import CONTENT, NOW
from tests.support.sitting_down import candidate
from training_app.bank.invariants import bank_findings
from training_app.bank.loading import LoadOutcome, load_content
from training_app.bank.models import CaseVersion, ItemVersion
from training_app.bank.services import current_bank
from training_app.clock import shanghai_day
from training_app.errors import Refused
from training_app.exams.invariants import exam_findings

TODAY = shanghai_day(NOW)
WHOLE = CONTENT.bank


def content(items: Iterable[Item] = (), cases: Iterable[Case] = ()) -> LoadedContent:
    return LoadedContent(Bank(tuple(items), tuple(cases)), (), MappingProxyType({}))


def load(home: House, what: LoadedContent, origin: str = "shipped") -> LoadOutcome:
    with home.database.write() as session:
        return load_content(session, what, origin=origin, now=NOW)


def with_bank(bank: Bank) -> LoadedContent:
    return replace(CONTENT, bank=bank)


def reworded(item: Item) -> Item:
    return replace(item, stem=Text(f"{item.stem.zh}（改）", f"{item.stem.en} (changed)"))


def own(number: int, **changes: object) -> Item:
    return replace(WHOLE.items[number], id=f"OWN-{number:03d}", enemies=(), twins=(), **changes)


def test_the_same_content_again_changes_nothing(home: House) -> None:
    count = len(WHOLE.all_items())
    assert load(home, CONTENT) == LoadOutcome(new=0, changed=0, unchanged=count, withdrawn=0)


def test_a_changed_item_gets_the_next_version_and_the_older_one_stays(home: House) -> None:
    first, *rest = WHOLE.items
    outcome = load(home, with_bank(replace(WHOLE, items=(reworded(first), *rest))))
    assert (outcome.new, outcome.changed, outcome.withdrawn) == (0, 1, 0)
    with home.database.read() as session:
        versions = session.scalars(
            select(ItemVersion).where(ItemVersion.item_id == first.id).order_by(ItemVersion.number)
        ).all()
    assert [(version.number, version.superseded_at is None) for version in versions] == [(1, False), (2, True)]


def test_what_is_shipped_no_longer_is_withdrawn_and_comes_back_as_a_new_version(home: House) -> None:
    first, *rest = WHOLE.items
    assert load(home, with_bank(replace(WHOLE, items=tuple(rest)))).withdrawn == 1
    with home.database.read() as session:
        assert first.id not in current_bank(session).version_ids
    load(home, CONTENT)
    with home.database.read() as session:
        assert session.scalar(select(func.max(ItemVersion.number)).where(ItemVersion.item_id == first.id)) == 2


def test_a_base_only_adds(home: House) -> None:
    outcome = load(home, content([own(0), own(1)]), "base")
    assert (outcome.new, outcome.withdrawn) == (2, 0)
    assert load(home, content([own(0)]), "base").withdrawn == 0
    assert load(home, CONTENT).withdrawn == 0
    with home.database.read() as session:
        assert {"OWN-000", "OWN-001", WHOLE.items[0].id} <= set(current_bank(session).version_ids)


def test_ids_of_other_content_are_refused_and_nothing_is_loaded(home: House) -> None:
    with pytest.raises(Refused, match="already belong"):
        load(home, content([own(0), WHOLE.items[0]]), "base")
    with home.database.read() as session:
        assert "OWN-000" not in current_bank(session).version_ids


def test_a_base_does_not_take_over_a_shipped_case(home: House) -> None:
    case = WHOLE.cases[0]
    items = tuple(replace(item, id=f"OWN-{item.id}", enemies=(), twins=()) for item in case.items)
    with pytest.raises(Refused, match="already belong"):
        load(home, content(cases=[replace(case, items=items)]), "base")
    with home.database.read() as session:
        assert current_bank(session).cases[case.id][1] == case


def test_a_base_does_not_take_over_a_shipped_blueprint(home: House) -> None:
    shipped = CONTENT.blueprints[0]
    changed = replace(shipped, minutes=shipped.minutes + 1)
    own = LoadedContent(Bank((), ()), (changed,), MappingProxyType({}))
    with pytest.raises(Refused), home.database.write() as session:
        load_content(session, own, origin="base", now=NOW)


def test_a_case_whose_text_changed_gets_a_version_and_so_do_its_items(home: House) -> None:
    first, *rest = WHOLE.cases
    changed = replace(first, text=Text(f"{first.text.zh}。", f"{first.text.en}."))
    outcome = load(home, with_bank(replace(WHOLE, cases=(changed, *rest))))
    with home.database.read() as session:
        assert session.scalar(select(func.max(CaseVersion.number)).where(CaseVersion.case_id == first.id)) == 2
        assert current_bank(session).cases[first.id][1] == changed
    assert outcome.changed == len(first.items)


def test_a_case_that_lost_an_item_is_drawn_no_more_until_it_is_whole(home: House) -> None:
    case = WHOLE.cases[0]
    with home.database.write() as session:
        gone = ItemVersion.item_id == case.items[0].id
        session.execute(update(ItemVersion).where(gone).values(superseded_at=NOW))
    with home.database.read() as session:
        bank = current_bank(session)
    assert case.id not in bank.cases
    assert {item.id for item in case.items}.isdisjoint(item.id for item in bank.bank.all_items())


def test_two_loads_at_once_both_end_well_with_one_current_version_of_each_item(home: House) -> None:
    ready, faults = threading.Barrier(2), []

    def load_one(number: int) -> None:
        ready.wait(10)
        try:
            load(home, content([own(0, difficulty=40 + number), own(1)]), "base")
        except Exception as fault:  # noqa: BLE001 - whatever it is, the test names it
            faults.append(fault)

    threads = [threading.Thread(target=load_one, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    with home.database.read() as session:
        numbers = session.scalars(select(ItemVersion.number).where(ItemVersion.item_id == "OWN-000")).all()
        single = session.scalars(select(ItemVersion.number).where(ItemVersion.item_id == "OWN-001")).all()
    assert faults == []
    assert (sorted(numbers), single) == ([1, 2], [1])


def test_a_paper_keeps_the_versions_it_was_drawn_from(home: House) -> None:
    me = candidate(home)
    attempt = me.start()
    before = me.paper(attempt)
    load(home, with_bank(Bank(tuple(reworded(item) for item in WHOLE.items), ())))
    assert me.paper(attempt) == before
    me.answer_all(attempt, right=20)
    me.hand_in(attempt)
    me.score(attempt)
    page = home.signed_in("trainee").get(f"/attempts/{attempt.id}/result").get_data(as_text=True)
    assert "100 of 100" in page and "(changed)" not in page
    with home.database.read() as session:
        assert list(exam_findings(session)) == []


def test_a_version_that_was_tampered_with_is_found(home: House) -> None:
    with home.database.read() as session:
        assert list(bank_findings(session)) == []
        version = session.scalars(select(ItemVersion).where(ItemVersion.item_id == WHOLE.items[0].id)).one()
        body = {**version.body, "points": 3}
    with home.database.write() as session:
        session.execute(update(ItemVersion).where(ItemVersion.id == version.id).values(body=body))
    with home.database.read() as session:
        assert [finding.place for finding in bank_findings(session)] == [f"item {WHOLE.items[0].id} version 1"]


# what a certification paper may draw


def reasons_against(home: House, *, demonstration: bool) -> str:
    blueprint = replace(
        next(one for one in CONTENT.blueprints if one.purpose is Purpose.ENTRY), purpose=Purpose.CERTIFICATION
    )
    with home.database.read() as session:
        stored = current_bank(session)
    try:
        assemble(
            blueprint,
            stored.bank,
            "seed",
            TODAY,
            criteria=CRITERIA,
            demonstration=demonstration,
            confirmed=stored.confirmed,
        )
    except CannotAssemble as shortage:
        return f"{shortage.shortages} {shortage.excluded}"
    return ""


def test_a_certification_paper_of_public_items_names_what_is_missing(home: House) -> None:
    said = reasons_against(home, demonstration=False)
    assert "public" in said.lower() and "0" in said


def test_a_certification_paper_of_secret_items_nobody_confirmed_names_that(home: House) -> None:
    load(home, content([own(number, public=False) for number in range(3)]), "base")
    assert "No named reviewer has confirmed" in reasons_against(home, demonstration=False)


def test_a_demonstration_draws_its_certification_paper_from_public_items(home: House) -> None:
    assert reasons_against(home, demonstration=True) == ""


def test_practice_offers_unverified_items_and_the_entry_test_does_not(home: House) -> None:
    load(home, content([own(0, certainty=Certainty.UNVERIFIED)]), "base")
    me = candidate(home)
    assert "OWN-000" not in {place.item.id for place in me.paper(me.start())}
    with home.database.read() as session:
        version = current_bank(session).version_ids["OWN-000"]
    assert home.signed_in("trainee").get(f"/exams/practice/A26/items/{version}").status_code == 200

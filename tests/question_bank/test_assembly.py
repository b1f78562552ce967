import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from question_bank.assembly import AssembledForm, assemble, form_to_json
from question_bank.blueprint import Blueprint, KindLimit, Purpose, Quota, Range, Reason
from question_bank.coverage import is_untouched
from question_bank.criteria_loading import load_criteria
from question_bank.demands import Unit, demands_of
from question_bank.errors import CannotAssemble, Shortage
from question_bank.items import Bank, Certainty, Kind, Level
from question_bank.loading import SHIPPED, load_bank
from question_bank.shuffling import key_positions_pass
from question_bank.whole_search import Undecided
from tests.question_bank.papers import (
    DAY,
    SmallTree,
    a_blueprint,
    a_case_of,
    a_pool,
    an_item_of,
    quota,
)

modest = settings(deadline=None, max_examples=150)
TREE = SmallTree()


def drawn(blueprint: Blueprint, pool: Bank, seed: str = "s", **changes: object) -> AssembledForm:
    return assemble(blueprint, pool, seed, DAY, **({"criteria": TREE} | changes))


def ids_of(form: AssembledForm) -> set[str]:
    return {entry.item.id for entry in form.entries}


def shortage_of(blueprint: Blueprint, pool: Bank, **changes: object) -> CannotAssemble:
    with pytest.raises(CannotAssemble) as refused:
        drawn(blueprint, pool, **changes)
    return refused.value


def rows_of(blueprint: Blueprint, pool: Bank) -> dict[str, frozenset[str]]:
    return {item.id: blueprint.row_ids_of(item, TREE) for item in pool.all_items()}


def meets(blueprint: Blueprint, units: Sequence[Unit], rows: dict[str, frozenset[str]]) -> bool:
    """The rules of a form once more, written down as plainly as can be."""
    ids = {item.id for unit in units for item in unit}
    at_war = any(ids.intersection(item.enemies + item.twins) for unit in units for item in unit)
    sums = [(demand, sum(demand.weigh(unit) for unit in units)) for demand in demands_of(blueprint, rows)]
    return not at_war and all(
        (demand.lower is None or demand.lower <= total) and (demand.upper is None or total <= demand.upper)
        for demand, total in sums
    )


def units_of(form: AssembledForm) -> list[Unit]:
    cases = {entry.case.id: entry.case.items for entry in form.entries if entry.case}
    return [*((entry.item,) for entry in form.entries if not entry.case), *cases.values()]


quotas = st.builds(
    Quota,
    st.sampled_from([None, "row_0", "row_1", "row_2", "row_3"]),
    st.none() | st.sampled_from(list(Level)),
    st.none() | st.builds(Range, st.sampled_from([0, 60]), st.sampled_from([None, 79])),
    st.integers(0, 3),
    st.none() | st.integers(3, 5),
)
kind_limits = st.builds(
    KindLimit, st.sampled_from(list(Kind)), st.integers(0, 1), st.none() | st.integers(1, 3), st.none() | st.just(30)
)


@st.composite
def blueprints(draw: st.DrawFn) -> Blueprint:
    return a_blueprint(
        draw(st.integers(1, 5)),
        draw(st.lists(quotas, max_size=4)),
        kinds=tuple(draw(st.lists(kind_limits, max_size=2, unique_by=lambda limit: limit.kind))),
        cases=draw(st.sampled_from([Range(), Range(0, 0), Range(1, 1)])),
        points=draw(st.sampled_from([Range(), Range(0, 9), Range(8, None)])),
        predicted=draw(st.sampled_from([Range(), Range(60, None), Range(0, 65), Range(62, 68)])),
    )


@modest
@given(blueprints(), st.integers(3, 11), st.text(max_size=3))
def test_a_form_meets_its_blueprint_or_none_does(blueprint: Blueprint, size: int, seed: str) -> None:
    pool = a_pool(size, seed, cases=2 if size > 3 else 0, enemies_percent=30)
    rows = rows_of(blueprint, pool)
    try:
        form = drawn(blueprint, pool, seed)
    except CannotAssemble as refused:
        units = [*((item,) for item in pool.items), *(case.items for case in pool.cases)]
        possible = [
            c for n in range(1, blueprint.items + 1) for c in combinations(units, n) if meets(blueprint, c, rows)
        ]
        assert not possible
        assert refused.shortages  # noqa: PT017 either outcome is right
        return
    assert meets(blueprint, units_of(form), rows)


@modest
@given(st.text())
def test_a_seed_gives_the_same_form_whatever_the_order_of_the_pool(seed: str) -> None:
    pool = a_pool(60, "pool", cases=3, enemies_percent=20)
    backwards = Bank(tuple(reversed(pool.items)), tuple(reversed(pool.cases)))
    blueprint = a_blueprint(12, [quota(None, "recall", 4, 5), quota("row_1", None, 3)])
    assert form_to_json(drawn(blueprint, pool, seed)) == form_to_json(drawn(blueprint, backwards, seed))


def test_a_seed_gives_the_same_form_for_ever() -> None:
    form = drawn(a_blueprint(6, [quota(None, "recall", 2, 2)]), a_pool(40, "pool"), "2026")
    assert [entry.item.id for entry in form.entries] == ["X-11", "X-19", "X-15", "X-36", "X-38", "X-27"]
    assert form.content_hash == "58f1f86ad5ab3f8b2f9dafba739ad68f6a8dd9300fefffabbbbd4de133614736"


def test_another_seed_gives_another_form() -> None:
    pool = a_pool(60, "pool")
    assert len({frozenset(ids_of(drawn(a_blueprint(10), pool, str(seed)))) for seed in range(10)}) == 10


def test_every_item_gets_its_turn() -> None:
    pool = a_pool(30, "pool", enemies_percent=20)
    seen = set[str]().union(*(ids_of(drawn(a_blueprint(6), pool, str(seed))) for seed in range(60)))
    assert len(seen) == 30


def test_enemies_named_on_one_side_never_meet() -> None:
    pool = Bank((an_item_of(1, enemies=("X-2",)), an_item_of(2), an_item_of(3)), ())
    assert all(not {"X-1", "X-2"} <= ids_of(drawn(a_blueprint(2), pool, str(seed))) for seed in range(20))


def test_a_case_is_taken_whole_and_in_its_order() -> None:
    case = a_case_of(1, [an_item_of(n, kind) for n, kind in enumerate(["numeric", "single", "multiple"])])
    form = drawn(a_blueprint(4, cases=Range(1, 1)), Bank((an_item_of(9),), (case,)))
    assert [entry.item.id for entry in form.entries] == ["X-9", "CASE-1-1", "CASE-1-2", "CASE-1-3"]
    assert [entry.case for entry in form.entries] == [None, case, case, case]


def test_a_case_with_one_item_that_may_not_be_drawn_stays_away() -> None:
    case = a_case_of(1, [an_item_of(1), an_item_of(2, public=False)])
    refused = shortage_of(a_blueprint(2), Bank((), (case,)))
    assert dict(refused.excluded) == {Reason.SECRET.said: 1, Reason.CASE.said: 1}


def test_enemies_of_an_item_in_a_case_keep_the_whole_case_away() -> None:
    case = a_case_of(1, [an_item_of(1), an_item_of(2)])
    pool = Bank((an_item_of(5, enemies=("CASE-1-2",)), an_item_of(6)), (case,))
    assert all("X-5" not in ids_of(drawn(a_blueprint(3), pool, str(seed))) for seed in range(10))


def test_positions_count_from_1_on() -> None:
    form = drawn(a_blueprint(5), a_pool(20, "pool"))
    assert [entry.position for entry in form.entries] == [1, 2, 3, 4, 5]


def test_kinds_stand_together_as_papers_are_printed() -> None:
    order = list(Kind)
    kinds = [order.index(entry.item.kind) for entry in drawn(a_blueprint(20), a_pool(60, "pool")).entries]
    assert kinds == sorted(kinds)


def test_key_positions_of_a_form_pass_their_check() -> None:
    pool = Bank(tuple(an_item_of(n) for n in range(60)), ())
    entries = drawn(a_blueprint(40), pool).entries
    assert key_positions_pass([entry.item for entry in entries], [entry.option_order for entry in entries])


def test_a_cell_that_lacks_items_is_named_with_its_numbers() -> None:
    pool = Bank((an_item_of(1), an_item_of(2, level=Level.APPLY)), ())
    refused = shortage_of(a_blueprint(2, [quota("row_0", "apply", 2)]), pool)
    assert [(s.cell, s.wanted, s.found, s.together) for s in refused.shortages] == [("row 0 × apply", 2, 1, False)]
    assert refused.shortages[0].said.zh == "第0行 × 应用：需要2，题库中可用1。"
    assert refused.proved


def test_too_few_items_in_all_are_named() -> None:
    (shortage,) = shortage_of(a_blueprint(3), Bank((an_item_of(1),), ())).shortages
    assert (shortage.cell, shortage.wanted, shortage.found) == ("items in all", 3, 1)


def test_an_empty_pool_is_a_shortage() -> None:
    assert shortage_of(a_blueprint(3), Bank((), ())).shortages[0].found == 0


def test_cells_that_only_fail_together_are_named_and_no_others() -> None:
    items = tuple(an_item_of(n, level=Level.ANALYSE) for n in range(4))
    items += tuple(an_item_of(n, codes=("A26.02.01",)) for n in range(4, 9))
    blueprint = a_blueprint(5, [quota("row_0", None, 3), quota(None, "analyse", 0, 2), quota(None, "recall", 1)])
    refused = shortage_of(blueprint, Bank(items, ()))
    assert [(s.cell, s.wanted, s.found) for s in refused.shortages] == [("row 0", 3, 2), ("analyse", 2, 3)]
    assert all(shortage.together for shortage in refused.shortages)


def test_enemies_that_stand_in_the_way_are_named() -> None:
    pool = Bank((an_item_of(1, enemies=("X-2",)), an_item_of(2)), ())
    refused = shortage_of(a_blueprint(2), pool)
    assert "enemy items" in [shortage.cell for shortage in refused.shortages]


def test_points_that_no_mixture_of_kinds_gives_are_named_with_the_kind() -> None:
    items = [an_item_of(n) for n in range(20)] + [an_item_of(n, "multiple") for n in range(20, 40)]
    blueprint = a_blueprint(10, kinds=(KindLimit(Kind.MULTIPLE, 0, 2),), points=Range(20, None))
    refused = shortage_of(blueprint, Bank(tuple(items), ()))
    assert [shortage.cell for shortage in refused.shortages] == ["multiple choice", "points in all"]
    assert refused.proved


def test_a_share_of_points_is_kept() -> None:
    pool = Bank((*(an_item_of(n, "true_false") for n in range(30)), *(an_item_of(n) for n in range(30, 49))), ())
    blueprint = a_blueprint(20, kinds=(KindLimit(Kind.TRUE_FALSE, points_percent=10),))
    for seed in range(10):
        entries = drawn(blueprint, pool, str(seed)).entries
        assert sum(entry.item.kind is Kind.TRUE_FALSE for entry in entries) <= 2


def test_certification_says_how_many_items_are_not_confirmed() -> None:
    pool = Bank(tuple(an_item_of(n, public=False) for n in range(4)), ())
    blueprint = a_blueprint(3, purpose=Purpose.CERTIFICATION)
    refused = shortage_of(blueprint, pool, confirmed=frozenset({"X-1", "X-2"}))
    assert refused.shortages[0].found == 2
    assert refused.excluded == ((Reason.UNCONFIRMED.said, 2),)


def test_certification_draws_confirmed_secret_items() -> None:
    pool = Bank(tuple(an_item_of(n, public=False) for n in range(4)), ())
    form = drawn(a_blueprint(2, purpose=Purpose.CERTIFICATION), pool, confirmed=frozenset({"X-1", "X-2"}))
    assert ids_of(form) == {"X-1", "X-2"}


def test_a_demonstration_certifies_with_public_items() -> None:
    blueprint = a_blueprint(2, purpose=Purpose.CERTIFICATION)
    assert len(ids_of(drawn(blueprint, a_pool(9, "pool"), demonstration=True))) == 2


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"effective_to": date(2026, 11, 22)}, Reason.CLOSED),
        ({"effective_from": None}, Reason.START_UNKNOWN),
        ({"certainty": Certainty.UNVERIFIED}, Reason.UNVERIFIED),
        ({"certainty": Certainty.OFFICIAL}, Reason.CERTAINTY),
        ({"codes": ("Z9.01",)}, Reason.UNKNOWN_CODE),
        ({"codes": ("A26.02.01",)}, Reason.CLOSED),
    ],
)
def test_what_may_not_be_drawn_is_counted_by_reason(change: dict[str, object], reason: Reason) -> None:
    pool = Bank((an_item_of(1, **change),), ())
    blueprint = a_blueprint(1, certainty=(Certainty.SECONDARY,))
    refused = shortage_of(blueprint, pool, criteria=SmallTree(closed=frozenset({"A26.02"})))
    assert refused.excluded == ((reason.said, 1),)


def test_items_outside_every_row_are_not_drawn() -> None:
    blueprint = a_blueprint(1)
    refused = shortage_of(replace(blueprint, rows=blueprint.rows[1:]), Bank((an_item_of(1),), ()))
    assert refused.excluded == ((Reason.OUTSIDE.said, 1),)


def test_an_item_with_codes_in_two_rows_counts_in_both() -> None:
    pool = Bank((an_item_of(1, codes=("A26.01.01", "A26.02.01")),), ())
    form = drawn(a_blueprint(1, [quota("row_0", None, 1), quota("row_1", None, 1)]), pool)
    assert [(line.title.en, line.drawn) for line in form.coverage.lines] == [
        ("items in all", 1),
        ("row 0", 1),
        ("row 1", 1),
    ]


def test_the_sheet_tells_what_was_wanted_and_drawn() -> None:
    pool = Bank((an_item_of(1, difficulty=80), an_item_of(2, "multiple", difficulty=50, level=Level.APPLY)), ())
    sheet = drawn(a_blueprint(2, [quota("row_0", "apply", 1, 1)]), pool).coverage
    cells = {(cell.row, cell.level): (cell.wanted, cell.drawn) for cell in sheet.cells}
    assert len(cells) == 12
    assert cells["row_0", Level.APPLY] == (Range(1, 1), 1)
    assert cells["row_0", Level.RECALL] == (None, 1)
    assert [(line.kind, line.items, line.points) for line in sheet.kinds] == [
        (Kind.SINGLE, 1, 1),
        (Kind.MULTIPLE, 1, 4),
    ]
    assert sheet.difficulty_mean == Fraction(80 * 1 + 50 * 4, 5)
    assert [line.drawn for line in sheet.bands] == [1, 0, 1]
    assert sheet.certainty == ((Certainty.SECONDARY, 2),)
    assert sheet.instruments == (("B34-2026", 2),)


def test_a_sheet_that_was_changed_is_told_by_its_hash() -> None:
    sheet = json.loads(json.dumps(drawn(a_blueprint(2), a_pool(9, "pool")).coverage.as_json()))
    assert is_untouched(sheet)
    assert not is_untouched(sheet | {"items": 3})


def test_the_hash_of_a_form_changes_with_any_of_its_items() -> None:
    one, other = an_item_of(1), an_item_of(1, difficulty=50)
    assert (
        drawn(a_blueprint(1), Bank((one,), ())).content_hash != drawn(a_blueprint(1), Bank((other,), ())).content_hash
    )


def test_a_shortage_is_said_in_one_line() -> None:
    refused = shortage_of(a_blueprint(3), Bank((an_item_of(1),), ()))
    assert str(refused) == "items in all: 3 wanted, 1 can be drawn."
    assert isinstance(refused.shortages[0], Shortage)


def test_a_search_that_ends_undecided_says_so_and_names_the_scarcest_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    def undecided(*_: object) -> None:
        raise Undecided

    monkeypatch.setattr("question_bank.assembly.solve", undecided)
    monkeypatch.setattr("question_bank.shortages.solve", undecided)
    cells = [quota(f"row_{n}", level, 1) for n in range(4) for level in ("recall", "apply")]
    refused = shortage_of(a_blueprint(9, cells), a_pool(80, "pool"))
    assert not refused.proved
    assert len(refused.shortages) == 6
    assert all("no form was found" in shortage.said.en for shortage in refused.shortages)


def test_the_shipped_entry_test_can_be_drawn_from_the_shipped_bank() -> None:
    content, criteria = load_bank(SHIPPED), load_criteria()
    (entry,) = (blueprint for blueprint in content.blueprints if blueprint.id == "ENTRY")
    for seed in range(5):
        assert len(assemble(entry, content.bank, str(seed), DAY, criteria=criteria).entries) == 20


def test_the_shipped_example_of_certification_can_be_drawn_in_a_demonstration_only() -> None:
    content, criteria = load_bank(SHIPPED), load_criteria()
    (example,) = (blueprint for blueprint in content.blueprints if blueprint.id == "CERTIFICATION-DEMO")
    form = assemble(example, content.bank, "s", DAY, criteria=criteria, demonstration=True)
    assert len(form.entries) == 60
    refused = shortage_of(example, content.bank, criteria=criteria)
    assert [reason for reason, _ in refused.excluded] == [Reason.PUBLIC.said]

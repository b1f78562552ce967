from collections import Counter
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from question_bank.assembly import AssembledForm, form_to_json
from question_bank.blueprint import Blueprint, KindLimit, Quota, Range, Reason
from question_bank.demands import demands_of
from question_bank.errors import CannotAssemble
from question_bank.items import Bank, Kind
from question_bank.parallel import ParallelForms, Wishes, assemble_parallel, shortage_for
from tests.question_bank.papers import DAY, SmallTree, a_blueprint, a_pool, an_item_of, quota

TREE = SmallTree()
CELLS = [quota(f"row_{n}", level, 5, 5) for n in range(4) for level in ("recall", "apply", "analyse")]
LARGE = a_blueprint(60, CELLS, cases=Range(2, 3), predicted=Range(64, 66), kinds=(KindLimit(Kind.SINGLE, 20, 30),))
MARGINS = [quota(None, "recall", 6, 8), quota(None, "apply", 6, 8), *(quota(f"row_{n}", None, 4, 7) for n in range(4))]
SMALL = a_blueprint(20, MARGINS, predicted=Range(60, 70))
FOR_EVER = [["X-17", "X-32", "X-29", "X-37"], ["X-5", "X-4", "X-0", "X-13"]]
HASHES = ["345bfea3f2b8c565", "3d1737bc90440487"]
POOL = a_pool(150, "small", cases=5, enemies_percent=30)


def drawn(blueprint: Blueprint, pool: Bank, seed: str = "s", **wishes: object) -> ParallelForms:
    return assemble_parallel(blueprint, pool, seed, DAY, wishes=Wishes(**wishes), criteria=TREE)  # type: ignore[arg-type]  # as the tests write them


def ids_of(form: AssembledForm) -> set[str]:
    return {entry.item.id for entry in form.entries}


def is_lawful(form: AssembledForm, pool: Bank) -> bool:
    """The rules of a form once more: what the blueprint demands, whole cases, no enemies."""
    rows = {item.id: form.blueprint.row_ids_of(item, TREE) for item in pool.all_items()}
    cases = {entry.case.id: entry.case.items for entry in form.entries if entry.case}
    units = [*((entry.item,) for entry in form.entries if not entry.case), *cases.values()]
    sums = [(demand, sum(map(demand.weigh, units))) for demand in demands_of(form.blueprint, rows)]
    ids = ids_of(form)
    return (
        ids == {item.id for unit in units for item in unit}
        and not any(ids.intersection(entry.item.enemies + entry.item.twins) for entry in form.entries)
        and all((d.lower is None or d.lower <= n) and (d.upper is None or n <= d.upper) for d, n in sums)
    )


@settings(deadline=None, max_examples=4)
@given(st.integers(2, 8), st.sampled_from([0, 12]), st.text(max_size=3))
def test_forms_of_a_large_bank_are_lawful_disjoint_and_level(forms: int, anchors: int, seed: str) -> None:
    pool = a_pool(5000, f"pool{seed}", cases=100, enemies_percent=30)
    worn, theirs = {f"X-{number}": 1 for number in range(0, 5000, 3)}, frozenset(f"X-{n}" for n in range(1, 5000, 9))
    more = {"exposed": worn, "cap": forms, "elsewhere": ((theirs, 0),)}
    found = drawn(LARGE, pool, seed, forms=forms, anchors=anchors, **more)
    assert len(found.forms) == forms
    assert not any(ids_of(form) & theirs for form in found.forms)
    assert not found.anchors & worn.keys(), "an anchor stands on as many forms as an item may"
    assert len(found.anchors) == anchors
    assert all(is_lawful(form, pool) and found.anchors <= ids_of(form) for form in found.forms)
    assert all(ids_of(one) & ids_of(other) == found.anchors for one, other in combinations(found.forms, 2))
    least, most = found.difference.means
    assert (most - least) * 2 <= found.forms[0].points, "means within half a percent of the points"
    assert found.difference.spreads[1] * 10 <= found.difference.spreads[0] * 12
    assert found.difference.same_cells
    assert found.difference.shared == 0


@settings(deadline=None, max_examples=6)
@given(st.integers(2, 4), st.integers(0, 3), st.sampled_from([0, 3]), st.text(max_size=2))
def test_forms_of_a_small_bank_share_no_more_than_they_may(forms: int, overlap: int, anchors: int, seed: str) -> None:
    pool = a_pool(70, f"few{seed}", cases=2, enemies_percent=30)
    try:
        found = drawn(SMALL, pool, seed, forms=forms, overlap=overlap, anchors=anchors)
    except CannotAssemble as refused:
        assert refused.shortages  # noqa: PT017 either outcome is right
        return
    assert all(is_lawful(form, pool) and found.anchors <= ids_of(form) for form in found.forms)
    shared = [(ids_of(one) & ids_of(other)) - found.anchors for one, other in combinations(found.forms, 2)]
    assert max(map(len, shared)) == found.difference.shared <= overlap
    assert len(found.anchors) == anchors


def test_a_seed_gives_the_same_forms_whatever_the_order_of_the_pool() -> None:
    backwards = Bank(tuple(reversed(POOL.items)), tuple(reversed(POOL.cases)))
    one, other = (drawn(SMALL, pool, forms=3, anchors=2) for pool in (POOL, backwards))
    assert [form_to_json(form) for form in one.forms] == [form_to_json(form) for form in other.forms]


def test_a_seed_gives_the_same_forms_for_ever() -> None:
    found = drawn(a_blueprint(4, [quota(None, "recall", 2, 2)]), a_pool(40, "pool"), "2026", forms=2)
    assert [[entry.item.id for entry in form.entries] for form in found.forms] == FOR_EVER
    assert [form.content_hash[:16] for form in found.forms] == HASHES


def test_what_lacks_is_named_without_drawing() -> None:
    assert shortage_for(SMALL, POOL, DAY, wishes=Wishes(3), criteria=TREE) is None
    lacking = shortage_for(SMALL, POOL, DAY, wishes=Wishes(8), criteria=TREE)
    assert lacking is not None
    assert (lacking.shortages[0].cell, lacking.shortages[0].wanted) == ("row 2", 32)


def test_an_item_that_stood_on_as_many_forms_as_it_may_stays_away() -> None:
    worn = {item.id: 2 for item in POOL.items[:40]}
    found = drawn(SMALL, POOL, forms=3, exposed=worn, cap=2)
    assert not worn.keys() & set().union(*map(ids_of, found.forms))


def test_an_item_fills_up_its_exposure_over_forms_that_share() -> None:
    pool = Bank(tuple(an_item_of(number) for number in range(7)), ())
    found = drawn(a_blueprint(4), pool, forms=3, overlap=4, exposed={"X-0": 1}, cap=2)
    counts = Counter(item for form in found.forms for item in ids_of(form))
    assert counts["X-0"] <= 1
    assert max(counts.values()) <= 2


def test_worn_items_are_named_as_a_reason() -> None:
    pool = Bank(tuple(an_item_of(number) for number in range(4)), ())
    with pytest.raises(CannotAssemble) as refused:
        drawn(a_blueprint(4), pool, forms=1, exposed={"X-1": 3}, cap=3)
    assert (Reason.EXPOSED.said, 1) in refused.value.excluded


@pytest.mark.parametrize("most", [0, 5, 12])
def test_forms_share_with_those_of_another_base_no_more_than_they_may(most: int) -> None:
    theirs = frozenset(item.id for item in POOL.items[:100])
    found = drawn(SMALL, POOL, forms=2, elsewhere=((theirs, most),))
    assert all(len(ids_of(form) & theirs) <= most for form in found.forms)


def test_the_cell_that_lacks_items_for_all_forms_is_named() -> None:
    items = tuple(an_item_of(n, codes=("A26.02.01",)) for n in range(30))
    pool = Bank((*items, an_item_of(99)), ())
    with pytest.raises(CannotAssemble) as refused:
        drawn(a_blueprint(5, [Quota("row_0", None, None, 1, None)]), pool, forms=2)
    assert [(s.cell, s.wanted, s.found) for s in refused.value.shortages] == [("row 0", 2, 1)]
    assert refused.value.proved


def test_progress_is_told_up_to_the_end() -> None:
    told: list[tuple[int, int]] = []
    assemble_parallel(
        SMALL,
        POOL,
        "s",
        DAY,
        wishes=Wishes(3),
        criteria=TREE,
        progress=lambda done, total: told.append((done, total)),
    )
    assert told[-1] == (3, 3)
    assert told == sorted(told)

"""Forms drawn from generated banks, against looking once at every item of the bank."""

from collections.abc import Iterator

from benchmarks.measuring import Figure, against
from question_bank.assembly import assemble
from question_bank.blueprint import Blueprint, KindLimit, Range
from question_bank.drawing import Sieve
from question_bank.items import Bank, Kind
from question_bank.parallel import Wishes, assemble_parallel
from tests.question_bank.papers import DAY, SmallTree, a_blueprint, a_pool, quota

TREE = SmallTree()
CELLS = [quota(f"row_{n}", level, 5, 5) for n in range(4) for level in ("recall", "apply", "analyse")]
SIXTY = a_blueprint(60, CELLS, cases=Range(2, 3), predicted=Range(64, 66), kinds=(KindLimit(Kind.SINGLE, 20, 30),))
TWENTY = a_blueprint(
    20, [quota(None, "recall", 8, 8), quota(None, "apply", 8, 8), *(quota(f"row_{n}", None, 4, 7) for n in range(4))]
)


def figures(*, short: bool) -> Iterator[Figure]:
    """One form of 20 from 150 items, one of 60 and eight of 60 from a large bank."""
    rounds = 1 if short else 5
    small, large = a_pool(150, "pool", 5, 30), a_pool(1000 if short else 5000, "pool", 100, 30)
    size = f"{len(large.items):,}"
    yield _against("1 form of 20 from 150 items, 30 % enemies", (TWENTY, small), Wishes(1), rounds)
    yield _against(f"1 form of 60 from {size} items, 30 % enemies", (SIXTY, large), Wishes(1), rounds)
    forms = 2 if short else 8
    yield _against(f"{forms} parallel forms of 60 from {size} items", (SIXTY, large), Wishes(forms), rounds)
    if not short:
        yield _against(f"8 parallel forms with 12 anchors from {size} items", (SIXTY, large), Wishes(8, 12), rounds)


def _against(what: str, drawn: tuple[Blueprint, Bank], wishes: Wishes, rounds: int) -> Figure:
    blueprint, pool = drawn

    def draw() -> object:
        if wishes.forms == 1:
            return assemble(blueprint, pool, "bench", DAY, criteria=TREE)
        return assemble_parallel(blueprint, pool, "bench", DAY, wishes=wishes, criteria=TREE)

    def look() -> object:
        return Sieve(blueprint, DAY, TREE, demonstration=False, confirmed=frozenset()).units_of(pool)

    return against(what, draw, ("one look at the bank", look), rounds)

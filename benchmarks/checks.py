"""The checks of a generated bank, against reading its items back from JSON."""

from collections.abc import Iterator

from benchmarks.measuring import Figure, against
from question_bank.checks import check_bank
from question_bank.items import Bank
from question_bank.loading import LoadedContent
from question_bank.rng import SeededRandom
from question_bank.serialising import item_from_json, item_to_json
from question_bank.texts import Text
from tests.question_bank.checks import miniatures as mini
from tests.question_bank.checks.test_run import BUILDERS

THINGS = "仓库大门货柜封条司机来客钥匙摄像登记照片道闸值班交接盘点报废返修样品单证凭据台账"


def figures(*, short: bool) -> Iterator[Figure]:
    """Every check of 5,000 items."""
    count = 200 if short else 5000
    bank = _large_bank(count)
    content = LoadedContent(bank, (), {item.id: mini.FILE for item in bank.items})
    criteria = mini.shipped_criteria()
    bodies = [item_to_json(item) for item in bank.items]
    yield against(
        f"every check of {count:,} items",
        lambda: check_bank(content, criteria, shipped=False),
        ("reading the items back", lambda: [item_from_json(body) for body in bodies]),
        1 if short else 3,
    )


def _large_bank(count: int) -> Bank:
    """So many items of all kinds, each with words of its own in a common frame."""
    random = SeededRandom("large")
    items = []
    for number in range(count):
        words = "".join(THINGS[random.below(len(THINGS))] for _ in range(24))
        stem = Text(
            f"按公告2026年第34号，演示公司{words}时，应如何处理才在限值之内？", "Under Bulletin 34 of 2026, what then?"
        )
        items.append(BUILDERS[number % len(BUILDERS)](id=f"M-{number}", stem=stem))
    return Bank(tuple(items), ())

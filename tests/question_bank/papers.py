"""Small blueprints, pools and a tree of criteria for tests of assembly; needs no shipped content."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from question_bank.blueprint import Blueprint, Purpose, Quota, Row
from question_bank.items import Bank, Case, CaseRow, Certainty, Item, Level
from question_bank.rng import SeededRandom
from question_bank.texts import Text
from tests.question_bank.samples import ALL_KINDS, an_item

DAY = date(2026, 11, 23)
FIRST_DAY = date(2026, 4, 1)
SECTIONS = ("A26.01", "A26.02", "A26.03", "T.TL")
KINDS = {kind: an_item(kind) for kind in ALL_KINDS}


class SmallTree:
    """A tree whose sections are the first two parts of each code. closed: sections that ended on 30 June 2026."""

    def __init__(self, closed: frozenset[str] = frozenset()) -> None:
        self._closed = closed

    def section_of(self, code: str) -> str:
        section = ".".join(code.split(".")[:2])
        if section not in SECTIONS:
            raise KeyError(code)
        return section

    def interval(self, codes: Iterable[str]) -> tuple[date | None, date | None]:
        closed = any(self.section_of(code) in self._closed for code in codes)
        return FIRST_DAY, date(2026, 6, 30) if closed else None


def an_item_of(number: int, kind: str = "single", **changes: object) -> Item:
    changed = {"id": f"X-{number}", "codes": ("A26.01.01",), **changes}
    return replace(KINDS[kind], **changed)


def a_case_of(number: int, items: Sequence[Item]) -> Case:
    name = f"CASE-{number}"
    inside = tuple(replace(item, id=f"{name}-{n}", case=name, enemies=(), twins=()) for n, item in enumerate(items, 1))
    said = Text("案例", "case")
    return Case(name, said, said, (CaseRow(said, said, said),), inside)


def a_blueprint(items: int = 4, quotas: Sequence[Quota] = (), **changes: object) -> Blueprint:
    rows = tuple(Row(f"row_{n}", Text(f"第{n}行", f"row {n}"), (section,)) for n, section in enumerate(SECTIONS))
    blueprint = Blueprint("TEST", Text("卷", "paper"), Purpose.ENTRY, items, 20, rows, tuple(quotas))
    return replace(blueprint, **changes)


def quota(row: str | None = None, level: str | None = None, least: int = 0, most: int | None = None) -> Quota:
    return Quota(row, Level(level) if level else None, None, least, most)


def a_pool(size: int, seed: str, cases: int = 0, enemies_percent: int = 0) -> Bank:
    """A pool of `size` items of all kinds, sections, levels and difficulties, and cases of three."""
    random = SeededRandom(seed)
    items: list[Item] = []
    for number in range(size):
        item = an_item_of(
            number,
            random.choice([*ALL_KINDS, "single", "single", "multiple"]),
            codes=(f"{random.choice(SECTIONS)}.01",),
            level=random.choice(list(Level)),
            difficulty=40 + random.below(50),
            certainty=Certainty.SECONDARY,
        )
        if number and random.below(100) < enemies_percent:
            item = replace(item, enemies=(f"X-{random.below(number)}",))
        items.append(item)
    return Bank(tuple(items), tuple(a_case_of(number, random.sample(items, 3)) for number in range(cases)))

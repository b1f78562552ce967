"""B03 to B05: where keys stand, and what they are like, over a whole bank or form."""

from collections import Counter
from collections.abc import Iterator, Sequence
from math import ceil, log, sqrt

from question_bank.checks.cues import negatives
from question_bank.checks.plain import en_length, zh_length
from question_bank.checks.subject import ERROR, WARNING, WHOLE_BANK, Subject
from question_bank.errors import ContentFault
from question_bank.items import Item, Kind

_Z = 2.58  # 99 of 100 banks drawn at random lie within
_FROM = 20
_LONGEST_RUN = 5
_FROM_OTHERS = 12
_FALSE = (0.45, 0.60)
_KEY_COUNT = 0.15
_NEGATIVE = 0.05


def position_faults(positions: Sequence[int], choices: int) -> Iterator[str]:
    """What is odd about the positions of keys among `choices` options, as sentences; nothing when it may be chance.

    positions: from 0, in the order of the items. For a drawn form and for files alike. A run of one position may be
    longer than 5 only in so long a series that chance makes such a run in one of a hundred.
    """
    n = len(positions)
    if n >= _FROM:
        expected, allowed = n / choices, _Z * sqrt(n * (1 / choices) * (1 - 1 / choices))
        counted = Counter(positions)
        for position in range(choices):
            if abs(counted[position] - expected) > allowed:
                band = f"{expected:.1f} ± {allowed:.1f}"
                place = f"position {position + 1} of {choices}"
                yield f"the key stands {counted[position]} times of {n} in {place}; chance gives {band}"
    run = longest_run(positions)
    if run > run_allowed(n, choices):
        yield f"the key stands {run} times running in one position"


def longest_run(positions: Sequence[int]) -> int:
    """Length of the longest run of one position."""
    longest = run = 0
    before: int | None = None
    for position in positions:
        run = run + 1 if position == before else 1
        before = position
        longest = max(longest, run)
    return longest


def run_allowed(items: int, choices: int) -> int:
    """The longest run that may stand in a series of so many items: 5, more only in a series longer than any form."""
    by_chance = ceil(log(max(items, 1) * 100 * (1 - 1 / choices), choices)) if items > 100 else 0
    return max(_LONGEST_RUN, by_chance)


def check_positions(items: Sequence[Item]) -> Iterator[ContentFault]:
    """B03: in the files, keys of single items are spread as chance spreads them. Draw the order, do not balance it."""
    by_choices: dict[int, list[Item]] = {}
    for item in items:
        if item.kind is Kind.SINGLE and len(item.key_ids) == 1:
            by_choices.setdefault(len(item.options), []).append(item)
    for choices, group in sorted(by_choices.items()):
        positions = [[option.key for option in item.options].index(True) for item in group]
        for message in position_faults(positions, choices):
            yield ContentFault(WHOLE_BANK, "", "options", "B03", f"single items of {choices} options: {message}", ERROR)


def check_lengths(items: Sequence[Item]) -> Iterator[ContentFault]:
    """B04: the key alone is the longest, or the shortest, no oftener than chance makes it."""
    singles = [item for item in items if item.kind is Kind.SINGLE and len(item.key_ids) == 1 and len(item.options) > 1]
    if not singles:
        return
    chance = sum(1 / len(item.options) for item in singles) / len(singles)
    allowed = chance + _Z * sqrt(chance * (1 - chance) / len(singles))
    for language, measure in (("zh", zh_length), ("en", en_length)):
        for name, sign in (("longest", 1), ("shortest", -1)):
            found = sum(
                _stands_out([(o.key, sign * measure(o.text.in_language(language))) for o in i.options]) for i in singles
            )
            if found > allowed * len(singles):
                message = f"in {language} the key alone is the {name} option in {found} of {len(singles)} single items"
                yield _warning("B04", f"options.{language}", f"{message}; chance gives at most {allowed:.0%}")


def check_other_kinds(subjects: Sequence[Subject]) -> Iterator[ContentFault]:
    """B05: false statements, numbers of keys, and negative questions are in proportion."""
    items = [subject.item for subject in subjects]
    statements = [item for item in items if item.kind is Kind.TRUE_FALSE]
    false = sum("F" in item.key_ids for item in statements)
    if len(statements) >= _FROM_OTHERS and not _FALSE[0] <= false / len(statements) <= _FALSE[1]:
        yield _warning("B05", "truth", f"{false} of {len(statements)} statements are false; 45 to 60 % are asked for")
    counts = Counter(len(item.key_ids) for item in items if item.kind is Kind.MULTIPLE)
    total = sum(counts.values())
    for keys in (2, 3, 4):
        if total >= _FROM_OTHERS and counts[keys] < _KEY_COUNT * total:
            yield _warning(
                "B05",
                "options",
                f"{counts[keys]} of {total} multiple items have {keys} keys; at least 15 % are asked for",
            )
    asked = [subject for subject in subjects if subject.item.kind is not Kind.TRUE_FALSE]
    negative = sum(bool(negatives(subject, "zh") or negatives(subject, "en")) for subject in asked)
    if len(items) >= _FROM_OTHERS and negative > _NEGATIVE * len(items):
        yield _warning(
            "B05", "stem", f"{negative} of {len(items)} items ask in the negative; at most 5 % are asked for"
        )


def _stands_out(lengths: Sequence[tuple[bool, int]]) -> bool:
    """Whether the key's length is above every other one."""
    own = max(length for key, length in lengths if key)
    return own > max(length for key, length in lengths if not key)


def _warning(code: str, field: str, message: str) -> ContentFault:
    return ContentFault(WHOLE_BANK, "", field, code, message, WARNING)

"""A limit that follows from a sum and from how a form is shared out, and that says more than each of these alone.

Example: twenty items, at most five of kind M with 4 points each, all others 1 point: no form has more than 35 points. A
search that looks at one limit at a time would see this only after trying nearly everything.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from question_bank.whole_search import Limit


@dataclass(frozen=True, slots=True)
class Share:
    """A count within a form: weights by class (how many items of one unit count), and its bounds."""

    weights: Sequence[int]
    lower: int
    upper: int | None


def bound_by_shares(
    weights: Sequence[int], lower: int, shares: Sequence[Share], total: tuple[Sequence[int], int]
) -> Limit:
    """What Σ weight·x ≥ lower means for forms of a fixed number of items with these shares.

    total: items in one unit of each class, and in the form. The limit is a sum of multiples of the given ones, so it
    holds whatever the multiples are; those chosen (as a linear programme would) let no class have a negative weight
    when each unit lies in one share only.
    """
    counts, items = total
    rates = [_best_rate(weights, counts, share) for share in shares]
    outside = [place for place in range(len(counts)) if not any(share.weights[place] for share in shares)]
    elsewhere = max((-(-weights[place] // counts[place]) for place in outside), default=None)
    marginal = _marginal_rate(shares, rates, elsewhere, items)
    combined = [marginal * count - weight for weight, count in zip(weights, counts, strict=True)]
    spare = marginal * items - lower
    for share, rate in zip(shares, rates, strict=True):
        bound = share.upper if rate > marginal else share.lower
        if bound is None or rate == marginal or (rate < marginal and not bound):
            continue
        spare += (rate - marginal) * bound
        combined = [value + (rate - marginal) * weight for value, weight in zip(combined, share.weights, strict=True)]
    return Limit(sparse(combined), None, spare)


def outside_of(shares: Sequence[Share], total: tuple[Sequence[int], int]) -> Limit:
    """How many items may lie in no share, those in two counted twice: what the bounds of all shares leave over."""
    counts, items = total
    inside = [sum(column) for column in zip(*(share.weights for share in shares), strict=True)]
    uppers = [share.upper for share in shares if share.upper is not None]
    return Limit(
        sparse([count - within for count, within in zip(counts, inside, strict=True)]),
        items - sum(uppers) if len(uppers) == len(shares) else None,
        items - sum(share.lower for share in shares),
    )


def sparse(weights: Sequence[int]) -> dict[int, int]:
    """Weights by class, those that are 0 left out."""
    return {place: weight for place, weight in enumerate(weights) if weight}


def _best_rate(weights: Sequence[int], counts: Sequence[int], share: Share) -> int:
    """The most that an item of the share adds to the sum, rounded up."""
    rates = [-(-w // c) for w, c, inside in zip(weights, counts, share.weights, strict=True) if inside]
    return max(rates, default=0)


def _marginal_rate(shares: Sequence[Share], rates: Sequence[int], elsewhere: int | None, items: int) -> int:
    """What the last item adds when the form is filled from the best shares on, each kept within its bounds.

    elsewhere: the most that an item in no share adds; None when every item lies in one.
    """
    left = items - sum(share.lower for share in shares)
    rest = [
        (rate, items if share.upper is None else share.upper - share.lower)
        for share, rate in zip(shares, rates, strict=True)
    ]
    if elsewhere is not None:
        rest.append((elsewhere, items))
    marginal = max((rate for rate, _ in rest), default=0)
    for rate, room in sorted(rest, reverse=True):
        if left <= 0:
            break
        marginal = rate
        left -= room
    return marginal

"""The order in which the parts of an item stand on a page, told by a seed."""

from question_bank.items import Item, Kind
from question_bank.rng import SeededRandom
from question_bank.scoring import true_order


def shown_order(item: Item, seed: str) -> tuple[str, ...]:
    """Ids of options, elements or responses as shown: shuffled but for true/false, never in the true order."""
    ids = [part.id for parts in (item.options, item.elements, item.responses) for part in parts]
    if item.kind is Kind.TRUE_FALSE or len(ids) < 2:
        return tuple(ids)
    random = SeededRandom(f"{seed}/{item.id}")
    shuffled = tuple(random.shuffled(ids))
    if item.kind is Kind.ORDERING and shuffled == true_order(item):
        return (*shuffled[1:], shuffled[0])
    return shuffled

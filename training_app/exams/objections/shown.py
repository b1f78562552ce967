"""Items and answers of a paper as an evidence page may show them: whole to who may read them, else by number only."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from question_bank.criteria import Criteria
from question_bank.items import Case, Item, Kind
from training_app.bank.models import ItemVersion
from training_app.exams.attempts import PaperItem, paper_of
from training_app.exams.letters import in_letters
from training_app.exams.models import Attempt
from training_app.people.rules import Holder


@dataclass(frozen=True, slots=True)
class SeenItem:
    """A place of the paper. item and case: None where the reader may not see them.

    number: of the item's version. section: code of the section of the first criterion it counts for.
    """

    position: int
    version_id: int
    number: int
    item_id: str | None
    content_hash: str
    kind: Kind
    points: int
    section: str
    order: tuple[str, ...]
    secret: bool
    item: Item | None
    case: Case | None

    def given(self, payload: object) -> str:
        """The answer by letters and places as they stood on the paper, a number as typed; empty when it was cleared."""
        return in_letters(self.kind, self.order, payload)


def seen_items(session: Session, holder: Holder, attempt: Attempt, criteria: Criteria) -> tuple[SeenItem, ...]:
    """The paper of the attempt as this reader may see it, in order."""
    paper = paper_of(session, attempt)
    ids = [place.version_id for place in paper]
    versions = {row.id: row for row in session.scalars(select(ItemVersion).where(ItemVersion.id.in_(ids)))}
    may_read = holder.may("bank.read")
    return tuple(_seen(place, versions[place.version_id], criteria, may_read=may_read) for place in paper)


def _seen(place: PaperItem, version: ItemVersion, criteria: Criteria, *, may_read: bool) -> SeenItem:
    opens = version.public or may_read
    return SeenItem(
        position=place.position,
        version_id=place.version_id,
        number=version.number,
        item_id=place.item.id if opens else None,
        content_hash=version.content_hash,
        kind=place.item.kind,
        points=place.points,
        section=criteria.section_of(place.item.codes[0]),
        order=place.option_order,
        secret=not version.public,
        item=place.item if opens else None,
        case=place.case if opens else None,
    )

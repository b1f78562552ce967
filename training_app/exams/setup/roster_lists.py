"""Lists of staff numbers or sign-in names: a verdict for every line, and all that can be added at once."""

import csv
import io
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from question_bank.identifiers import mask_identity_numbers
from training_app.bookings.rules import in_order, resource
from training_app.bookings.services import free_of, take_turns
from training_app.errors import Conflict, Refused
from training_app.exams.setup.claims import span_of
from training_app.exams.setup.roster import add_place, places_anybody
from training_app.exams.setup.sittings import require_changeable
from training_app.exams.sitting_acts import By
from training_app.exams.sitting_models import RosterPlace, Sitting
from training_app.people.models import Person
from training_app.people.rules import Holder, Role

MOST_LINES: Final = 500
LONGEST_ENTRY: Final = 60
SEPARATORS: Final = ",;\t，；、"
UNSEEN: Final = {"Cc", "Cf", "Cs"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What happens to one line.

    word: "add", "repeated", "already", "unknown", "other_base", "no_trainee", "blocked" or "clash". person: only where
    the reader may know who it is. typed: as it stood there, identity numbers masked.
    """

    line: int
    typed: str
    word: str
    person: Person | None = None


def entries_of(text: str) -> list[tuple[int, str]]:
    """(number of the line, first cell) of every line that holds anything; Refused when there are too many."""
    lines = [(number, _first_cell(line)) for number, line in enumerate(text.splitlines(), start=1)]
    filled = [(number, entry) for number, entry in lines if entry]
    if len(filled) > MOST_LINES:
        raise Refused(_l("A list takes at most %(count)s lines. Send it in parts.", count=MOST_LINES))
    return filled


def _first_cell(line: str) -> str:
    plain = "".join(sign for sign in line if sign == "\t" or unicodedata.category(sign) not in UNSEEN)
    for separator in SEPARATORS[1:]:
        plain = plain.replace(separator, ",")
    try:
        cells = next(csv.reader(io.StringIO(plain)), [])
    except csv.Error:
        cells = plain.split(",")
    return next((" ".join(cell.split()) for cell in cells if cell.strip()), "")


def text_of_file(content: bytes) -> str:
    """The first cell of each line of an uploaded file, as lines of a list. Refused when it is no text or too long.

    The file is in UTF-8 or in the encoding of Chinese spreadsheets.
    """
    text = _decoded(content)
    entries = dict(entries_of(text))
    return "\n".join(entries.get(number, "")[: LONGEST_ENTRY + 1] for number in range(1, max(entries, default=0) + 1))


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise Refused(_l("This file is no text. Save the list as CSV or as a text file, one person a line."))


def verdicts(session: Session, sitting: Sitting, text: str, by: By) -> list[Verdict]:
    """What adding the list would do, line by line; nothing is changed."""
    entries = entries_of(text)
    found = _people(session, {entry.lower() for _, entry in entries if len(entry) <= LONGEST_ENTRY})
    placed = _placed(session, sitting)
    named = [resource("person", person.id) for person in found.values()]
    free = set(free_of(session, named, span_of(sitting), by.now))
    seen: set[int] = set()
    result = []
    for number, entry in entries:
        person = found.get(entry.lower())
        word = _word(sitting, by.holder, person, placed=placed, free=free, seen=seen)
        shown = person if word not in {"unknown", "other_base", "no_trainee"} else None
        if person is not None:
            seen.add(person.id)
        result.append(Verdict(number, mask_identity_numbers(entry[:LONGEST_ENTRY]), word, shown))
    return result


def _people(session: Session, names: Iterable[str]) -> dict[str, Person]:
    """By staff number and sign-in name in small letters; a sign-in name goes first."""
    wanted = sorted(names)
    numbered = session.scalars(select(Person).where(func.lower(Person.staff_number).in_(wanted))).unique().all()
    named = session.scalars(select(Person).where(Person.username.in_(wanted))).unique().all()
    return {str(p.staff_number).lower(): p for p in numbered} | {p.username: p for p in named}


def _placed(session: Session, sitting: Sitting) -> set[int]:
    standing = ~RosterPlace.state.in_(("withdrawn", "void"))
    return set(session.scalars(select(RosterPlace.person_id).where(RosterPlace.sitting_id == sitting.id, standing)))


def _word(
    sitting: Sitting, holder: Holder, person: Person | None, *, placed: set[int], free: set[str], seen: set[int]
) -> str:
    if person is None:
        return "unknown"
    bases = {grant.base_id for grant in person.grants if grant.role == Role.TRAINEE}
    if sitting.base_id not in bases and not (bases and places_anybody(holder)):
        here = any(posting.base_id == sitting.base_id for posting in person.postings)
        return "no_trainee" if here or not bases else "other_base"
    checks = (
        ("repeated", person.id in seen),
        ("already", person.id in placed),
        ("blocked", person.blocked_at is not None),
        ("clash", resource("person", person.id) not in free),
    )
    return next((word for word, holds in checks if holds), "add")


def to_add(found: Iterable[Verdict]) -> Iterator[Person]:
    """The people whom applying the list adds."""
    return (verdict.person for verdict in found if verdict.word == "add" and verdict.person is not None)


def apply_list(session: Session, sitting: Sitting, text: str, expected: Sequence[int], *, by: By) -> int:
    """How many were added: exactly those of the preview, or Conflict and nobody.

    expected: ids of the people whom the preview showed as to be added.
    """
    require_changeable(sitting)
    take_turns(session, in_order(resource("person", number) for number in expected))
    people = list(to_add(verdicts(session, sitting, text, by)))
    if sorted(person.id for person in people) != sorted(expected) or not people:
        raise Conflict(_l("The list would do something else by now. Look at it again."))
    for person in people:
        add_place(session, sitting, person, by)
    return len(people)

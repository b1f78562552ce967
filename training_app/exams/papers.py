"""Papers: a form drawn from the bank as it stands, stored with its items, and attempts that are made on it."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from question_bank.assembly import assemble
from question_bank.blueprint import Blueprint
from question_bank.criteria import Criteria
from question_bank.form import AssembledForm
from question_bank.serialising import blueprint_from_json
from training_app.bank.models import BlueprintVersion
from training_app.bank.services import StoredBank, current_bank
from training_app.exams.models import Attempt, Form, FormItem
from training_app.exams.paper.chaining import first_hash


@dataclass(frozen=True, slots=True)
class Drawing:
    """What a form is drawn by. seed: the same gives the same form of the same bank. demonstration: of the site.

    rehearsal: the form is for simulated candidates, and may be removed again.
    """

    blueprint_version_id: int
    seed: str
    day: date
    demonstration: bool = False
    rehearsal: bool = False


@dataclass(frozen=True, slots=True)
class Drawn:
    """A form that is drawn and not stored yet, with the bank that gave it."""

    drawing: Drawing
    form: AssembledForm
    bank: StoredBank


def blueprint_version(session: Session, version_id: int) -> Blueprint:
    """The blueprint of this version, current or not."""
    return blueprint_from_json(session.get_one(BlueprintVersion, version_id).body)


def draw(session: Session, drawing: Drawing, criteria: Criteria) -> Drawn:
    """A form from the current bank. Raises CannotAssemble, which names what lacks."""
    stored = current_bank(session)
    form = assemble(
        blueprint_version(session, drawing.blueprint_version_id),
        stored.bank,
        seed=drawing.seed,
        day=drawing.day,
        criteria=criteria,
        demonstration=drawing.demonstration,
        confirmed=stored.confirmed,
    )
    return Drawn(drawing, form, stored)


def store_form(session: Session, drawn: Drawn, *, cut: int | None, now: datetime) -> Form:
    """The form with its items in the database. cut: None when it is decided later."""
    form = Form(
        blueprint_version_id=drawn.drawing.blueprint_version_id,
        in_force_on=drawn.drawing.day,
        seed=drawn.drawing.seed,
        content_hash=drawn.form.content_hash,
        coverage=drawn.form.coverage.as_json(),
        points=drawn.form.points,
        cut=cut,
        rehearsal=drawn.drawing.rehearsal,
        made_at=now,
    )
    session.add(form)
    session.flush()
    stored = drawn.bank
    session.execute(
        insert(FormItem),
        [
            {
                "form_id": form.id,
                "position": entry.position,
                "item_version_id": stored.version_ids[entry.item.id],
                "case_version_id": stored.cases[entry.case.id][0] if entry.case else None,
                "points": entry.points,
                "option_order": list(entry.option_order),
            }
            for entry in drawn.form.entries
        ],
    )
    return form


def next_number(session: Session, person_id: int, kind: str) -> int:
    """The number of the person's next attempt of that kind, from 1 on."""
    last = session.scalar(select(func.max(Attempt.number)).where(Attempt.person_id == person_id, Attempt.kind == kind))
    return 1 + (last or 0)


@dataclass(frozen=True, slots=True)
class Occasion:
    """What an attempt is made for. base: where it belongs. sitting: None for the entry test."""

    kind: str
    base: str | None
    sitting_id: int | None = None


def new_attempt(session: Session, person_id: int, occasion: Occasion, form: Form) -> Attempt:
    """The person's attempt on the form, `created` and not begun. IntegrityError while another one is live."""
    number = next_number(session, person_id, occasion.kind)
    attempt = Attempt(
        kind=occasion.kind,
        person_id=person_id,
        base_id=occasion.base,
        number=number,
        form_id=form.id,
        sitting_id=occasion.sitting_id,
        state="created",
        head_hash=first_hash(form.content_hash, person_id, number),
    )
    session.add(attempt)
    session.flush()
    return attempt

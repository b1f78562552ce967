"""The forms of a rehearsal: as many as its sitting wishes; fewer, or without cells, where public items lack."""

from dataclasses import replace
from itertools import pairwise

import pytest
from sqlalchemy import select

from question_bank.items import Bank
from question_bank.wishes import Wishes
from tests.support.examination import Examination
from tests.support.house import CRITERIA
from tests.support.rehearsed import counts
from tests.support.school import NOW
from training_app.errors import Refused
from training_app.exams.models import Attempt
from training_app.exams.rehearsal.drawing import public_forms
from training_app.exams.rehearsal.dropping import drop_some
from training_app.exams.rehearsal.preparing import Forms, Wanted, draft_for, in_turn, prepare, take
from training_app.exams.setup.drawing import Draft
from training_app.exams.setup.rules import FormWishes
from training_app.exams.sitting_models import Sitting

TWO = FormWishes(form_count=2)


def wanted(exam: Examination, forms: FormWishes = TWO, candidates: int = 4) -> Wanted:
    """A rehearsal of a planned sitting with these forms."""
    sitting = exam.stored(exam.planned(forms=forms))
    return Wanted(candidates, "suzhou", sitting.blueprint_version_id, sitting.in_force_on, sitting.id)


def draft(exam: Examination, forms: FormWishes = TWO) -> Draft:
    with exam.home.database.read() as session:
        return draft_for(session, wanted(exam, forms), CRITERIA)[0]


def test_a_rehearsal_has_the_forms_of_its_sitting_and_neighbours_differ(exam: Examination) -> None:
    what = wanted(exam)
    before = counts(exam.home.database)
    with exam.home.database.write() as session:
        made = prepare(session, what, CRITERIA, by=None, now=NOW)
    assert (made.forms, made.forms_wished, made.lacks) == (2, 2, ())
    with exam.home.database.read() as session:
        attempts = select(Attempt.form_id).where(Attempt.sitting_id == made.marked_id).order_by(Attempt.id)
        given = list(session.scalars(attempts))  # those of the four seats of the first row
    assert len(set(given)) == 2 and all(one != other for one, other in pairwise(given))
    with exam.home.database.write() as session:
        drop_some(session, session.get_one(Sitting, made.marked_id), NOW)
    assert counts(exam.home.database) == before


def test_who_shares_a_seat_gets_the_next_form() -> None:
    row = [(1, 1, place) for place in range(3)]
    given = in_turn(row, 7, 3)
    assert {given[0], given[3], given[6]} == {0, 1, 2}
    assert all(given[at] != given[at + 1] for at in (0, 1, 3, 4))
    assert in_turn(row, 5, 1) == [0] * 5


def test_fewer_forms_where_public_items_do_not_suffice(exam: Examination) -> None:
    plain = draft(exam)
    (only,) = public_forms(replace(plain, wishes=Wishes(1))).forms
    items = {entry.item.id for entry in only.entries}
    pool = Bank(
        tuple(item for item in plain.bank.items if item.id in items),
        tuple(case for case in plain.bank.cases if {item.id for item in case.items} <= items),
    )
    found = public_forms(replace(plain, bank=pool, wishes=Wishes(2)))
    assert (len(found.forms), found.wished, found.lacks) == (1, 2, ())
    assert len(found.forms[0].entries) == len(only.entries)


def test_a_form_without_cells_where_public_items_fill_none(exam: Examination) -> None:
    with exam.home.database.write() as session:
        what = wanted(exam)
        plain, bank = draft_for(session, what, CRITERIA)
        few = replace(plain, bank=Bank(plain.bank.items[:12], ()))
        found = public_forms(few)
        made = take(session, what, Forms(few, bank, found), by=None, now=NOW)
        assert made.lacks and (made.forms, made.forms_wished) == (1, 2) and 0 < made.items <= 12
        nothing = replace(plain, bank=Bank((), ()))
        with pytest.raises(Refused, match="no public item"):
            take(session, what, Forms(nothing, bank, public_forms(nothing)), by=None, now=NOW)

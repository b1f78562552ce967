"""The check before a sitting names the cells and items that lack a reviewer's confirmation, by what reviewers did."""

from dataclasses import replace
from datetime import date
from types import MappingProxyType

import pytest
from sqlalchemy import select

from question_bank.items import Bank, Item
from question_bank.loading import LoadedContent
from tests.support.examination import Examination
from tests.support.house import BEGAN, CRITERIA
from tests.support.school import CONTENT, NOW
from training_app.audit.services import chain_findings
from training_app.bank.loading import load_content
from training_app.bank.models import ItemVersion
from training_app.bank.review import Review, newest_version, review
from training_app.bank.rules import ReviewAct
from training_app.exams.models import FormItem
from training_app.exams.papers import Drawing
from training_app.exams.setup.confirmations import lines_on_confirmations, set_aside_since
from training_app.exams.setup.preparing import prepare
from training_app.exams.setup.seating import allocate_all
from training_app.people.admission import NewPerson, add_person, give_role
from training_app.people.models import Person
from training_app.people.rules import Role
from training_app.people.signed import holder_of

DAY = date(2026, 12, 3)
CONFIRMED = Review(ReviewAct.CONFIRMED, edition="B34-2026", place="annex 2", looked_on=date(2026, 11, 20))
IN_FORCE = [item for item in CONTENT.bank.items if item.in_force_on(DAY) and item.codes[0].startswith("A26.09")]


def secret(number: int) -> Item:
    return replace(IN_FORCE[number], id=f"OWN-{number:03d}", public=False, enemies=(), twins=())


def lines(exam: Examination, *, demonstration: bool = False) -> str:
    drawing = Drawing(exam.entered().blueprint_version_id, "trial", DAY, demonstration)
    with exam.home.database.read() as session:
        return "\n".join(lines_on_confirmations(session, drawing, CRITERIA))


def act(exam: Examination, reviewer: Person, entered: Review, item: str) -> None:
    with exam.home.database.write() as session:
        version = newest_version(session, item)
        review(session, holder_of(reviewer), version, entered, address="127.0.0.1", now=NOW)


@pytest.fixture
def reviewer(exam: Examination) -> Person:
    """A reviewer of a bank that holds three secret items of one section."""
    content = LoadedContent(Bank(tuple(map(secret, range(3))), ()), (), MappingProxyType({}))
    with exam.home.database.write() as session:
        person = add_person(session, NewPerson("reviewer", "staff", "审题人", "Reviewer", "R-1"), BEGAN)
        give_role(session, person, Role.REVIEWER, None, now=BEGAN)
        load_content(session, content, origin="base", now=BEGAN)
    return exam.home.person("reviewer")


def test_items_without_a_confirmation_are_named_by_their_row(exam: Examination, reviewer: Person) -> None:
    assert "3 items lack a reviewer's confirmation: OWN-000, OWN-001, OWN-002" in lines(exam)
    act(exam, reviewer, CONFIRMED, "OWN-000")
    assert "2 items lack a reviewer's confirmation: OWN-001, OWN-002" in lines(exam)


def test_what_was_returned_or_retired_is_named_apart(exam: Examination, reviewer: Person) -> None:
    act(exam, reviewer, Review(ReviewAct.RETURNED, reason="The period."), "OWN-000")
    act(exam, reviewer, Review(ReviewAct.RETIRED, reason="The period."), "OWN-001")
    said = lines(exam)
    assert "Returned or retired, and so not drawn: OWN-000, OWN-001" in said
    assert "1 item lacks a reviewer's confirmation: OWN-002" in said


@pytest.mark.usefixtures("reviewer")
def test_a_demonstration_asks_for_no_confirmation(exam: Examination) -> None:
    assert lines(exam, demonstration=True) == ""


def test_a_sitting_names_the_cells_that_the_bank_lacks_as_soon_as_it_is_planned(exam: Examination) -> None:
    with exam.home.database.write() as session:
        few = LoadedContent(Bank(CONTENT.bank.items[:30], ()), CONTENT.blueprints, MappingProxyType({}))
        load_content(session, few, origin="shipped", now=NOW)
    plan = exam.entered()
    fields = {
        "title_zh": "认证考试",
        "title_en": "Certification",
        "day": "2030-12-05",
        "starts": "09:00",
        "latest_start": "09:15",
        "length": "90",
        "ends": "11:30",
        "blueprint": str(plan.blueprint_version_id),
        "rooms": str(plan.rooms[0]),
    }
    page = exam.home.signed_in("base.admin").post("/sittings/new", data=fields, follow_redirects=True)
    assert "The sitting is planned." in page.text
    message = page.text[page.text.index("The bank does not fill the blueprint yet.") :][:400]
    assert "Financial condition (section 7): 5 wanted, 0 can be drawn." in message


def test_a_prepared_sitting_says_when_an_item_of_its_form_was_returned_since(
    exam: Examination, reviewer: Person
) -> None:
    sitting = exam.planned()
    exam.place(sitting, "trainee")
    exam.act(sitting, lambda session, found, by: allocate_all(session, found, "a", by))
    exam.act(sitting, lambda session, found, by: prepare(session, found, CRITERIA, by))
    with exam.home.database.read() as session:
        found = exam.stored(sitting)
        assert set_aside_since(session, found) == 0
        drawn = select(ItemVersion.item_id).join(FormItem, FormItem.item_version_id == ItemVersion.id)
        item = session.scalars(drawn.where(FormItem.form_id == found.forms[0].form_id)).first() or ""
    act(exam, reviewer, Review(ReviewAct.RETURNED, reason="The period."), item)
    said = exam.home.signed_in("base.admin").get(f"/sittings/{sitting}").text
    assert "1 item of the form was returned or retired by a reviewer" in said
    assert f">{item}<" not in said


def test_reviews_leave_the_audit_log_whole(exam: Examination, reviewer: Person) -> None:
    act(exam, reviewer, CONFIRMED, "OWN-000")
    with exam.home.database.read() as session:
        assert list(chain_findings(session)) == []

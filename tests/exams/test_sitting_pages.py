"""Pages of sittings: what forms do, what stays when they are refused, who sees what; in a browser with axe."""

import io
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from tests.support.browser import Watch, axe, sign_in, sticking_out
from tests.support.examination import Examination
from tests.support.site import Site
from training_app.exams.sitting_models import Sitting

NEW = {
    "title_zh": "十二月认证考试",
    "title_en": "Certification in December",
    "day": "2030-12-05",
    "starts": "09:00",
    "latest_start": "09:15",
    "length": "90",
    "ends": "11:30",
}


def entered(exam: Examination, **other: str) -> dict[str, str]:
    plan = exam.entered()
    return NEW | {"blueprint": str(plan.blueprint_version_id), "rooms": str(plan.rooms[0])} | other


def numbers(exam: Examination) -> list[int]:
    with exam.home.database.read() as session:
        return list(session.scalars(select(Sitting.id)))


def test_a_sitting_is_planned_on_its_page(exam: Examination) -> None:
    browser = exam.home.signed_in("base.admin")
    answer = browser.post("/sittings/new", data=entered(exam))
    (number,) = numbers(exam)
    assert urlsplit(answer.location).path == f"/sittings/{number}"
    page = browser.get(answer.location).text
    assert "Certification in December" in page and "Nobody is placed yet" in page


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"ends": "10:30"}, "needs the whole length"),
        ({"day": "2020-12-03"}, "begins in the past"),
        ({"day": "9999-12-31", "latest_start": "23:59", "length": "480"}, "more than five years ahead"),
        ({"day": "0001-01-01"}, "begins in the past"),
        ({"starts": "06:00", "latest_start": "06:10"}, "lies outside"),
        ({"rooms": "999999"}, "not a valid choice"),
        ({"title_zh": ""}, "Please fill this in"),
        ({"length": "many"}, "Not a valid integer"),
        ({"day": "9999-99-99"}, "Not a valid date"),
    ],
)
def test_what_was_typed_stays_when_a_sitting_is_refused(
    exam: Examination, wrong: dict[str, str], sentence: str
) -> None:
    answer = exam.home.signed_in("base.admin").post("/sittings/new", data=entered(exam, **wrong))
    assert answer.status_code == 422 and sentence in answer.text
    assert "Certification in December" in answer.text and numbers(exam) == []


def test_of_two_who_change_a_sitting_the_second_keeps_what_was_typed(exam: Examination) -> None:
    sitting = exam.planned()
    browser = exam.home.signed_in("base.admin")
    fields = entered(exam, version="1", reason="first", title_en="First title")
    assert browser.post(f"/sittings/{sitting}/edit", data=fields).status_code == 302
    second = browser.post(f"/sittings/{sitting}/edit", data=fields | {"title_en": "Second title", "reason": "second"})
    assert second.status_code == 422
    assert "Second title" in second.text and "First title" in second.text and "Somebody else changed" in second.text
    version = re.findall(r'name="version"[^>]*value="(\d+)"', second.text)[0]
    again = fields | {"title_en": "Second title", "version": version}
    assert browser.post(f"/sittings/{sitting}/edit", data=again).status_code == 302
    assert exam.stored(sitting).title_en == "Second title"


def test_a_list_is_shown_first_and_then_applied(exam: Examination) -> None:
    sitting = exam.planned()
    browser = exam.home.signed_in("base.admin")
    preview = browser.post(f"/sittings/{sitting}/people/list", data={"text": "trainee\n<b>nobody</b>\nfar.trainee"})
    assert preview.status_code == 200 and "&lt;b&gt;nobody" in preview.text and exam.places(sitting) == []
    assert exam.home.person("far.trainee").name_zh not in preview.text
    adding = re.findall(r'name="adding" value="(\d+)"', preview.text)
    fields = {"text": "trainee\n<b>nobody</b>\nfar.trainee", "adding": adding}
    assert browser.post(f"/sittings/{sitting}/people/apply", data=fields).status_code == 302
    assert [place.person_id for place in exam.places(sitting)] == [exam.home.number("trainee")]


def test_a_file_is_read_by_its_first_column_with_the_numbers_of_its_lines(exam: Examination) -> None:
    sitting = exam.planned()
    content = "\n\ntrainee,沈知夏," + "x" * 60_000 + "\nsecond.trainee;程砚\n"
    fields = {"text": "", "file": (io.BytesIO(content.encode("gb18030")), "list.csv")}
    preview = exam.home.signed_in("base.admin").post(f"/sittings/{sitting}/people/list", data=fields)
    assert len(re.findall(r'name="adding" value="(\d+)"', preview.text)) == 2
    assert '<td class="number">3</td>' in preview.text and "x" * 100 not in preview.text


def test_numbers_that_no_page_sends_add_nobody(exam: Examination) -> None:
    sitting = exam.planned()
    fields = {"text": "trainee", "adding": ["9" * 5000, "x", "-1", "٣"]}
    answer = exam.home.signed_in("base.admin").post(f"/sittings/{sitting}/people/apply", data=fields)
    assert answer.status_code == 409 and exam.places(sitting) == []


def test_a_list_without_anything_is_refused_with_a_sentence(exam: Examination) -> None:
    sitting = exam.planned()
    answer = exam.home.signed_in("base.admin").post(f"/sittings/{sitting}/people/list", data={"text": " "})
    assert answer.status_code == 422 and "Paste a list" in answer.text


def test_what_is_refused_on_a_place_keeps_the_reason_that_was_typed(exam: Examination) -> None:
    sitting = exam.planned()
    (place,) = exam.place(sitting, "trainee")
    answer = exam.home.signed_in("base.admin").post(
        f"/sittings/{sitting}/places/{place}/time", data={"minutes": "400", "reason": "by decision of Monday"}
    )
    assert answer.status_code == 422 and "by decision of Monday" in answer.text and "not kept that long" in answer.text


def test_a_sitting_of_another_base_is_not_there_and_the_try_is_written_down(exam: Examination) -> None:
    sitting = exam.far()
    browser = exam.home.signed_in("base.admin")
    pages = ("", "/edit", "/people", "/cancel", "/places/1", "/tickets.pdf", "/door-list.pdf", "/seat-plan.pdf")
    assert {browser.get(f"/sittings/{sitting}{page}").status_code for page in pages} == {404}
    assert len(exam.home.acts("refused")) == len(pages)
    assert f"/sittings/{sitting}" not in browser.get("/sittings").text


def test_an_auditor_reads_and_changes_nothing(exam: Examination) -> None:
    sitting = exam.planned()
    browser = exam.home.signed_in("auditor")
    page = browser.get(f"/sittings/{sitting}")
    assert page.status_code == 200 and "Add people" not in page.text
    assert browser.post(f"/sittings/{sitting}/prepare").status_code == 403


def test_the_list_is_exported(exam: Examination) -> None:
    exam.planned()
    file = exam.home.signed_in("auditor").get("/sittings?format=csv")
    assert "Certification,Suzhou,2026-12-03 09:00,90" in file.data.decode("utf-8-sig")


def test_tickets_and_lists_are_printed(exam: Examination) -> None:
    sitting = exam.planned()
    exam.place(sitting, "trainee")
    browser = exam.home.signed_in("base.admin")
    for page in ("tickets", "door-list", "seat-plan"):
        file = browser.get(f"/sittings/{sitting}/{page}.pdf")
        assert file.data.startswith(b"%PDF-") and file.mimetype == "application/pdf"


def test_a_sitting_without_people_has_no_tickets(exam: Examination) -> None:
    sitting = exam.planned()
    assert exam.home.signed_in("base.admin").get(f"/sittings/{sitting}/tickets.pdf").status_code == 404


def test_a_trainee_sees_and_prints_the_own_ticket_only(exam: Examination) -> None:
    sitting = exam.planned()
    mine, foreign = exam.place(sitting, "trainee", "second.trainee")
    browser = exam.home.signed_in("trainee")
    page = browser.get("/exams").text
    tickets = {place.id: place.ticket_number for place in exam.places(sitting)}
    assert tickets[mine] in page and tickets[foreign] not in page
    assert browser.get(f"/exams/places/{mine}/ticket.pdf").data.startswith(b"%PDF-")
    assert browser.get(f"/exams/places/{foreign}/ticket.pdf").status_code == 404


def test_the_base_of_a_new_sitting_is_chosen_by_who_may(exam: Examination) -> None:
    browser = exam.home.signed_in("head")
    assert "考场" in browser.get("/sittings/new?base=shenzhen").text
    assert parse_qs(urlsplit(browser.get("/sittings/new?base=nowhere").request.url).query) == {"base": ["nowhere"]}


# in a browser


@pytest.mark.parametrize("phone", [False, True])
def test_list_sitting_and_form_are_usable_by_everybody(open_page, site: Site, watch: Watch, phone: bool) -> None:
    watch.expect("422")
    page: Page = open_page(phone=phone)
    sign_in(page, site, site.account("base_admin"))
    page.goto(f"{site.url}/sittings")
    axe(page)
    page.locator("#list-region tbody a").first.click()
    expect(page.locator(".seat-plan").first).to_be_visible()
    axe(page)
    assert sticking_out(page) == ""
    page.goto(f"{site.url}/sittings/new")
    axe(page)
    assert sticking_out(page) == ""
    page.locator("form.form button[type=submit]").click()
    expect(page.locator("[aria-invalid=true]").first).to_be_focused()
    axe(page)


def test_people_are_found_and_a_place_is_opened(open_page, site: Site) -> None:
    page: Page = open_page()
    sign_in(page, site, site.account("base_admin"))
    page.locator("a[hreflang=en]").first.click()
    page.goto(f"{site.url}/sittings")
    page.locator("#list-region tbody a").first.click()
    page.get_by_role("link", name="Add people").click()
    page.get_by_label("Name, sign-in name or staff number").fill("a")
    page.keyboard.press("Enter")
    expect(page.get_by_text("has a place").first).to_be_visible()
    axe(page)
    page.get_by_label("Staff numbers or sign-in names").fill("nobody.here\n<i>x</i>")
    page.get_by_role("button", name="Look at it first").click()
    expect(page.get_by_text("nobody has this number or name").first).to_be_visible()
    axe(page)
    page.go_back()
    page.go_back()
    page.go_back()
    page.get_by_role("table", name="Roster").get_by_role("link").first.click()
    expect(page.get_by_label("Personal time in minutes")).to_be_visible()
    axe(page)

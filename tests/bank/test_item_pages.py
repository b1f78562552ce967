"""Pages of the bank: the list, an item with its history, what a reviewer does there; and who is kept out."""

import csv
import io
import re
from dataclasses import replace

import pytest

from question_bank.items import Item
from question_bank.texts import Text
from tests.bank.conftest import load_own, own
from tests.support.house import House
from tests.support.school import CONTENT

SENT = {
    "confirm-version": "1",
    "confirm-edition": "B34-2026",
    "confirm-place": "annex 2, criterion 8",
    "confirm-looked_on": "2026-11-20",
}


def text_of(home: House, path: str, who: str = "reviewer") -> str:
    answer = home.signed_in(who).get(path)
    assert answer.status_code == 200, answer.text
    return answer.text


def openings(home: House) -> list[tuple[str, int | None]]:
    return [(entry.object_id, entry.actor_id) for entry in home.acts("item.opened")]


# the list


@pytest.mark.parametrize("words", ["OWN-000", " ".join(CONTENT.bank.items[0].codes)])
def test_an_item_is_found_by_number_and_by_criterion(bank: House, words: str) -> None:
    assert ">OWN-000</a>" in text_of(bank, f"/bank?q={words}")


def test_a_public_item_is_found_by_what_it_asks_and_a_secret_one_is_not(bank: House) -> None:
    stem = CONTENT.bank.items[0].stem.en[:60]
    page = text_of(bank, f"/bank?q={stem}")
    assert f">{CONTENT.bank.items[0].id}</a>" in page and "OWN-000" not in page


def test_neither_the_list_nor_its_files_tell_what_a_secret_item_asks(bank: House) -> None:
    secret = own(0, stem=Text("保密题干一二三？", "A stem that nobody tells?"))
    load_own(bank, secret)
    for path in ("/bank?use=secret", "/bank?use=secret&format=csv", "/bank/review", "/"):
        answer = bank.signed_in("reviewer").get(path)
        assert answer.status_code == 200 and "nobody tells" not in answer.get_data(as_text=True), path
    assert openings(bank) == []


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("use=secret", 3),
        ("use=secret&state=open", 3),
        ("use=secret&state=returned", 0),
        ("waits=review", 3),
        ("waits=me", 3),
        ("use=secret&kind=numeric", 0),
        ("use=secret&section=nonsense", 3),
    ],
)
def test_filters_narrow_the_list(bank: House, asked: str, found: int) -> None:
    lines = bank.signed_in("reviewer").get(f"/bank?{asked}&format=csv").get_data(as_text=True).splitlines()
    assert len(lines) - 1 == found


@pytest.mark.parametrize(
    "asked", ["edition=A26", "section=A26.09", "level=apply", "certainty=secondary", "force=today"]
)
def test_each_filter_leaves_something_and_not_everything(bank: House, asked: str) -> None:
    rows = list(csv.reader(io.StringIO(bank.signed_in("reviewer").get(f"/bank?{asked}&format=csv").text)))
    assert 0 < len(rows) - 1 < len(CONTENT.bank.all_items()) + 3


@pytest.mark.parametrize("column", ["item", "kind", "level", "certainty", "public", "standing", "loaded"])
@pytest.mark.parametrize("sign", ["", "-"])
def test_the_list_sorts_by_each_column(bank: House, column: str, sign: str) -> None:
    assert "aria-sort" in text_of(bank, f"/bank?sort={sign}{column}")


def test_an_author_of_an_item_does_not_see_it_wait_for_the_own_review(bank: House) -> None:
    assert "Nothing matches" in text_of(bank, "/bank?waits=me", "both")


def test_a_returned_item_waits_for_its_author(bank: House) -> None:
    bank.signed_in("reviewer").post("/bank/OWN-001/return", data={"return-version": "1", "return-reason": "Two years."})
    assert ">OWN-001</a>" in text_of(bank, "/bank?waits=answer", "author")
    assert "1 item of yours was returned." in text_of(bank, "/", "author")
    assert "Two years." in text_of(bank, "/bank/OWN-001", "author")


def test_an_excel_file_is_given(bank: House) -> None:
    answer = bank.signed_in("reviewer").get("/bank?format=xlsx")
    assert answer.data[:2] == b"PK" and "items.xlsx" in answer.headers["Content-Disposition"]


# an item


def test_an_item_is_shown_in_both_languages_with_key_reasons_and_source(bank: House) -> None:
    item = own(0)
    page = text_of(bank, "/bank/OWN-000")
    shown = [item.stem.zh, item.options[0].text.zh, item.options[0].reason.zh, item.rationale.zh]
    assert [one for one in shown if one not in page] == []
    assert page.count('type="radio"') == 2 * len(item.options) and "disabled" in page


@pytest.mark.parametrize("item", CONTENT.bank.all_items()[::9], ids=lambda item: item.id)
def test_items_of_every_kind_are_shown(sqlite_bank: House, item: Item) -> None:
    page = text_of(sqlite_bank, f"/bank/{item.id}")
    assert f"<h1>{item.id}</h1>" in page


def test_every_opening_of_a_secret_item_is_written_down(bank: House) -> None:
    for _ in range(2):
        text_of(bank, "/bank/OWN-000")
    text_of(bank, f"/bank/{CONTENT.bank.items[0].id}")
    assert openings(bank) == [("OWN-000", bank.number("reviewer"))] * 2


@pytest.mark.parametrize("path", ["/bank/NOBODY-1", "/bank/own-000", "/bank/OWN-000%20", "/bank/" + "A" * 900])
def test_an_item_that_is_not_there_is_told(bank: House, path: str) -> None:
    answer = bank.signed_in("reviewer").get(path)
    assert answer.status_code == 404 and "no item with this number" in answer.text


@pytest.mark.parametrize("asked", ["version=7", "version=999999999999", "version=-1&beside=x"])
def test_a_version_that_is_not_there_is_told_or_left_aside(bank: House, asked: str) -> None:
    assert bank.signed_in("reviewer").get(f"/bank/OWN-000?{asked}").status_code in {200, 404}


def test_what_changed_between_two_versions_is_told_field_by_field(bank: House) -> None:
    first = own(0)
    option = replace(first.options[1], reason=Text("原因改过了，写得更清楚。", "The reason reads better now."))
    load_own(bank, replace(first, difficulty=41, options=(first.options[0], option, *first.options[2:])))
    page = text_of(bank, "/bank/OWN-000")
    assert "from version 1 to version 2" in page
    changes = re.findall(r"<dt>(.*?)</dt>", page)
    assert changes[: changes.index("Kind")] if "Kind" in changes else changes
    assert f"Option {option.id}, reason, English" in page and "<ins>The reason reads better now.</ins>" in page
    assert "<ins>41</ins>" in page and "older version" in text_of(bank, "/bank/OWN-000?version=1")


def test_a_very_long_text_is_shown_whole_and_harmless(bank: House) -> None:
    long = Text("很长" * 1900 + "？", "<script>alert(1)</script>" + "l" * 3900 + "?")
    load_own(bank, own(0, stem=long))
    page = text_of(bank, "/bank/OWN-000")
    assert "<script>alert" not in page and "很长" * 1900 in page


# reviews


def test_a_reviewer_confirms_and_the_next_item_opens(bank: House) -> None:
    answer = bank.signed_in("reviewer").post("/bank/OWN-000/confirm", data=SENT)
    assert answer.status_code == 302 and answer.location.endswith("/bank/OWN-001")
    page = text_of(bank, "/bank/OWN-000")
    assert "annex 2, criterion 8" in page and "looked at on 2026-11-20" in page
    assert [entry.object_id for entry in bank.acts("item.confirmed")] == ["OWN-000"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"confirm-place": " "},
        {"confirm-edition": "NONE"},
        {"confirm-edition": ""},
        {"confirm-looked_on": "2031-01-01"},
        {"confirm-looked_on": "0001-01-01"},
        {"confirm-looked_on": "yesterday"},
    ],
)
def test_what_was_typed_stays_when_a_confirmation_is_refused(bank: House, wrong: dict[str, str]) -> None:
    answer = bank.signed_in("reviewer").post("/bank/OWN-000/confirm", data=SENT | {"confirm-place": "kept"} | wrong)
    assert answer.status_code == 422 and 'class="field-error"' in answer.text
    assert bank.acts("item.confirmed") == []


@pytest.mark.parametrize("act", ["return", "retire"])
def test_a_return_and_a_retirement_need_a_reason(bank: House, act: str) -> None:
    browser = bank.signed_in("reviewer")
    assert browser.post(f"/bank/OWN-000/{act}", data={f"{act}-version": "1", f"{act}-reason": " "}).status_code == 422
    sent = {f"{act}-version": "1", f"{act}-reason": "The criterion says otherwise."}
    assert browser.post(f"/bank/OWN-000/{act}", data=sent).status_code == 302
    assert "The criterion says otherwise." in text_of(bank, "/bank/OWN-000")


def test_a_replayed_confirmation_changes_nothing(bank: House) -> None:
    browser = bank.signed_in("reviewer")
    assert [browser.post("/bank/OWN-000/confirm", data=SENT).status_code for _ in range(3)] == [302, 409, 409]
    assert len(bank.acts("item.confirmed")) == 1


@pytest.mark.parametrize("version", ["0", "2", "", "x", "99999999999999999999"])
def test_a_confirmation_of_a_version_that_was_not_seen_is_refused(bank: House, version: str) -> None:
    answer = bank.signed_in("reviewer").post("/bank/OWN-000/confirm", data=SENT | {"confirm-version": version})
    assert answer.status_code == 409 and bank.acts("item.confirmed") == []


def test_a_page_that_is_older_than_the_bank_confirms_nothing(bank: House) -> None:
    load_own(bank, own(0, difficulty=41))
    answer = bank.signed_in("reviewer").post("/bank/OWN-000/confirm", data=SENT)
    assert answer.status_code == 409 and "newer version" in answer.text and bank.acts("item.confirmed") == []


# attacks


@pytest.mark.parametrize("act", ["confirm", "return", "retire"])
def test_who_loaded_an_item_reviews_it_neither_on_the_page_nor_past_it(bank: House, act: str) -> None:
    assert "another person reviews it" in text_of(bank, "/bank/OWN-000", "both")
    sent = SENT | {f"{act}-version": "1", f"{act}-reason": "A reason."}
    assert bank.signed_in("both").post(f"/bank/OWN-000/{act}", data=sent).status_code == 403
    assert [entry.act for entry in bank.acts("refused")] == ["refused"]


@pytest.mark.parametrize("who", ["author", "head", "auditor", "base.admin", "trainee", "visitor", "contact"])
def test_who_is_no_reviewer_reviews_nothing(bank: House, who: str) -> None:
    assert bank.signed_in(who).post("/bank/OWN-000/confirm", data=SENT).status_code == 403
    assert bank.acts("item.confirmed") == []


@pytest.mark.parametrize("who", ["trainee", "base.admin", "visitor", "rater", "coordinator", "contact", "far.admin"])
@pytest.mark.parametrize("path", ["/bank", "/bank/OWN-000", "/bank?format=csv", "/bank/stock", "/bank/review"])
def test_no_other_role_looks_into_the_bank(bank: House, who: str, path: str) -> None:
    answer = bank.signed_in(who).get(path)
    assert answer.status_code == 403 and own(0).stem.en not in answer.text
    assert openings(bank) == [] and len(bank.acts("refused")) == 1


def test_a_form_without_its_token_is_refused(bank: House) -> None:
    bank.app.config["WTF_CSRF_ENABLED"] = True
    assert bank.signed_in("reviewer").post("/bank/OWN-000/confirm", data=SENT).status_code == 400
    assert bank.acts("item.confirmed") == []

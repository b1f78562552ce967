"""Folders that authors send: judged first, loaded in a second step, exactly what was shown or nothing."""

import io
import re
import threading
import zipfile
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from tests.support.house import House
from tests.support.paths import ROOT
from tests.support.school import CONTENT
from training_app.bank.models import ContentUpload, ItemVersion
from training_app.bank.uploads import Sent, judged
from training_app.errors import Refused
from training_app.jobs.children import ChildFailed

TEMPLATE = ROOT / "docs" / "bank-template"
COUNT = 9


def folder(*changes: tuple[str, str]) -> bytes:
    """The folder of the documentation as a zip file, with these words replaced in it."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in TEMPLATE.rglob("*.yaml"):
            content = path.read_text(encoding="utf-8")
            for old, new in changes:
                content = content.replace(old, new)
            archive.writestr(path.relative_to(TEMPLATE).as_posix(), content)
    return written.getvalue()


def send(home: House, content: bytes, who: str = "author", author: str = "author", name: str = "ours.zip") -> int:
    """The number of the upload."""
    fields = {"folder": (io.BytesIO(content), name), "author": str(home.number(author))}
    answer = home.signed_in(who).post("/bank/upload", data=fields)
    assert answer.status_code == 302, answer.text
    return int(answer.location.rsplit("/", 1)[1])


def verdict(home: House, number: int, who: str = "author") -> str:
    answer = home.signed_in(who).get(f"/bank/uploads/{number}")
    assert answer.status_code == 200, answer.text
    return answer.text


def load(home: House, number: int, who: str = "author") -> TestResponse:
    return home.signed_in(who).post(f"/bank/uploads/{number}/load")


def own_items(home: House) -> list[ItemVersion]:
    with home.database.read() as session:
        found = select(ItemVersion).where(ItemVersion.item_id.like("MY-%")).order_by(ItemVersion.item_id)
        return list(session.scalars(found))


def test_a_verdict_is_read_before_anything_is_loaded(bank: House) -> None:
    page = verdict(bank, send(bank, folder()))
    assert "MY-001" in page and "9 new" in page and "Load what is shown" in page
    assert own_items(bank) == []


def test_what_was_shown_is_loaded_with_author_and_loader(bank: House) -> None:
    number = send(bank, folder(), "second.author", "author")
    assert load(bank, number, "second.author").status_code == 302
    items = own_items(bank)
    hands = {(item.author_id, item.loaded_by) for item in items}
    assert len(items) == COUNT and hands == {(bank.number("author"), bank.number("second.author"))}
    (entry,) = bank.acts("bank.loaded")
    assert entry.actor_id == bank.number("second.author")
    with bank.database.read() as session:
        upload = session.get_one(ContentUpload, number)
        assert (upload.state, upload.content) == ("loaded", None)


def test_what_is_loaded_is_what_the_command_would_have_loaded(bank: House) -> None:
    load(bank, send(bank, folder()))
    first = {item.item_id: item.content_hash for item in own_items(bank)}
    page = verdict(bank, send(bank, folder()))
    assert "9 stay as they are" in page and len(first) == COUNT


def test_a_changed_item_is_announced_as_a_new_version(bank: House) -> None:
    load(bank, send(bank, folder()))
    number = send(bank, folder(("difficulty: 63", "difficulty: 64")))
    assert "a new version" in verdict(bank, number) and "after version 1" in verdict(bank, number)
    load(bank, number)
    assert [item.number for item in own_items(bank) if item.item_id == "MY-001"] == [1, 2]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("90000 / 10 = 9000", "90000 / 10 = 9001", "working"),
        ("difficulty: 63", "difficulty: many", "difficulty"),
        ("codes: [A26.09.18]", "codes: [A26.99.99]", "codes"),
        ("id: MY-002", "id: MY-001", "MY-001"),
        ("MY-001", CONTENT.bank.items[0].id, "belongs to content that ships"),
        ("kind: single", "kind: <script>", "&lt;script&gt;"),
    ],
)
def test_a_faulty_folder_is_refused_whole_with_the_place(bank: House, old: str, new: str, told: str) -> None:
    number = send(bank, folder((old, new)))
    page = verdict(bank, number)
    assert "Nothing can be loaded" in page and told in page and "<script>alert" not in page
    load(bank, number)
    assert own_items(bank) == [] and bank.acts("bank.loaded") == []


@pytest.mark.parametrize(
    "content", [b"", b"not a zip", b"PK\x05\x06" + b"\0" * 18], ids=["no byte", "text", "no entry"]
)
def test_what_holds_nothing_is_told_on_a_page(bank: House, content: bytes) -> None:
    fields = {"folder": (io.BytesIO(content), "odd.zip"), "author": str(bank.number("author"))}
    answer = bank.signed_in("author").post("/bank/upload", data=fields, follow_redirects=True)
    assert answer.status_code in {200, 422}
    assert "Nothing can be loaded" in answer.text or "Choose a file" in answer.text


def test_a_form_without_a_file_keeps_the_page(bank: House) -> None:
    answer = bank.signed_in("author").post("/bank/upload", data={"author": str(bank.number("author"))})
    assert answer.status_code == 422 and "Choose a file." in answer.text


def test_a_file_that_is_too_large_is_refused(bank: House) -> None:
    answer = bank.signed_in("author").post(
        "/bank/upload", data=b"0" * (11 << 20), content_type="multipart/form-data; boundary=part"
    )
    assert answer.status_code == 413


@pytest.mark.parametrize("name", ["../../etc/passwd", "C:\\Users\\a\\ours.zip", "题目\u202e.zip", "a" * 400, ""])
def test_the_name_of_the_file_is_only_ever_shown(bank: House, name: str) -> None:
    fields = {"folder": (io.BytesIO(folder()), name), "author": str(bank.number("author"))}
    answer = bank.signed_in("author").post("/bank/upload", data=fields, follow_redirects=True)
    assert answer.status_code in {200, 422} and "\u202e" not in answer.text and "etc/passwd" not in answer.text


# the second step


def test_a_folder_is_loaded_once(bank: House) -> None:
    number = send(bank, folder())
    assert [load(bank, number).status_code for _ in range(3)] == [302] * 3
    assert len(own_items(bank)) == COUNT and len(bank.acts("bank.loaded")) == 1
    assert (
        "loaded or given up already"
        in bank.signed_in("author").post(f"/bank/uploads/{number}/load", follow_redirects=True).text
    )


def test_of_two_clicks_at_once_one_loads(bank: House) -> None:
    number = send(bank, folder())
    ready = threading.Barrier(2)
    browsers = [bank.signed_in("author") for _ in range(2)]

    def click(browser) -> None:
        ready.wait(10)
        browser.post(f"/bank/uploads/{number}/load")

    threads = [threading.Thread(target=click, args=(browser,)) for browser in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(own_items(bank)) == COUNT and len(bank.acts("bank.loaded")) == 1


def test_what_was_given_up_is_not_loaded_afterwards(bank: House) -> None:
    number = send(bank, folder())
    assert bank.signed_in("author").post(f"/bank/uploads/{number}/drop").status_code == 302
    load(bank, number)
    assert own_items(bank) == []
    assert bank.signed_in("author").post(f"/bank/uploads/{number}/drop").status_code == 409


def test_a_verdict_that_the_bank_has_overtaken_loads_nothing(bank: House) -> None:
    first, second = (send(bank, folder(("difficulty: 63", f"difficulty: {value}"))) for value in (64, 65))
    load(bank, second)
    answer = bank.signed_in("author").post(f"/bank/uploads/{first}/load", follow_redirects=True)
    assert "The bank has changed since this verdict" in answer.text
    assert len(own_items(bank)) == COUNT


def test_a_verdict_of_yesterday_loads_nothing(bank: House) -> None:
    number = send(bank, folder())
    with bank.database.write() as session:
        upload = session.get_one(ContentUpload, number)
        session.execute(update(ContentUpload).values(at=upload.at - timedelta(hours=25)))
    load(bank, number)
    assert own_items(bank) == []


def test_uploads_are_kept_for_thirty_days(bank: House) -> None:
    send(bank, folder())
    with bank.database.write() as session:
        session.execute(update(ContentUpload).values(at=ContentUpload.at))
        upload = session.scalars(select(ContentUpload)).one()
        upload.at -= timedelta(days=31)
    send(bank, folder())
    with bank.database.read() as session:
        assert session.scalar(select(func.count()).select_from(ContentUpload)) == 1


def test_the_items_of_an_author_wait_for_another_reviewer(bank: House) -> None:
    load(bank, send(bank, folder(("public: true", "public: false")), "both", "author"), "both")
    pages = {who: bank.signed_in(who).get("/bank?waits=me").text for who in ("reviewer", "both")}
    assert "MY-001" in pages["reviewer"] and "MY-001" not in pages["both"]


# attacks


@pytest.mark.parametrize("who", ["second.author", "both"])
def test_the_folder_of_another_author_is_not_there(bank: House, who: str) -> None:
    number = send(bank, folder())
    browser = bank.signed_in(who)
    asked = [browser.get(f"/bank/uploads/{number}")]
    asked += [browser.post(f"/bank/uploads/{number}/{act}") for act in ("load", "drop")]
    assert [answer.status_code for answer in asked] == [404] * 3 and own_items(bank) == []


@pytest.mark.parametrize("who", ["reviewer", "head", "auditor", "base.admin", "trainee"])
def test_who_is_no_author_sends_nothing(bank: House, who: str) -> None:
    browser = bank.signed_in(who)
    fields = {"folder": (io.BytesIO(folder()), "ours.zip"), "author": "1"}
    asked = [browser.get("/bank/upload"), browser.post("/bank/upload", data=fields), browser.get("/bank/uploads/1")]
    assert [answer.status_code for answer in asked] == [403] * 3


def test_somebody_who_is_no_author_is_not_named_as_one(bank: House) -> None:
    fields = {"folder": (io.BytesIO(folder()), "ours.zip"), "author": str(bank.number("trainee"))}
    assert bank.signed_in("author").post("/bank/upload", data=fields).status_code == 422


def test_a_second_step_without_its_token_is_refused(bank: House) -> None:
    number = send(bank, folder())
    token = re.search(r'name="csrf_token" value="', verdict(bank, number))
    bank.app.config["WTF_CSRF_ENABLED"] = True
    assert token and load(bank, number).status_code == 400 and own_items(bank) == []


def test_reading_that_comes_to_no_end_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object, **_more: object) -> None:
        raise ChildFailed("too long")

    monkeypatch.setattr("training_app.bank.uploads.run_in_child", fail)
    with pytest.raises(Refused, match="takes too long"):
        judged(Sent("ours.zip", folder(), 1), frozenset())

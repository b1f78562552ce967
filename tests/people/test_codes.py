"""One-time codes: shown once, kept as a hash, ended by the next, by time and by use; blocking ends sessions."""

import logging
import re
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text
from werkzeug.test import TestResponse

from tests.support.house import BEGAN, House
from training_app.errors import Refused
from training_app.people.models import OneTimeCode
from training_app.people.rules import code_works
from training_app.people.sign_in import spend_code

CODE = re.compile(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}")
PASSWORD = "a sentence for the tests"


def hand_out(home: House, to: str, by: str = "base.admin") -> TestResponse:
    return home.signed_in(by).post(f"/people/{home.number(to)}/code")


def code_in(answer: TestResponse) -> str:
    found = CODE.search(answer.text)
    assert found is not None
    return found.group()


def use(home: House, username: str, code: str) -> tuple[FlaskClient, TestResponse]:
    browser = home.app.test_client()
    data = {"username": username, "code": code, "new_password": PASSWORD, "repeat": PASSWORD}
    return browser, browser.post("/sign-in/code", data=data)


def stored(home: House) -> list[OneTimeCode]:
    with home.database.read() as session:
        return list(session.scalars(select(OneTimeCode).order_by(OneTimeCode.id)))


def test_a_code_is_shown_in_the_answer_that_no_cache_keeps(home: House) -> None:
    answer = hand_out(home, "newcomer")
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
    assert code_in(answer) and "程砚" in answer.text and "/sign-in/code" in answer.text


def test_a_code_is_shown_only_once(home: House) -> None:
    code = code_in(hand_out(home, "newcomer"))
    browser = home.signed_in("base.admin")
    number = home.number("newcomer")
    pages = [browser.get(path).text for path in (f"/people/{number}", "/people", "/audit", "/")]
    assert all(code not in page for page in pages)


def test_a_code_stands_nowhere_but_in_the_answer(home: House, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        code = code_in(hand_out(home, "newcomer"))
    with home.database.read() as session:
        tables = ("one_time_code", "audit_entry", "person")
        rows = [str(row) for table in tables for row in session.execute(text(f"SELECT * FROM {table}"))]
    assert code not in caplog.text and not any(code in row or code.replace("-", "") in row for row in rows)


def test_handing_out_is_written_down(home: House) -> None:
    hand_out(home, "newcomer")
    act = home.acts("code.issued")[-1]
    assert (act.actor_id, act.chain, act.details) == (home.number("base.admin"), "suzhou", {"kind": "first"})


@pytest.mark.parametrize(
    ("username", "kind", "lasts"),
    [("newcomer", "first", timedelta(days=14)), ("trainee", "reset", timedelta(hours=24))],
)
def test_a_first_sign_in_lasts_14_days_and_a_reset_24_hours(
    home: House, username: str, kind: str, lasts: timedelta
) -> None:
    hand_out(home, username)
    code = stored(home)[-1]
    assert (code.kind, code.expires_at - code.issued_at) == (kind, lasts)


def test_a_code_works_until_the_last_moment_and_not_after() -> None:
    assert code_works(BEGAN, None, BEGAN - timedelta(seconds=1)) and not code_works(BEGAN, None, BEGAN)


def test_a_code_lets_the_person_choose_a_password(home: House) -> None:
    browser, answer = use(home, "newcomer", code_in(hand_out(home, "newcomer")))
    assert answer.status_code == 302 and browser.get("/me").status_code == 200


def test_a_code_is_read_without_case_and_dashes(home: House) -> None:
    code = code_in(hand_out(home, "newcomer"))
    assert use(home, "newcomer", code.lower().replace("-", " "))[1].status_code == 302


def test_a_newer_code_ends_the_earlier_one(home: House) -> None:
    earlier = code_in(hand_out(home, "newcomer"))
    later = code_in(hand_out(home, "newcomer"))
    assert use(home, "newcomer", earlier)[1].status_code == 422
    assert use(home, "newcomer", later)[1].status_code == 302


def test_a_code_does_not_open_another_account(home: House) -> None:
    code = code_in(hand_out(home, "newcomer"))
    assert use(home, "trainee", code)[1].status_code == 422


def test_a_code_works_once(home: House) -> None:
    code = code_in(hand_out(home, "newcomer"))
    use(home, "newcomer", code)
    assert use(home, "newcomer", code)[1].status_code == 422


def test_of_two_who_use_a_code_at_once_one_gets_through(home: House) -> None:
    hand_out(home, "newcomer")
    code = stored(home)[-1]
    together = threading.Barrier(2)
    answers: list[str] = []

    def spend() -> None:
        together.wait()
        try:
            with home.database.write() as session:
                spend_code(session, code, BEGAN)
        except Refused:
            answers.append("refused")
        else:
            answers.append("spent")

    threads = [threading.Thread(target=spend) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["refused", "spent"]


def test_two_who_hand_out_at_once_leave_one_code_that_works(home: House) -> None:
    together = threading.Barrier(2)
    number = home.number("newcomer")
    browsers = [home.signed_in(name) for name in ("base.admin", "second.admin")]

    def post(browser: FlaskClient) -> None:
        together.wait()
        browser.post(f"/people/{number}/code")

    threads = [threading.Thread(target=post, args=(browser,)) for browser in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    codes = stored(home)
    assert len(codes) == 2 and sum(code.ended_at is None for code in codes) == 1


def test_nobody_hands_a_code_to_himself(home: House) -> None:
    assert hand_out(home, "base.admin").status_code == 403 and stored(home) == []


def test_a_base_administrator_hands_no_code_to_somebody_whose_roles_reach_further(home: House) -> None:
    assert hand_out(home, "visitor").status_code == 403 and stored(home) == []
    assert home.acts("refused")[-1].details["permission"] == "people.admit"


def test_a_blocked_account_gets_no_code(home: House) -> None:
    block(home, "newcomer")
    assert hand_out(home, "newcomer").status_code == 422 and stored(home) == []


def test_the_slip_prints_without_an_inline_script(home: House) -> None:
    page = hand_out(home, "newcomer").text
    assert "people/print.js" in page and "people/slip.css" in page
    assert "A5" in (Path(home.app.static_folder or "") / "people" / "slip.css").read_text(encoding="utf-8")


# blocking


def block(home: House, username: str, by: str = "base.admin", reason: str = "left the firm") -> TestResponse:
    return home.signed_in(by).post(f"/people/{home.number(username)}/block", data={"reason": reason})


def test_blocking_ends_every_session(home: House) -> None:
    browser = home.signed_in("trainee")
    assert browser.get("/me").status_code == 200
    block(home, "trainee")
    assert browser.get("/me").status_code == 302


def test_blocking_needs_a_reason(home: House) -> None:
    assert block(home, "trainee", reason="  ").status_code == 422
    assert home.person("trainee").blocked_at is None


def test_blocking_is_written_down_with_its_reason(home: House) -> None:
    block(home, "trainee")
    assert home.acts("person.blocked")[-1].details == {"reason": "left the firm"}


def test_a_blocked_person_does_not_come_in_with_a_code(home: House) -> None:
    code = code_in(hand_out(home, "newcomer"))
    block(home, "newcomer")
    assert use(home, "newcomer", code)[1].status_code == 422


def test_a_code_from_before_a_block_does_not_work_after_it(home: House) -> None:
    code = code_in(hand_out(home, "newcomer"))
    block(home, "newcomer")
    home.signed_in("second.admin").post(f"/people/{home.number('newcomer')}/unblock")
    assert use(home, "newcomer", code)[1].status_code == 422


def test_an_unblocked_account_signs_in_again_but_old_sessions_stay_ended(home: House) -> None:
    old = home.signed_in("trainee")
    block(home, "trainee")
    home.signed_in("second.admin").post(f"/people/{home.number('trainee')}/unblock")
    assert old.get("/me").status_code == 302 and home.signed_in("trainee").get("/me").status_code == 200
    assert len(home.acts("person.unblocked")) == 1


def test_nobody_blocks_himself(home: House) -> None:
    assert block(home, "base.admin").status_code == 403 and home.person("base.admin").blocked_at is None


def test_an_identity_number_in_a_reason_is_masked_everywhere(home: House) -> None:
    block(home, "trainee", reason="card 11010519491231002X lost")
    kept = [home.person("trainee").blocked_reason, str(home.acts("person.blocked")[-1].details)]
    assert all("11010519491231002X" not in str(words) and "card ***" in str(words) for words in kept)

"""Pages of rehearsals: who begins one, what is refused; and no page shows who is simulated."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from tests.support.addresses import calls
from tests.support.examination import Examination
from tests.support.rehearsed import rehearsed
from tests.support.school import NOW
from training_app.clock import now
from training_app.exams.rehearsal.models import Rehearsal
from training_app.jobs.models import Job

SEEN = ("Simulated candidate", "模拟考生", "rehearsal-")
WANTED = {"candidates": "40", "minutes": "10", "think": "30"}
REPORT = {
    "candidates": 40,
    "starts": 40,
    "saves": 812,
    "errors": 0,
    "lost": 0,
    "handed_in": 40,
    "requests": 2000,
    "told_to_wait": 3,
    "steps": {
        step: {"count": 40, "p50": 12.0, "p95": 80.4, "p99": 95.0, "max": 99.0}
        for step in ("sign_in", "entry", "start", "page", "save", "hand_in")
    },
    "faults": {},
    "items": 60,
    "lacks": [],
    "verdict": "holds",
}


@pytest.mark.parametrize("who", ["head", "auditor"])
def test_no_page_shows_a_simulated_candidate(exam: Examination, who: str) -> None:
    found = rehearsed(exam.home, NOW)
    known = {"sitting_id": found.id, "person_id": found.people()[0], "place_id": found.made.places[0][0]}
    browser = exam.home.signed_in(who)
    paths = {call.path for call in calls(exam.home.app, known) if call.method == "GET" and "{" not in call.path}
    pages = {path: browser.get(path) for path in sorted(paths) if "/language/" not in path}
    assert [path for path, page in pages.items() if any(word.encode() in page.data for word in SEEN)] == []
    assert {page.status_code for path, page in pages.items() if f"/sittings/{found.id}" in path} <= {403, 404}


def test_a_rehearsal_is_begun_on_its_page_and_its_job_is_found_again(exam: Examination) -> None:
    sitting = exam.planned()
    page = f"/sittings/{sitting}/rehearsals"
    browser = exam.home.signed_in("base.admin")
    assert "No report yet" in browser.get(page).text
    answer = browser.post(page, data=WANTED)
    with exam.home.database.read() as session:
        row, job = session.scalars(select(Rehearsal)).one(), session.scalars(select(Job)).one()
    assert urlsplit(answer.location).path == f"/jobs/{job.id}"
    assert (row.sitting_id, row.candidates, row.answering_s, row.think_ms) == (sitting, 40, 600, 30_000)
    assert [entry.actor_id for entry in exam.home.acts("rehearsal.begun")] == [exam.home.number("base.admin")]
    shown = browser.get(page).text
    assert "A rehearsal is under way" in shown and "Rehearse now" not in shown
    assert browser.post(page, data=WANTED).status_code == 422


@pytest.mark.parametrize(
    ("language", "verdict", "took"), [("en", "The machine holds", "80 ms"), ("zh", "服务器可以承受", "80 毫秒")]
)
def test_the_report_stays_with_the_sitting_in_both_languages(
    exam: Examination, language: str, verdict: str, took: str
) -> None:
    sitting = exam.planned()
    with exam.home.database.write() as session:
        asked = {"candidates": 40, "answering_s": 600, "think_ms": 30_000, "asked_by": exam.home.number("base.admin")}
        session.add(Rehearsal(sitting_id=sitting, asked_at=NOW, ended_at=NOW, report=REPORT, **asked))
    browser = exam.home.signed_in("auditor")
    page = browser.get(f"/language/{language}?next=/sittings/{sitting}/rehearsals", follow_redirects=True)
    assert page.status_code == 200 and verdict in page.text and took in page.text and "812" in page.text
    assert 'name="candidates"' not in page.text


@pytest.mark.parametrize("wrong", [{"candidates": "0"}, {"minutes": "999"}, {"think": "soon"}])
def test_what_cannot_be_rehearsed_is_said_on_the_form(exam: Examination, wrong: dict[str, str]) -> None:
    page = f"/sittings/{exam.planned()}/rehearsals"
    answer = exam.home.signed_in("base.admin").post(page, data=WANTED | wrong)
    assert answer.status_code == 422 and "A whole number from 1 to" in answer.text


@pytest.mark.parametrize(("who", "status"), [("visitor", 403), ("auditor", 403), ("far.admin", 404), ("trainee", 403)])
def test_others_begin_no_rehearsal(exam: Examination, who: str, status: int) -> None:
    page = f"/sittings/{exam.planned()}/rehearsals"
    assert exam.home.signed_in(who).post(page, data=WANTED).status_code == status


def test_a_simulated_candidate_may_do_nothing_but_sit_the_rehearsal(exam: Examination) -> None:
    found = rehearsed(exam.home, now(), 1)
    ((place, username, ticket, _seat),) = found.made.places
    account = {"username": username, "password": found.made.password}
    browser = exam.home.app.test_client()
    assert browser.post("/sign-in", data=account).status_code == 302
    assert browser.post("/door", data={"ticket": ticket}).location.endswith(f"/places/{place}")
    assert browser.get(f"/places/{place}").status_code == 200
    assert {browser.get(path).status_code for path in ("/", "/me", "/exams", "/jobs", "/sittings")} == {403}


def test_nobody_signs_in_to_a_rehearsal_that_is_over(exam: Examination) -> None:
    found = rehearsed(exam.home, now() - timedelta(days=2), 1)
    account = {"username": found.made.places[0][1], "password": found.made.password}
    assert exam.home.app.test_client().post("/sign-in", data=account).status_code == 422

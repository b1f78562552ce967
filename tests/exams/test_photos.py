"""Photographs of candidates: with consent, for those who watch, taken back, on the ticket, gone afterwards."""

from io import BytesIO

import pytest
from PIL import Image
from werkzeug.test import TestResponse

from tests.support.exam_day import ExamDay
from tests.support.pdf import images_of
from training_app.exams.retention import delete_photos
from training_app.exams.setup.calling_off import cancel


def picture(kind: str = "PNG", side: int = 300) -> BytesIO:
    content = BytesIO()
    Image.new("RGB", (side, side), (90, 120, 150)).save(content, format=kind)
    content.seek(0)
    return content


def give(day: ExamDay, username: str = "trainee", **other: object) -> TestResponse:
    fields = {"picture": (picture(), "me.png"), "consent": "y"} | other
    return day.browser(username).post(f"/exams/places/{day.places['trainee']}/photo", data=fields)


def own(day: ExamDay, username: str = "trainee") -> TestResponse:
    return day.browser(username).get(f"/exams/places/{day.places['trainee']}/photo.jpg")


def for_the_room(day: ExamDay, username: str) -> TestResponse:
    return day.browser(username).get(f"/sittings/{day.sitting}/places/{day.places['trainee']}/photo.jpg")


@pytest.fixture(autouse=True)
def before_the_day(day: ExamDay) -> None:
    day.at(-24 * 60)


def test_a_photograph_is_kept_with_consent_and_shown_to_its_person(day: ExamDay) -> None:
    assert give(day).status_code == 302
    assert own(day).mimetype == "image/jpeg" and day.place().photo is not None
    assert len(day.exam.home.acts("photo.given")) == 1


def test_without_consent_nothing_is_kept(day: ExamDay) -> None:
    answer = give(day, consent="")
    assert answer.status_code == 422 and "Without your consent" in answer.text
    assert day.place().photo is None and own(day).status_code == 404


def test_what_is_no_picture_is_refused_with_a_sentence(day: ExamDay) -> None:
    answer = give(day, picture=(BytesIO(b"<svg onload=alert(1)>"), "me.png"))
    assert answer.status_code == 422 and "no picture" in answer.text and day.place().photo is None


def test_a_photograph_is_taken_back(day: ExamDay) -> None:
    give(day)
    day.browser("trainee").post(f"/exams/places/{day.places['trainee']}/photo/take-back")
    assert day.place().photo is None
    assert (own(day).status_code, for_the_room(day, "watcher").status_code) == (404, 404)


@pytest.mark.parametrize("username", ["watcher", "base.admin", "head"])
def test_who_watches_the_sitting_sees_it(day: ExamDay, username: str) -> None:
    give(day)
    assert for_the_room(day, username).status_code == 200


@pytest.mark.parametrize(("username", "status"), [("far.watcher", 404), ("far.admin", 404), ("second.trainee", 403)])
def test_nobody_else_sees_it(day: ExamDay, username: str, status: int) -> None:
    give(day)
    assert for_the_room(day, username).status_code == status


def test_another_candidate_neither_sees_nor_changes_it(day: ExamDay) -> None:
    give(day)
    kept = day.place().photo
    assert own(day, "second.trainee").status_code == 404
    assert give(day, "second.trainee").status_code == 404 and day.place().photo == kept


def test_after_coming_in_no_photograph_is_taken(day: ExamDay) -> None:
    day.at(-20)
    day.come_in()
    answer = give(day)
    assert answer.status_code == 422 and "too late" in answer.text


def test_it_stands_on_the_ticket(day: ExamDay) -> None:
    ticket = f"/exams/places/{day.places['trainee']}/ticket.pdf"
    browser = day.browser("trainee")
    assert images_of(browser.get(ticket).data) == 0
    give(day)
    assert images_of(browser.get(ticket).data) == 1


def test_of_a_sitting_that_was_cancelled_it_goes(day: ExamDay) -> None:
    give(day)
    day.exam.act(day.sitting, lambda session, sitting, by: cancel(session, sitting, "no power", by))
    with day.exam.home.database.write() as session:
        assert delete_photos(session, day.now, appeal_days=15) == 1
    assert day.place().photo is None

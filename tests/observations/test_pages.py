"""Pages of observations and the answers that pages with a picture live on: what they show, whom they let in."""

import logging
import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.support.observed import NOON, Observed
from training_app.observations.attendance import hear
from training_app.observations.models import (
    ConfidentialityAcceptance,
    Observation,
    ObservationPlace,
    ObservationRecording,
)
from training_app.streams.names import Event, Kind

NEW = {
    "kind": "validation",
    "title_zh": "现场观摩",
    "title_en": "On site in December",
    "day": "2026-12-03",
    "starts": "10:00",
    "ends": "12:00",
    "bases": "suzhou",
    "places": "2",
    "keep_days": "30",
    "venue_1_zh": "车间",
    "venue_1_en": "Workshop",
    "venue_2_en": "Warehouse",
}
CONSENT = {"given_by": "厂长", "scope": "All", "recording": "y", "keep_until": "2026-12-20"}
AS_SCRIPT = {"Accept": "application/json"}


def entered(hall: Observed, **other: str) -> dict[str, str]:
    return NEW | {"host": str(hall.home.number("visitor"))} | other


def script(browser: FlaskClient, path: str, body: dict[str, str]) -> tuple[int, dict[str, Any]]:
    """Status and JSON of what a script sends."""
    answer = browser.post(path, json=body, headers=AS_SCRIPT)
    return answer.status_code, answer.get_json()


def numbers(hall: Observed) -> list[int]:
    with hall.home.database.read() as session:
        return list(session.scalars(select(Observation.id)))


# planning


def test_an_observation_is_planned_changed_and_cancelled_on_its_pages(hall: Observed) -> None:
    browser = hall.home.signed_in("visitor")
    assert "Plan an observation" in browser.get("/observations/new").text
    here = urlsplit(browser.post("/observations/new?base=suzhou", data=entered(hall)).location).path
    page = browser.get(here).text
    assert "On site in December" in page and "Warehouse" in page and "no consent yet" in page
    version = re.findall(r'name="version"[^>]*value="(\d+)"', browser.get(f"{here}/edit").text)[0]
    changed = entered(hall, title_en="Elsewhere", reason="moved", version=version)
    assert browser.post(f"{here}/edit", data=changed).status_code == 302
    second = browser.post(f"{here}/edit", data=changed | {"title_en": "Third"})
    assert second.status_code == 422 and "Somebody else changed" in second.text and "Third" in second.text
    assert browser.post(f"{here}/cancel", data={"reason": "no enterprise"}).status_code == 302
    assert "Cancelled" in browser.get(here).text and hall.findings() == []


WRONG = (
    ({"ends": "09:00"}, "before the beginning"),
    ({"day": "2020-12-03"}, "in the past"),
    ({"day": "2040-12-03"}, "more than five years ahead"),
    ({"title_zh": ""}, "Please fill this in"),
    ({"places": "0"}, "whole number from 1"),
    ({"host": "999999"}, "alid choice"),
    ({"bases": "mars"}, "alid choice"),
    ({"kind": "briefing"}, "a briefing has one"),
    ({"venue_1_zh": "", "venue_1_en": ""}, "Please fill this in"),
)


def test_what_was_typed_stays_when_a_plan_is_refused(hall: Observed) -> None:
    browser = hall.home.signed_in("base.admin")
    for wrong, sentence in WRONG:
        answer = browser.post("/observations/new", data=entered(hall, **wrong))
        assert answer.status_code == 422 and sentence in answer.text and "On site in December" in answer.text
    assert numbers(hall) == []


def test_a_room_that_is_closed_is_named_beside_its_field(hall: Observed) -> None:
    wrong = entered(hall, day="2026-12-05", venue_1_room=str(hall.room()))
    answer = hall.home.signed_in("base.admin").post("/observations/new", data=wrong)
    assert answer.status_code == 422 and "Training room is not open" in answer.text


# places


def test_staff_give_places_and_withdraw_them(hall: Observed) -> None:
    number = hall.planned()
    browser = hall.home.signed_in("base.admin")
    trainee = hall.home.number("trainee")
    assert "Give Trainee a place" in browser.get(f"/observations/{number}/people?q=trainee").text
    browser.post(f"/observations/{number}/places", data={"person": str(trainee), "q": "trainee"})
    page = browser.post(f"/observations/{number}/places/everybody", follow_redirects=True).text
    assert "2 of 2 taken" in page and "Without a place: third.trainee" in page
    with hall.home.database.read() as session:
        place = session.scalars(select(ObservationPlace.id).where(ObservationPlace.person_id == trainee)).one()
    here = f"/observations/{number}/places/{place}/withdraw"
    assert "Withdraw the place" in browser.get(here).text
    assert "1 of 2 taken" in browser.post(here, data={"reason": "ill"}, follow_redirects=True).text


def test_a_trainee_takes_a_place_and_gives_it_back(hall: Observed) -> None:
    number = hall.planned()
    browser = hall.home.signed_in("trainee")
    assert "Take a place" in browser.get(f"/observations/{number}").text
    assert "You have a place" in browser.post(f"/observations/{number}/place", follow_redirects=True).text
    page = browser.post(f"/observations/{number}/place/give-back", follow_redirects=True).text
    assert "Take a place" in page and hall.findings() == []


# venues


def test_the_host_takes_a_consent_down_and_makes_a_link_that_opens_the_venue(hall: Observed) -> None:
    number = hall.planned()
    venue = hall.stored(number).venues[0]
    here = f"/observations/{number}/venues/{venue.id}"
    browser = hall.home.signed_in("visitor")
    refused = browser.post(f"{here}/consent", data=CONSENT | {"keep_until": ""})
    assert refused.status_code == 422 and "Enter the last day" in refused.text
    too_long = browser.post(f"{here}/consent", data=CONSENT | {"keep_until": "2099-01-01"})
    assert too_long.status_code == 422 and "ten years" in too_long.text
    assert browser.post(f"{here}/consent", data=CONSENT).status_code == 302
    page = browser.post(f"{here}/link", follow_redirects=True).text
    (address,) = re.findall(r'id="address" value="([^"]+)"', page)
    assert urlsplit(address).path == f"/venue/{hall.secret(number)}"
    guest = hall.home.app.test_client()
    assert "Workshop" in guest.get(address, headers={"Accept-Language": "en"}).text
    browser.post(f"{here}/link", data={"act": "revoke"})
    assert guest.get(address).status_code == 410
    assert browser.post(f"{here}/consent/withdraw", data={"reason": "secret"}).status_code == 302
    assert hall.stored(number).venues[0].consent is None


def test_what_is_no_link_opens_nothing(hall: Observed) -> None:
    hall.on_air()
    guest = hall.home.app.test_client()
    for text in ("nothing", "1-" + "0" * 32, "99999999999-" + "0" * 32, "1-ffff"):
        answers = [guest.get(f"/venue/{text}{rest}", headers=AS_SCRIPT).status_code for rest in ("", "/obs", "/state")]
        assert [*answers, guest.post(f"/venue/{text}/enter", headers=AS_SCRIPT).status_code] == [404] * 4


def test_no_log_holds_what_opens_a_venue(hall: Observed, caplog: pytest.LogCaptureFixture) -> None:
    number = hall.on_air()
    with caplog.at_level(logging.INFO, "training_app.request"):
        hall.home.app.test_client().get(f"/venue/{hall.secret(number)}/state", headers=AS_SCRIPT)
    assert [vars(record)["fields"]["path"] for record in caplog.records] == ["/venue/…/state"]


def test_a_venue_sends_once_the_host_lets_it_in(hall: Observed) -> None:
    number = hall.planned()
    hall.agree(number)
    guest, address = hall.home.app.test_client(), f"/venue/{hall.secret(number)}"
    status, told = script(guest, f"{address}/enter", {})
    assert status == 409 and told["message"]
    hall.host(number, "open")
    status, grant = script(guest, f"{address}/enter", {})
    stream = hall.stored(number).venues[0].stream
    assert (status, grant["path"], grant["state"]) == (200, f"o{number}/{stream}", "open")
    key = guest.get(f"{address}/obs", headers=AS_SCRIPT).get_json()
    assert key["address"] == f"{grant['media']}/whip/{grant['path']}" and key["key"] != grant["token"]
    state = guest.get(f"{address}/state", headers=AS_SCRIPT).get_json()
    assert (state["state"], state["on_air"], state["is_program"], state["live"]) == ("open", False, True, False)


# watching


def test_a_viewer_accepts_the_notice_first_and_then_is_let_in(hall: Observed) -> None:
    number = hall.on_air()
    browser = hall.home.signed_in("second.trainee")
    here = f"/observations/{number}"
    assert script(browser, f"{here}/enter", {})[0] == 409
    hall.place(number, "second.trainee")
    status, told = script(browser, f"{here}/enter", {"stream": "program"})
    assert status == 409 and "notice" in str(told["message"])
    assert browser.get(f"{here}/watch").location == here
    assert browser.post(f"{here}/notice").location == f"{here}/watch"
    assert browser.post(f"{here}/notice").status_code == 302
    assert len(hall.home.acts("confidentiality.accepted")) == 2
    status, grant = script(browser, f"{here}/enter", {"stream": "program"})
    assert status == 200 and grant["path"] == f"o{number}/program" and str(grant["mark"]).startswith("second.trainee")
    assert [one["name"] for one in grant["streams"]] == ["Program", "Workshop", "Warehouse"]
    assert script(browser, f"{here}/enter", {"stream": "v999"})[0] == 409
    with hall.home.database.read() as session:
        assert len(session.scalars(select(ConfidentialityAcceptance)).all()) == 2


def test_the_hall_tells_where_it_asks_and_who_watches(hall: Observed) -> None:
    number = hall.on_air()
    page = hall.home.signed_in("trainee").get(f"/observations/{number}/watch").text
    (data,) = re.findall(r'id="page-data">(.*?)</script>', page)
    assert f"/observations/{number}/enter" in data and "S-001" in data
    state = hall.home.signed_in("trainee").get(f"/observations/{number}/state", headers=AS_SCRIPT).get_json()
    assert (state["state"], state["may_watch"], state["message"]) == ("on_air", True, "")


def test_who_is_not_invited_finds_nothing(hall: Observed) -> None:
    number = hall.on_air()
    browser = hall.home.signed_in("far.trainee")
    answers = [browser.get(f"/observations/{number}{rest}").status_code for rest in ("", "/watch", "/state")]
    assert [*answers, script(browser, f"/observations/{number}/enter", {})[0]] == [404] * 4
    assert len(hall.home.acts("refused")) == 4


def test_where_nobody_needs_a_place_the_invited_only_accept(hall: Observed) -> None:
    number = hall.on_air(places=None)
    browser = hall.home.signed_in("trainee")
    assert script(browser, f"/observations/{number}/enter", {})[0] == 200


def test_the_recording_is_there_until_it_is_deleted(hall: Observed) -> None:
    number = hall.on_air()
    with hall.home.database.write() as session:
        hear(session, Event("spool", 1, NOON, Kind.RECORDING_STARTED, f"o{number}/program"))
    hall.host(number, "end")
    browser, here = hall.home.signed_in("trainee"), f"/observations/{number}"
    assert browser.get(f"{here}/watch").location == f"{here}/recording"
    assert '"stream": "program"' in browser.get(f"{here}/recording").text
    assert script(browser, f"{here}/enter", {"stream": "program"})[0] == 200
    admin = hall.home.signed_in("base.admin")
    assert admin.post(f"{here}/recording/drop", data={"reason": "asked"}).status_code == 302
    assert browser.get(f"{here}/recording").location == here
    assert script(browser, f"{here}/enter", {"stream": "program"})[0] == 409
    with hall.home.database.read() as session:
        assert session.scalars(select(ObservationRecording.deleted_at)).one() is None


# the studio


def test_the_host_does_everything_from_the_studio(hall: Observed) -> None:
    number = hall.planned()
    hall.agree(number)
    browser, here = hall.home.signed_in("visitor"), f"/studio/{number}"
    assert f"{here}/ACT" in browser.get(here).text
    states = [script(browser, f"{here}/{act}", {})[1].get("state") for act in ("open", "air", "hold", "resume")]
    assert states == ["open", "on_air", "held", "on_air"]
    second = hall.stored(number).venues[1].stream
    assert script(browser, f"{here}/program", {"stream": second})[1]["program"] == second
    assert script(browser, f"{here}/enter", {"stream": second})[1]["path"] == f"o{number}/{second}"
    status, told = script(browser, f"{here}/air", {})
    assert status == 409 and told["message"]
    state = browser.get(f"{here}/state", headers=AS_SCRIPT).get_json()
    assert state["is_media_up"] is False and [one["consented"] for one in state["venues"]] == [True, True]
    assert script(browser, f"{here}/end", {})[1]["state"] == "ended"


def test_nobody_else_acts_in_the_studio(hall: Observed) -> None:
    number = hall.planned(host_id=hall.home.number("base.admin"))
    for username, status in (("visitor", 403), ("far.admin", 404), ("trainee", 403)):
        browser = hall.home.signed_in(username)
        assert browser.get(f"/studio/{number}").status_code == status
        assert browser.post(f"/studio/{number}/open", headers=AS_SCRIPT).status_code == status
    assert hall.stored(number).state == "planned"


# lists and homes


def test_the_list_shows_what_is_open_to_the_reader(hall: Observed) -> None:
    hall.on_air()
    assert "On site" in hall.home.signed_in("trainee").get("/observations").text
    assert "On site" in hall.home.signed_in("auditor").get("/observations?format=csv").text
    assert "No observation yet" in hall.home.signed_in("far.admin").get("/observations").text


def test_a_home_leads_to_what_is_on_the_air(hall: Observed) -> None:
    number = hall.on_air()
    assert f"/observations/{number}/watch" in hall.home.signed_in("trainee").get("/").text
    assert f"/studio/{number}" in hall.home.signed_in("visitor").get("/").text


def test_the_record_of_a_person_tells_what_was_watched(hall: Observed) -> None:
    number = hall.on_air()
    trainee = hall.home.number("trainee")
    details = {"transport": "udp", "jti": "one", "seconds": 600}
    with hall.home.database.write() as session:
        hear(session, Event("spool", 1, NOON, Kind.VIEWER_LEFT, f"o{number}/program", f"p{trainee}", details))
    page = hall.home.signed_in("base.admin").get(f"/people/{trainee}").text
    assert "Observations watched" in page and "10 min" in page
    assert "Who watched" in hall.home.signed_in("base.admin").get(f"/observations/{number}").text

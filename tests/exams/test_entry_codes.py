"""Entry codes: for who cannot sign in, for this place alone, once, for minutes; and what the session may see."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.support.addresses import calls
from tests.support.exam_day import ExamDay
from tests.support.examination import THURSDAY
from tests.support.house import SECRET
from training_app.audit.models import AuditEntry
from training_app.errors import Conflict, NotAllowed
from training_app.exams.day.codes import code_for_ticket, make_entry_code, spend_entry_code
from training_app.exams.day_models import EntryCode
from training_app.exams.sitting_models import RosterPlace, Sitting
from training_app.people.admission import give_role
from training_app.people.models import Person
from training_app.people.rules import Role
from training_app.people.signed import person_of_session
from training_app.signing import key_for
from training_app.web.access import PUBLIC, declared_permission

KEY = key_for(SECRET, "door", 0)


def code_for(day: ExamDay, username: str = "trainee", by: str = "watcher") -> str:
    with day.exam.home.database.write() as session:
        sitting = session.get_one(Sitting, day.sitting)
        place = session.get_one(RosterPlace, day.places[username])
        return make_entry_code(session, sitting, place, key=KEY, by=day.by(by))


def enter(day: ExamDay, code: str, ticket: str | None = None) -> tuple[FlaskClient, int, str]:
    guest = day.guest()
    answer = guest.post("/door/code", data={"ticket": ticket or day.ticket(), "code": code})
    return guest, answer.status_code, answer.text


def whys(day: ExamDay) -> list[object]:
    return [(entry.details or {}).get("why") for entry in day.exam.home.acts("refused")]


def test_a_code_lets_its_person_in_without_a_password(day: ExamDay) -> None:
    day.at(-20)
    guest, status, _ = enter(day, code_for(day).lower())
    assert status == 302 and "沈知夏" in guest.get(f"/places/{day.places['trainee']}").text


def test_with_a_code_one_waits_and_starts_like_everybody(day: ExamDay) -> None:
    day.at(-20)
    guest, _, _ = enter(day, code_for(day))
    here = f"/places/{day.places['trainee']}"
    assert guest.post(f"{here}/seat", data={"seat": day.seat()}).status_code == 302
    assert guest.get(f"{here}/waiting").get_json()["state"] == "waiting"
    day.at(0)
    paper = guest.post(f"{here}/start").location
    assert paper == f"/attempts/{day.attempt().id}" and guest.get(paper).status_code == 200


def test_a_code_works_once(day: ExamDay) -> None:
    day.at(-20)
    code = code_for(day)
    assert [enter(day, code)[1] for _ in range(2)] == [302, 422]
    assert whys(day) == ["entry_code"]


def test_of_two_who_use_a_code_at_once_one_gets_in(day: ExamDay) -> None:
    day.at(-20)
    ticket, code = day.ticket(), code_for(day)
    by = day.by("trainee")

    def use(_number: int) -> bool:
        with day.exam.home.database.write() as session:
            found = code_for_ticket(session, ticket, code, key=KEY, now=day.now)
            place = session.get_one(RosterPlace, day.places["trainee"])
            return found is not None and spend_entry_code(session, found, place, by)

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(use, range(4))) == [False, False, False, True]
    assert len(day.exam.home.acts("entry_code.used")) == 1


def test_an_expired_code_is_refused(day: ExamDay) -> None:
    day.at(-25)
    code = code_for(day)
    day.at(-5)
    assert enter(day, code)[1] == 422 and whys(day) == ["entry_code"]


def test_a_new_code_ends_the_former_one(day: ExamDay) -> None:
    day.at(-20)
    first, second = code_for(day), code_for(day)
    assert enter(day, first)[1] == 422
    assert enter(day, second)[1] == 302


def test_a_code_does_not_fit_another_ticket(day: ExamDay) -> None:
    day.at(-20)
    code = code_for(day)
    assert enter(day, code, day.ticket("second.trainee"))[1] == 422
    assert enter(day, code, "SZV261203-999-9999")[1] == 422


def test_a_code_opens_no_door_that_is_closed(day: ExamDay) -> None:
    day.at(-40)
    code = code_for(day)
    _, status, page = enter(day, code)
    assert status == 422 and "The door opens at 08:30" in page
    day.at(-30)
    assert enter(day, code)[1] == 302, "the code was not used up by coming early"


def test_guessing_codes_is_stopped(day: ExamDay) -> None:
    day.at(-20)
    code = code_for(day)
    statuses = [enter(day, f"AAAA-{number:04}")[1] for number in range(11)]
    assert statuses == [422] * 10 + [429]
    assert enter(day, code)[1] == 429


def test_only_a_keyed_digest_is_kept_and_no_line_names_the_code(day: ExamDay) -> None:
    code = code_for(day)
    with day.exam.home.database.read() as session:
        stored = session.scalars(select(EntryCode)).one()
        entries = session.scalars(select(AuditEntry)).all()
    assert code not in stored.digest and len(stored.digest) == 64
    assert not any(code in str(entry.details) for entry in entries)
    (made,) = day.exam.home.acts("entry_code.made")
    assert (made.actor_id, (made.details or {})["ticket"]) == (day.exam.home.number("watcher"), day.ticket())


def test_nobody_makes_a_code_for_himself(day: ExamDay) -> None:
    with pytest.raises(NotAllowed):
        code_for(day, by="trainee")


def test_there_is_no_code_for_who_cannot_enter(day: ExamDay) -> None:
    with day.exam.home.database.write() as session:
        session.get_one(RosterPlace, day.places["trainee"]).state = "expelled"
    with pytest.raises(Conflict):
        code_for(day)


def test_a_blocked_person_gets_and_uses_no_code(day: ExamDay) -> None:
    day.at(-20)
    code = code_for(day)
    with day.exam.home.database.write() as session:
        person = session.scalars(select(Person).where(Person.username == "trainee")).unique().one()
        person.blocked_at, person.blocked_reason = day.now, "left"
    assert enter(day, code)[1] == 422
    with pytest.raises(Conflict):
        code_for(day)


# the session that a code opens


def limited(day: ExamDay) -> FlaskClient:
    day.at(-20)
    guest, status, _ = enter(day, code_for(day))
    assert status == 302
    return guest


def test_a_limited_session_sees_no_other_page(day: ExamDay) -> None:
    guest = limited(day)
    app = day.exam.home.app
    closed = [
        call
        for call in calls(app)
        if declared_permission(app.view_functions[call.endpoint]) != PUBLIC and call.endpoint != "people.sign_out"
    ]
    answers = {str(call): guest.open(call.path, method=call.method).status_code for call in closed}
    assert len(answers) > 80 and {call: status for call, status in answers.items() if status != 403} == {}
    sentence = "You came in with an entry code, which opens this examination only."
    assert sentence in guest.get("/me").text and sentence in guest.get("/").text


def test_a_limited_session_is_refused_in_the_log(day: ExamDay) -> None:
    limited(day).get("/me")
    (entry,) = day.exam.home.acts("refused")
    assert entry.details == {"permission": "entry code", "path": "/me"}


def test_a_limited_session_sees_no_other_place_of_the_same_person(day: ExamDay) -> None:
    other = day.exam.planned(THURSDAY + timedelta(days=7))
    (later,) = day.exam.place(other, "trainee")
    guest = limited(day)
    assert guest.get(f"/places/{later}").status_code == 403
    assert guest.get(f"/places/{day.places['second.trainee']}").status_code == 403


def test_a_limited_session_changes_no_photograph(day: ExamDay) -> None:
    assert limited(day).post(f"/exams/places/{day.places['trainee']}/photo/take-back").status_code == 403


def test_a_limited_session_shows_no_menu_and_leads_back_to_the_examination(day: ExamDay) -> None:
    here = f"/places/{day.places['trainee']}"
    page = limited(day).get("/criteria").text
    assert f'href="{here}"' in page and 'href="/exams"' not in page and 'href="/me"' not in page


def test_a_limited_session_has_no_other_role_of_the_person(day: ExamDay) -> None:
    with day.exam.home.database.write() as session:
        person = session.scalars(select(Person).where(Person.username == "trainee")).unique().one()
        give_role(session, person, Role.INSTRUCTOR, "suzhou", now=day.now)
    with day.exam.home.database.read() as session:
        found = person_of_session(session, f"{person.id}.{person.session_version}.{day.places['trainee']}")
    assert found is not None and found.roles == (Role.TRAINEE,)


def test_a_limited_session_ends_when_the_person_ends_all(day: ExamDay) -> None:
    guest = limited(day)
    day.browser("trainee").post("/me/sign-out-everywhere")
    assert guest.get(f"/places/{day.places['trainee']}").location.startswith("/sign-in")


@pytest.mark.parametrize("cookie", ["1.1.", "1.1.x", "1.1.2.3", "1..2", ".1.2", "1.1.-2", "1.1.9999999999", "1", ""])
def test_what_no_session_holds_signs_nobody_in(day: ExamDay, cookie: str) -> None:
    with day.exam.home.database.read() as session:
        assert person_of_session(session, cookie) is None


def test_signing_out_opens_the_whole_site_again(day: ExamDay) -> None:
    guest = limited(day)
    assert guest.post("/sign-out").status_code == 302
    assert guest.get("/me").location.startswith("/sign-in")

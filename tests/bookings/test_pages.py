"""Who may read and change rooms and equipment, and what the pages say."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests.support.house import House
from training_app.bookings.models import Booking, Kit, Room, Seat
from training_app.clock import SHANGHAI, now, shanghai_day

READERS = ("base.admin", "head", "visitor", "rater", "auditor")
OTHERS = ("trainee", "coordinator", "contact", "newcomer")


def stored(home: House, room: int) -> Room:
    with home.database.read() as session:
        return session.get_one(Room, room)


def seat(home: House, room: int, label: str) -> Seat:
    with home.database.read() as session:
        return session.scalars(select(Seat).where(Seat.room_id == room, Seat.label == label)).one()


def edited(home: House, room: int, **more: str) -> dict[str, str]:
    found = stored(home, room)
    entered = {"kind": found.kind, "name_zh": found.name_zh, "name_en": found.name_en, "note": ""}
    return {**entered, "version": str(found.version), **more}


def tomorrow(hour: int) -> str:
    return f"{shanghai_day(now()) + timedelta(days=1)}T{hour:02}:00"


def closing(**more: str) -> dict[str, str]:
    return {"key": "form-1", "starts": tomorrow(9), "ends": tomorrow(11), "reason": "painting", **more}


def bookings(home: House) -> list[Booking]:
    with home.database.read() as session:
        return list(session.scalars(select(Booking).order_by(Booking.id)))


def said(browser: FlaskClient, path: str, data: dict[str, str]) -> str:
    return browser.post(path, data=data, follow_redirects=True).text


# who may


@pytest.mark.parametrize("username", READERS)
def test_staff_read_the_rooms_of_their_bases(home: House, room: int, kit: int, username: str) -> None:
    browser = home.signed_in(username)
    pages = [browser.get(path) for path in ("/rooms", f"/rooms/{room}", "/kit", f"/kit/{kit}")]
    assert [page.status_code for page in pages] == [200] * 4
    assert "梧桐考场" in pages[0].text and "Recorder" in pages[3].text


@pytest.mark.parametrize("username", OTHERS)
def test_others_read_no_rooms(home: House, room: int, username: str) -> None:
    browser = home.signed_in(username)
    assert [browser.get(path).status_code for path in ("/rooms", f"/rooms/{room}", "/kit")] == [403] * 3


@pytest.mark.parametrize("username", ["visitor", "rater", "auditor"])
@pytest.mark.parametrize("path", ["edit", "seats", "hours", "closures/new", "retire"])
def test_who_only_reads_changes_nothing(home: House, room: int, username: str, path: str) -> None:
    browser = home.signed_in(username)
    assert browser.get(f"/rooms/{room}/{path}").status_code == 403
    assert f"/rooms/{room}/{path}" not in browser.get(f"/rooms/{room}").text


@pytest.mark.parametrize("path", ["", "/edit", "/seats", "/hours", "/closures/new", "/retire"])
def test_a_room_of_another_base_is_not_there_and_the_attempt_is_kept(home: House, far_room: int, path: str) -> None:
    assert home.signed_in("base.admin").get(f"/rooms/{far_room}{path}").status_code == 404
    assert home.acts("refused")[0].details["path"] == f"/rooms/{far_room}{path}"


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("edit", {"kind": "exam", "name_zh": "别的", "name_en": "Other", "version": "1"}),
        ("seats", {"rows": "1", "places": "1", "version": "1"}),
        ("hours", {"monday": "", "version": "1"}),
        ("closures/new", {"key": "k", "starts": tomorrow(9), "ends": tomorrow(10), "reason": "x"}),
        ("retire", {"reason": "x"}),
        ("restore", {}),
    ],
)
def test_a_room_of_another_base_is_not_changed(home: House, far_room: int, path: str, data: dict[str, str]) -> None:
    before = stored(home, far_room).version
    assert home.signed_in("base.admin").post(f"/rooms/{far_room}/{path}", data=data).status_code == 404
    assert stored(home, far_room).version == before and bookings(home) == []


@pytest.mark.parametrize("path", ["/rooms/99999", "/rooms/99999999999999999999", "/kit/0", "/rooms/0/seats"])
def test_what_does_not_exist_is_not_there(home: House, path: str) -> None:
    assert home.signed_in("head").get(path).status_code == 404


def test_a_list_shows_what_is_within_reach_and_no_more(home: House, room: int, far_room: int) -> None:
    own, all_bases = (home.signed_in(name).get("/rooms?format=csv").text for name in ("base.admin", "head"))
    assert ("Suzhou" in own, "Shenzhen" in own) == (True, False)
    assert "Suzhou" in all_bases and "Shenzhen" in all_bases


@pytest.mark.parametrize(
    ("arguments", "found"),
    [("q=wutong", True), ("q=nothing", False), ("kind=exam", True), ("kind=training", False), ("state=retired", False)],
)
def test_a_list_is_searched_and_filtered(home: House, room: int, arguments: str, found: bool) -> None:
    assert ("梧桐考场" in home.signed_in("base.admin").get(f"/rooms?{arguments}").text) is found


def test_a_list_as_excel_is_a_workbook(home: House, room: int) -> None:
    assert home.signed_in("base.admin").get("/rooms?format=xlsx").data.startswith(b"PK")


def test_a_room_tells_hours_and_seats(home: House, room: int) -> None:
    page = home.signed_in("visitor").get(f"/rooms/{room}").text
    assert "08:30–12:00, 13:30–17:30" in page and "closed" in page
    assert "6 seats can be used" in page and "Front: door and invigilator" in page


# adding and changing


def test_a_room_is_added_at_the_own_base(home: House) -> None:
    data = {"base_id": "suzhou", "kind": "interview", "name_zh": "访谈室", "name_en": "Interview", "note": ""}
    assert "is added" in said(home.signed_in("base.admin"), "/rooms/new", data)
    assert home.acts("room.added")[0].details["name_en"] == "Interview"


def test_a_room_is_not_added_at_another_base(home: House) -> None:
    data = {"base_id": "shenzhen", "kind": "interview", "name_zh": "访谈室", "name_en": "Interview", "note": ""}
    assert home.signed_in("base.admin").post("/rooms/new", data=data).status_code == 422
    with home.database.read() as session:
        assert session.scalar(select(func.count(Room.id))) == 0


def test_a_name_is_taken_once_a_base(home: House, room: int) -> None:
    data = {"base_id": "suzhou", "kind": "exam", "name_zh": "梧桐考场", "name_en": "Again", "note": ""}
    answer = home.signed_in("base.admin").post("/rooms/new", data=data)
    assert answer.status_code == 422 and 'id="name_zh-error"' in answer.text


def test_equipment_is_added_and_changed(home: House) -> None:
    browser = home.signed_in("base.admin")
    said(browser, "/kit/new", {"base_id": "suzhou", "name_zh": "设备", "name_en": "Kit", "note": ""})
    with home.database.read() as session:
        number = session.scalars(select(Kit.id)).one()
    data = {"name_zh": "设备", "name_en": "Camera", "note": "two lenses", "version": "1"}
    assert "two lenses" in said(browser, f"/kit/{number}/edit", data)
    assert home.acts("kit.changed")[0].details == {"name_en": ["Kit", "Camera"], "note": ["", "two lenses"]}


def test_of_two_who_edit_a_room_the_second_is_told_and_keeps_what_was_typed(home: House, room: int) -> None:
    first, second = edited(home, room, name_en="First"), edited(home, room, name_en="Second")
    home.signed_in("base.admin").post(f"/rooms/{room}/edit", data=first)
    answer = home.signed_in("second.admin").post(f"/rooms/{room}/edit", data=second)
    assert answer.status_code == 422 and 'value="Second"' in answer.text and "Stored now: First" in answer.text
    assert stored(home, room).name_en == "First"


def test_a_room_that_was_added_by_a_hostile_name_is_shown_as_text(home: House, room: int) -> None:
    browser = home.signed_in("base.admin")
    browser.post(f"/rooms/{room}/edit", data=edited(home, room, name_zh="<b>x</b>", note="<script>alert(1)</script>"))
    pages = [browser.get(path).text for path in ("/rooms", f"/rooms/{room}", f"/rooms/{room}/edit", "/audit")]
    assert all("<b>x</b>" not in page and "<script>alert" not in page for page in pages)


# hours


def hours(home: House, room: int, **days: str) -> dict[str, str]:
    return {"version": str(stored(home, room).version), **days}


def test_hours_are_set_and_stand_in_the_audit_log_in_words(home: House, room: int) -> None:
    browser = home.signed_in("base.admin")
    page = said(browser, f"/rooms/{room}/hours", hours(home, room, tuesday="9:00-12:00，14:00–16:00"))
    assert "09:00–12:00, 14:00–16:00" in page
    log = browser.get("/audit").text
    assert "Tuesday 09:00–12:00, 14:00–16:00" in log and "Room: Wutong room" in log


def test_hours_that_overlap_are_told_at_their_day(home: House, room: int) -> None:
    data = hours(home, room, monday="08:00-12:00, 11:00-13:00", tuesday="09:00-10:00")
    answer = home.signed_in("base.admin").post(f"/rooms/{room}/hours", data=data)
    assert answer.status_code == 422 and 'id="monday-error"' in answer.text and 'value="09:00-10:00"' in answer.text


def test_of_two_who_set_hours_the_second_is_told_what_is_stored(home: House, room: int) -> None:
    first, second = hours(home, room, monday="09:00-10:00"), hours(home, room, monday="10:00-11:00")
    home.signed_in("base.admin").post(f"/rooms/{room}/hours", data=first)
    answer = home.signed_in("second.admin").post(f"/rooms/{room}/hours", data=second)
    assert answer.status_code == 422 and 'value="10:00-11:00"' in answer.text
    assert "Stored now: 09:00-10:00" in answer.text


# seats


def layout(home: House, room: int, rows: str, places: str) -> dict[str, str]:
    return {"version": str(stored(home, room).version), "rows": rows, "places": places}


def test_seats_are_laid_out(home: House, room: int) -> None:
    assert "C-04" in said(home.signed_in("base.admin"), f"/rooms/{room}/seats", layout(home, room, "3", "4"))
    assert home.acts("seats.laid_out")[0].details["added"] == 6


@pytest.mark.parametrize(("rows", "places"), [("0", "4"), ("21", "4"), ("4", "31"), ("x", "4"), ("", "")])
def test_a_layout_beyond_its_bounds_is_told(home: House, room: int, rows: str, places: str) -> None:
    data = layout(home, room, rows, places)
    assert home.signed_in("base.admin").post(f"/rooms/{room}/seats", data=data).status_code == 422


def seat_data(home: House, room: int, **more: str) -> dict[str, str]:
    return {"version": str(stored(home, room).version), "label": "A-01", "usable": "no", "reason": "broken", **more}


def test_a_seat_is_marked_unusable_with_a_reason_in_the_audit_log(home: House, room: int) -> None:
    path = f"/rooms/{room}/seats/{seat(home, room, 'A-01').id}"
    assert "Unusable" in said(home.signed_in("base.admin"), path, seat_data(home, room))
    assert home.acts("seat.changed")[0].details == {"seat": "A-01", "usable": [True, False], "reason": "broken"}
    assert "5 seats can be used; 1 cannot" in home.signed_in("visitor").get(f"/rooms/{room}").text


def test_a_seat_becomes_unusable_only_with_a_reason(home: House, room: int) -> None:
    path = f"/rooms/{room}/seats/{seat(home, room, 'A-01').id}"
    answer = home.signed_in("base.admin").post(path, data=seat_data(home, room, reason=" "))
    assert answer.status_code == 422 and seat(home, room, "A-01").usable


def test_a_label_that_is_taken_is_told_at_the_field(home: House, room: int) -> None:
    path = f"/rooms/{room}/seats/{seat(home, room, 'A-01').id}"
    answer = home.signed_in("base.admin").post(path, data=seat_data(home, room, label="A-02", usable="yes"))
    assert answer.status_code == 422 and 'id="label-error"' in answer.text


def test_a_seat_of_another_room_is_not_found_here(home: House, room: int, far_room: int) -> None:
    path = f"/rooms/{room}/seats/{seat(home, far_room, 'A-01').id}"
    assert home.signed_in("base.admin").post(path, data=seat_data(home, room)).status_code == 404


def test_of_two_who_change_a_seat_the_second_is_told(home: House, room: int) -> None:
    path = f"/rooms/{room}/seats/{seat(home, room, 'A-01').id}"
    first, second = seat_data(home, room), seat_data(home, room, label="Z-9")
    home.signed_in("base.admin").post(path, data=first)
    answer = home.signed_in("second.admin").post(path, data=second)
    assert answer.status_code == 422 and 'value="Z-9"' in answer.text
    assert "Somebody else changed this room" in answer.text


# closures and use


@pytest.mark.parametrize("kind", ["rooms", "kit"])
def test_a_closure_is_entered_and_ended_with_a_reason(home: House, room: int, kit: int, kind: str) -> None:
    number = {"rooms": room, "kit": kit}[kind]
    browser = home.signed_in("base.admin")
    assert "painting" in said(browser, f"/{kind}/{number}/closures/new", closing())
    booking = bookings(home)[0]
    assert booking.starts_at.astimezone(SHANGHAI).hour == 9
    path = f"/{kind}/{number}/closures/{booking.id}/end"
    assert "can be booked again" in said(browser, path, {"reason": "done earlier"})
    assert bookings(home)[0].state == "cancelled"
    assert home.acts("closure.ended")[0].details["reason"] == "done earlier"


def test_a_closure_over_another_is_refused_by_name(home: House, room: int) -> None:
    browser = home.signed_in("base.admin")
    said(browser, f"/rooms/{room}/closures/new", closing())
    answer = browser.post(f"/rooms/{room}/closures/new", data=closing(key="form-2", starts=tomorrow(10)))
    assert answer.status_code == 422 and "Booked at that time: Closure" in answer.text


def test_a_closure_sent_twice_is_entered_once(home: House, room: int) -> None:
    browser = home.signed_in("base.admin")
    pages = [said(browser, f"/rooms/{room}/closures/new", closing()) for _number in range(2)]
    assert all("The closure is entered" in page for page in pages)
    assert len(bookings(home)) == 1 and len(home.acts("closure.added")) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"ends": tomorrow(9)},
        {"starts": "2020-01-01T09:00", "ends": "2020-01-01T10:00"},
        {"starts": "0001-01-01T00:00", "ends": "0001-01-01T01:00"},
        {"ends": "9999-12-31T23:59"},
        {"starts": "tomorrow"},
        {"reason": ""},
    ],
)
def test_a_closure_that_cannot_be_is_told_and_keeps_what_was_typed(
    home: House, room: int, wrong: dict[str, str]
) -> None:
    answer = home.signed_in("base.admin").post(f"/rooms/{room}/closures/new", data=closing(**wrong))
    assert answer.status_code == 422 and bookings(home) == []
    assert closing(**wrong)["ends"] in answer.text


def test_a_room_is_taken_out_of_use_and_back(home: House, room: int) -> None:
    browser = home.signed_in("base.admin")
    assert "Out of use" in said(browser, f"/rooms/{room}/retire", {"reason": "rebuilt"})
    assert "梧桐考场" in browser.get("/rooms?state=retired").text
    assert "is in use again" in said(browser, f"/rooms/{room}/restore", {})
    assert home.acts("use.ended")[0].details == {"reason": "rebuilt"} and len(home.acts("use.resumed")) == 1


def test_a_room_that_somebody_else_took_back_is_told(home: House, room: int) -> None:
    assert "Somebody else has just done this" in said(home.signed_in("base.admin"), f"/rooms/{room}/restore", {})

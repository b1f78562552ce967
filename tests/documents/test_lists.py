"""The lists of a room: for the door, to sign, and the plan of the seats."""

import re
from collections.abc import Callable
from datetime import datetime

import pytest

from tests.support.pdf import lines_of, pages_of, shown_in, words_of
from training_app.documents.lists import Candidate, RoomSheet, Seat, door_list, seat_plan
from training_app.documents.sheet import NothingToPrint

Make = Callable[..., Candidate]
Room = Callable[..., RoomSheet]


@pytest.fixture
def seats(candidate: Make) -> list[Seat]:
    """Two rows; the labels are not in the order of the names, A10 comes after A9."""
    return [
        Seat("A10", 1, 1, candidate=candidate("周一", "Zhou Yi", 1)),
        Seat("A9", 1, 2, candidate=candidate("陈二", "Chen Er", 2, personal=25)),
        Seat("B1", 2, 1),
        Seat("B2", 2, 2, usable=False),
    ]


def test_the_door_list_is_sorted_by_name(room: Room, seats: list[Seat], made_at: datetime) -> None:
    page = words_of(door_list([room(*seats)], "zh", made_at))[0]
    assert re.findall(r"陈二|周一(?=Zhou)", page) == ["陈二", "周一"] and "考生名单" in page


def test_the_sign_in_sheet_is_sorted_by_seat(room: Room, seats: list[Seat], made_at: datetime) -> None:
    page = words_of(door_list([room(*seats)], "zh", made_at))[1]
    assert re.findall(r"A9|A10", page) == ["A9", "A10"]


def test_the_sign_in_sheet_has_a_column_for_signatures(room: Room, seats: list[Seat], made_at: datetime) -> None:
    page = words_of(door_list([room(*seats)], "en", made_at))[1]
    assert all(word in page for word in ("Signature", "Present", "Absent", "Invigilators"))


def test_the_list_for_the_door_tells_no_staff_number(room: Room, seats: list[Seat], made_at: datetime) -> None:
    door, signing = words_of(door_list([room(*seats)], "zh", made_at))
    assert "DEMO-" not in door and "DEMO-0001" in signing


def test_no_list_for_candidates_tells_personal_time(room: Room, seats: list[Seat], made_at: datetime) -> None:
    assert "25" not in "".join(words_of(door_list([room(*seats)], "zh", made_at)))


def test_who_has_no_seat_stands_on_both_lists(
    room: Room, seats: list[Seat], candidate: Make, made_at: datetime
) -> None:
    sheet = room(*seats, unseated=(candidate("吴三", "Wu San", 3),))
    pages = words_of(door_list([sheet], "zh", made_at))
    assert [page.count("吴三") for page in pages] == [1, 1] and all("未排座" in page for page in pages)


def test_names_without_letters_follow_those_with(room: Room, candidate: Make, made_at: datetime) -> None:
    people = [candidate("安甲", "", 1), candidate("周乙", "Zhou Yi", 2), candidate("", "Bach", 3)]
    page = words_of(door_list([room(unseated=tuple(people))], "zh", made_at))[0]
    assert re.findall("安甲|周乙|Bach", page) == ["Bach", "周乙", "安甲"]


def test_a_long_list_repeats_its_head(room: Room, candidate: Make, made_at: datetime) -> None:
    people = tuple(candidate("沈知夏", "Shen Zhixia", number) for number in range(40))
    pages = words_of(door_list([room(unseated=people)], "zh", made_at))
    assert len(pages) == 6 and [page for page in pages if page.count("准考证号") != 1] == []


def test_a_room_without_candidates_says_so(room: Room, made_at: datetime) -> None:
    assert all("本考场没有考生。" in page for page in words_of(door_list([room()], "zh", made_at)))


@pytest.mark.parametrize("document", [door_list, seat_plan])
def test_no_room_is_nothing_to_print(document: Callable[..., bytes], made_at: datetime) -> None:
    with pytest.raises(NothingToPrint):
        document([], "zh", made_at)


def test_the_plan_shows_who_sits_where(room: Room, seats: list[Seat], made_at: datetime) -> None:
    (page,) = words_of(seat_plan([room(*seats)], "zh", made_at))
    told = ("考场前方", "第1排", "第2排", "A10周一ZhouYiSZ26-1204-0001", "B1空位", "B2停用", "已排2，空位1，停用1")
    assert [part for part in told if part not in page] == []


def test_the_plan_tells_invigilators_of_personal_time(room: Room, seats: list[Seat], made_at: datetime) -> None:
    assert "A9+25min" in words_of(seat_plan([room(*seats)], "en", made_at))[0]


def test_the_plan_names_who_has_no_seat(room: Room, candidate: Make, made_at: datetime) -> None:
    sheet = room(Seat("A1", 1, 1), unseated=(candidate("吴三", "Wu San", 3),))
    assert "未排座：吴三" in words_of(seat_plan([sheet], "zh", made_at))[0]


@pytest.mark.parametrize(("places", "is_wide"), [(6, False), (9, True)])
def test_a_wide_room_is_printed_on_a_level_page(room: Room, made_at: datetime, places: int, is_wide: bool) -> None:
    sheet = room(*(Seat(f"A{place}", 1, place) for place in range(1, places + 1)))
    (page,) = pages_of(seat_plan([sheet], "zh", made_at))
    assert (page.mediabox.width > page.mediabox.height) is is_wide


@pytest.mark.parametrize(("rows", "places", "pages"), [(6, 6, 1), (10, 6, 1), (5, 10, 1), (14, 14, 6)])
def test_a_large_room_goes_on_to_further_pages(
    room: Room, made_at: datetime, rows: int, places: int, pages: int
) -> None:
    sheet = room(*(Seat(f"R{r}P{p}", r, p) for r in range(1, rows + 1) for p in range(1, places + 1)))
    lines = lines_of(plan := seat_plan([sheet], "zh", made_at))
    assert len(pages_of(plan)) == pages
    assert [seat.label for seat in sheet.seats if lines.count(seat.label) != 1] == []


def test_a_long_name_takes_two_lines_in_its_cell(room: Room, candidate: Make, made_at: datetime) -> None:
    name = "阿卜杜热依木·买买提吐尔逊江"
    seats = [Seat(f"A{place}", 1, place, candidate=candidate(name, "Abdurehim", place)) for place in range(1, 10)]
    lines = lines_of(seat_plan([room(*seats)], "zh", made_at))
    assert len([line for line in lines if line in name and line]) == 18


@pytest.mark.parametrize("document", [door_list, seat_plan])
@pytest.mark.parametrize("hostile", ["<b>x</b>", "\u202e\x00\x1b[2J夏", "שלום", "{0}{}%s", "沈" * 2000, "x" * 2000])
def test_hostile_text_is_printed_harmlessly(
    room: Room, made_at: datetime, document: Callable[..., bytes], hostile: str
) -> None:
    person = Candidate(hostile, hostile, hostile, hostile, 5)
    sheet = room(Seat(hostile, 1, 1, candidate=person), Seat("A2", 1, 2), unseated=(person,))
    assert [one for one in shown_in(document([sheet], "zh", made_at)) if one.is_missing] == []


@pytest.mark.parametrize("document", [door_list, seat_plan])
def test_the_same_room_is_the_same_bytes(
    room: Room, seats: list[Seat], made_at: datetime, document: Callable[..., bytes]
) -> None:
    assert document([room(*seats)], "zh", made_at) == document([room(*seats)], "zh", made_at)


def test_rooms_of_a_demonstration_are_marked(room: Room, seats: list[Seat], made_at: datetime) -> None:
    pages = words_of(door_list([room(*seats, demonstration=True)], "zh", made_at))
    assert [page for page in pages if "演示DEMONSTRATION" not in page] == []

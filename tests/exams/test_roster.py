"""Who has a place: one by one, by lists with whatever stands in them, resits, personal time; nobody in two places."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from tests.support.examination import THURSDAY, WEEK, Examination
from tests.support.school import NOW
from training_app.db import Database
from training_app.errors import Conflict, NotFound, Refused
from training_app.exams.rules import is_ticket_number
from training_app.exams.setup.invariants import sitting_findings
from training_app.exams.setup.roster import (
    add_place,
    coming_places,
    defer,
    found_by,
    grant_time,
    own_place,
    person_to_place,
    place_of,
    withdraw,
)
from training_app.exams.setup.roster_lists import apply_list, text_of_file, to_add, verdicts
from training_app.exams.setup.sittings import sitting_within
from training_app.exams.sitting_acts import By
from training_app.exams.sitting_models import RosterPlace
from training_app.people.admission import block
from training_app.people.models import Person
from training_app.programmes.models import Cycle


def words(exam: Examination, sitting: int, text: str, username: str = "base.admin") -> list[tuple[int, str, str]]:
    with exam.home.database.read() as session:
        found = verdicts(session, exam.stored(sitting), text, exam.by(username))
    return [(verdict.line, verdict.typed, verdict.word) for verdict in found]


def test_a_place_has_a_ticket_a_booking_and_opens_the_first_cycle(exam: Examination) -> None:
    sitting = exam.planned()
    exam.place(sitting, "trainee")
    (place,) = exam.places(sitting)
    with exam.home.database.read() as session:
        cycle = session.get_one(Cycle, place.cycle_id)
        assert list(sitting_findings(session)) == []
    assert (cycle.person_id, cycle.number) == (place.person_id, 1)
    assert is_ticket_number(place.ticket_number) and place.ticket_number.startswith("SZV261203")
    assert [act.details["ticket"] for act in exam.home.acts("place.added") if act.details] == [place.ticket_number]


def test_nobody_has_two_places_in_one_sitting(exam: Examination) -> None:
    sitting = exam.planned()
    exam.place(sitting, "trainee")
    with pytest.raises(Conflict, match="already"):
        exam.place(sitting, "trainee")


def test_nobody_has_places_in_two_sittings_at_one_time(exam: Examination) -> None:
    first, second = exam.planned(), exam.planned(rooms=exam.rooms()[1:])
    exam.place(first, "trainee")
    with pytest.raises(Conflict, match="somewhere else"):
        exam.place(second, "trainee")
    assert exam.places(second) == []


def test_of_two_administrators_who_place_one_person_at_once_one_is_refused(exam: Examination) -> None:
    sittings = [exam.planned(), exam.planned(rooms=exam.rooms()[1:])]
    actors = [exam.by("base.admin"), exam.by("second.admin")]
    number = exam.home.number("trainee")

    def place(which: int) -> str:
        by: By = actors[which]
        own = Database(str(exam.home.database.url.render_as_string(hide_password=False)))
        database = exam.home.database if exam.home.database.on_sqlite else own
        try:
            with database.write() as session:
                found = sitting_within(session, by.holder, "sittings.edit", sittings[which], to_change=True)
                add_place(session, found, person_to_place(session, by.holder, "suzhou", number), by)
        except Conflict:
            return "refused"
        finally:
            own.dispose()
        return "placed"

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(place, (0, 1)))
    assert outcomes == ["placed", "refused"]
    assert sum(len(exam.places(sitting)) for sitting in sittings) == 1


@pytest.mark.parametrize("username", ["far.trainee", "watcher", "newcomer"])
def test_a_base_administrator_places_only_trainees_of_the_base(exam: Examination, username: str) -> None:
    with exam.home.database.read() as session, pytest.raises(NotFound):
        person_to_place(session, exam.by().holder, "suzhou", exam.home.number(username))


def test_a_programme_administrator_places_trainees_of_every_base(exam: Examination) -> None:
    with exam.home.database.read() as session:
        head = exam.by("head").holder
        assert person_to_place(session, head, "suzhou", exam.home.number("far.trainee"))
        assert {person.username for person in found_by(session, head, "suzhou", "trainee")} >= {"far.trainee"}
        mine = found_by(session, exam.by().holder, "suzhou", "trainee")
        assert {person.username for person in mine} == {"trainee", "second.trainee", "third.trainee"}


def test_a_blocked_person_is_not_placed(exam: Examination) -> None:
    with exam.home.database.write() as session:
        person = session.get_one(Person, exam.home.number("trainee"))
        block(session, person, "left", manager=exam.by().holder, now=NOW)
    with exam.home.database.read() as session, pytest.raises(NotFound):
        person_to_place(session, exam.by().holder, "suzhou", person.id)


# lists


def test_each_line_of_a_list_gets_a_verdict_and_nothing_is_stored(exam: Examination) -> None:
    sitting, other = exam.planned(), exam.planned(rooms=exam.rooms()[1:])
    exam.place(sitting, "second.trainee")
    exam.place(other, "third.trainee")
    text = "Trainee\n\nS-001,whoever\n second.trainee \nm-2\nfar.trainee\nwatcher\nnobody\n"
    assert words(exam, sitting, text) == [
        (1, "Trainee", "add"),
        (3, "S-001", "repeated"),
        (4, "second.trainee", "already"),
        (5, "m-2", "clash"),
        (6, "far.trainee", "other_base"),
        (7, "watcher", "no_trainee"),
        (8, "nobody", "unknown"),
    ]
    assert len(exam.places(sitting)) == 1
    assert words(exam, sitting, "far.trainee", "head") == [(1, "far.trainee", "add")]


@pytest.mark.parametrize(
    ("line", "typed"),
    [
        ("=HYPERLINK(1)", "=HYPERLINK(1)"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ('"trainee', "trainee"),
        ("11010519491231002X", "1101**********002X"),
        ("' OR 1=1 --", "' OR 1=1 --"),
        ("x" * 500, "x" * 60),
        ("\u202etrainee", "trainee"),
        ("，，；；", None),
        ("%", "%"),
        ("\U0002592b" * 3, "\U0002592b" * 3),
    ],
)
def test_hostile_lines_are_lines_like_others(exam: Examination, line: str, typed: str | None) -> None:
    sitting = exam.planned()
    found = words(exam, sitting, line)
    assert [word for _, _, word in found] in ([], ["unknown"], ["add"])
    assert "11010519491231002X" not in str(found)
    assert typed is None or "*" in typed or found[0][1] == typed


def test_a_list_that_is_too_long_is_refused(exam: Examination) -> None:
    sitting = exam.planned()
    with pytest.raises(Refused, match="500"):
        words(exam, sitting, "nobody\n" * 501)


@pytest.mark.parametrize("content", ["沈,trainee".encode("gb18030"), "\ufefftrainee".encode(), b"trainee\r\nx"])
def test_files_of_usual_encodings_are_read(content: bytes) -> None:
    assert text_of_file(content).splitlines()[0] in {"沈", "trainee"}


@pytest.mark.parametrize("content", [b"\xff\xfe\x00\x00", b"PK\x03\x04\x00\x00"])
def test_a_file_that_is_no_text_is_refused(content: bytes) -> None:
    with pytest.raises(Refused, match="no text"):
        text_of_file(content)


def test_a_list_adds_exactly_those_of_the_preview(exam: Examination) -> None:
    sitting, text = exam.planned(), "trainee\nnobody\nthird.trainee"
    with exam.home.database.read() as session:
        expected = [p.id for p in to_add(verdicts(session, exam.stored(sitting), text, exam.by()))]
    assert exam.act(sitting, lambda s, found, by: apply_list(s, found, text, expected, by=by)) == 2
    assert {place.person_id for place in exam.places(sitting)} == set(expected)


def test_a_list_that_would_do_something_else_by_now_adds_nobody(exam: Examination) -> None:
    sitting, text = exam.planned(), "trainee\nthird.trainee"
    expected = [exam.home.number("trainee"), exam.home.number("third.trainee")]
    exam.place(exam.planned(rooms=exam.rooms()[1:]), "trainee")
    with pytest.raises(Conflict, match="something else"):
        exam.act(sitting, lambda s, found, by: apply_list(s, found, text, expected, by=by))
    assert exam.places(sitting) == []


# a place afterwards


def test_personal_time_needs_a_reason_and_room(exam: Examination) -> None:
    sitting = exam.planned()
    (place,) = exam.place(sitting, "trainee")

    def grant(minutes: int, reason: str) -> None:
        exam.act(
            sitting,
            lambda s, found, by: grant_time(s, found, place_of(s, found, place), minutes, reason=reason, by=by),
        )

    with pytest.raises(Refused, match="Say why"):
        grant(30, "")
    with pytest.raises(Refused, match="not kept that long"):
        grant(46, "approved")
    grant(45, "approved")
    assert exam.places(sitting)[0].personal_time_s == 45 * 60
    assert [act.details["minutes"] for act in exam.home.acts("place.time_changed") if act.details] == [[0, 45]]
    assert "approved" not in str(exam.home.acts("place.time_changed")[0].details)


def test_a_withdrawn_person_can_be_placed_again_with_another_ticket(exam: Examination) -> None:
    sitting = exam.planned()
    (place,) = exam.place(sitting, "trainee")
    exam.act(sitting, lambda s, found, by: withdraw(s, found, place_of(s, found, place), "mistake", by=by))
    exam.place(sitting, "trainee")
    tickets = [place.ticket_number for place in exam.places(sitting)]
    assert len(set(tickets)) == 2 and [p.state for p in exam.places(sitting)] == ["withdrawn", "expected"]


def test_who_was_deferred_sits_later_as_a_resit(exam: Examination) -> None:
    sitting, later = exam.planned(), exam.planned(THURSDAY + WEEK)
    (place,) = exam.place(sitting, "trainee")
    exam.act(sitting, lambda s, found, by: defer(s, found, place_of(s, found, place), "ill", by=by))
    exam.place(later, "trainee")
    assert [p.resit_of for p in exam.places(later)] == [place]


def test_a_trainee_sees_the_own_coming_places_only(exam: Examination) -> None:
    sitting = exam.planned()
    mine, foreign = exam.place(sitting, "trainee", "second.trainee")
    me = exam.home.number("trainee")
    with exam.home.database.read() as session:
        assert [place.id for place, _ in coming_places(session, me, NOW)] == [mine]
        assert coming_places(session, me, THURSDAY + WEEK) == []
        with pytest.raises(NotFound):
            own_place(session, me, foreign, NOW)


def test_a_place_of_another_sitting_is_not_there(exam: Examination) -> None:
    sitting, other = exam.planned(), exam.planned(THURSDAY + WEEK)
    (place,) = exam.place(other, "trainee")
    with exam.home.database.read() as session, pytest.raises(NotFound):
        place_of(session, exam.stored(sitting), place)
    with exam.home.database.read() as session:
        assert session.scalars(select(RosterPlace.id)).all() == [place]

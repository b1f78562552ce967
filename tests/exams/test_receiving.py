"""Deliveries by their service: what is stored, refused, piled; who holds the paper; the hand-in by a handshake."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from question_bank.items import Kind
from question_bank.scoring import key_response
from tests.support.house import House
from tests.support.kept import count, facts, piled, sound
from tests.support.school import NOW
from tests.support.sitting_down import DEVICE, LATE, Candidate, candidate, first_of
from training_app.errors import NotFound
from training_app.exams.day_models import Gap, Presence, Receipt
from training_app.exams.models import Attempt, AttemptEvent, ResponseEvent
from training_app.exams.paper.clockwork import pause, resume
from training_app.exams.paper.receipts import recompute
from training_app.exams.paper.standing import TRANSPORT_GRACE
from training_app.saves import Delivery, Entry, Fact

MALFORMED = {
    Kind.SINGLE: (["Z"], ["A", "A"], "A", 7, {"A": "B"}, ["A\x00"], ["A" * 10_000], ["A", "B"], [None], [["A"]]),
    Kind.MULTIPLE: (["Z"], ["A", "A"], "A", {"A": 1}, ["A\x00"], ["A"] * 100_000, [1.5]),
    Kind.NUMERIC: ("abc", "1\x002", "1e9", "NaN", "1.2.3", "9" * 100_000, ["1"], {"1": "2"}, 5, "１2x"),
    Kind.ORDERING: (["Z"], ["A", "A"], "AB", {"A": 1}, [1, 2], ["A"] * 10_000, ["\x00"]),
    Kind.MATCHING: ({"1": "zz"}, {"zz": "a"}, ["1"], "1", {"1": ["a"]}, {"1": 3}, {"\x00": "a"}),
}
OTHER = "profile/other"
SECOND = timedelta(seconds=1)


def deadline(attempt: Attempt) -> datetime:
    assert attempt.deadline_at is not None
    return attempt.deadline_at


# stored


def test_the_answer_with_the_highest_number_counts(home: House, me: Candidate, attempt: Attempt, item: int) -> None:
    first, second, third = key_choices(me, attempt)
    me.keep(attempt, Entry(item, 3, [third]))
    reply = me.keep(attempt, Entry(item, 1, [first]), Entry(item, 2, [second]))
    assert reply.stored == ((item, 1, 2), (item, 2, 3))
    assert me.given(attempt) == {item: [third]}
    assert sound(home)


def key_choices(me: Candidate, attempt: Attempt) -> list[str]:
    return [option.id for option in first_of(me.paper(attempt), Kind.SINGLE).item.options[:3]]


def test_a_resend_is_told_the_same_and_stores_nothing(
    home: House, me: Candidate, attempt: Attempt, item: int, options: list[str]
) -> None:
    replies = [me.keep(attempt, Entry(item, 1, options[:1])) for _ in range(3)]
    assert {reply.stored for reply in replies} == {((item, 1, 1),)}
    assert count(home, ResponseEvent) == 1


def test_one_number_twice_in_a_delivery_is_stored_once(me: Candidate, attempt: Attempt, item: int) -> None:
    entry = Entry(item, 1, [])
    assert me.keep(attempt, entry, entry).stored == ((item, 1, 1),)


def test_an_answer_can_be_taken_back(me: Candidate, attempt: Attempt, item: int, options: list[str]) -> None:
    assert me.keep(attempt, Entry(item, 1, options[:1])).known.answered == 1
    assert me.keep(attempt, Entry(item, 2, None)).known.answered == 0
    assert me.given(attempt) == {item: []}


def test_every_kind_is_stored_in_one_delivery(home: House, me: Candidate, attempt: Attempt) -> None:
    right = {place.version_id: key_response(place.item) for place in me.paper(attempt)}
    reply = me.keep(attempt, *(Entry(version, 1, response) for version, response in right.items()))
    assert (reply.known.answered, reply.known.head.server_seq) == (20, 20)
    assert me.given(attempt) == right
    assert sound(home)


def test_an_answer_is_dated_by_the_page_within_what_the_server_knows(
    home: House, me: Candidate, attempt: Attempt, item: int
) -> None:
    arrival = me.arrival(attempt, NOW + 100 * SECOND)
    known = me.token_of(attempt, NOW + 60 * SECOND)
    said = {1: NOW - LATE, 2: NOW + 50 * SECOND, 3: NOW + 70 * SECOND, 4: NOW + LATE}
    me.keep(attempt, *(Entry(item, seq, [], at) for seq, at in said.items()), now=arrival.now)
    me.keep(attempt, Entry(item, 5, [], NOW, known), now=arrival.now)
    with home.database.read() as session:
        found = session.scalars(select(ResponseEvent.captured_at).order_by(ResponseEvent.server_seq)).all()
    assert [(at - NOW).total_seconds() for at in found] == [0, 50, 70, 100, 60]


def test_a_beacon_of_another_paper_proves_nothing(home: House, me: Candidate, attempt: Attempt, item: int) -> None:
    other = candidate(home, "far.trainee")
    foreign = other.token_of(other.start(), NOW + 60 * SECOND)
    me.keep(attempt, Entry(item, 1, [], NOW + SECOND, foreign), now=NOW + 90 * SECOND)
    with home.database.read() as session:
        assert session.scalars(select(ResponseEvent.captured_at)).one() == NOW + SECOND


# refused


def test_malformed_answers_of_every_kind_are_refused_and_the_others_kept(
    home: House, me: Candidate, attempt: Attempt
) -> None:
    tried = [
        (place.version_id, raw)
        for place in me.paper(attempt)
        for raw in MALFORMED.get(place.item.kind, MALFORMED[Kind.SINGLE])
    ]
    for version, raw in tried:
        reply = me.keep(attempt, Entry(version, 1, raw))
        assert [(one.item, one.why in {"malformed", "unknown_option"}) for one in reply.refused] == [(version, True)]
    assert me.given(attempt) == {} and piled(home) == []


def test_an_item_of_no_or_another_form_is_refused(home: House, me: Candidate, attempt: Attempt, item: int) -> None:
    other = candidate(home, "far.trainee")
    mine = {place.version_id for place in me.paper(attempt)}
    theirs = [place.version_id for place in other.paper(other.start()) if place.version_id not in mine]
    reply = me.keep(attempt, Entry(theirs[0], 1, []), Entry(2**31 - 1, 1, []), Entry(item, 1, []))
    assert [one.why for one in reply.refused] == ["unknown_item", "unknown_item"]
    assert reply.stored == ((item, 1, 1),)


@pytest.mark.parametrize("number", [0, -1, 1_000_001, 2**63])
def test_an_answer_without_a_proper_number_is_refused(me: Candidate, attempt: Attempt, item: int, number: int) -> None:
    assert [one.why for one in me.keep(attempt, Entry(item, number, [])).refused] == ["bad_number"]


def test_another_persons_attempt_is_not_there(home: House, me: Candidate, attempt: Attempt, item: int) -> None:
    other = candidate(home, "far.trainee")
    me.keep(attempt, Entry(item, 1, []))
    with pytest.raises(NotFound):
        other.keep(attempt, Entry(item, 2, []))
    with pytest.raises(NotFound):
        other.hand_in(attempt)
    assert me.stored(attempt).state == "running"


# the clock


@pytest.mark.parametrize("after", [timedelta(), SECOND, TRANSPORT_GRACE])
def test_an_answer_given_in_time_may_arrive_in_the_grace(
    me: Candidate, attempt: Attempt, item: int, after: timedelta
) -> None:
    reply = me.keep(attempt, Entry(item, 1, [], deadline(attempt)), now=deadline(attempt) + after)
    assert (len(reply.stored), reply.piled) == (1, ())


def test_an_answer_given_after_the_deadline_is_piled(
    home: House, me: Candidate, attempt: Attempt, item: int, options: list[str]
) -> None:
    late = deadline(attempt) + SECOND
    reply = me.keep(attempt, Entry(item, 1, options[:1], late), now=late + SECOND)
    assert (reply.state, reply.stored) == ("closing", ())
    assert piled(home) == [("late", options[:1])]


def test_the_first_delivery_after_the_grace_closes_the_attempt_and_is_piled(
    home: House, me: Candidate, attempt: Attempt, item: int
) -> None:
    reply = me.keep(attempt, Entry(item, 1, [], NOW + SECOND), now=deadline(attempt) + TRANSPORT_GRACE + SECOND)
    assert (reply.state, piled(home)) == ("submitted", [("late", [])])
    closed = me.stored(attempt)
    assert (closed.state, closed.submitted_at) == ("submitted", closed.deadline_at)
    assert sound(home)


def test_what_comes_after_the_hand_in_is_piled_once(
    home: House, me: Candidate, attempt: Attempt, item: int, options: list[str]
) -> None:
    me.hand_in(attempt)
    for _ in range(2):
        me.keep(attempt, Entry(item, 1, options[:1]), now=NOW + SECOND)
    assert piled(home) == [("handed_in", options[:1])]


def test_a_pause_stops_answers_but_not_those_on_their_way(
    home: House, me: Candidate, attempt: Attempt, item: int
) -> None:
    act(home, attempt, lambda session, found: pause(session, found, reason="x", by=None, now=NOW + 60 * SECOND))
    before, after = Entry(item, 1, [], NOW + 50 * SECOND), Entry(item, 2, [], NOW + 61 * SECOND)
    reply = me.keep(attempt, before, after, now=NOW + 70 * SECOND)
    assert (reply.state, len(reply.stored), piled(home)) == ("paused", 1, [("paused", [])])


def test_an_answer_given_in_a_pause_that_is_over_is_piled(
    home: House, me: Candidate, attempt: Attempt, item: int
) -> None:
    act(home, attempt, lambda session, found: pause(session, found, reason="x", by=None, now=NOW + 60 * SECOND))
    act(home, attempt, lambda session, found: resume(session, found, reason="x", by=None, now=NOW + 120 * SECOND))
    entries = [Entry(item, seq, [], NOW + at * SECOND) for seq, at in ((1, 30), (2, 90), (3, 130))]
    reply = me.keep(attempt, *entries, now=NOW + 160 * SECOND)
    assert [seq for _, seq, _ in reply.stored] == [1, 3]
    assert [one.why for one in reply.piled] == ["paused"]


def act(home: House, attempt: Attempt, do: Callable[..., object]) -> None:
    with home.database.write() as session:
        do(session, session.get_one(Attempt, attempt.id))


# who holds the paper


def test_the_same_number_with_another_answer_is_a_conflict_and_the_first_one_stands(
    home: House, me: Candidate, attempt: Attempt, item: int, options: list[str]
) -> None:
    me.keep(attempt, Entry(item, 1, options[:1]))
    reply = me.keep(attempt, Entry(item, 1, options[1:2]))
    assert [one.why for one in reply.piled] == ["conflict"]
    assert (me.given(attempt), piled(home)) == ({item: options[:1]}, [("conflict", options[1:2])])


def test_a_second_page_is_told_and_overwrites_nothing(
    home: House, me: Candidate, attempt: Attempt, item: int, options: list[str]
) -> None:
    me.keep(attempt, Entry(item, 1, options[:1]))
    for _ in range(2):
        reply = me.keep(attempt, Entry(item, 2, options[1:2]), device=OTHER, now=NOW + SECOND)
    assert (reply.state, reply.elsewhere) == ("elsewhere", NOW)
    assert (me.given(attempt), piled(home)) == ({item: options[:1]}, [("conflict", options[1:2])])
    assert facts(home) == ["elsewhere"]
    assert me.hand_in(attempt, device=OTHER).state == "elsewhere"


def test_a_page_that_takes_over_goes_on_and_the_former_one_is_told(
    home: House, me: Candidate, attempt: Attempt, item: int, options: list[str]
) -> None:
    me.keep(attempt, Entry(item, 1, options[:1]))
    reply = me.deliver(attempt, Delivery(OTHER, (Entry(item, 2, options[1:2]),), take_over=True), NOW + SECOND)
    former = me.keep(attempt, Entry(item, 3, options[:1]), now=NOW + 2 * SECOND)
    assert (reply.state, former.state) == ("running", "elsewhere")
    assert me.given(attempt) == {item: options[1:2]}
    assert facts(home) == ["took_over", "elsewhere"]


@pytest.mark.parametrize("came_first", [DEVICE, OTHER])
def test_a_paper_that_was_released_is_held_by_the_new_computer_whoever_asks_first(
    home: House, me: Candidate, attempt: Attempt, item: int, came_first: str
) -> None:
    me.keep(attempt, Entry(item, 1, []))
    release(home)
    states = {device: me.keep(attempt, device=device, now=NOW + SECOND).state for device in (came_first, OTHER, DEVICE)}
    assert (states, facts(home)) == ({OTHER: "running", DEVICE: "elsewhere"}, ["elsewhere"])


def test_the_computer_from_which_a_paper_was_released_may_take_it_over(
    home: House, me: Candidate, attempt: Attempt, item: int
) -> None:
    me.keep(attempt, Entry(item, 1, []))
    release(home)
    assert me.keep(attempt, now=NOW + SECOND).state == "elsewhere"
    assert me.deliver(attempt, Delivery(DEVICE, take_over=True), NOW + 2 * SECOND).state == "running"


def release(home: House) -> None:
    """No page holds the paper, as after the seat was moved."""
    with home.database.write() as session:
        session.execute(update(Attempt).values(device=None, version=Attempt.version + 1))


# signs of life


def test_a_silence_is_kept_as_a_gap_of_the_running_clock(home: House, me: Candidate, attempt: Attempt) -> None:
    for after in (0, 10, 34, 94, 100):
        me.keep(attempt, now=NOW + after * SECOND)
    with home.database.read() as session:
        gaps = [((row.from_at - NOW).seconds, (row.to_at - NOW).seconds) for row in session.scalars(select(Gap))]
        shown = session.scalars(select(Presence)).one()
    assert gaps == [(34, 94)]
    assert (shown.seen_at, shown.device) == (NOW + 100 * SECOND, DEVICE)


def test_facts_are_kept_once_however_often_they_are_sent(home: House, me: Candidate, attempt: Attempt) -> None:
    noticed = (Fact("opened", NOW, None), Fact("left_window", NOW + SECOND, 48))
    for _ in range(2):
        me.deliver(attempt, Delivery(DEVICE, facts=noticed), NOW + 60 * SECOND)
    assert facts(home) == ["opened", "left_window"]


def test_a_pile_that_is_full_takes_no_more_and_keeps_nobody_from_saving(
    home: House, me: Candidate, attempt: Attempt, item: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training_app.exams.paper.late.MOST_PILED", 1)
    late = deadline(attempt) + SECOND
    in_time = Entry(item, 1, [], NOW)
    reply = me.keep(attempt, in_time, Entry(item, 2, [], late), Entry(item, 3, [], late), now=late)
    assert (len(reply.stored), len(reply.piled), [one.why for one in reply.refused]) == (1, 1, ["pile_full"])


# the hand-in


def test_the_hand_in_names_what_is_missing_until_it_is_delivered(
    home: House, me: Candidate, attempt: Attempt, item: int, options: list[str]
) -> None:
    me.keep(attempt, Entry(item, 1, options[:1]))
    asked = me.hand_in(attempt, **{f"i{item}": 3})
    assert (asked.state, asked.missing) == ("running", ((item, 3),))
    me.keep(attempt, Entry(item, 3, options[1:2]))
    assert me.hand_in(attempt, **{f"i{item}": 3}).state == "submitted"
    with home.database.read() as session:
        receipt = session.scalars(select(Receipt)).one()
        assert (receipt.head_seq, receipt.answered, receipt.items) == (2, 1, 20)
        assert recompute(session, session.get_one(Attempt, attempt.id)).is_sound


def test_handing_in_twice_gives_one_receipt_and_one_change(home: House, me: Candidate, attempt: Attempt) -> None:
    assert [me.hand_in(attempt).state for _ in range(2)] == ["submitted", "submitted"]
    with home.database.read() as session:
        reasons = session.scalars(select(AttemptEvent.reason).order_by(AttemptEvent.id)).all()
    assert (reasons, count(home, Receipt)) == (["started", "handed_in"], 1)


def test_in_the_grace_it_is_handed_in_because_the_time_is_up(home: House, me: Candidate, attempt: Attempt) -> None:
    me.hand_in(attempt, deadline(attempt) + SECOND)
    with home.database.read() as session:
        assert session.scalars(select(AttemptEvent.reason).order_by(AttemptEvent.id)).all()[-1] == "time_up"
    assert me.stored(attempt).submitted_at == deadline(attempt)


def test_nobody_hands_in_while_the_attempt_is_paused(home: House, me: Candidate, attempt: Attempt) -> None:
    act(home, attempt, lambda session, found: pause(session, found, reason="x", by=None, now=NOW))
    assert me.hand_in(attempt, NOW + SECOND).state == "paused"

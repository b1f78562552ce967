"""Deliveries at once, and what one costs: two pages, two hand-ins, a save beside a hand-in, a wrong memory."""

import threading
from collections.abc import Callable
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from tests.support.house import House
from tests.support.kept import count, piled, sound
from tests.support.school import NOW
from tests.support.sitting_down import DEVICE, Candidate
from training_app.exams.day_models import Receipt
from training_app.exams.models import Attempt, ResponseEvent
from training_app.saves import Delivery, Entry

SECOND = timedelta(seconds=1)


# at once


def at_once(*calls: Callable[[], object]) -> list[object]:
    """What each call gave, or the exception it raised, when all begin at the same moment."""
    ready, found = threading.Barrier(len(calls)), dict[int, object]()

    def run(number: int, call: Callable[[], object]) -> None:
        ready.wait(10)
        try:
            found[number] = call()
        except Exception as error:  # noqa: BLE001 - told to the test
            found[number] = error

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return [found[number] for number in range(len(calls))]


def test_two_saves_of_one_number_at_once_store_one_and_pile_the_other(
    home: House, me: Candidate, attempt: Attempt, item: int, options: list[str]
) -> None:
    me.keep(attempt)
    replies = at_once(*(lambda one=one: me.keep(attempt, Entry(item, 1, [one])) for one in options[:2]))
    assert sorted(len(reply.stored) for reply in replies) == [0, 1]
    assert (count(home, ResponseEvent), [why for why, _ in piled(home)]) == (1, ["conflict"])
    assert sound(home)


def test_many_saves_at_once_make_one_chain(home: House, me: Candidate, attempt: Attempt) -> None:
    places = me.paper(attempt)[:4]
    me.keep(attempt)

    def save(version: int) -> list[object]:
        return [me.keep(attempt, Entry(version, seq, None)) for seq in range(1, 6)]

    replies = at_once(*(lambda version=place.version_id: save(version) for place in places))
    assert all(isinstance(reply, list) for reply in replies), replies
    assert count(home, ResponseEvent) == 20
    assert sound(home)


def test_two_hand_ins_at_once_give_one_receipt(home: House, me: Candidate, attempt: Attempt, item: int) -> None:
    me.keep(attempt, Entry(item, 1, []))
    replies = at_once(*(lambda: me.hand_in(attempt) for _ in range(3)))
    assert [reply.state for reply in replies] == ["submitted"] * 3
    assert count(home, Receipt) == 1
    assert sound(home)


def test_a_save_beside_a_hand_in_is_in_the_receipt_or_on_the_pile(
    home: House, me: Candidate, attempt: Attempt, item: int, options: list[str]
) -> None:
    me.keep(attempt)
    saved, _ = at_once(lambda: me.keep(attempt, Entry(item, 1, options[:1])), lambda: me.hand_in(attempt))
    with home.database.read() as session:
        receipt = session.scalars(select(Receipt)).one()
    assert (len(saved.stored), len(saved.piled)) in {(1, 0), (0, 1)}
    assert receipt.head_seq == len(saved.stored)
    assert sound(home)


def test_of_two_pages_that_take_over_at_once_one_holds_the_paper(
    home: House, me: Candidate, attempt: Attempt, item: int
) -> None:
    me.keep(attempt, Entry(item, 1, []))
    devices = ["a/1", "b/2"]
    at_once(*(lambda one=one: me.deliver(attempt, Delivery(one, take_over=True)) for one in devices))
    assert me.stored(attempt).device in devices
    states = {me.keep(attempt, device=one).state for one in devices}
    assert states == {"running", "elsewhere"}


# cost


@contextmanager
def counted(home: House):
    """The statements that reach the database meanwhile."""
    statements: list[str] = []

    def note(*call: object) -> None:
        statements.append(str(call[2]))

    event.listen(home.database.engine, "before_cursor_execute", note)
    yield statements
    event.remove(home.database.engine, "before_cursor_execute", note)


def test_a_save_costs_three_statements(home: House, me: Candidate, attempt: Attempt, item: int) -> None:
    me.keep(attempt, Entry(item, 1, []))
    with counted(home) as statements:
        me.keep(attempt, *(Entry(item, seq, []) for seq in range(2, 6)), now=NOW + 5 * SECOND)
    asked = [one for one in statements if not one.startswith(("BEGIN", "COMMIT"))]
    assert [one.split()[0] for one in asked] == ["UPDATE", "INSERT", "INSERT"]


def test_what_this_process_remembers_wrongly_acknowledges_nothing(
    home: House, me: Candidate, attempt: Attempt, item: int
) -> None:
    me.keep(attempt)
    lost = Entry(item, 1, [])

    def store_and_fail(session: Session) -> None:
        me.receive_in(session, attempt, Delivery(DEVICE, (lost,)))
        raise RuntimeError("the power went before the commit")

    with pytest.raises(RuntimeError, match="power"), home.database.write() as session:
        store_and_fail(session)
    assert count(home, ResponseEvent) == 0
    assert me.keep(attempt, lost, Entry(item, 0, [])).stored == ((item, 1, 1),)
    assert count(home, ResponseEvent) == 1
    assert sound(home)

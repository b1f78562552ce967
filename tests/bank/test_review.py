"""Secret items are reviewed by a named person, never by who wrote or loaded them; each act once, kept for ever."""

import threading
from dataclasses import replace
from datetime import UTC, date, datetime
from types import MappingProxyType

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DatabaseError

from question_bank.items import Bank, Item
from question_bank.loading import SHIPPED, LoadedContent, load_bank
from question_bank.texts import Text
from training_app.audit.models import AuditEntry
from training_app.bank.invariants import review_findings
from training_app.bank.loading import load_content
from training_app.bank.models import ItemReview, ItemVersion
from training_app.bank.review import Review, newest_version, returned_to, review, waiting_items
from training_app.bank.rules import ReviewAct, admitted_after, standing_of
from training_app.bank.services import current_bank
from training_app.db import Database
from training_app.errors import Conflict, NotAllowed, Refused
from training_app.people.admission import NewPerson, add_person, give_role
from training_app.people.rules import Holder, Role
from training_app.people.signed import holder_of

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
WHOLE = load_bank(SHIPPED).bank
CONFIRMED = Review(ReviewAct.CONFIRMED, edition="B34-2026", place="annex 2, criterion 8", looked_on=date(2026, 11, 20))
RETURNED = Review(ReviewAct.RETURNED, reason="The period is two years.")
RETIRED = Review(ReviewAct.RETIRED, reason="The criterion is gone.")
SECRET = replace(WHOLE.items[0], id="OWN-001", public=False, enemies=(), twins=())

People = dict[str, Holder]


def load(database: Database, people: People, *items: Item) -> None:
    content = LoadedContent(Bank(items, ()), (), MappingProxyType({}))
    hands = {"author_id": people["author"].id, "loaded_by": people["loader"].id}
    with database.write() as session:
        load_content(session, content, origin="base", now=NOW, **hands)


@pytest.fixture
def people(database: Database) -> People:
    found = {}
    with database.write() as session:
        for name in ("author", "loader", "first", "second"):
            person = add_person(session, NewPerson(name, "staff", name, name), NOW)
            give_role(session, person, Role.REVIEWER, None, now=NOW)
            found[name] = holder_of(person)
    load(database, found, SECRET)
    return found


def act(database: Database, holder: Holder, entered: Review) -> None:
    with database.write() as session:
        version = newest_version(session, "OWN-001")
        review(session, holder, version, entered, address="127.0.0.1", now=NOW)


def waiting(database: Database, holder: Holder) -> list[str]:
    with database.read() as session:
        return [version.item_id for version in waiting_items(session, holder)]


# acts


def test_a_confirmed_item_counts_as_confirmed_and_stands_in_the_audit_log(database: Database, people: People) -> None:
    act(database, people["first"], CONFIRMED)
    with database.read() as session:
        assert current_bank(session).confirmed == {"OWN-001"}
        made = session.scalars(select(ItemReview)).one()
        entry = session.scalars(select(AuditEntry).where(AuditEntry.object_id == "OWN-001")).one()
    assert (made.reviewer_id, made.edition, made.looked_on) == (people["first"].id, "B34-2026", date(2026, 11, 20))
    assert entry.act == "item.confirmed" and entry.details is not None
    assert entry.details["place_in_text"] == "annex 2, criterion 8"


@pytest.mark.parametrize("entered", [RETURNED, RETIRED], ids=lambda entered: str(entered.act))
def test_what_is_returned_or_retired_is_not_in_the_bank_any_more(
    database: Database, people: People, entered: Review
) -> None:
    act(database, people["first"], CONFIRMED)
    act(database, people["second"], entered)
    with database.read() as session:
        bank = current_bank(session)
    assert "OWN-001" not in bank.version_ids and bank.confirmed == set()
    assert dict(bank.set_aside) == {"OWN-001": entered.act}


def test_a_case_with_a_returned_item_is_drawn_no_more(database: Database, people: People) -> None:
    case = WHOLE.cases[0]
    items = tuple(
        replace(item, id=f"OWN-{number:03d}", case="OWN-CASE", enemies=(), twins=())
        for number, item in enumerate(case.items, start=1)
    )
    content = LoadedContent(Bank((), (replace(case, id="OWN-CASE", items=items),)), (), MappingProxyType({}))
    with database.write() as session:
        load_content(session, content, origin="base", now=NOW)
    act(database, people["first"], RETURNED)
    with database.read() as session:
        assert "OWN-CASE" not in current_bank(session).cases
        assert current_bank(session).bank.all_items() == ()


def test_the_answer_to_a_return_is_a_new_version_that_waits_again(database: Database, people: People) -> None:
    act(database, people["first"], RETURNED)
    with database.read() as session:
        own = session.scalars(select(ItemVersion.item_id).where(returned_to(people["author"].id))).all()
    assert own == ["OWN-001"]
    load(database, people, replace(SECRET, stem=Text(f"{SECRET.stem.zh}（改）", f"{SECRET.stem.en} (mended)")))
    assert waiting(database, people["second"]) == ["OWN-001"]
    with database.read() as session:
        assert "OWN-001" in current_bank(session).version_ids
        assert session.scalars(select(ItemVersion.item_id).where(returned_to(people["author"].id))).all() == []


def test_a_case_that_reads_otherwise_is_reviewed_again(database: Database, people: People) -> None:
    case = WHOLE.cases[0]
    first = replace(case.items[0], id="OWN-001", case="OWN-CASE", public=False, enemies=(), twins=())
    for text in (case.text, Text(f"{case.text.zh}。", f"{case.text.en}.")):
        content = LoadedContent(
            Bank((), (replace(case, id="OWN-CASE", text=text, items=(first,)),)), (), MappingProxyType({})
        )
        with database.write() as session:
            load_content(session, content, origin="base", now=NOW)
        assert waiting(database, people["second"]) == ["OWN-001"]
        act(database, people["second"], CONFIRMED)


# who


@pytest.mark.parametrize("who", ["author", "loader"])
@pytest.mark.parametrize("entered", [CONFIRMED, RETURNED, RETIRED], ids=lambda entered: str(entered.act))
def test_who_wrote_or_loaded_an_item_is_not_asked_and_is_refused(
    database: Database, people: People, who: str, entered: Review
) -> None:
    assert waiting(database, people[who]) == [] and waiting(database, people["first"]) == ["OWN-001"]
    with pytest.raises(NotAllowed):
        act(database, people[who], entered)


def test_who_wrote_an_older_version_does_not_review_the_newer_one(database: Database, people: People) -> None:
    former = people | {"author": people["second"], "loader": people["second"]}
    load(database, former, replace(SECRET, difficulty=SECRET.difficulty - 1))
    for who in ("author", "loader", "second"):
        with pytest.raises(NotAllowed):
            act(database, people[who], CONFIRMED)
    act(database, people["first"], CONFIRMED)


def test_a_review_by_the_author_that_came_some_other_way_is_found(database: Database, people: People) -> None:
    with database.write() as session:
        version = newest_version(session, "OWN-001")
        session.add(ItemReview(item_version_id=version.id, act="confirmed", reviewer_id=people["loader"].id, at=NOW))
    with database.read() as session:
        assert [finding.place for finding in review_findings(session)] == ["item OWN-001 version 1"]


# what is refused


@pytest.mark.parametrize(
    ("entered", "sentence"),
    [
        (replace(RETURNED, reason=" "), "Say why"),
        (replace(RETIRED, reason=None), "Say why"),
        (replace(CONFIRMED, place=" "), "Name the edition"),
        (replace(CONFIRMED, edition=None), "Name the edition"),
        (replace(CONFIRMED, looked_on=None), "Name the edition"),
        (replace(CONFIRMED, looked_on=date(2026, 11, 24)), "lies in the future"),
    ],
)
def test_an_act_that_lacks_something_is_refused(
    database: Database, people: People, entered: Review, sentence: str
) -> None:
    with pytest.raises(Refused, match=sentence):
        act(database, people["first"], entered)


@pytest.mark.parametrize("first", [CONFIRMED, RETURNED, RETIRED], ids=lambda entered: str(entered.act))
def test_an_act_is_done_once(database: Database, people: People, first: Review) -> None:
    act(database, people["first"], first)
    with pytest.raises(Conflict):
        act(database, people["second"], first)


@pytest.mark.parametrize("before", [RETURNED, RETIRED], ids=lambda entered: str(entered.act))
def test_what_was_set_aside_is_not_confirmed_afterwards(database: Database, people: People, before: Review) -> None:
    act(database, people["first"], before)
    with pytest.raises(Conflict):
        act(database, people["second"], CONFIRMED)


def test_an_older_version_takes_no_review(database: Database, people: People) -> None:
    with database.read() as session:
        old = newest_version(session, "OWN-001").id
    load(database, people, replace(SECRET, difficulty=SECRET.difficulty - 1))
    with database.write() as session:
        version = session.get_one(ItemVersion, old)
        with pytest.raises(Conflict):
            review(session, people["first"], version, CONFIRMED, address="127.0.0.1", now=NOW)


def test_of_two_who_confirm_at_once_one_is_told(database: Database, people: People) -> None:
    ready, told = threading.Barrier(2), []

    def confirm(name: str) -> None:
        ready.wait(10)
        try:
            act(database, people[name], CONFIRMED)
        except Conflict as conflict:
            told.append(conflict)

    threads = [threading.Thread(target=confirm, args=(name,)) for name in ("first", "second")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    with database.read() as session:
        assert len(session.scalars(select(ItemReview)).all()) == 1
    assert len(told) == 1


@pytest.mark.parametrize("change", [update(ItemReview).values(act="returned"), delete(ItemReview)])
def test_a_review_is_never_changed(database: Database, people: People, change) -> None:
    act(database, people["first"], CONFIRMED)
    with pytest.raises(DatabaseError, match="append-only"), database.write() as session:
        session.execute(change)


# rules


@pytest.mark.parametrize(
    ("acts", "standing", "more"),
    [
        (set(), "open", {"confirmed", "returned", "retired"}),
        ({"confirmed"}, "confirmed", {"returned", "retired"}),
        ({"confirmed", "returned"}, "returned", {"retired"}),
        ({"returned", "retired", "confirmed"}, "retired", set()),
    ],
)
def test_the_gravest_act_counts(acts: set[str], standing: str, more: set[str]) -> None:
    assert standing_of(acts) == standing and set(admitted_after(acts)) == more

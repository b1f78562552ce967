"""A site lost in the middle of an examination: a backup that was taken while the room saved brings it back whole.

What was acknowledged before the backup began is in it; what came later the pages still have, and send again.
"""

import threading
from pathlib import Path

from sqlalchemy import select

from tests.support.commands import command
from tests.support.saving import BROKEN, Sitter, database_of, empty, seat
from tests.support.site import Installation, Site
from training_app.exams.attempts import given_of
from training_app.exams.day_models import LateEvent, Receipt
from training_app.exams.invariants import exam_findings
from training_app.exams.models import Attempt, ResponseEvent
from training_app.exams.paper.receipts import is_genuine

CANDIDATES = 8
ENOUGH = 60
KEYS = {"BACKUP_PASSPHRASE": "four words of a base"}
Acknowledged = dict[int, dict[tuple[int, int], object]]


class Room:
    """Candidates who save until the site is gone."""

    def __init__(self, sitters: list[Sitter], site: Site) -> None:
        self.sitters = sitters
        self._site = site
        self._threads = [threading.Thread(target=self._save, args=(sitter,)) for sitter in sitters]
        for thread in self._threads:
            thread.start()

    def _save(self, sitter: Sitter) -> None:
        try:
            sitter.open(self._site.port)
            while True:
                sitter.answer()
        except BROKEN:
            sitter.leave()

    def saves(self, more: int) -> None:
        """So many more answers are acknowledged."""
        goal = self._count() + more
        self._site.server.wait_until(lambda: self._count() >= goal, timeout_s=120)

    def _count(self) -> int:
        return sum(len(sitter.acknowledged) for sitter in self.sitters)

    def acknowledged(self) -> Acknowledged:
        """By attempt, as it stands now."""
        return {sitter.attempt_id: dict(sitter.acknowledged) for sitter in self.sitters}

    def loses_its_site(self) -> None:
        """Everything is gone at once."""
        self._site.server.kill()
        for thread in self._threads:
            thread.join(60)


def kept_while_they_save(installation: Installation, file: Path) -> tuple[Sitter, list[Sitter], Acknowledged]:
    """Who handed in before the backup, who went on after it, and what these had been acknowledged when it began."""
    early, *others = seat(installation, CANDIDATES)
    site = installation.start()
    early.open(site.port)
    early.answer()
    assert early.hand_in()["state"] == "submitted"
    early.leave()
    room = Room(others, site)
    room.saves(ENOUGH)
    before = room.acknowledged()
    ended = command(installation, "backup", str(file), **KEYS)
    assert ended.status == 0, ended.complained
    room.saves(ENOUGH)
    room.loses_its_site()
    return early, others, before


def test_a_room_goes_on_where_the_backup_ends(
    demo_installation: Installation, empty_database_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "kept.tar.gz"
    early, others, before = kept_while_they_save(demo_installation, file)
    place = Installation(tmp_path / "new", empty_database_url)
    ended = command(place, "restore", str(file), **KEYS)
    assert ended.status == 0, ended.complained
    assert_whole(place, early, before)
    with place.serving() as again:
        brought_back = [goes_on(sitter, again) for sitter in others]
    assert sum(brought_back), "the backup held everything"
    assert_nothing_lost(place, others)


def assert_whole(place: Installation, early: Sitter, before: Acknowledged) -> None:
    """Every chain verifies, the receipt from before is genuine, and what was acknowledged then is there."""
    with database_of(place) as database, database.read() as session:
        assert list(exam_findings(session)) == []
        assert is_genuine(session, session.get_one(Receipt, early.attempt_id))
        rows = session.scalars(select(ResponseEvent).where(ResponseEvent.attempt_id.in_(before))).all()
        stored = {(row.attempt_id, row.item_version_id, row.client_seq) for row in rows}
        assert {(attempt, *number) for attempt, numbers in before.items() for number in numbers} <= stored


def goes_on(sitter: Sitter, site: Site) -> int:
    """How many answers the page sent again before its paper was taken: those that the site said it lacks."""
    sitter.open(site.port)
    lacking = sitter.hand_in()["missing"]
    assert isinstance(lacking, list)
    for one in lacking:
        number = (one["item"], one["seq"])
        sitter.unsent[number] = sitter.acknowledged.pop(number)
    sitter.send("saves")
    assert sitter.hand_in()["state"] == "submitted"
    sitter.leave()
    return len(lacking)


def assert_nothing_lost(place: Installation, sitters: list[Sitter]) -> None:
    """The newest answer that each page had been acknowledged is the one that counts."""
    with database_of(place) as database, database.read() as session:
        for sitter in sitters:
            newest = {
                item: payload for (item, _), payload in sorted(sitter.acknowledged.items(), key=lambda one: one[0])
            }
            given = given_of(session, session.get_one(Attempt, sitter.attempt_id))
            wanted = {item: payload or empty(sitter.answers[item]) for item, payload in newest.items()}
            assert {item: given[item].response for item in wanted} == wanted
        assert list(exam_findings(session)) == [] and session.scalars(select(LateEvent.id)).all() == []

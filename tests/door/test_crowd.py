"""A crowd that signs in: never more hashes at once than allowed, the others wait or come again, exams go on."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.support.door import TRAINEE
from tests.support.inner_site import InnerSite
from training_app.demo import PASSWORD
from training_app.errors import Busy
from training_app.people import passwords
from training_app.people.models import Person
from training_app.people.passwords import MOST_WAITING, Passwords
from training_app.web.bodies import SPARE_THREADS


class Slow:
    """A hasher that computes nothing until it may; begun and most: how many began, and most at once."""

    def __init__(self) -> None:
        self.may_end = threading.Event()
        self.begun = threading.Semaphore(0)
        self.at_once, self.most = 0, 0
        self._lock = threading.Lock()

    def verify(self, _stored: str, _password: str) -> bool:
        with self._lock:
            self.at_once += 1
            self.most = max(self.most, self.at_once)
        self.begun.release()
        assert self.may_end.wait(60)
        with self._lock:
            self.at_once -= 1
        return True

    def wait_until_begun(self, count: int) -> None:
        for _ in range(count):
            assert self.begun.acquire(timeout=60)

    def check_needs_rehash(self, _stored: str) -> bool:
        return False


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Slow:
    found = Slow()
    monkeypatch.setattr(passwords, "HASHER", found)
    return found


def fill(found: Passwords, crowd: ThreadPoolExecutor, count: int) -> None:
    """So many verifications wait or are computed."""
    for _ in range(count):
        crowd.submit(found.matches, "stored", "typed")
    wait_for(found, count)


def wait_for(found: Passwords, count: int) -> None:
    """Returns when so many verifications wait or are computed."""
    while found.busy < count:
        threading.Event().wait(0.001)


def test_no_more_hashes_are_computed_at_once_than_allowed_and_who_is_too_many_comes_again(slow: Slow) -> None:
    found = Passwords(2)
    with ThreadPoolExecutor(MOST_WAITING) as crowd:
        try:
            fill(found, crowd, MOST_WAITING)
            with pytest.raises(Busy) as refusal:
                found.matches("stored", "typed")
            slow.wait_until_begun(2)
        finally:
            slow.may_end.set()
    assert (slow.most, refusal.value.status) == (2, 503)
    assert refusal.value.retry_after_s > 0
    assert found.matches("stored", "typed"), "there is room again"


def test_all_web_workers_together_compute_no_more_at_once(slow: Slow, tmp_path: Path) -> None:
    workers = [Passwords(2, slots=tmp_path) for _ in range(3)]
    with ThreadPoolExecutor(12) as crowd:
        for worker in workers:
            fill(worker, crowd, 4)
        slow.wait_until_begun(2)
        slow.may_end.set()
    assert slow.most == 2


def test_those_who_wait_leave_threads_for_everybody_else() -> None:
    assert MOST_WAITING < SPARE_THREADS


def test_a_page_is_answered_while_more_people_wait_for_a_hash_than_there_are_turns(
    house: InnerSite, slow: Slow
) -> None:
    guests = [house.guest() for _ in range(house.app.extensions["settings"].web_threads + 1)]
    with ThreadPoolExecutor(len(guests)) as crowd:
        try:
            answers = [crowd.submit(guest.sign_in, TRAINEE, PASSWORD) for guest in guests]
            wait_for(house.app.extensions["passwords"], len(guests))
            assert house.guest().get("/sign-in").status_code == 200
        finally:
            slow.may_end.set()
        assert [answer.result(60).status_code for answer in answers] == [302] * len(guests)


def test_who_is_too_many_reads_when_to_come_again(house: InnerSite, slow: Slow) -> None:
    with ThreadPoolExecutor(MOST_WAITING) as crowd:
        try:
            fill(house.app.extensions["passwords"], crowd, MOST_WAITING)
            answer = house.guest().sign_in(TRAINEE, PASSWORD)
        finally:
            slow.may_end.set()
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "Many people are signing in" in answer.text


def test_a_hash_of_former_parameters_is_renewed_at_sign_in(house: InnerSite) -> None:
    before = hash_of(house)
    assert house.guest().sign_in(TRAINEE, PASSWORD).status_code == 302
    after = hash_of(house)
    assert passwords.is_outdated(before) and not passwords.is_outdated(after)
    assert house.guest().sign_in(TRAINEE, PASSWORD).status_code == 302
    assert hash_of(house) == after


def hash_of(house: InnerSite) -> str:
    with house.database.read() as session:
        return session.scalars(select(Person.password_hash).where(Person.username == TRAINEE)).one() or ""

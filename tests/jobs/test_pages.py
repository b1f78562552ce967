"""Pages of long work: what is seen by whom, begun, followed, cancelled, found again."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import update

from tests.support.databases import Databases
from tests.support.house import House
from tests.support.inner_site import Guest, InnerSite, inner_site
from training_app.jobs.holding import Loop
from training_app.jobs.models import Job
from training_app.jobs.services import Order, begin
from training_app.jobs.worker import run_one
from training_app.people.rules import Role

NOW = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
SUZHOU, SHENZHEN = "suzhou", "shenzhen"


@pytest.fixture
def site(databases: Databases, tmp_path: Path) -> Iterator[InnerSite]:
    with inner_site(databases, tmp_path / "var") as opened:
        yield opened


def job_at(site: InnerSite, base: str | None, by: str = "") -> int:
    with site.database.write() as session:
        person = site.person(site.account(by, base=base).username).id if by else None
        return begin(session, Order("records.check", base_id=base, by=person), NOW).id


def work(site: InnerSite) -> None:
    """The worker does what waits."""
    loop = Loop(site.database, site.app.extensions["registry"], site.app.app_context, threading.Event())
    with site.app.app_context():
        assert run_one(loop)


def checked(guest: Guest) -> str:
    """The address of the check that this person began."""
    assert guest.get("/jobs").status_code == 200
    answer = guest.send("/jobs/check")
    assert answer.status_code == 302
    return answer.headers["Location"]


def test_a_check_of_all_records_is_begun_left_and_found_again(site: InnerSite) -> None:
    head = site.member(Role.PROGRAMME_ADMIN)
    address = checked(head)
    waiting = head.get(address).text
    assert "Check of all records" in waiting and "Waiting" in waiting and 'hx-trigger="every 2s"' in waiting
    work(site)
    done = head.get(address).text
    assert "Done" in done and "All holds" in done and "Audit log" in done and "hx-trigger" not in done
    assert f'href="{address}"' in head.get("/jobs").text
    assert [entry.object_id for entry in site.acts("job.begun")] == [address.rpartition("/")[2]]


def test_its_page_is_chinese_as_well(site: InnerSite) -> None:
    address = checked(site.member(Role.PROGRAMME_ADMIN))
    work(site)
    page = site.member(Role.PROGRAMME_ADMIN, language="zh").get(address).text
    assert "记录核对" in page and "均成立" in page and "Done" not in page


def test_a_second_check_beside_the_first_is_refused(site: InnerSite) -> None:
    head = site.member(Role.PROGRAMME_ADMIN)
    checked(head)
    answer = head.send("/jobs/check")
    assert answer.status_code == 409 and "waits or runs already" in answer.text


def test_the_part_that_changes_asks_for_itself_until_the_work_is_over(site: InnerSite) -> None:
    head = site.member(Role.PROGRAMME_ADMIN)
    address = checked(head)
    part = head.get(f"{address}/progress").text
    assert f'hx-get="{address}/progress"' in part and "<html" not in part
    work(site)
    assert "hx-get" not in head.get(f"{address}/progress").text


def test_who_began_it_cancels_it(site: InnerSite) -> None:
    head = site.member(Role.PROGRAMME_ADMIN)
    address = checked(head)
    head.get(address)
    assert head.send(f"{address}/cancel").status_code == 302
    assert "Cancelled" in head.get(address).text
    assert len(site.acts("job.cancelled")) == 1
    again = head.send(f"{address}/cancel")
    assert again.status_code == 409 and "is done or was ended already" in again.text


def test_a_running_one_ends_at_its_next_step(site: InnerSite) -> None:
    head = site.member(Role.PROGRAMME_ADMIN)
    address = checked(head)
    with site.database.write() as session:
        session.execute(update(Job).values(state="running", claim="x", heartbeat_at=NOW, started_at=NOW, total=6))
    assert "Cancel the work" in head.get(address).text
    head.send(f"{address}/cancel")
    page = head.get(address).text
    assert "It ends at its next step." in page and "Cancel the work" not in page


@pytest.mark.parametrize(
    ("role", "base", "of", "status"),
    [
        (Role.PROGRAMME_ADMIN, None, SUZHOU, 200),
        (Role.PROGRAMME_ADMIN, None, None, 200),
        (Role.BASE_ADMIN, SUZHOU, SUZHOU, 200),
        (Role.BASE_ADMIN, SUZHOU, SHENZHEN, 404),
        (Role.BASE_ADMIN, SUZHOU, None, 404),
        (Role.TRAINEE, SUZHOU, SUZHOU, 404),
        (Role.AUDITOR, None, SUZHOU, 404),
    ],
)
def test_work_is_seen_as_far_as_the_bases_reach(
    site: InnerSite, role: Role, base: str | None, of: str | None, status: int
) -> None:
    number = job_at(site, of)
    guest = site.member(role, base=base)
    listed = f'href="/jobs/{number}"' in guest.get("/jobs").text
    assert (guest.get(f"/jobs/{number}").status_code, listed) == (status, status == 200)
    assert guest.get(f"/jobs/{number}/progress").status_code == status
    guest.get("/me")
    assert guest.send(f"/jobs/{number}/cancel").status_code == {200: 302, 404: 404}[status]


def test_ones_own_work_is_seen_whatever_the_role(site: InnerSite) -> None:
    number = job_at(site, SUZHOU, Role.TRAINEE)
    assert site.member(Role.TRAINEE, base=SUZHOU).get(f"/jobs/{number}").status_code == 200
    assert site.member(Role.TRAINEE, base=SHENZHEN).get(f"/jobs/{number}").status_code == 404


def test_a_number_that_no_work_has_is_told(site: InnerSite) -> None:
    head = site.member(Role.PROGRAMME_ADMIN)
    assert [head.get(f"/jobs/{number}").status_code for number in (999, 0, 10**20)] == [404, 404, 404]


def test_the_list_goes_out_as_a_file(site: InnerSite) -> None:
    job_at(site, SUZHOU)
    answer = site.member(Role.PROGRAMME_ADMIN).get("/jobs?format=csv")
    assert answer.mimetype == "text/csv" and "Check of all records" in answer.text


def test_the_kinds_and_turns_of_the_site_are_known(home: House) -> None:
    registry = home.app.extensions["registry"]
    assert "records.check" in registry.job_kinds
    assert {"attempts_to_close", "sittings_to_open", "assets_expired", "sign_in_failures"} <= set(registry.turns)


def test_every_turn_of_the_site_runs_on_its_records(site: InnerSite) -> None:
    registry = site.app.extensions["registry"]
    with site.app.app_context():
        for turn in registry.turns.values():
            with site.database.write() as session:
                assert turn.run(session, NOW) >= 0

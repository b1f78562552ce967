"""Observations planned and changed, places taken: everything is booked, all of it or nothing."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from tests.support.observed import EARLIER, HOST, NOON, TWO, Observed
from training_app.bookings.models import Booking, Claim
from training_app.errors import Conflict, NotFound, Refused
from training_app.observations.claims import HostRefused, VenueRefused
from training_app.observations.hosting import end_forgotten, open_venues
from training_app.observations.models import Observation, ObservationPlace
from training_app.observations.places import give_back, place_everybody, take_place, withdraw
from training_app.observations.plans import ChangedMeanwhile, cancel, change, claim_version, plan
from training_app.observations.reach import observation_for, observation_within
from training_app.observations.rules import Times
from training_app.observations.venues import VenueEntry

LATER = Times(NOON + timedelta(days=1), NOON + timedelta(days=1, hours=2))
NEXT_DOOR = (VenueEntry("培训室", "Training room"),)


def live_claims(hall: Observed) -> dict[str, object]:
    """Beginning of the live claim on each resource."""
    with hall.home.database.read() as session:
        rows = session.execute(select(Claim.resource, Claim.starts_at).where(Claim.state == "confirmed"))
        return {row.resource: row.starts_at for row in rows}


def person(hall: Observed, username: str) -> str:
    return f"person:{hall.home.number(username)}"


def in_the_room(hall: Observed) -> tuple[VenueEntry, ...]:
    return (VenueEntry("培训室", "Training room", hall.room()),)


def test_a_plan_takes_the_time_of_host_room_and_people(hall: Observed) -> None:
    number = hall.planned(venues=in_the_room(hall))
    hall.place(number, "trainee")
    taken = (person(hall, HOST), person(hall, "trainee"), f"room:{hall.room()}")
    assert live_claims(hall) == dict.fromkeys(taken, NOON)
    assert hall.findings() == []


def test_everything_moves_with_the_observation_or_nothing_does(hall: Observed) -> None:
    number = hall.planned(venues=in_the_room(hall))
    hall.place(number, "trainee")
    entered = hall.entered(times=LATER, venues=in_the_room(hall))
    hall.act(number, lambda s, found, by: change(s, found, entered, reason="moved", by=by))
    assert set(live_claims(hall).values()) == {LATER.starts_at} and hall.findings() == []
    saturday = hall.entered(times=Times(NOON + timedelta(days=2), NOON + timedelta(days=2, hours=1)))
    closed = hall.entered(times=saturday.times, venues=in_the_room(hall))
    with pytest.raises(VenueRefused, match="not open"):
        hall.act(number, lambda s, found, by: change(s, found, closed, reason="moved", by=by))
    assert set(live_claims(hall).values()) == {LATER.starts_at}


@pytest.mark.parametrize(
    ("other", "fault", "sentence"),
    [
        ({}, HostRefused, "somewhere else"),
        ({"host_id": 999}, Refused, "Choose a host"),
        ({"bases": ()}, Refused, "at least one base"),
        ({"venues": (), "host_id": 0}, Refused, "Choose a host"),
        ({"times": Times(NOON, NOON - timedelta(hours=1))}, Refused, "before the beginning"),
        ({"times": Times(EARLIER - timedelta(days=90), EARLIER - timedelta(days=89))}, Refused, "in the past"),
    ],
)
def test_what_cannot_be_is_refused_and_leaves_nothing(
    hall: Observed, other: dict[str, object], fault: type[Exception], sentence: str
) -> None:
    hall.planned()
    with hall.home.app.test_request_context(headers={"Accept-Language": "en"}), pytest.raises(fault) as refusal:
        hall.planned(**other)
    assert sentence in str(refusal.value.message)  # type: ignore[attr-defined]  # every one is Refused
    with hall.home.database.read() as session:
        assert len(session.scalars(select(Booking)).all()) == len(session.scalars(select(Observation)).all()) == 1


@pytest.mark.parametrize(("kind", "venues"), [("briefing", TWO), ("validation", ()), ("validation", (*TWO, *TWO))])
def test_a_kind_has_so_many_venues_and_no_more(hall: Observed, kind: str, venues: tuple[VenueEntry, ...]) -> None:
    with pytest.raises(Refused):
        hall.planned(kind=kind, venues=venues)


def test_only_administrators_and_instructors_of_the_base_plan_there(hall: Observed) -> None:
    for username in ("far.admin", "trainee", "rater"):
        with hall.home.database.write() as session, pytest.raises(NotFound):
            plan(session, "suzhou", hall.entered(), hall.by(username))
    assert hall.planned(HOST)


def test_a_venue_that_is_left_out_loses_link_and_consent(hall: Observed) -> None:
    number = hall.planned()
    hall.agree(number)
    entered = hall.entered(venues=TWO[:1])
    hall.act(number, lambda s, found, by: change(s, found, entered, reason="one is enough", by=by))
    (kept,) = hall.stored(number).venues
    assert kept.link is not None and kept.consent is not None and kept.is_program
    assert hall.findings() == []


def test_of_two_who_change_it_the_second_is_told(hall: Observed) -> None:
    number = hall.planned()
    hall.act(number, lambda s, found, by: change(s, found, hall.entered(title_zh="别名"), reason="name", by=by))
    with pytest.raises(ChangedMeanwhile):
        hall.act(number, lambda _s, found, _by: claim_version(found, 1))


def test_a_cancelled_one_holds_nothing_and_its_places_are_void(hall: Observed) -> None:
    number = hall.planned()
    hall.place(number, "trainee")
    hall.act(number, lambda s, found, by: cancel(s, found, "no enterprise", by))
    assert live_claims(hall) == {} and hall.findings() == []
    with hall.home.database.read() as session:
        assert list(session.scalars(select(ObservationPlace.state))) == ["void"]


def test_places_run_out_and_nobody_has_two(hall: Observed) -> None:
    number = hall.planned()
    hall.place(number, "trainee")
    with pytest.raises(Conflict):
        hall.place(number, "trainee")
    added, left_out = hall.act(number, place_everybody)
    assert added == 1 and [one.username for one in left_out] == ["third.trainee"]
    assert hall.findings() == []


def test_somebody_who_is_elsewhere_gets_no_place(hall: Observed) -> None:
    hall.place(hall.planned(), "trainee")
    other = hall.planned(host_id=hall.home.number("base.admin"))
    with pytest.raises(Conflict):
        hall.place(other, "trainee")


def test_nobody_of_another_base_gets_a_place(hall: Observed) -> None:
    number = hall.planned()
    with pytest.raises(NotFound):
        hall.place(number, "far.trainee")


def test_a_trainee_takes_a_place_and_gives_it_back(hall: Observed) -> None:
    number = hall.planned()
    me = hall.by("trainee")
    for do in (take_place, give_back):
        with hall.home.database.write() as session:
            do(session, *observation_for(session, me.holder, number, to_change=True), me)
    assert live_claims(hall) == {person(hall, HOST): NOON}
    assert [len(hall.home.acts(f"watch_place.{act}")) for act in ("added", "withdrawn")] == [1, 1]


def test_where_nobody_needs_a_place_none_is_given(hall: Observed) -> None:
    number = hall.planned(places=None)
    with pytest.raises(Refused):
        hall.place(number, "trainee")


def test_a_place_is_withdrawn_with_a_reason(hall: Observed) -> None:
    number = hall.planned()
    hall.place(number, "trainee")
    with hall.home.database.read() as session:
        place = session.scalars(select(ObservationPlace.id)).one()
    hall.act(number, lambda s, found, by: withdraw(s, found, place, "ill", by=by))
    assert hall.home.acts("watch_place.withdrawn")[0].details["reason"] == "ill"
    assert person(hall, "trainee") not in live_claims(hall)


def test_another_base_neither_sees_nor_changes_it(hall: Observed) -> None:
    number = hall.planned()
    with hall.home.database.read() as session:
        for permission in ("observations.read", "observations.edit", "observations.host"):
            with pytest.raises(NotFound):
                observation_within(session, hall.by("far.admin").holder, permission, number)
        with pytest.raises(NotFound):
            observation_for(session, hall.by("far.trainee").holder, number)


def test_an_invited_base_sees_it_and_does_not_change_it(hall: Observed) -> None:
    number = hall.planned(bases=("suzhou", "shenzhen"))
    with hall.home.database.read() as session:
        holder = hall.by("far.admin").holder
        assert observation_within(session, holder, "observations.read", number)
        assert observation_for(session, hall.by("far.trainee").holder, number)[1].of_audience
        with pytest.raises(NotFound):
            observation_within(session, holder, "observations.edit", number)


def test_what_nobody_ends_is_ended_by_the_clock(hall: Observed) -> None:
    number = hall.planned()
    hall.act(number, open_venues)
    with hall.home.database.write() as session:
        assert end_forgotten(session, NOON + timedelta(hours=3)) == 0
        assert end_forgotten(session, NOON + timedelta(hours=15)) == 1
    assert hall.stored(number).state == "ended" and live_claims(hall) == {}
    assert hall.home.acts("observation.ended")[0].actor_id is None and hall.findings() == []


def test_the_check_finds_what_is_not_booked(hall: Observed) -> None:
    number = hall.planned()
    hall.place(number, "trainee")
    with hall.home.database.write() as session:
        mine = Claim.resource == person(hall, HOST)
        session.execute(update(Claim).where(mine).values(resource="person:999"))
    assert {one.place for one in hall.findings() if one.invariant == "observations"} >= {f"observation {number}"}

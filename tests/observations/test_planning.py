"""Observations planned and changed, places taken: everything is booked, all of it or nothing."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

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


def live_claims(plans: Observed) -> dict[str, object]:
    """Beginning of the live claim on each resource."""
    with plans.home.database.read() as session:
        rows = session.execute(select(Claim.resource, Claim.starts_at).where(Claim.state == "confirmed"))
        return {row.resource: row.starts_at for row in rows}


def person(plans: Observed, username: str) -> str:
    return f"person:{plans.home.number(username)}"


def in_the_room(plans: Observed) -> tuple[VenueEntry, ...]:
    return (VenueEntry("培训室", "Training room", plans.room()),)


def test_a_plan_takes_the_time_of_host_room_and_people(plans: Observed) -> None:
    number = plans.planned(venues=in_the_room(plans))
    plans.place(number, "trainee")
    taken = (person(plans, HOST), person(plans, "trainee"), f"room:{plans.room()}")
    assert live_claims(plans) == dict.fromkeys(taken, NOON)
    assert plans.findings() == []


def test_everything_moves_with_the_observation_or_nothing_does(plans: Observed) -> None:
    number = plans.planned(venues=in_the_room(plans))
    plans.place(number, "trainee")
    entered = plans.entered(times=LATER, venues=in_the_room(plans))
    plans.act(number, lambda s, found, by: change(s, found, entered, reason="moved", by=by))
    assert set(live_claims(plans).values()) == {LATER.starts_at} and plans.findings() == []
    saturday = plans.entered(times=Times(NOON + timedelta(days=2), NOON + timedelta(days=2, hours=1)))
    closed = plans.entered(times=saturday.times, venues=in_the_room(plans))
    with pytest.raises(VenueRefused, match="not open"):
        plans.act(number, lambda s, found, by: change(s, found, closed, reason="moved", by=by))
    assert set(live_claims(plans).values()) == {LATER.starts_at}


WRONG: tuple[tuple[dict[str, Any], type[Refused], str], ...] = (
    ({}, HostRefused, "somewhere else"),
    ({"host_id": 999}, Refused, "Choose a host"),
    ({"bases": ()}, Refused, "at least one base"),
    ({"times": Times(NOON, NOON - timedelta(hours=1))}, Refused, "before the beginning"),
    ({"times": Times(EARLIER - timedelta(days=90), EARLIER - timedelta(days=89))}, Refused, "in the past"),
)


def test_what_cannot_be_is_refused_and_leaves_nothing(plans: Observed) -> None:
    plans.planned()
    for other, fault, sentence in WRONG:
        with pytest.raises(fault) as refusal:
            plans.planned(**other)
        assert sentence in str(refusal.value.message)
    with plans.home.database.read() as session:
        assert len(session.scalars(select(Booking)).all()) == len(session.scalars(select(Observation)).all()) == 1


def test_a_kind_has_so_many_venues_and_no_more(plans: Observed) -> None:
    for kind, venues in (("briefing", TWO), ("validation", ()), ("validation", (*TWO, *TWO))):
        with pytest.raises(Refused):
            plans.planned(kind=kind, venues=venues)


def test_only_administrators_and_instructors_of_the_base_plan_there(plans: Observed) -> None:
    for username in ("far.admin", "trainee", "rater"):
        with plans.home.database.write() as session, pytest.raises(NotFound):
            plan(session, "suzhou", plans.entered(), plans.by(username))
    assert plans.planned(HOST)


def test_a_venue_that_is_left_out_loses_link_and_consent(plans: Observed) -> None:
    number = plans.planned()
    plans.agree(number)
    entered = plans.entered(venues=TWO[:1])
    plans.act(number, lambda s, found, by: change(s, found, entered, reason="one is enough", by=by))
    (kept,) = plans.stored(number).venues
    assert kept.link is not None and kept.consent is not None and kept.is_program
    assert plans.findings() == []


def test_of_two_who_change_it_the_second_is_told(plans: Observed) -> None:
    number = plans.planned()
    plans.act(number, lambda s, found, by: change(s, found, plans.entered(title_zh="别名"), reason="name", by=by))
    with pytest.raises(ChangedMeanwhile):
        plans.act(number, lambda _s, found, _by: claim_version(found, 1))


def test_a_cancelled_one_holds_nothing_and_its_places_are_void(plans: Observed) -> None:
    number = plans.planned()
    plans.place(number, "trainee")
    plans.act(number, lambda s, found, by: cancel(s, found, "no enterprise", by))
    assert live_claims(plans) == {} and plans.findings() == []
    with plans.home.database.read() as session:
        assert list(session.scalars(select(ObservationPlace.state))) == ["void"]


def test_places_run_out_and_nobody_has_two(plans: Observed) -> None:
    number = plans.planned()
    plans.place(number, "trainee")
    with pytest.raises(Conflict):
        plans.place(number, "trainee")
    added, left_out = plans.act(number, place_everybody)
    assert added == 1 and [one.username for one in left_out] == ["third.trainee"]
    assert plans.findings() == []


def test_of_two_who_take_the_last_place_at_once_one_gets_it(plans: Observed) -> None:
    number = plans.planned(places=1)

    def take(username: str) -> str:
        me = plans.by(username)
        try:
            with plans.home.database.write() as session:
                take_place(session, *observation_for(session, me.holder, number, to_change=True), me)
        except Conflict:
            return "full"
        return "placed"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(take, ("trainee", "second.trainee"))) == ["full", "placed"]
    assert plans.findings() == []


def test_somebody_who_is_elsewhere_gets_no_place(plans: Observed) -> None:
    plans.place(plans.planned(), "trainee")
    other = plans.planned(host_id=plans.home.number("base.admin"))
    with pytest.raises(Conflict):
        plans.place(other, "trainee")


def test_nobody_of_another_base_gets_a_place(plans: Observed) -> None:
    number = plans.planned()
    with pytest.raises(NotFound):
        plans.place(number, "far.trainee")


def test_a_trainee_takes_a_place_and_gives_it_back(plans: Observed) -> None:
    number = plans.planned()
    me = plans.by("trainee")
    for do in (take_place, give_back):
        with plans.home.database.write() as session:
            do(session, *observation_for(session, me.holder, number, to_change=True), me)
    assert live_claims(plans) == {person(plans, HOST): NOON}
    assert [len(plans.home.acts(f"watch_place.{act}")) for act in ("added", "withdrawn")] == [1, 1]


def test_where_nobody_needs_a_place_none_is_given(plans: Observed) -> None:
    number = plans.planned(places=None)
    with pytest.raises(Refused):
        plans.place(number, "trainee")


def test_a_place_is_withdrawn_with_a_reason(plans: Observed) -> None:
    number = plans.planned()
    plans.place(number, "trainee")
    with plans.home.database.read() as session:
        place = session.scalars(select(ObservationPlace.id)).one()
    plans.act(number, lambda s, found, by: withdraw(s, found, place, "ill", by=by))
    assert (plans.home.acts("watch_place.withdrawn")[0].details or {})["reason"] == "ill"
    assert person(plans, "trainee") not in live_claims(plans)


def test_another_base_neither_sees_nor_changes_it(plans: Observed) -> None:
    number = plans.planned()
    with plans.home.database.read() as session:
        for permission in ("observations.read", "observations.edit", "observations.host"):
            with pytest.raises(NotFound):
                observation_within(session, plans.by("far.admin").holder, permission, number)
        with pytest.raises(NotFound):
            observation_for(session, plans.by("far.trainee").holder, number)


def test_an_invited_base_sees_it_and_does_not_change_it(plans: Observed) -> None:
    number = plans.planned(bases=("suzhou", "shenzhen"))
    with plans.home.database.read() as session:
        holder = plans.by("far.admin").holder
        assert observation_within(session, holder, "observations.read", number)
        assert observation_for(session, plans.by("far.trainee").holder, number)[1].of_audience
        with pytest.raises(NotFound):
            observation_within(session, holder, "observations.edit", number)


def test_what_nobody_ends_is_ended_by_the_clock(plans: Observed) -> None:
    number = plans.planned()
    plans.act(number, open_venues)
    with plans.home.database.write() as session:
        assert end_forgotten(session, NOON + timedelta(hours=3)) == 0
        assert end_forgotten(session, NOON + timedelta(hours=15)) == 1
    assert plans.stored(number).state == "ended" and live_claims(plans) == {}
    assert plans.home.acts("observation.ended")[0].actor_id is None and plans.findings() == []


def test_the_check_finds_what_is_not_booked(plans: Observed) -> None:
    number = plans.planned()
    plans.place(number, "trainee")
    with plans.home.database.write() as session:
        mine = Claim.resource == person(plans, HOST)
        session.execute(update(Claim).where(mine).values(resource="person:999"))
    assert {one.place for one in plans.findings() if one.invariant == "observations"} >= {f"observation {number}"}

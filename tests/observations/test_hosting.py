"""What the host does, what the media process is told of it, and what comes back: attendance, incidents, recordings."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.support.observed import EARLIER, NOON, Observed
from training_app.clock import shanghai_day
from training_app.errors import Conflict, NotAllowed, Refused
from training_app.observations.attendance import attended, hear, watched_by
from training_app.observations.hosting import open_venues, put_on_program
from training_app.observations.links import LinkOver, opened_by
from training_app.observations.models import Observation, ObservationPlace, ObservationRecording, StreamIncident
from training_app.observations.places import withdraw
from training_app.observations.plans import cancel
from training_app.observations.reach import Standing, standing_of, studio_of
from training_app.observations.stage import stages_to_know
from training_app.observations.tickets import monitor_claims, publisher_claims, viewer_claims
from training_app.observations.venues import drop_recording, make_link, revoke_link, withdraw_consent
from training_app.streams.names import Act, Event, Kind, State

SECRET = "a secret of the tests: 0123456789 abcdefgh"
YESTERDAY = shanghai_day(EARLIER) - timedelta(days=1)


def told(plans: Observed, number: int, kind: Kind, sub: str = "", *, at: int = 0, **details: object) -> Event:
    """An event of the program, so many seconds after the beginning, heard by the site."""
    event = Event("spool", at + 1, NOON + timedelta(seconds=at), kind, f"o{number}/program", sub, details)
    with plans.home.database.write() as session:
        hear(session, event)
    return event


def standing(plans: Observed, number: int, username: str) -> tuple[Observation, Standing]:
    with plans.home.database.read() as session:
        found = session.get_one(Observation, number)
        assert found.venues and found.bases
        return found, standing_of(session, plans.by(username).holder, found)


# states


def test_the_stage_follows_what_the_host_does(plans: Observed) -> None:
    number = plans.planned()
    plans.agree(number)
    assert plans.stage(number).version == 0
    states = []
    for act in ("open", "air", "hold", "resume", "end"):
        plans.host(number, act)
        states.append((plans.stage(number).state, plans.stage(number).version))
    expected = (State.OPEN, State.ON_AIR, State.HELD, State.ON_AIR, State.ENDED)
    assert states == list(zip(expected, range(1, 6), strict=True))
    assert plans.findings() == []


def test_what_does_not_fit_the_state_is_refused(plans: Observed) -> None:
    number = plans.planned()
    plans.agree(number)
    for act in ("air", "hold", "resume", "end"):
        with pytest.raises(Conflict):
            plans.host(number, act)


def test_nobody_is_let_in_days_before(plans: Observed) -> None:
    number = plans.planned()
    with pytest.raises(Refused):
        plans.host(number, "open", NOON - timedelta(days=2))


def test_nothing_goes_on_air_without_the_consent_of_its_venue(plans: Observed) -> None:
    number = plans.planned()
    plans.host(number, "open")
    with pytest.raises(Refused):
        plans.host(number, "air")
    second = plans.stored(number).venues[1].stream
    with pytest.raises(Refused):
        plans.act(number, lambda s, found, by: put_on_program(s, found, second, by))


def test_another_venue_is_put_on_program(plans: Observed) -> None:
    number = plans.on_air()
    second = plans.stored(number).venues[1].stream
    before = plans.stage(number).version
    plans.act(number, lambda s, found, by: put_on_program(s, found, second, by))
    assert (plans.stage(number).program, plans.stage(number).version) == (second, before + 1)
    with pytest.raises(Conflict):
        plans.act(number, lambda s, found, by: put_on_program(s, found, "v999", by))


def test_only_the_host_and_administrators_act_in_the_studio(plans: Observed) -> None:
    number = plans.planned(host_id=plans.home.number("base.admin"))
    with plans.home.database.read() as session:
        assert studio_of(session, plans.by("head").holder, number)
        assert studio_of(session, plans.by("second.admin").holder, number)
        with pytest.raises(NotAllowed):
            studio_of(session, plans.by("visitor").holder, number)


# venues


def test_the_stage_names_links_consents_and_who_is_banned(plans: Observed) -> None:
    number = plans.on_air()
    first = plans.stored(number).venues[0]
    plans.act(number, lambda s, found, by: make_link(s, found, found.venues[0], by))
    with plans.home.database.read() as session:
        place = session.scalars(select(ObservationPlace)).one()
    plans.act(number, lambda s, found, by: withdraw(s, found, place.id, "disturbs", by=by))
    stage = plans.stage(number)
    (link,) = stage.venues[0].links
    assert first.link is not None and stage.banned == (f"l{first.link.id}", f"p{place.person_id}")
    assert link != f"l{first.link.id}" and stage.venues[0].consented and stage.venues[0].recorded


def test_a_link_opens_one_venue_until_it_is_revoked(plans: Observed) -> None:
    number = plans.on_air()
    secret = plans.secret(number)
    with plans.home.database.read() as session:
        claims = publisher_claims(opened_by(session, SECRET, secret), EARLIER)
    assert (claims.act, claims.path) == (Act.PUBLISH, f"o{number}/{plans.stored(number).venues[0].stream}")
    plans.act(number, lambda s, found, by: revoke_link(s, found, found.venues[0], by))
    with plans.home.database.read() as session, pytest.raises(LinkOver):
        opened_by(session, SECRET, secret)


def test_a_link_of_an_occasion_that_is_over_opens_nothing(plans: Observed) -> None:
    number = plans.on_air()
    secret = plans.secret(number)
    plans.host(number, "end")
    with plans.home.database.read() as session, pytest.raises(LinkOver):
        opened_by(session, SECRET, secret)


def test_the_key_of_an_encoder_holds_to_the_end_of_the_occasion(plans: Observed) -> None:
    number = plans.on_air()
    with plans.home.database.read() as session:
        claims = publisher_claims(opened_by(session, SECRET, plans.secret(number)), EARLIER, for_an_encoder=True)
    assert claims.exp == int((NOON + timedelta(hours=4)).timestamp())


def test_a_consent_that_is_withdrawn_takes_the_venue_off_and_its_recording_away(plans: Observed) -> None:
    number = plans.on_air()
    plans.act(number, lambda s, found, by: withdraw_consent(s, found, found.venues[1], reason="secret", by=by))
    assert not plans.stage(number).venues[1].consented
    plans.host(number, "end")
    assert plans.stage(number).keep_until == YESTERDAY.isoformat()


def test_a_recording_is_kept_as_long_as_consents_allow_and_may_be_dropped(plans: Observed) -> None:
    number = plans.on_air()
    plans.host(number, "end")
    assert plans.stored(number).keep_until == shanghai_day(NOON) + timedelta(days=10)
    plans.act(number, lambda s, found, by: drop_recording(s, found, reason="asked", by=by))
    assert plans.stored(number).keep_until == YESTERDAY
    with pytest.raises(Conflict):
        plans.act(number, lambda s, found, by: drop_recording(s, found, reason="again", by=by))


def test_the_media_process_is_told_again_of_what_is_live_or_changed_lately(plans: Observed) -> None:
    live, gone = plans.on_air(), plans.planned(host_id=plans.home.number("base.admin"))
    plans.act(gone, open_venues)
    plans.act(gone, lambda s, found, by: cancel(s, found, "no", by))
    plans.planned(host_id=plans.home.number("head"))
    with plans.home.database.read() as session:
        told_of = {stage.occasion: stage.state for stage in stages_to_know(session)}
    assert told_of == {f"o{live}": State.ON_AIR, f"o{gone}": State.CLOSED}


# tickets


def test_a_viewer_gets_a_token_for_what_is_on_the_air(plans: Observed) -> None:
    number = plans.on_air()
    found, how = standing(plans, number, "trainee")
    venue = found.venues[1].stream
    person = plans.home.number("trainee")
    with plans.home.database.read() as session:
        claims = viewer_claims(session, found, how, stream=venue, person_id=person, now=EARLIER)
    assert (claims.sub, claims.path, claims.act) == (f"p{person}", f"o{number}/{venue}", Act.VIEW)
    assert claims.sound == f"o{number}/program" and claims.exp - EARLIER.timestamp() == 90


def test_a_host_sees_what_venues_send_while_the_picture_is_held(plans: Observed) -> None:
    number = plans.on_air()
    plans.host(number, "hold")
    claims = monitor_claims(plans.stored(number), stream="program", person_id=1, now=EARLIER)
    assert (claims.act, claims.path) == (Act.MONITOR, f"o{number}/program")


def test_nobody_looks_at_venues_after_the_end(plans: Observed) -> None:
    number = plans.on_air()
    plans.host(number, "end")
    with pytest.raises(Conflict):
        monitor_claims(plans.stored(number), stream="program", person_id=1, now=EARLIER)


# what comes back


def test_attendance_is_what_was_sent_also_to_who_went_and_came_back(plans: Observed) -> None:
    number = plans.on_air()
    plans.host(number, "end", EARLIER + timedelta(minutes=30))
    me = f"p{plans.home.number('trainee')}"
    for kind, at, jti, more in (
        (Kind.VIEWER_JOINED, 0, "first", {"transport": "udp"}),
        (Kind.VIEWER_LEFT, 600, "first", {"transport": "udp", "seconds": 600}),
        (Kind.VIEWER_LEFT, 900, "second", {"transport": "hls", "seconds": 40}),
        (Kind.VIEWER_JOINED, 950, "second", {"transport": "hls"}),
        (Kind.VIEWER_LEFT, 990, "second", {"transport": "hls", "seconds": 20}),
    ):
        told(plans, number, kind, me, at=at, jti=jti, **more)
    with plans.home.database.read() as session:
        (one,) = attended(session, session.get_one(Observation, number), NOON)
        assert (one.person.username, one.seconds, one.ways) == ("trainee", 660, ("hls", "udp"))
        assert [own.seconds for own in watched_by(session, plans.home.number("trainee"))] == [660]
    assert plans.findings() == []


def test_nobody_attends_longer_than_it_was_shown(plans: Observed) -> None:
    number = plans.on_air()
    plans.host(number, "end", EARLIER + timedelta(minutes=5))
    me = f"p{plans.home.number('trainee')}"
    told(plans, number, Kind.VIEWER_LEFT, me, transport="udp", jti="long", seconds=9999)
    with plans.home.database.read() as session:
        assert attended(session, session.get_one(Observation, number), NOON)[0].seconds == 300


def test_recordings_and_what_went_wrong_are_kept(plans: Observed) -> None:
    number = plans.on_air()
    told(plans, number, Kind.RECORDING_STARTED)
    told(plans, number, Kind.WARNING, at=5, name="b_frames")
    told(plans, number, Kind.WARNING, at=9, name="b_frames", is_over=True)
    size = 3 * 2**31
    told(plans, number, Kind.RECORDING_ENDED, at=60, seconds=60, bytes=size, sha256="a" * 64, reason="ended")
    with plans.home.database.read() as session:
        kept = session.scalars(select(ObservationRecording)).one()
        warning = session.scalars(select(StreamIncident).where(StreamIncident.kind == "warning")).one()
    assert (kept.seconds, kept.bytes, kept.digest) == (60, size, "a" * 64)
    assert warning.over_at == NOON + timedelta(seconds=9)


NOBODYS: tuple[tuple[str, str, dict[str, object]], ...] = (
    ("o999/program", "p1", {"transport": "udp", "jti": "x"}),
    ("", "", {}),
    ("o1/program", "p99999", {"transport": "udp", "jti": "x"}),
    ("o1/program", "l1", {"transport": "udp", "jti": "x"}),
    ("o1/program", "p1", {"transport": "pigeon", "jti": "x"}),
    ("o1/program", "p1", {"seconds": "many"}),
)


def test_an_event_that_concerns_nobody_here_changes_nothing(plans: Observed) -> None:
    number = plans.on_air()
    with plans.home.database.write() as session:
        for path, sub, details in NOBODYS:
            mine = path.replace("o1/", f"o{number}/")
            hear(session, Event("spool", 1, NOON, Kind.VIEWER_LEFT, mine, sub, details))
        assert attended(session, session.get_one(Observation, number), NOON) == []

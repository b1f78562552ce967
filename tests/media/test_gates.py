"""Who may publish and watch, and what goes out: every state of an occasion."""

from dataclasses import replace

import pytest

from training_app.media import gates
from training_app.media.protocol import Act, Claims, Stage, State, Venue

STAGE = Stage(
    "o12",
    1,
    State.ON_AIR,
    "v1",
    (Venue("v1", ("l1",), consented=True, recorded=True), Venue("v2", ("l2",), consented=False, recorded=False)),
)


def claims(act: Act, sub: str = "p7", path: str = "o12/v1") -> Claims:
    return Claims(sub, path, act, 2_000_000_000, "jti")


def status(refusal: gates.Refusal | None) -> int:
    return refusal.status if refusal else 200


@pytest.mark.parametrize(
    ("state", "publish", "view", "monitor"),
    [
        (State.CLOSED, 409, 409, 409),
        (State.OPEN, 200, 409, 200),
        (State.ON_AIR, 200, 200, 200),
        (State.HELD, 200, 200, 200),
        (State.ENDED, 410, 410, 410),
    ],
)
def test_the_state_decides_who_may_come(state: State, publish: int, view: int, monitor: int) -> None:
    stage = replace(STAGE, state=state)
    assert status(gates.publish_refusal(stage, claims(Act.PUBLISH, "l1"), "v1")) == publish
    assert status(gates.watch_refusal(stage, claims(Act.VIEW), "v1")) == view
    assert status(gates.watch_refusal(stage, claims(Act.MONITOR), "v1")) == monitor


@pytest.mark.parametrize(
    ("sub", "stream", "expected"),
    [
        ("l1", "v1", 200),
        ("l2", "v1", 403),
        ("l9", "v1", 403),
        ("p7", "v1", 200),
        ("p7", "talkback", 200),
        ("l1", "v9", 404),
    ],
)
def test_a_link_publishes_at_its_venue_only(sub: str, stream: str, expected: int) -> None:
    assert status(gates.publish_refusal(STAGE, claims(Act.PUBLISH, sub), stream)) == expected


def test_whoever_is_banned_neither_publishes_nor_watches_nor_stays() -> None:
    stage = replace(STAGE, banned=("p7", "l1"))
    assert status(gates.publish_refusal(stage, claims(Act.PUBLISH, "l1"), "v1")) == 403
    assert status(gates.watch_refusal(stage, claims(Act.VIEW), "program")) == 403
    assert not gates.may_stay(stage, claims(Act.VIEW), "program")


def test_a_token_holds_for_its_act() -> None:
    assert status(gates.publish_refusal(STAGE, claims(Act.VIEW), "v1")) == 403
    assert status(gates.watch_refusal(STAGE, claims(Act.PUBLISH), "v1")) == 403


def test_an_unknown_occasion_is_not_open_yet() -> None:
    assert status(gates.publish_refusal(None, claims(Act.PUBLISH), "v1")) == 409


@pytest.mark.parametrize("state", list(State))
def test_nothing_reaches_viewers_but_on_the_air_and_with_consent(state: State) -> None:
    stage = replace(STAGE, state=state)
    shown = {one: gates.goes_out(stage, one) for one in ("v1", "v2", "program", "v9")}
    on_air = state is State.ON_AIR
    assert shown == {"v1": on_air, "v2": False, "program": on_air, "v9": False}
    assert not gates.goes_out(replace(stage, program="v2"), "program")
    assert not gates.goes_out(replace(stage, program=None), "program")


def test_the_talkback_needs_no_air() -> None:
    talks = [state for state in State if gates.goes_out(replace(STAGE, state=state), "talkback")]
    assert talks == [State.OPEN, State.ON_AIR, State.HELD]


def test_viewers_stay_when_the_air_is_left_and_leave_at_the_end() -> None:
    stays = [state for state in State if gates.may_stay(replace(STAGE, state=state), claims(Act.VIEW), "v1")]
    assert stays == [State.OPEN, State.ON_AIR, State.HELD]

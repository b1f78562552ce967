"""Who may publish and watch what, and what goes out, as the stage says. Decisions only."""

from dataclasses import dataclass
from typing import Final

from training_app.media.protocol import PROGRAM, TALKBACK, Act, Claims, Stage, State, Venue

RETRY_S: Final = 3


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why not. status: of HTTP. retry_s: when to try again, 0 when that would not help."""

    status: int
    message: str
    retry_s: int = 0


_UNKNOWN = Refusal(404, "There is no such stream.")
_BANNED = Refusal(403, "This link or account may not take part any more.")
_NOT_OPEN = Refusal(409, "This is not open yet.", RETRY_S)
_OVER = Refusal(410, "This has ended.")


def venue_of(stage: Stage, stream: str) -> Venue | None:
    """The venue whose stream this is (`v3`), or None."""
    return next((one for one in stage.venues if one.path == stream), None)


def publish_refusal(stage: Stage | None, claims: Claims, stream: str) -> Refusal | None:
    """Why the bearer of `claims` may not publish `stream` now; None when it may."""
    if stage is None:
        return _NOT_OPEN
    if claims.act is not Act.PUBLISH:
        return Refusal(403, "This token is not for publishing.")
    refusal = _common_refusal(stage, claims.sub)
    if refusal is not None or stream == TALKBACK:
        return refusal
    venue = venue_of(stage, stream)
    if venue is None:
        return _UNKNOWN
    is_known = claims.sub in venue.links or not claims.sub.startswith("l")
    return None if is_known else _BANNED


def watch_refusal(stage: Stage | None, claims: Claims, stream: str) -> Refusal | None:
    """Why the bearer of `claims` may not watch `stream` now; None when it may."""
    if stage is None:
        return _NOT_OPEN
    if claims.act not in {Act.VIEW, Act.MONITOR}:
        return Refusal(403, "This token is not for watching.")
    refusal = _common_refusal(stage, claims.sub)
    if refusal is not None:
        return refusal
    if stream not in {PROGRAM, TALKBACK} and venue_of(stage, stream) is None:
        return _UNKNOWN
    if claims.act is Act.VIEW and stream != TALKBACK and stage.state is State.OPEN:
        return Refusal(409, "This is not on the air yet.", RETRY_S)
    return None


def may_stay(stage: Stage, claims: Claims, stream: str) -> bool:
    """Whether who was let in may go on after the stage has changed."""
    decide = publish_refusal if claims.act is Act.PUBLISH else watch_refusal
    refusal = decide(stage, claims, stream)
    return refusal is None or (refusal.status == 409 and stage.state is State.OPEN)


def goes_out(stage: Stage, stream: str) -> bool:
    """Whether `stream` reaches viewers and segments. What hosts see does not ask this."""
    if stream == TALKBACK:
        return stage.state in {State.OPEN, State.ON_AIR, State.HELD}
    shown = stage.program if stream == PROGRAM else stream
    venue = venue_of(stage, shown) if shown else None
    return stage.state is State.ON_AIR and venue is not None and venue.consented


def _common_refusal(stage: Stage, sub: str) -> Refusal | None:
    if stage.state is State.ENDED:
        return _OVER
    if sub in stage.banned:
        return _BANNED
    return _NOT_OPEN if stage.state is State.CLOSED else None

"""The paper over HTTP: its page, deliveries, the hand-in, and what was left on a computer."""

from contextlib import suppress
from datetime import datetime

from flask import Response as Answer
from flask import current_app, g, jsonify, make_response, redirect, request, url_for
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import generate_csrf
from sqlalchemy import select
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response

from training_app.audit.services import Act, record
from training_app.errors import Conflict, Refused
from training_app.exams.models import Attempt
from training_app.exams.paper.access import PERMISSION, own_attempt
from training_app.exams.paper.finishing import hand_in
from training_app.exams.paper.left_behind import take_in
from training_app.exams.paper.notices import notices_of
from training_app.exams.paper.presence import HEARTBEAT_S
from training_app.exams.paper.quick import hand_in_quickly, live_quickly, save_quickly
from training_app.exams.paper.receiving import Arrival, Reply, receive
from training_app.exams.paper.settling import settle
from training_app.exams.paper.showing import PaperShown, paper_shown, paper_shown_quickly
from training_app.exams.paper.standing import BEFORE_START, HANDED_IN, TRANSPORT_GRACE
from training_app.exams.paper.tokens import Tokens
from training_app.exams.sitting_models import RosterPlace
from training_app.exams.views import bp
from training_app.people.claims import Claim
from training_app.people.signed import me
from training_app.saves import BadDelivery, Delivery, TooLarge, read_delivery, read_parcel
from training_app.web.access import PUBLIC, permit, quickly
from training_app.web.error_pages import error_answer
from training_app.web.lasting import outlast
from training_app.web.requests import address, database, now, read_session, write_session
from training_app.web.words import in_language, language

VOID = _l("This attempt was declared void. Ask the invigilator or the administrator of your base.")
NOT_BEGUN = _l("This test has not begun yet.")
NO_DELIVERY = _l("The page sent something that cannot be read as answers. Load the page again.")


class BodyTooLarge(Refused):
    """A body that is longer than a page ever sends."""

    status = 413


def tokens() -> Tokens:
    """Beacons and delivery tokens of this site."""
    return Tokens(str(current_app.secret_key))


def after_hand_in(attempt_id: int, kind: str) -> str:
    """Where the person goes on after handing in: a sitting ends with its receipt, the others with their result."""
    return url_for("exams.receipt" if kind == "sitting" else "exams.result", attempt_id=attempt_id)


def _page_quickly(claim: Claim, attempt_id: int) -> Answer | None:
    shown = paper_shown_quickly(database(), claim, attempt_id, now())
    if shown is None:
        return None
    g.own_language = shown.language
    return make_response(_page(shown))


@bp.get("/attempts/<int:attempt_id>")
@permit("practice.take")
@quickly(_page_quickly)
def paper(attempt_id: int) -> str | Response:
    """The whole paper in both languages; what is handed in leads on, what has not begun leads back."""
    attempt = settle(own_attempt(read_session(), me().holder, attempt_id), now())
    if attempt.state in HANDED_IN:
        return redirect(after_hand_in(attempt.id, attempt.kind))
    if attempt.state == "voided":
        raise Conflict(VOID)
    if attempt.state in BEFORE_START:
        return _to_the_place(attempt)
    return _page(paper_shown(read_session(), attempt.id))


def _page(shown: PaperShown) -> str:
    _keep_signed_in(shown.deadline_at)
    data = {**shown.data, **_of_this_moment(shown)}
    # without what other pages know of the person, which would have to be looked up
    template = current_app.jinja_env.get_template("exams/attempt.html")
    demonstration = current_app.extensions["demonstration"]
    return template.render(shown=shown, data=data, language=language(), demonstration=demonstration)


def _to_the_place(attempt: Attempt) -> Response:
    """What has not begun is begun from the candidate's place."""
    place = read_session().scalar(select(RosterPlace.id).where(RosterPlace.attempt_id == attempt.id))
    if place is None:
        raise Conflict(NOT_BEGUN)
    return redirect(url_for("exams.own_place", place_id=place))


def _of_this_moment(shown: PaperShown) -> dict[str, object]:
    attempt_id = shown.attempt_id
    return {
        "state": shown.standing(now()),
        "server_now": now().isoformat(),
        "beacon": tokens().beacon(attempt_id, now()),
        "token": tokens().delivery_token(attempt_id),
        "csrf": generate_csrf(),
        "urls": {
            "saves": url_for("exams.saves", attempt_id=attempt_id),
            "hand_in": url_for("exams.hand_in_paper", attempt_id=attempt_id),
            "deliveries": url_for("exams.deliveries"),
            "receipt": url_for("exams.receipt", attempt_id=attempt_id),
            "after": after_hand_in(attempt_id, shown.kind),
        },
        "heartbeat_s": HEARTBEAT_S,
        "language": language(),
    }


def _keep_signed_in(deadline_at: datetime | None) -> None:
    if deadline_at is not None:
        outlast(deadline_at + TRANSPORT_GRACE)


def _saved_quickly(claim: Claim, attempt_id: int) -> Answer | None:
    delivery, arrival = _delivery_read(), _arrival(attempt_id)
    if delivery is None:
        return None
    if delivery.entries:
        reply = save_quickly(database(), claim, attempt_id, delivery, arrival=arrival)
        return _told(reply) if reply else None
    alive = live_quickly(database(), claim, attempt_id, delivery, now=arrival.now)
    return _told(alive[0], notices=alive[1]) if alive else None


@bp.post("/attempts/<int:attempt_id>/saves")
@permit("practice.take")
@quickly(_saved_quickly)
def saves(attempt_id: int) -> Answer:
    """What the page delivered, stored, and the page told; a sign of life when it delivered nothing."""
    delivery = _delivery(attempt_id)
    with write_session() as session:
        reply = receive(session, me().holder, attempt_id, delivery, arrival=_arrival(attempt_id))
        told = notices_of(session, reply.known) if not delivery.entries else []
    return _told(reply, notices=told)


def _handed_in_quickly(claim: Claim, attempt_id: int) -> Answer | None:
    delivery = _delivery_read()
    reply = hand_in_quickly(database(), claim, attempt_id, delivery, arrival=_arrival(attempt_id)) if delivery else None
    return _told(reply) if reply else None


@bp.post("/attempts/<int:attempt_id>/hand-in")
@permit("practice.take")
@quickly(_handed_in_quickly)
def hand_in_paper(attempt_id: int) -> Answer:
    """The same, and the attempt handed in when nothing is missing. It is scored when its result is first read."""
    delivery = _delivery(attempt_id)
    with write_session() as session:
        reply = hand_in(session, me().holder, attempt_id, delivery, arrival=_arrival(attempt_id))
    return _told(reply, missing=[_number(item, seq) for item, seq in reply.missing])


@bp.post("/deliveries")
@permit(PUBLIC)
def deliveries() -> Answer:
    """Answers that were left on a computer go to the late pile of their attempt; their token is the proof."""
    try:
        parcel = read_parcel(request.get_data(cache=False))
    except TooLarge as fault:
        raise _too_large(request.endpoint) from fault
    except BadDelivery as fault:
        raise Refused(NO_DELIVERY) from fault
    with write_session() as session:
        found = take_in(session, parcel, tokens=tokens(), now=now())
    return jsonify(
        kept=[_number(item, seq) for item, seq in found.kept],
        refused=[_number(item, seq) for item, seq in found.refused],
    )


def _arrival(attempt_id: int) -> Arrival:
    return Arrival(now(), tokens().time_of(attempt_id))


@bp.errorhandler(RequestEntityTooLarge)
def too_large(_error: RequestEntityTooLarge) -> Answer:
    """The sentence about a body that is longer than the site takes at all; the try is written down."""
    _note_refusals(request.endpoint, ["too_large"])
    return error_answer(BodyTooLarge.status)


def _delivery_read() -> Delivery | None:
    with suppress(BadDelivery):
        return read_delivery(request.get_data())
    return None


def _delivery(attempt_id: int) -> Delivery:
    try:
        return read_delivery(request.get_data())
    except TooLarge as fault:
        raise _too_large(attempt_id) from fault
    except BadDelivery as fault:
        raise Refused(NO_DELIVERY) from fault


def _too_large(what: object) -> BodyTooLarge:
    _note_refusals(what, ["too_large"])
    return BodyTooLarge(_l("That is more than a page of answers ever sends. Nothing of it was stored."))


def _told(reply: Reply, *, notices: list[dict[str, object]] | None = None, missing: object = None) -> Answer:
    """The reply as the page reads it; called after the commit, since it says what is stored."""
    known = reply.known
    if reply.refused:
        _note_refusals(known.id, sorted({one.why for one in reply.refused}))
    if known.state in ("running", "paused"):
        _keep_signed_in(known.deadline_at)
    done = known.state in HANDED_IN
    return jsonify(
        server_now=now().isoformat(),
        beacon=tokens().beacon(known.id, now()),
        state=reply.state,
        deadline_at=known.deadline_at.isoformat() if known.deadline_at else None,
        stored=[{**_number(item, seq), "server_seq": server_seq} for item, seq, server_seq in reply.stored],
        refused=[
            {**_number(one.item, one.seq), "why": one.why, "sentence": in_language(one.said)} for one in reply.refused
        ],
        piled=[{**_number(one.given.item, one.given.seq), "why": one.why} for one in reply.piled],
        answered=known.answered,
        items=len(known.parts.items),
        last_stored_at=known.last_stored_at.isoformat() if known.last_stored_at else None,
        head={"server_seq": known.head.server_seq, "hash": known.head.hash},
        notices=notices or [],
        elsewhere={"seen_at": reply.elsewhere.isoformat()} if reply.elsewhere else None,
        receipt=url_for("exams.receipt", attempt_id=known.id) if done else None,
        missing=missing or [],
    )


def _number(item: int, seq: int) -> dict[str, object]:
    return {"item": item, "seq": seq}


def _note_refusals(what: object, reasons: list[str]) -> None:
    """What no page of ours sends stands in the audit log."""
    holder = me().holder if me().is_authenticated else None
    act = Act(
        "refused",
        "attempt" if isinstance(what, int) else "endpoint",
        str(what)[:80],
        actor_id=holder.id if holder else None,
        base_id=holder.base if holder else None,
        address=address(),
        details={"permission": PERMISSION["sitting"], "path": request.path[:200], "reason": ", ".join(reasons)},
    )
    with write_session() as session:
        record(session, act, now())

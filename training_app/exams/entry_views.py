"""Pages of the entry test: start, the paper, hand-in, result with a review of every answer."""

from flask import Response as FlaskResponse
from flask import flash, jsonify, redirect, render_template, request, url_for
from flask import session as cookie
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from training_app.bank.services import criteria
from training_app.errors import Conflict, Refused
from training_app.exams.answers import HANDED_IN, Save, hand_in, keep
from training_app.exams.attempts import PaperItem, attempt_of, given_of, paper_of, size_of
from training_app.exams.entry import start
from training_app.exams.models import Attempt
from training_app.exams.raw import as_typed, raw_response
from training_app.exams.results import by_section, score_attempt, scored
from training_app.exams.settling import takes_answers
from training_app.exams.views import bp
from training_app.people.signed import me
from training_app.web.access import permit
from training_app.web.requests import now, read_session, write_session
from training_app.web.words import clock

TEXT_SIZES = ("s", "m", "l")
TEXT_SIZE = "text"
"""Key of the session: the size of the paper's text that was chosen."""
SEEN = "seen"
"""Key of the session: id of the attempt and a bit for each place that was shown."""


@bp.post("/exams/entry")
@permit("entry.take")
def start_entry() -> Response:
    """The running test, or a new one; pressing twice gives the same."""
    with write_session() as session:
        attempt_id = start(session, me().holder, criteria(), now()).id
    return redirect(url_for("exams.paper", attempt_id=attempt_id))


@bp.get("/attempts/<int:attempt_id>")
@permit("entry.take")
def paper(attempt_id: int) -> str | Response:
    """One item of the paper at a time, with the palette and the clock of the server."""
    attempt = attempt_of(read_session(), me().holder, attempt_id)
    if not takes_answers(attempt):
        return redirect(url_for("exams.result", attempt_id=attempt_id))
    return _paper_page(attempt, request.args.get("item", 1, type=int))


def _paper_page(attempt: Attempt, position: int, refused: Refused | None = None) -> str:
    session = read_session()
    places = paper_of(session, attempt)
    given = given_of(session, attempt)
    place = places[min(max(position, 1), len(places)) - 1]
    mine = given.get(place.version_id)
    assert attempt.deadline_at is not None
    return render_template(
        "exams/paper.html",
        attempt=attempt,
        places=places,
        place=place,
        item=place.item,
        order=place.option_order,
        case=place.case,
        case_positions=[p.position for p in places if p.case and place.case and p.case.id == place.case.id],
        given=as_typed(place.item, request.form) if _keeps_typed(refused) else mine.response if mine else None,
        saved_at=mine.received_at if mine and mine.response else None,
        client_seq=(mine.client_seq if mine else 0) + 1,
        answered={p.position for p in places if p.version_id in given and given[p.version_id].response},
        seen=_seen(attempt, place.position),
        last_saved=max((g.received_at for g in given.values()), default=None),
        seconds_left=max(0, int((attempt.deadline_at - now()).total_seconds())),
        paper_text_size=cookie.get(TEXT_SIZE, "m"),
        fault=refused.message if refused else None,
    )


def _keeps_typed(refused: Refused | None) -> bool:
    # after a conflict the page shows what is saved; after a slip, what was typed
    return refused is not None and refused.status == Refused.status


def _seen(attempt: Attempt, position: int) -> set[int]:
    """Places of this paper that this browser has shown, as bits in its session."""
    kept = cookie.get(SEEN)
    bits = kept[1] if isinstance(kept, list) and kept[0] == attempt.id else 0
    cookie[SEEN] = [attempt.id, bits | 1 << position]
    return {place for place in range(1, 64) if cookie[SEEN][1] >> place & 1}


@bp.post("/attempts/<int:attempt_id>/items/<int:position>")
@permit("entry.take")
def save(attempt_id: int, position: int) -> Response | FlaskResponse | tuple[FlaskResponse | str, int]:
    """The answer is stored, then the page asked for opens; a script is told what is stored and where to go on."""
    attempt = attempt_of(read_session(), me().holder, attempt_id)
    place = _place(attempt, position)
    try:
        if "unchanged" in request.form:
            return _gone_on(attempt, position)
        raw = None if "clear" in request.form else raw_response(place.item, request.form)
        with write_session() as session:
            entry = Save(place.version_id, request.form.get("client_seq", 0, type=int), raw)
            keep(session, me().holder, attempt_id, entry, now=now())
    except Refused as refusal:
        return _refused(attempt_id, position, refusal)
    onward = _onward(attempt_id, position)
    return _stored(attempt_id, onward) if _wants_json() else redirect(onward)


def _gone_on(attempt: Attempt, position: int) -> Response | FlaskResponse:
    """Where the button leads when a script says that the answer is stored already."""
    if not takes_answers(attempt):
        raise Conflict(HANDED_IN)
    onward = _onward(attempt.id, position)
    return _stored(attempt.id, onward) if _wants_json() else redirect(onward)


def _refused(attempt_id: int, position: int, refusal: Refused) -> Response | tuple[FlaskResponse | str, int]:
    """The sentence, on the paper itself while it takes answers, else on the result."""
    attempt = attempt_of(read_session(), me().holder, attempt_id)
    running = takes_answers(attempt)
    result_page = url_for("exams.result", attempt_id=attempt_id)
    if _wants_json():
        return jsonify(error=str(refusal.message), onward=None if running else result_page), refusal.status
    if running:
        return _paper_page(attempt_of(read_session(), me().holder, attempt_id), position, refusal), refusal.status
    flash(str(refusal.message), "warning")
    return redirect(result_page)


def _onward(attempt_id: int, position: int) -> str:
    """The address that the pressed button asks for; the same item when it asks for nothing."""
    goto = request.form.get("goto", "")
    if goto == "hand-in":
        return url_for("exams.confirm_hand_in", attempt_id=attempt_id)
    if request.form.get("text") in TEXT_SIZES:
        cookie[TEXT_SIZE] = request.form["text"]
    item = int(goto) if goto.isascii() and goto.isdecimal() and len(goto) < 4 else position
    page = url_for("exams.paper", attempt_id=attempt_id, item=item)
    language = request.form.get("language")
    return url_for("people.switch_language", language=language, next=page) if language else page


def _wants_json() -> bool:
    return request.accept_mimetypes.best == "application/json"


def _stored(attempt_id: int, onward: str) -> FlaskResponse:
    session = read_session()
    attempt = attempt_of(session, me().holder, attempt_id)
    given = given_of(session, attempt)
    assert attempt.deadline_at is not None
    return jsonify(
        stored=sum(bool(g.response) for g in given.values()),
        items=size_of(session, attempt),
        last=clock(now()),
        onward=onward,
        seconds_left=max(0, int((attempt.deadline_at - now()).total_seconds())),
    )


def _place(attempt: Attempt, position: int) -> PaperItem:
    places = paper_of(read_session(), attempt)
    if not 1 <= position <= len(places):
        raise Refused(_("Your test has no such item."))
    return places[position - 1]


@bp.get("/attempts/<int:attempt_id>/hand-in")
@permit("entry.take")
def confirm_hand_in(attempt_id: int) -> str | Response:
    """What is answered and what is not, before handing in."""
    session = read_session()
    attempt = attempt_of(session, me().holder, attempt_id)
    if not takes_answers(attempt):
        return redirect(url_for("exams.result", attempt_id=attempt_id))
    given = given_of(session, attempt)
    places = paper_of(session, attempt)
    open_positions = [p.position for p in places if p.version_id not in given or not given[p.version_id].response]
    return render_template("exams/hand_in.html", attempt=attempt, places=places, open_positions=open_positions)


@bp.post("/attempts/<int:attempt_id>/hand-in")
@permit("entry.take")
def hand_in_entry(attempt_id: int) -> Response:
    """The test is handed in; storing that and scoring are apart, and both may be repeated."""
    with write_session() as session:
        hand_in(session, me().holder, attempt_id, now=now())
    with write_session() as session:
        score_attempt(session, attempt_id, now())
    return redirect(url_for("exams.result", attempt_id=attempt_id))


@bp.get("/attempts/<int:attempt_id>/result")
@permit("entry.take")
def result(attempt_id: int) -> str | Response:
    """Outcome, score by section, and every answer with its reasons."""
    attempt = attempt_of(read_session(), me().holder, attempt_id)
    if takes_answers(attempt):
        return redirect(url_for("exams.paper", attempt_id=attempt_id))
    session = read_session()
    attempt = attempt_of(session, me().holder, attempt_id)
    found = scored(session, attempt)
    assert found is not None
    places = paper_of(session, attempt)
    given = given_of(session, attempt)
    return render_template(
        "exams/result.html",
        attempt=attempt,
        scored=found,
        sections=by_section(places, found, criteria()),
        places=places,
        given={version_id: answer.response for version_id, answer in given.items()},
        tree=criteria(),
    )

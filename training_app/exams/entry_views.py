"""Pages of the entry test: start, the paper, hand-in, result with a review of every answer."""

from flask import Response as FlaskResponse
from flask import jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from training_app.bank.services import criteria
from training_app.errors import Refused
from training_app.exams.answers import Save, close, hand_in, keep
from training_app.exams.attempts import PaperItem, attempt_of, given_of, is_over, paper_of
from training_app.exams.entry import start
from training_app.exams.models import Attempt
from training_app.exams.raw import raw_response
from training_app.exams.results import by_section, score_attempt, scored
from training_app.exams.views import bp
from training_app.people.signed import me
from training_app.web.access import permit
from training_app.web.requests import now, read_session, write_session
from training_app.web.words import moment


@bp.post("/exams/entry")
@permit("entry.take")
def start_entry() -> Response:
    """The running test, or a new one; pressing twice gives the same."""
    with write_session() as session:
        attempt_id = start(session, me().holder, criteria(), now()).id
    return redirect(url_for("exams.paper", attempt_id=attempt_id))


def _settle(attempt: Attempt) -> bool:
    """Whether the attempt takes answers; one whose time is up is closed, a closed one is scored."""
    if attempt.state == "running" and not is_over(attempt, now()):
        return True
    if attempt.state == "running":
        with write_session() as session:
            close(session, attempt_of(session, me().holder, attempt.id), reason="time_up", now=now())
    with write_session() as session:
        score_attempt(session, attempt.id, now())
    return False


@bp.get("/attempts/<int:attempt_id>")
@permit("entry.take")
def paper(attempt_id: int) -> str | Response:
    """One item of the paper at a time, with the palette and the clock of the server."""
    attempt = attempt_of(read_session(), me().holder, attempt_id)
    if not _settle(attempt):
        return redirect(url_for("exams.result", attempt_id=attempt_id))
    return _paper_page(attempt, request.args.get("item", 1, type=int))


def _paper_page(attempt: Attempt, position: int, fault: object = None) -> str:
    session = read_session()
    places = paper_of(session, attempt)
    given = given_of(session, attempt)
    place = places[min(max(position, 1), len(places)) - 1]
    answered = {p.position for p in places if p.version_id in given and given[p.version_id].response}
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
        given=mine.response if mine else None,
        saved_at=mine.received_at if mine else None,
        client_seq=(mine.client_seq if mine else 0) + 1,
        answered=answered,
        last_saved=max((g.received_at for g in given.values()), default=None),
        seconds_left=max(0, int((attempt.deadline_at - now()).total_seconds())),
        fault=fault,
    )


@bp.post("/attempts/<int:attempt_id>/items/<int:position>")
@permit("entry.take")
def save(attempt_id: int, position: int) -> Response | FlaskResponse | tuple[str, int]:
    """The answer is stored, then the page asked for opens; a script is told what is stored."""
    attempt = attempt_of(read_session(), me().holder, attempt_id)
    place = _place(attempt, position)
    try:
        raw = raw_response(place.item, request.form)
        with write_session() as session:
            entry = Save(place.version_id, request.form.get("client_seq", 0, type=int), raw)
            keep(session, me().holder, attempt_id, entry, now=now())
    except Refused as refusal:
        if _wants_json() or refusal.status != Refused.status:
            raise
        return _paper_page(attempt_of(read_session(), me().holder, attempt_id), position, refusal.message), 422
    if _wants_json():
        return _stored(attempt_id)
    onward = request.form.get("goto", str(position))
    if onward == "hand-in":
        return redirect(url_for("exams.confirm_hand_in", attempt_id=attempt_id))
    return redirect(url_for("exams.paper", attempt_id=attempt_id, item=onward if onward.isdecimal() else position))


def _wants_json() -> bool:
    return request.accept_mimetypes.best == "application/json"


def _stored(attempt_id: int) -> FlaskResponse:
    session = read_session()
    attempt = attempt_of(session, me().holder, attempt_id)
    given = given_of(session, attempt)
    assert attempt.deadline_at is not None
    return jsonify(
        stored=sum(bool(g.response) for g in given.values()),
        items=len(paper_of(session, attempt)),
        last=moment(now(), seconds=True)[-8:],
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
    if not _settle(attempt):
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
    if _settle(attempt):
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

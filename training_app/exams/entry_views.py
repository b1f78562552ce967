"""Tests that somebody takes alone: begun from the overview, and their result with a review of every answer."""

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from training_app.bank.services import criteria
from training_app.exams.attempts import given_of, paper_of
from training_app.exams.paper.access import own_attempt
from training_app.exams.paper.receipts import receipt_of
from training_app.exams.paper.settling import settle
from training_app.exams.paper.showing import title_of
from training_app.exams.results import by_section, scored
from training_app.exams.starting import Test, entry_test, practice_test, start
from training_app.exams.views import bp
from training_app.people.signed import me
from training_app.web.access import permit
from training_app.web.requests import now, read_session, write_session


@bp.post("/exams/entry")
@permit("entry.take")
def start_entry() -> Response:
    """The running entry test, or a new one; pressing twice gives the same."""
    return _begun(entry_test(read_session()))


@bp.post("/exams/timed/<int:blueprint_id>")
@permit("practice.take")
def start_practice(blueprint_id: int) -> Response:
    """The running timed practice, or a new one; pressing twice gives the same."""
    return _begun(practice_test(read_session(), blueprint_id))


def _begun(test: Test) -> Response:
    with write_session() as session:
        attempt_id = start(session, me().holder, test, criteria(), now=now()).id
    return redirect(url_for("exams.paper", attempt_id=attempt_id))


@bp.get("/attempts/<int:attempt_id>/result")
@permit("practice.take")
def result(attempt_id: int) -> str | Response:
    """Outcome, score by section, and every answer with its reasons: of a test that somebody took alone."""
    attempt = settle(own_attempt(read_session(), me().holder, attempt_id), now())
    if attempt.kind == "sitting":
        return redirect(url_for("exams.receipt", attempt_id=attempt_id))
    session = read_session()
    found = scored(session, attempt)
    if found is None:
        return redirect(url_for("exams.paper", attempt_id=attempt_id))
    places = paper_of(session, attempt)
    given = given_of(session, attempt)
    return render_template(
        "exams/result.html",
        attempt=attempt,
        title=title_of(session, attempt),
        receipt=receipt_of(session, attempt_id),
        scored=found,
        sections=by_section(places, found, criteria()),
        places=places,
        given={version_id: answer.response for version_id, answer in given.items()},
        tree=criteria(),
    )

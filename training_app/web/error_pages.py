"""Error pages: what happened, what to do, the id of the request; never a trace."""

import logging

from flask import Flask, Response, g, jsonify, make_response, render_template, request
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from werkzeug.exceptions import HTTPException

from training_app.db import is_away
from training_app.errors import Busy, Refused, TooMany
from training_app.web.requests import close_read_session, request_id

log = logging.getLogger("training_app.errors")

TITLES = {
    400: _l("The request could not be understood"),
    403: _l("This page is not open to you"),
    404: _l("There is no such page"),
    405: _l("This cannot be done here"),
    408: _l("What you sent did not arrive whole"),
    409: _l("Something has changed in the meantime"),
    413: _l("That is too large"),
    422: _l("This could not be done"),
    429: _l("Too many attempts"),
    500: _l("Something went wrong on our side"),
    503: _l("The site cannot reach its records"),
}
CROWD = _l("Many people at once")
WHAT_TO_DO = {
    400: _l("Go back, load the page again and repeat what you did."),
    403: _l("Your roles do not include it. If they should, ask the administrator of your base."),
    404: _l("Check the address, or begin again from your home page."),
    405: _l("Go back and use the buttons of the page."),
    408: _l("Check the connection, then send it again. Nothing was changed."),
    409: _l("Load the page again to see how things stand now."),
    413: _l("Send something smaller."),
    422: _l("Go back and correct what was entered."),
    429: _l("Wait a little, then try again."),
    500: _l("Nothing half-done was kept. Try again; if it happens again, tell the administrator the number below."),
    503: _l("Try again in a minute. Whatever was confirmed as saved is safe."),
}


def error_answer(status: int, message: object | None = None, *, title: object | None = None) -> Response:
    """The page for `status`, or JSON where a script asked; the page for 503 when not even the person can be found."""
    try:
        return _answer(status, message, title)
    except SQLAlchemyError:
        return without_records()


def without_records() -> Response:
    """The page for 503, written without asking the database: as for somebody who is not signed in."""
    g.without_records = True
    return _answer(503, None, None)


def _answer(status: int, message: object | None, titled: object | None) -> Response:
    title = str(titled or TITLES.get(status, TITLES[500]))
    sentence = str(message if message is not None else WHAT_TO_DO.get(status, WHAT_TO_DO[500]))
    if wants_json():
        response = jsonify(error=sentence, request_id=request_id())
    else:
        response = make_response(
            render_template("errors/error.html", status=status, title=title, sentence=sentence, request_id=request_id())
        )
    response.status_code = status
    return response


def wants_json() -> bool:
    """Whether a script asked, and not somebody who reads a page."""
    return request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"


def init_error_pages(app: Flask) -> None:
    """`app` answers every failure with a page of its own."""

    @app.errorhandler(Refused)
    def refused(error: Refused) -> Response:
        title = CROWD if isinstance(error, Busy) else None
        response = error_answer(error.status, error.message, title=title)
        if isinstance(error, TooMany):
            response.headers["Retry-After"] = str(error.retry_after_s)
        return response

    @app.errorhandler(CSRFError)
    def stale_form(_error: CSRFError) -> Response:
        return error_answer(
            400, gettext("This page was open for a long time or belongs to another sign-in. Load it again and repeat.")
        )

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Response:
        if error.code is None or error.code < 400:
            return make_response(error.get_response())
        return error_answer(error.code if error.code in TITLES else 400 if error.code < 500 else 500)

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> Response:
        away = isinstance(error, DBAPIError) and is_away(error)
        message = "the database does not answer" if away else "unexpected error"
        log.error(message, exc_info=error, extra={"fields": {"request_id": request_id()}})
        close_read_session()  # after a refused statement it answers nothing more
        return without_records() if away else error_answer(500)

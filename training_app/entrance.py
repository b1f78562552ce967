"""The way in: who is signed in, in which language, and whether the view that is asked for is for them."""

from babel import Locale
from flask import Flask, g, jsonify, make_response, redirect, request, url_for
from flask import session as cookie
from flask_babel import Babel
from flask_babel import gettext as _
from flask_login import LoginManager, current_user
from flask_wtf import CSRFProtect
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.wrappers import Response

from training_app.audit.services import Act, record
from training_app.errors import NotAllowed, Refused
from training_app.errors import NotFound as NotWithinReach
from training_app.exams.day.limits import within_limit
from training_app.exams.paper import views as paper_views
from training_app.memory import Memory
from training_app.people.claims import claimed
from training_app.people.signed import SignedIn, me, person_of_session
from training_app.web.access import PUBLIC, SIGNED_IN, declared_permission, quick_way_of
from training_app.web.error_pages import wants_json
from training_app.web.lasting import MOST_REMEMBERED
from training_app.web.requests import address, now, read_session, write_session

ENGLISH, CHINESE = Locale.parse("en"), Locale.parse("zh_CN")
"""Read once: to parse the name of a locale takes longer than many a page."""


class FormTokens(CSRFProtect):
    """The tokens of forms and scripts. What a script sent and was found good is not computed again from the same."""

    def __init__(self, app: Flask) -> None:
        self._good: Memory[tuple[object, ...], bool] = Memory(MOST_REMEMBERED)
        super().__init__(app)

    def protect(self, apply_exemptions: bool = False) -> None:
        """Nothing, or CSRFError."""
        sent = request.headers.get("X-CSRFToken") if request.is_json else None
        # everything that the decision rests on
        said = map(request.environ.get, ("wsgi.url_scheme", "HTTP_HOST", "HTTP_REFERER"))
        seen = (sent, cookie.get("csrf_token"), *said)
        if sent is not None and self._good.recall(seen):
            return
        super().protect(apply_exemptions)
        if sent is not None and g.get("csrf_valid"):
            self._good.keep(seen, True)


def init_entrance(app: Flask) -> None:
    """Every request passes here before its view: first who it is, then whether they may."""
    _init_sign_in(app)
    _init_signed_out(app)
    FormTokens(app).exempt(paper_views.deliveries)
    _init_permission(app)
    Babel(app, locale_selector=_locale)


def _init_sign_in(app: Flask) -> None:
    manager = LoginManager(app)
    manager.session_protection = None  # a changed address or browser never signs a person out

    @manager.user_loader
    def load(session_id: str) -> SignedIn | None:
        if g.get("without_records"):
            return None
        person = person_of_session(read_session(), session_id)
        g.person_id = person.id if person else None
        return person


def _init_signed_out(app: Flask) -> None:
    """A script is told that nobody is signed in, before its token is looked at: that token ended with the session."""

    @app.before_request
    def tell() -> Response | None:
        if request.endpoint is None or request.endpoint not in app.view_functions:
            return None
        view = app.view_functions[request.endpoint]
        if declared_permission(view) == PUBLIC or (quick_way_of(view) is not None and claimed() is not None):
            return None
        return _signed_out() if wants_json() and not current_user.is_authenticated else None


def _signed_out() -> Response:
    if wants_json():
        return make_response(jsonify(error="signed_out"), 401)
    return redirect(url_for("people.sign_in", next=request.full_path if request.method == "GET" else None))


def _init_permission(app: Flask) -> None:
    @app.before_request
    def enforce() -> Response | None:
        if isinstance(request.routing_exception, MethodNotAllowed | NotFound) or request.endpoint is None:
            return None
        view = app.view_functions[request.endpoint]
        answer = _quick_answer(view)
        if answer is not None:
            return answer
        permission = declared_permission(view)
        if permission == PUBLIC:
            return None
        if not current_user.is_authenticated:
            return _signed_out()
        if me().limited_to is not None and not _within_limit():
            _note_refusal("entry code")
            raise NotAllowed(
                _("You came in with an entry code, which opens this examination only. Go back to it, or sign out.")
            )
        if permission is None or (permission != SIGNED_IN and not me().holder.may(permission)):
            _note_refusal(str(permission))
            raise NotAllowed(_("Your roles do not include this. If they should, ask the administrator of your base."))
        return None

    @app.errorhandler(NotWithinReach)
    @app.errorhandler(NotAllowed)
    def not_allowed(error: NotAllowed | NotWithinReach) -> Response:
        if error.act:
            _note_refusal(error.act)
        handler = app.error_handler_spec[None][None][Refused]
        answer: Response = handler(error)  # type: ignore[assignment]  # the handler of web.error_pages
        return answer


def _quick_answer(view: object) -> Response | None:
    """The answer of the quick way of `view`, for whom that proves to be signed in and allowed."""
    claim, quick_way = claimed(), quick_way_of(view)
    if claim is None or quick_way is None:
        return None
    try:
        answer = quick_way(claim, **(request.view_args or {}))
    except DBAPIError as fault:
        if not fault.connection_invalidated:
            raise
        # the database was started again a moment ago; what was changed all the same stands under its guard
        answer = quick_way(claim, **(request.view_args or {}))
    if answer is not None:
        g.person_id = claim.person_id
    return answer


def _within_limit() -> bool:
    place = me().limited_to
    leaving = request.endpoint == "people.sign_out"
    return leaving or (place is not None and within_limit(read_session(), place, request.view_args or {}))


def _note_refusal(what: str) -> None:
    holder = me().holder if current_user.is_authenticated else None
    with write_session() as session:
        act = Act(
            "refused",
            "endpoint",
            (request.endpoint or "")[:80],
            actor_id=holder.id if holder else None,
            base_id=holder.base if holder else None,
            address=address(),
            details={"permission": what, "path": request.path[:200]},
        )
        record(session, act, now())


def _locale() -> Locale:
    chosen = cookie.get("language") or g.get("own_language")
    if chosen is None and current_user.is_authenticated:
        chosen = current_user.language
    if chosen is None:
        chosen = request.accept_languages.best_match(["zh", "zh-CN", "en"], default="zh")
    return ENGLISH if str(chosen).startswith("en") else CHINESE

"""Sign-in, sign-out, first sign-in with a code, and one's own account."""

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, url_for
from flask import session as cookie
from flask_babel import gettext as _
from flask_login import current_user, login_user, logout_user
from werkzeug.wrappers import Response

from training_app.audit.services import Act, record
from training_app.errors import NotFound, Refused
from training_app.people.account import Account
from training_app.people.forms import CodeForm, LanguageForm, PasswordForm, SignInForm
from training_app.people.models import Person
from training_app.people.passwords import Passwords, is_outdated
from training_app.people.sign_in import (
    BLOCKED,
    WRONG,
    WRONG_CODE,
    Knock,
    account_at_the_door,
    check_password,
    code_of,
    forget_failures,
    home_base,
    knock,
    note_failure,
    person_at_the_door,
    refuse_too_many,
    renew_hash,
    set_password,
    spend_code,
)
from training_app.people.signed import me, signed_in
from training_app.signing import key_for
from training_app.web.access import PUBLIC, SIGNED_IN, permit
from training_app.web.requests import address, database, local_path, now, read_session, registry, write_session

bp = Blueprint("people", __name__)

LANGUAGES = ("zh", "en")


def passwords() -> Passwords:
    """The hashing turns of this worker."""
    found: Passwords = current_app.extensions["passwords"]
    return found


def door_key() -> bytes:
    """The key under which codes, names and addresses at the door are kept."""
    return key_for(str(current_app.secret_key), "door", 0)


def knock_here(username: str) -> Knock:
    """Somebody at the door with this account name, from the address of the request."""
    return knock(username, address(), door_key())


@bp.route("/sign-in", methods=["GET", "POST"])
@permit(PUBLIC)
def sign_in() -> str | Response | tuple[str, int]:
    """The door: name and password."""
    form = SignInForm(next=request.args.get("next"))
    onward = local_path(form.next.data, url_for("progress.home"))
    if current_user.is_authenticated:
        return redirect(onward)
    if not form.validate_on_submit():
        return _door(form), 422 if form.errors else 200
    person = person_let_in(form)
    if person is None:
        return _door(form), 422
    open_session(person)
    return redirect(onward)


def person_let_in(form: SignInForm) -> Account | None:
    """Whose name and password these are; None, with the sentence on the form, when they are not right.

    Raises TooMany after too many failures, before the password is looked at.
    """
    who = knock_here(form.username.data)
    with database().look() as connection:
        person, failures = account_at_the_door(connection, who, now())
    right = passwords().matches(person.password_hash if person else None, form.password.data)
    if not right or person is None or person.blocked_at is not None or _opens_nothing(person):
        with write_session() as session:
            note_failure(session, who, person, now())
        form.password.errors = [BLOCKED if right and person else WRONG]
        return None
    renewed = passwords().hash(form.password.data) if is_outdated(person.password_hash or "") else None
    if failures or renewed is not None:
        with write_session() as session:
            forget_failures(session, who)
            if renewed is not None:
                renew_hash(session, person, renewed)
    return person


def _place_of_simulated(person: Person | Account) -> int:
    """The one place that the account of a simulated candidate opens; 0, which no place has, when it opens none."""
    find = registry().place_in_rehearsal
    return (find(read_session(), person.id, now()) if find else None) or 0


def _opens_nothing(person: Account) -> bool:
    return person.rehearsal and not _place_of_simulated(person)


def _door(form: SignInForm) -> str:
    return render_template("people/sign_in.html", form=form, accounts=current_app.extensions["demo_accounts"])


def open_session(person: Person | Account, limited_to: int | None = None) -> None:
    """The person is signed in on this computer, and nobody else. limited_to: a roster place, for an entry code."""
    language = cookie.get("language")
    cookie.clear()
    if language:
        cookie["language"] = language
    cookie.permanent = True
    login_user(signed_in(person, _place_of_simulated(person) if person.rehearsal else limited_to))
    g.person_id = person.id


@bp.route("/sign-in/code", methods=["GET", "POST"])
@permit(PUBLIC)
def use_code() -> str | Response | tuple[str, int]:
    """First sign-in or reset: a one-time code, and the password the person chooses."""
    form = CodeForm()
    if not form.validate_on_submit():
        return render_template("people/use_code.html", form=form), 422 if form.errors else 200
    who = knock_here(form.username.data)
    refuse_too_many(read_session(), who, now())
    try:
        check_password(form.new_password.data, who.username)
    except Refused as refusal:
        form.new_password.errors = [refusal.message]
        return render_template("people/use_code.html", form=form), 422
    code = code_of(read_session(), who, form.code.data, key=door_key(), now=now())
    person = person_at_the_door(read_session(), who)
    if code is None or person is None or person.blocked_at is not None:
        with write_session() as session:
            note_failure(session, who, person, now())
        form.code.errors = [WRONG_CODE]
        return render_template("people/use_code.html", form=form), 422
    hashed = passwords().hash(form.new_password.data)
    with write_session() as session:
        spend_code(session, code, now())
        person = session.get_one(Person, person.id)
        set_password(session, person, hashed, now())
        forget_failures(session, who)
        act = Act("password.chosen", "person", person.id, actor_id=person.id, base_id=home_base(person))
        record(session, act, now())
    open_session(person)
    flash(_("Your password is set. You are signed in."), "success")
    return redirect(url_for("progress.home"))


@bp.post("/sign-out")
@permit(SIGNED_IN)
def sign_out() -> Response:
    """This session ends."""
    logout_user()
    cookie.clear()
    flash(_("You are signed out."), "success")
    return redirect(url_for("people.sign_in"))


@bp.get("/me")
@permit(SIGNED_IN)
def account() -> str:
    """One's own account: who the site thinks one is, language, password, sessions."""
    person = read_session().get_one(Person, me().id)
    language = LanguageForm(language=person.language)
    return render_template("people/me.html", account=person, language_form=language, password_form=PasswordForm())


@bp.post("/me/language")
@permit(SIGNED_IN)
def choose_language() -> Response:
    """Pages open in this language from now on."""
    form = LanguageForm()
    if not form.validate_on_submit():
        raise Refused(_("Choose 中文 or English."))
    with write_session() as session:
        session.get_one(Person, me().id).language = form.language.data
    cookie.pop("language", None)
    return redirect(url_for("people.account"))


@bp.post("/me/password")
@permit(SIGNED_IN)
def change_password() -> Response | tuple[str, int]:
    """A new password; every other session ends."""
    form = PasswordForm()
    person = read_session().get_one(Person, me().id)
    who = knock_here(person.username)
    if form.validate_on_submit():
        refuse_too_many(read_session(), who, now())
        if not passwords().matches(person.password_hash, form.present.data):
            with write_session() as session:
                note_failure(session, who, person, now())
            form.present.errors = [_("This is not your present password.")]
        else:
            try:
                check_password(form.new_password.data, person.username)
            except Refused as refusal:
                form.new_password.errors = [refusal.message]
            else:
                return _password_changed(form.new_password.data)
    language = LanguageForm(language=me().language)
    person = read_session().get_one(Person, me().id)
    return render_template("people/me.html", account=person, language_form=language, password_form=form), 422


def _password_changed(new_password: str) -> Response:
    hashed = passwords().hash(new_password)
    with write_session() as session:
        person = session.get_one(Person, me().id)
        set_password(session, person, hashed, now())
        record(session, Act("password.changed", "person", person.id, person.id, home_base(person)), now())
    open_session(person)
    flash(_("Your password is changed. Everywhere else you are signed out."), "success")
    return redirect(url_for("people.account"))


@bp.post("/me/sign-out-everywhere")
@permit(SIGNED_IN)
def sign_out_everywhere() -> Response:
    """Every session of the person ends, this one too."""
    with write_session() as session:
        person = session.get_one(Person, me().id)
        person.session_version += 1
        record(session, Act("sessions.ended", "person", person.id, person.id, home_base(person)), now())
    logout_user()
    cookie.clear()
    flash(_("You are signed out everywhere."), "success")
    return redirect(url_for("people.sign_in"))


@bp.get("/language/<language>")
@permit(PUBLIC)
def switch_language(language: str) -> Response:
    """The same page in the other language, for this session."""
    if language not in LANGUAGES:
        raise NotFound(_("This site speaks Chinese and English."))
    cookie["language"] = language
    return redirect(local_path(request.args.get("next"), "/"))

"""Forms of sign-in and of one's own account."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, RadioField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, EqualTo, Length

NEEDED = DataRequired(_l("Please fill this in."))


class SignInForm(FlaskForm):
    """Name and password."""

    username = StringField(_l("Sign-in name"), [NEEDED, Length(max=60)], render_kw={"autocomplete": "username"})
    password = PasswordField(_l("Password"), [NEEDED, Length(max=200)], render_kw={"autocomplete": "current-password"})
    next = HiddenField()


class NewPasswordFields(FlaskForm):
    """A new password, typed twice."""

    new_password = PasswordField(
        _l("New password"),
        [NEEDED, Length(max=200)],
        description=_l("At least 10 characters. A sentence is easier to remember than a riddle."),
        render_kw={"autocomplete": "new-password"},
    )
    repeat = PasswordField(
        _l("New password again"),
        [NEEDED, EqualTo("new_password", _l("The two passwords differ."))],
        render_kw={"autocomplete": "new-password"},
    )


class CodeForm(NewPasswordFields):
    """A one-time code and the password that the person chooses."""

    username = StringField(_l("Sign-in name"), [NEEDED, Length(max=60)], render_kw={"autocomplete": "username"})
    code = StringField(
        _l("One-time code"),
        [NEEDED, Length(max=60)],
        description=_l("Sixteen letters and digits from your slip; capitals and dashes do not matter."),
        render_kw={"autocomplete": "one-time-code", "spellcheck": "false"},
    )


class PasswordForm(NewPasswordFields):
    """The present password and a new one."""

    present = PasswordField(
        _l("Present password"), [NEEDED, Length(max=200)], render_kw={"autocomplete": "current-password"}
    )


class LanguageForm(FlaskForm):
    """The language in which pages open."""

    language = RadioField(_l("Language of pages"), choices=[SelectChoice("zh", "中文"), SelectChoice("en", "English")])

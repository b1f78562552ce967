"""Forms of people and organisations as administrators fill them in."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, Optional, Regexp, ValidationError

from question_bank.identifiers import is_customs_code, mask_identity_numbers, uscc_fault
from training_app.people.forms import NEEDED
from training_app.people.names import KIND_NAMES, ORGANISATION_KIND_NAMES

LARGEST_VERSION = 2**31 - 1
UNSEEN = {"Cc", "Cf", "Cs"}
"""Categories of characters that nobody types on purpose into a name: controls, marks of direction, halves of pairs."""


def tidy(value: str | None) -> str:
    """One line as it is stored: no unseen characters, single spaces, none at the ends."""
    kept = (sign for sign in value or "" if sign.isspace() or unicodedata.category(sign) not in UNSEEN)
    return " ".join("".join(kept).split())


def tidy_code(value: str | None) -> str:
    """A code as it is stored: capitals, no spaces or dashes, half-width."""
    return re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", tidy(value))).upper()


def tidy_text(value: str | None) -> str:
    """Several lines as they are stored."""
    return "\n".join(tidy(line) for line in (value or "").splitlines()).strip()


def refuse_identity_number(_form: FlaskForm, field: Field) -> None:
    """A fault when a resident identity number was typed where it would be kept as it is."""
    if mask_identity_numbers(field.data or "") != (field.data or ""):
        raise ValidationError(
            _("This is a resident identity number. None is kept here; people are told apart by staff number.")
        )


def line(label: object, length: int, *validators: object, **more: Any) -> StringField:
    """A field of one line that is tidied and holds no identity number."""
    return StringField(label, [*validators, Length(max=length), refuse_identity_number], filters=[tidy], **more)


def number_or_none(value: object) -> int | None:
    """The id that a choice carries, None for the empty choice."""
    return int(str(value)) if value not in {"", None, "None"} else None


def choices(names: Mapping[str, object], empty: str | None = None) -> list[SelectChoice]:
    """A choice for each value → label, first the empty one when it has a label."""
    first = [] if empty is None else [SelectChoice("", empty)]
    return [*first, *(SelectChoice(value, label) for value, label in names.items())]


def text_or_none(value: object) -> str | None:
    """The text that a choice carries, None for the empty choice."""
    return None if value in {"", None} else str(value)


class VersionedForm(FlaskForm):
    """A form that knows which version of the record it shows."""

    version = HiddenField()

    def seen_version(self) -> int:
        """The version that the person saw; 0, which no record has, when the field was tampered with."""
        text = str(self.version.data or "")
        return int(text) if text.isascii() and text.isdigit() and int(text) <= LARGEST_VERSION else 0

    def take_version(self, version: int) -> None:
        """From now on the form stands for this version of the record."""
        self.version.data = str(version)


class PersonForm(VersionedForm):
    """The particulars of a person."""

    name_zh = line(_l("Chinese name"), 60, NEEDED)
    name_en = line(_l("English name"), 80, NEEDED, description=_l("Family name first, as in pinyin: Shen Zhixia."))
    kind = RadioField(_l("Kind"), [NEEDED], choices=choices(KIND_NAMES))
    username = line(
        _l("Sign-in name"),
        60,
        NEEDED,
        Regexp(
            r"[a-zA-Z0-9][a-zA-Z0-9._-]+$",
            message=_l("Letters a to z, digits, dots, dashes; at least two, the first a letter or digit."),
        ),
        description=_l("Letters, digits, dots, dashes; for example shen.zhixia."),
        render_kw={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"},
    )
    staff_number = line(
        _l("Staff number"), 30, description=_l("The number of the office or firm. Never a resident identity number.")
    )
    email = line(
        _l("E-mail"),
        120,
        Optional(),
        Regexp(r"[^@\s]+@[^@\s]+\.[^@\s]+$", message=_l("This is not an e-mail address.")),
        render_kw={"autocomplete": "off"},
    )
    organisation_id = SelectField(_l("Organisation"), coerce=number_or_none)


class NewPersonForm(PersonForm):
    """A person who is not here yet, with the first posting and the first role."""

    base = SelectField(_l("Base"), coerce=text_or_none)
    role = SelectField(
        _l("First role"),
        coerce=text_or_none,
        description=_l("Others can be given on the record afterwards."),
    )


class BlockForm(FlaskForm):
    """Why an account is blocked."""

    reason = TextAreaField(
        _l("Reason"),
        [DataRequired(_l("Say why, so that whoever comes next understands.")), Length(max=500)],
        filters=[tidy_text],
        description=_l("Administrators who may open this record can read it."),
    )


class OrganisationForm(VersionedForm):
    """An enterprise or a customs office."""

    kind = RadioField(_l("Kind"), [NEEDED], choices=choices(ORGANISATION_KIND_NAMES))
    name_zh = line(_l("Chinese name"), 120, NEEDED)
    name_en = line(_l("English name"), 160, NEEDED)
    uscc = StringField(
        _l("Unified Social Credit Code"),
        filters=[tidy_code],
        description=_l("18 characters; every enterprise has one."),
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )
    customs_code = StringField(
        _l("Customs registration code"),
        filters=[tidy_code],
        description=_l("10 characters. The AEO code is derived from it and never typed."),
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )
    base_id = SelectField(_l("Base in charge"), coerce=text_or_none)
    note = TextAreaField(_l("Note"), [Length(max=2000)], filters=[tidy_text])

    def validate_uscc(self, field: StringField) -> None:
        """A fault that names the wrong character."""
        if not field.data:
            if self.kind.data == "enterprise":
                raise ValidationError(_("An enterprise needs its Unified Social Credit Code."))
            return
        fault = uscc_fault(field.data)
        if fault is not None:
            raise ValidationError(_uscc_sentence(field.data, *fault))

    def validate_customs_code(self, field: StringField) -> None:
        """A fault that says what a customs code looks like."""
        if field.data and not is_customs_code(field.data):
            raise ValidationError(_customs_code_sentence(field.data))


def _uscc_sentence(code: str, kind: str, number: int) -> object:
    sign = code[number - 1] if kind in {"digit", "sign"} else ""
    if kind == "length":
        return _("The code has 18 characters; this has %(number)s.", number=number)
    if kind == "digit":
        return _("Character %(number)s is %(sign)s; characters 3 to 8 are digits.", number=number, sign=sign)
    if kind == "sign":
        return _(
            "Character %(number)s is %(sign)s, which no code has: digits and capital letters without I, O, S, V, Z.",
            number=number,
            sign=sign,
        )
    return _("Character 18, the check character, does not fit the other 17: one of the 18 is mistyped.")


def _customs_code_sentence(code: str) -> object:
    if len(code) != 10:
        return _("The code has 10 characters; this has %(number)s.", number=len(code))
    wrong = next((place for place, sign in enumerate(code[:5], 1) if sign not in "0123456789"), None)
    if wrong is not None:
        return _("Character %(number)s is %(sign)s; the first five are digits.", number=wrong, sign=code[wrong - 1])
    return _("The last five characters are digits or letters A to Z.")

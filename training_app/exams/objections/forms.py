"""Forms of score checks and objections."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField, SelectField, TextAreaField
from wtforms.validators import Length

from training_app.exams.objections.names import KIND_NAMES, STATE_NAMES
from training_app.exams.objections.rules import Decision
from training_app.people.admin_forms import choices, number_or_none, tidy_text
from training_app.people.forms import NEEDED

LENGTH = Length(min=10, max=2000, message=_l("From 10 to 2000 characters."))


class AskForm(FlaskForm):
    """What a candidate asks. The kinds and items that are offered are set by the view."""

    kind = RadioField(_l("What do you ask for?"), [NEEDED], choices=choices(KIND_NAMES))
    item = SelectField(
        _l("Item"), coerce=number_or_none, description=_l("Only for an objection to an item. Its number on your paper.")
    )
    text = TextAreaField(
        _l("What should be looked at, and why?"),
        [NEEDED, LENGTH],
        filters=[tidy_text],
        description=_l("Name the item, the time or what happened. Whoever decides reads this with the records."),
        render_kw={"rows": 6},
    )


class DecisionForm(FlaskForm):
    """How it is decided, and what the candidate reads."""

    decision = RadioField(
        _l("Decision"),
        [NEEDED],
        choices=choices({decision.value: STATE_NAMES[decision] for decision in Decision}),
    )
    answer = TextAreaField(
        _l("Answer to the candidate"),
        [NEEDED, LENGTH],
        filters=[tidy_text],
        description=_l("What was looked at, what came of it, what follows. The candidate reads exactly this."),
        render_kw={"rows": 6},
    )


class VoidForm(FlaskForm):
    """Why a place is declared void."""

    reason = TextAreaField(
        _l("Reason"), [NEEDED, Length(max=500)], filters=[tidy_text], id="void-reason", render_kw={"rows": 2}
    )

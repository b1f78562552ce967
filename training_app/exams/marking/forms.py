"""Forms of cut scores and corrected keys."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, HiddenField, IntegerField, RadioField, TextAreaField
from wtforms.validators import InputRequired, Length

from question_bank.rekeying import ChangeKind
from training_app.exams.marking.standards import BASIS_LENGTH, CutScore
from training_app.exams.marking.words import CHANGES
from training_app.exams.setup.forms import reason_field
from training_app.people.admin_forms import choices, tidy_text
from training_app.people.forms import NEEDED


class CutForm(FlaskForm):
    """A cut score with what it rests on."""

    cut = IntegerField(
        _l("Cut score in points"), [InputRequired(_l("Please fill this in."))], render_kw={"inputmode": "numeric"}
    )
    basis = TextAreaField(
        _l("What it rests on"),
        [NEEDED, Length(max=BASIS_LENGTH)],
        filters=[tidy_text],
        description=_l("The method and who took part, such as: Angoff panel of five judges, minutes of 3 December."),
        render_kw={"rows": 3},
    )
    decided_on = DateField(_l("Day of the decision"), [InputRequired(_l("Please fill this in."))])

    def entered(self, form_id: int) -> CutScore:
        """What was entered for that form."""
        return CutScore(self.cut.data, self.basis.data, self.decided_on.data, form_id)


class KeyForm(FlaskForm):
    """How one item is scored from now on; the answer itself stands in the fields of its kind."""

    kind = RadioField(
        _l("What is wrong with the key"),
        [NEEDED],
        choices=choices({**CHANGES, "back": _l("Nothing: the key of the item counts again")}),
    )
    reason = reason_field("key-reason", _l("Candidates who object and auditors read it."))
    seen = HiddenField()

    def change_kind(self) -> ChangeKind | None:
        """The kind of change that was chosen; None for taking an earlier one back."""
        return None if self.kind.data == "back" else ChangeKind(self.kind.data)

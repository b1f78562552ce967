"""What is asked, states, and why a person does not decide, in words of the language of the answer."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l

from training_app.bookings.names import value_in_words as value_of_bookings_in_words
from training_app.exams.marking_models import Objection
from training_app.exams.objections.rules import Kind

KIND_NAMES: Mapping[str, object] = {
    Kind.SCORE: _l("Score check"),
    Kind.ITEM: _l("Objection to an item"),
    Kind.PROCEDURE: _l("Objection to the procedure"),
}

STATE_NAMES = {
    "open": _l("Waiting for a decision"),
    "upheld": _l("Upheld"),
    "rejected": _l("Not upheld"),
    "withdrawn": _l("Taken back"),
}
STATE_MARKS = {"open": "waiting", "upheld": "done", "rejected": "closed", "withdrawn": "plain"}
"""The kind of `state_mark` that goes with each state."""

WHY_NOT = {
    "candidate": _l("You ask this yourself, so another person decides it."),
    "invigilator": _l("You were an invigilator of this sitting, so another person decides this."),
    "day": _l("You decided about this paper on the day of the exam, so another person decides this."),
    "standard": _l("You entered or confirmed the cut score of this form, so another person decides this."),
    "item": _l("You wrote, loaded or reviewed this item or corrected its key, so another person decides this."),
    "unread": _l("This item is secret and your roles do not open it, so somebody who may read it decides this."),
}
"""Why a person does not decide, by the part he or she had."""

CHAIN_FAULTS = {
    "does not follow the answer before it": _l("does not follow the answer before it"),
    "was changed after it was stored": _l("was changed after it was stored"),
    "its answer was changed after it was stored": _l("its answer was changed after it was stored"),
    "its last answer is missing or was added outside the chain": _l(
        "its last answer is missing or was added outside the chain"
    ),
}


def state_of(objection: Objection) -> str:
    """The state, one of STATE_NAMES."""
    return "withdrawn" if objection.withdrawn_at is not None else objection.decision or "open"


def value_in_words(key: str, value: str) -> str:
    """The value of a detail of the audit log in the language of this answer; what has no words stays as it is."""
    if key == "matter" and value in KIND_NAMES:
        return str(KIND_NAMES[Kind(value)])
    if key == "decision" and value in STATE_NAMES:
        return str(STATE_NAMES[value])
    return value_of_bookings_in_words(key, value)

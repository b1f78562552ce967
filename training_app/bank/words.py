"""Words of the bank that pages and files share: kinds, levels, certainty, states of a version, classes of error."""

from typing import Final

from flask_babel import lazy_gettext as _l

KIND_NAMES: Final = {
    "single": _l("Single choice"),
    "multiple": _l("Multiple choice"),
    "true_false": _l("True or false"),
    "numeric": _l("Number"),
    "ordering": _l("Ordering"),
    "matching": _l("Matching"),
}

LEVEL_NAMES: Final = {"recall": _l("recall"), "apply": _l("apply"), "analyse": _l("analyse")}

CERTAINTY_NAMES: Final = {
    "official": _l("official"),
    "secondary": _l("secondary"),
    "unverified": _l("unverified"),
}

STANDING_NAMES: Final = {
    "open": _l("not reviewed"),
    "confirmed": _l("confirmed"),
    "returned": _l("returned"),
    "retired": _l("retired"),
    "withdrawn": _l("withdrawn"),
}
"""What became of the newest version of an item."""

STANDING_MARKS: Final = {
    "open": "plain",
    "confirmed": "done",
    "returned": "attention",
    "retired": "closed",
    "withdrawn": "closed",
}
"""The mark of a state on a page."""

ACT_NAMES: Final = {"confirmed": _l("confirmed"), "returned": _l("returned"), "retired": _l("retired")}

ERROR_NAMES: Final = {
    "other_grade": _l("takes the other grade"),
    "other_edition": _l("takes another edition"),
    "other_subject": _l("takes another subject"),
    "exception_ignored": _l("overlooks the exception"),
    "wrong_split": _l("takes the wrong branch"),
    "wrong_base": _l("takes the wrong base"),
    "unit_slip": _l("slips in the unit"),
    "wrong_period": _l("takes the wrong period"),
    "too_strict": _l("is too strict"),
    "too_lax": _l("is too lax"),
    "habit": _l("is a habit, no requirement"),
}

FIELD_NAMES: Final = {
    "stem": _l("Stem"),
    "rationale": _l("Why"),
    "source": _l("Source"),
    "options": _l("Option"),
    "elements": _l("Line"),
    "premises": _l("Left side"),
    "responses": _l("Right side"),
    "response": _l("what belongs to it"),
    "answer": _l("Number"),
    "errors": _l("expected error"),
    "text": _l("text"),
    "title": _l("Title"),
    "rows": _l("Table line"),
    "reason": _l("reason"),
    "reasons": _l("reason"),
    "key": _l("key"),
    "error": _l("class of error"),
    "truth": _l("Truth"),
    "codes": _l("Criteria"),
    "borrowed": _l("Figures borrowed from"),
    "instruments": _l("Instruments"),
    "effective_from": _l("In force from"),
    "effective_to": _l("In force until"),
    "as_of": _l("As of"),
    "certainty": _l("Certainty"),
    "level": _l("Level"),
    "kind": _l("Kind"),
    "difficulty": _l("Predicted share of points"),
    "points": _l("Points"),
    "scoring": _l("Scoring"),
    "public": _l("Public"),
    "enemies": _l("Never on one form with"),
    "twins": _l("Twins"),
    "working": _l("Working"),
    "zh": _l("Chinese"),
    "en": _l("English"),
}
"""Names of the fields of a content file, as far as a change of them is told in words."""

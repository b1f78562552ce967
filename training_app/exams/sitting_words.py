"""Names of the states of sittings and places, in the language of the answer, and the marks that go with them."""

from flask_babel import lazy_gettext as _l

SITTING_STATES = {
    "planned": _l("Planned"),
    "prepared": _l("Prepared"),
    "open": _l("Open"),
    "running": _l("Running"),
    "closed": _l("Closed"),
    "released": _l("Released"),
    "cancelled": _l("Cancelled"),
    "void": _l("Void"),
}
SITTING_MARKS = {
    "planned": "waiting",
    "prepared": "good",
    "open": "good",
    "running": "good",
    "closed": "closed",
    "released": "done",
    "cancelled": "blocked",
    "void": "blocked",
}
"""The kind of `state_mark` that goes with each state."""

PLACE_STATES = {
    "expected": _l("Expected"),
    "sat": _l("Sat the exam"),
    "absent": _l("Absent"),
    "deferred": _l("Deferred"),
    "expelled": _l("Expelled"),
    "void": _l("Void"),
    "withdrawn": _l("Withdrawn"),
}
PLACE_MARKS = {
    "expected": "waiting",
    "sat": "done",
    "absent": "failed",
    "deferred": "closed",
    "expelled": "blocked",
    "void": "blocked",
    "withdrawn": "closed",
}

VERDICTS = {
    "add": _l("will be added"),
    "repeated": _l("stands above already"),
    "already": _l("has a place already"),
    "unknown": _l("nobody has this number or name"),
    "other_base": _l("belongs to another base"),
    "no_trainee": _l("is no trainee"),
    "blocked": _l("the account is blocked"),
    "clash": _l("is somewhere else at that time"),
}
VERDICT_MARKS = {"add": "good", "already": "done", "repeated": "done"}
"""Lines that need attention have no entry here."""

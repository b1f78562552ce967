"""Sentences of rehearsals."""

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

NOTHING_PUBLIC = _l("The bank holds no public item that could be drawn, so there is no paper to rehearse with.")
NO_SEATS = _l(
    "This base has no examination room with a seat yet. Enter a room first: candidates confirm a seat at the door."
)
TOO_MANY = _l("A rehearsal takes 1 to 20,000 candidates.")
NO_REHEARSAL = _l("There is no such rehearsal here. It was dropped already, or belongs to another site.")

STEPS = {
    "sign_in": _l("Sign-in"),
    "entry": _l("Entry with ticket and seat"),
    "start": _l("Start"),
    "page": _l("The paper"),
    "save": _l("Saving an answer"),
    "hand_in": _l("Hand-in with receipt"),
}
PHASES = {
    "preparing": _l("Making accounts"),
    "arriving": _l("Candidates arrive"),
    "answering": _l("Candidates answer"),
    "handing_in": _l("Candidates hand in"),
    "reading_back": _l("Answers are read back"),
    "dropping": _l("The rehearsal is removed"),
}
VERDICTS = {
    "holds": _l("The machine holds: everybody began and handed in, and every answer was saved quickly."),
    "slow": _l(
        "The machine holds, but slowly: every answer is stored, yet people wait. Rehearse with fewer, or give it more "
        "processors."
    ),
    "faulty": _l(
        "Everybody came through and nothing is lost, but requests failed and had to be repeated. Read the site's log "
        "before the examination."
    ),
    "not_all": _l("The machine does not hold: not everybody could begin and hand in."),
    "lost": _l("Acknowledged answers are not stored. Do not hold an examination on this machine."),
}
MARKS = {"holds": "success", "slow": "warning", "faulty": "warning", "not_all": "error", "lost": "error"}
"""The kind of message that each verdict is."""


def others_sit(begins: str, ends: str) -> LazyString:
    """Why nobody rehearses now."""
    return _l(
        "A sitting takes place here from %(begins)s to %(ends)s. A rehearsal would slow down people who sit it: "
        "rehearse when it is over.",
        begins=begins,
        ends=ends,
    )

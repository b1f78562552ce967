"""Sentences of jobs, in both languages at once: the worker does not know who will read them."""

from flask_babel import force_locale
from flask_babel import lazy_gettext as _l

from question_bank.texts import Text

LOST = _l("The worker ended %(count)s times in the middle of this work. Ask the administrator to read the site's log.")
NOT_AGAIN = _l("The worker ended in the middle of this work, which cannot be begun a second time by itself.")
UNKNOWN = _l("This version of the site does not know this kind of work.")
BROKE = _l("The work failed; the site's log says why. What it had written whole is kept.")
ENDED = _l("The work is done or was ended already.")
NO_JOB = _l("There is no such work within your reach.")
STANDS = _l("This work waits or runs already. Its page tells how far it is.")

STATE_NAMES = {
    "waiting": _l("Waiting"),
    "running": _l("Running"),
    "done": _l("Done"),
    "failed": _l("Failed"),
    "cancelled": _l("Cancelled"),
}
NO_WORDS = Text(zh="", en="")


def in_both_languages(message: object) -> Text:
    """The message, a lazy translation or a plain string, in Chinese and English. To be called with an application."""
    with force_locale("zh_CN"):
        chinese = str(message)
    with force_locale("en"):
        return Text(zh=chinese, en=str(message))

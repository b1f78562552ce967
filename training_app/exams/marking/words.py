"""Words of results: states as a candidate reads them, answers in words, flags of keys."""

from collections.abc import Mapping

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from question_bank.scoring import Response
from training_app.exams.attempts import PaperItem
from training_app.exams.letters import LETTERS
from training_app.exams.models import Attempt
from training_app.exams.sitting_models import RosterPlace
from training_app.web.words import in_language

RESULT_STATES = {
    "writing": _l("Not handed in"),
    "handed_in": _l("Handed in, being marked"),
    "marked": _l("Marked, not released"),
    "pass": _l("Passed"),
    "fail": _l("Not passed"),
    "expelled": _l("Expelled: no result"),
    "absent": _l("Absent"),
    "deferred": _l("Deferred"),
    "void": _l("Void: no result"),
}
RESULT_MARKS = {
    "writing": "waiting",
    "handed_in": "waiting",
    "marked": "waiting",
    "pass": "good",
    "fail": "failed",
    "expelled": "blocked",
    "absent": "failed",
    "deferred": "closed",
    "void": "blocked",
}
"""The kind of `state_mark` that goes with each."""

FLAGS = {
    "changed": _l("its key was corrected"),
    "distractor": _l("a wrong answer was given more often than the key"),
    "guessing": _l("it earned no more than guessing does"),
    "nobody": _l("nobody answered it"),
}
CHANGES = {
    "void": _l("Void: it counts for nobody"),
    "key": _l("Another key"),
    "also": _l("Another answer counts too"),
}


def result_state(place: RosterPlace, attempt: Attempt | None, outcome: str | None) -> str:
    """The state of a place's result, a key of RESULT_STATES. outcome: of the result that may be shown, else None."""
    if place.state in {"expelled", "absent", "deferred", "void"}:
        return place.state
    if place.state == "withdrawn" or (attempt is not None and attempt.state == "voided"):
        return "void"
    if outcome is not None:
        return outcome
    if attempt is None or attempt.state in {"created", "waiting", "running", "paused", "closing"}:
        return "writing"
    return "handed_in" if attempt.state in {"submitted", "marking"} else "marked"


def answer_in_words(place: PaperItem, response: Response) -> list[str]:
    """A response line by line, options by the letters that the candidates saw."""
    item = place.item
    if item.numeric is not None:
        return [f"{response} {in_language(item.numeric.unit)}"]
    if item.elements:
        texts = {element.id: in_language(element.text) for element in item.elements}
        return [f"{number}. {texts[element]}" for number, element in enumerate(response, start=1)]
    if isinstance(response, dict):
        left = {premise.id: in_language(premise.text) for premise in item.premises}
        right = {choice.id: in_language(choice.text) for choice in item.responses}
        return [f"{left[premise]} → {right[choice]}" for premise, choice in response.items()]
    return [f"{letter}. {text}" for letter, text in lettered(place, response)]


def lettered(place: PaperItem, response: Response) -> list[tuple[str, str]]:
    """(letter, words) of each chosen option in the order in which it was shown."""
    texts: Mapping[str, str] = {option.id: in_language(option.text) for option in place.item.options}
    return [(LETTERS[number], texts[option]) for number, option in enumerate(place.option_order) if option in response]


def scoring_rule(place: PaperItem) -> str:
    """The rule of scoring in one sentence."""
    rule, step = place.item.scoring.rule.value, place.item.scoring.step
    sentences: dict[str, str] = {
        "all_or_nothing": _("all or nothing"),
        "partial": _("%(step)s for each right choice while none is wrong", step=step),
        "per_pair": _("%(step)s for each right pair", step=step),
        "neighbours": _("%(step)s for each pair of neighbours in order", step=step),
    }
    return sentences[rule]

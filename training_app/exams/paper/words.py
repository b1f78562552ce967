"""Words of the paper in both languages at once: the page changes its language without asking the server.

`{name}` is filled in by the page's script; what stands between asterisks is printed bold.
"""

from functools import cache
from typing import Final

from flask_babel import force_locale
from flask_babel import lazy_gettext as _l
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup

from question_bank.texts import Text
from training_app.people.names import PLACE_NAMES

LOCALES: Final = {"zh": "zh_CN", "en": "en"}

HEAD: Final = {
    "seat": _l("Seat {seat}"),
    "hand_in": _l("Hand in"),
    "left": _l("Left"),
    "ends": _l("ends {time}"),
    "hide_clock": _l("Hide the clock"),
    "clock_stands": _l("Paused"),
    "minutes_left": _l("{minutes} minutes left"),
    "one_minute_left": _l("1 minute left"),
}

CONNECTION: Final = {
    "starting": _l("Looking for the server"),
    "saved": _l("Saved *{stored}/{items}*"),
    "saving": _l("Saving {count} · saved {stored}/{items}"),
    "typing": _l("Not sent yet: finish the line · saved {stored}/{items}"),
    "offline_kept": _l("Not connected · *{count} kept* on this computer"),
    "offline_clean": _l("Not connected · everything is saved"),
    "saved_detail": _l("saved {stored}/{items}"),
    "paused": _l("The exam is paused, the clock stands still"),
    "elsewhere": _l("This paper is open elsewhere"),
    "signed_out": _l("Not saved: you are signed out · *{count} kept*"),
    "not_yours": _l("Another person is signed in here"),
    "locked": _l("Time is up · sending {count}"),
    "handing_in": _l("Handing in"),
    "handed_in": _l("Handed in"),
    "spoken_offline": _l("The network is cut. Go on answering; your answers are kept on this computer."),
    "spoken_saved": _l("Connected again. {stored} of {items} answers are saved."),
}

NOTICES: Final = {
    "offline_title": _l("The network is cut. Please go on answering."),
    "offline_items": _l(
        "Your answers to No. {positions} are kept on this computer and are sent by themselves when the network is back."
    ),
    "offline_nothing": _l(
        "All your answers are saved. What you choose now is kept on this computer and is sent when the network is back."
    ),
    "offline_sitting": _l("Do not switch off or change seats; after 3 minutes raise your hand"),
    "offline_alone": _l("Do not switch off this computer"),
    "signed_out_title": _l("You are signed out."),
    "signed_out_text": _l(
        "What you choose is kept on this computer. Sign in again in a new window; this page then goes on by itself."
    ),
    "sign_in": _l("Sign in in a new window"),
    "no_store_title": _l("This browser refuses to keep anything on this computer."),
    "no_store": _l(
        "Answers that are not saved yet are lost when this page closes. Do not close or reload it while it says "
        "“not connected”."
    ),
    "no_store_sitting": _l("Tell the invigilator"),
    "from_room": _l("From the invigilator"),
    "put_aside_title": _l("Some answers came when they could not be taken."),
    "put_aside": _l("They are put aside and kept: No. {positions}. A person decides whether they count."),
    "trouble_title": _l("The server did not take the last answers."),
    "trouble": _l("They are kept on this computer and are sent again. If this stays, raise your hand."),
    "dismiss": _l("Understood"),
}

ITEM: Final = {
    "item": _l("Item {number}"),
    "case": _l("Case"),
    "shares_case": _l("for items {first} to {last}"),
    "points": _l("{points} points"),
    "one_point": _l("1 point"),
    "single": _l("Single choice"),
    "multiple": _l("Multiple choice"),
    "true_false": _l("True or false"),
    "numeric": _l("Number"),
    "ordering": _l("Ordering"),
    "matching": _l("Matching"),
    "how_single": _l("Choose one."),
    "how_multiple": _l("Choose all that apply. A wrong choice earns nothing; fewer than all right ones earn a part."),
    "how_true_false": _l("Choose one."),
    "how_numeric": _l("Type the number."),
    "how_ordering": _l("Give every line its place, from 1 on."),
    "how_matching": _l("Choose for every line. Each choice is used once at most."),
    "how_matching_reuse": _l("Choose for every line. A choice may be used several times or not at all."),
    "keys": _l("to choose, again to take it back"),
    "or": _l("or"),
    "clear": _l("Clear the answer"),
    "chosen": _l("Chosen"),
    "your_number": _l("Your number"),
    "whole_number": _l("whole number"),
    "decimals": _l("{count} decimals"),
    "one_decimal": _l("1 decimal"),
    "place": _l("Place"),
    "choose": _l("Choose"),
    "item_saved": _l("This answer is saved"),
    "item_kept": _l("This answer is kept on this computer"),
    "item_saving": _l("Saving"),
    "item_gap": _l("Kept here, not sent yet: lines are without a place"),
    "item_malformed": _l("Not saved: type one number only, for example 1250 or 0.7"),
    "item_refused": _l("Not saved: the server does not know this choice. Raise your hand."),
    "item_aside": _l("Put aside: a person decides whether it counts"),
}

PALETTE: Final = {
    "your_items": _l("Your answers"),
    "answered": _l("Answered"),
    "pending": _l("To be sent"),
    "seen": _l("Seen, not answered"),
    "unseen": _l("Not seen"),
    "flagged": _l("Flagged"),
    "all_items": _l("All items"),
    "previous": _l("Previous"),
    "next": _l("Next"),
    "to_hand_in": _l("To the hand-in"),
    "flag": _l("Flag this item"),
    "text_size": _l("Text size"),
    "small": _l("Small text"),
    "middle": _l("Middle text"),
    "large": _l("Large text"),
    "full_screen": _l("Full screen"),
    "leave_full_screen": _l("Leave full screen"),
}

HAND_IN: Final = {
    "hand_in_title": _l("Hand in your paper?"),
    "all_answered": _l("All {items} items are answered."),
    "open_items": _l("Not answered: {count} of {items}"),
    "flagged_items": _l("Flagged: {count}"),
    "still_to_send": _l("{count} still to be sent. The paper is handed in when the server has all of them."),
    "not_back": _l("After handing in, nothing can be changed."),
    "too_early": _l("Handing in is open from {time} on."),
    "go_on": _l("Go on answering"),
    "handing_title": _l("Your paper is being handed in"),
    "handing_offline": _l(
        "There is no connection. Your answers are kept on this computer; the paper is handed in by itself when the "
        "network is back. Stay seated and do not switch off."
    ),
    "handing_online": _l("The server is asked whether it has every answer. This takes a moment."),
    "handed_title": _l("Your paper is handed in"),
    "handed": _l("The server has {stored} of {items} answers."),
    "see_receipt": _l("To the receipt"),
    "see_result": _l("To the result"),
}

STATES: Final = {
    "up_title": _l("Time is up"),
    "up": _l("The paper is locked. It is being handed in by itself."),
    "up_offline": _l(
        "The paper is locked. Answers given in time and kept on this computer: {count}. They are sent by themselves "
        "when the network is back. Stay seated and do not switch off."
    ),
    "up_offline_clean": _l(
        "The paper is locked and all your answers are saved. It is handed in by itself when the network is back."
    ),
    "pause_title": _l("The exam is paused"),
    "pause": _l("The clock stands still and your answers are kept. The paper comes back by itself; stay seated."),
    "elsewhere_title": _l("This paper is open elsewhere"),
    "elsewhere_tab": _l("It is open in another window of this browser. Only one window can be used."),
    "elsewhere_computer": _l("It was last used on another computer. Only one can be used at a time."),
    "elsewhere_sitting": _l("If you did not change computers yourself, raise your hand."),
    "take_over": _l("Go on here"),
    "taking_over": _l("The other one is locked when you go on here. Everything the server has comes along."),
    "void_title": _l("This paper no longer counts"),
    "void": _l("Please ask the invigilator what happens next. Your answers are kept in the records."),
    "not_yours_title": _l("This paper belongs to another person"),
    "not_yours_text": _l(
        "Somebody else is signed in on this computer now. The answers kept here were sent to the invigilator; nothing "
        "of them is shown."
    ),
    "wait_title": _l("The exam has not begun"),
    "wait": _l("The paper opens by itself."),
    "home": _l("To the home page"),
    "needs_script": _l("This paper needs JavaScript. Please switch it on, or ask for another computer."),
}

SHELL: Final = {
    "shell_title": _l("No connection to the server"),
    "shell_kept": _l("*{count}* answers are kept on this computer. Nothing is lost."),
    "shell_one": _l("*1* answer is kept on this computer. Nothing is lost."),
    "shell_none": _l("Every answer that was given on this computer is saved on the server."),
    "shell_goes_on": _l("Your paper comes back by itself when the network is back. You need not do anything."),
    "shell_stay": _l("Do not switch off or change seats. In an exam room, raise your hand."),
    "shell_now": _l("Try now"),
}

WORDS: Final = HEAD | CONNECTION | NOTICES | ITEM | PALETTE | HAND_IN | STATES | SHELL


@cache
def paper_words() -> dict[str, dict[str, str]]:
    """Every word of the paper by language ("zh", "en") and key."""
    found = {}
    for language, locale in LOCALES.items():
        with force_locale(locale):
            found[language] = {key: str(words) for key, words in WORDS.items()}
    return found


@cache
def paper_words_json() -> Markup:
    """The same for the page's script, ready to stand in a page."""
    return htmlsafe_json_dumps(paper_words(), ensure_ascii=False)


@cache
def _words_of(key: str) -> Text:
    words = paper_words()
    return Text(words["zh"][key], words["en"][key])


def paper_text(key: str, **values: object) -> Text:
    """The words under `key` in both languages, with their places filled."""
    words = _words_of(key)
    return Text(words.zh.format(**values), words.en.format(**values)) if values else words


@cache
def place_text(slug: str) -> Text:
    """The name of a base in both languages."""
    names = []
    for locale in LOCALES.values():
        with force_locale(locale):
            names.append(str(PLACE_NAMES.get(slug, slug)))
    return Text(*names)

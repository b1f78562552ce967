"""Names of states, kinds and warnings of observations, in the language of the answer, and the words of the notice."""

import hashlib
from collections.abc import Mapping
from typing import Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from training_app.observations.models import Observation
from training_app.web.words import language

STATES: Final[Mapping[str, object]] = {
    "planned": _l("Planned"),
    "open": _l("Venues connect"),
    "on_air": _l("On air"),
    "held": _l("Picture held"),
    "ended": _l("Ended"),
    "cancelled": _l("Cancelled"),
}
MARKS: Final[Mapping[str, str]] = {
    "planned": "waiting",
    "open": "waiting",
    "on_air": "good",
    "held": "attention",
    "ended": "done",
    "cancelled": "blocked",
}
"""The kind of `state_mark` that goes with each state."""

KINDS: Final[Mapping[str, object]] = {
    "validation": _l("Validation observation"),
    "briefing": _l("Briefing"),
}

PLACE_STATES: Final[Mapping[str, object]] = {
    "expected": _l("Has a place"),
    "withdrawn": _l("Withdrawn"),
    "void": _l("Void"),
}

TRANSPORTS: Final[Mapping[str, object]] = {"udp": _l("directly"), "hls": _l("as HLS, with more delay")}

WARNINGS: Final[Mapping[str, object]] = {
    "b_frames": _l("The encoder sends B-frames, which stutter here. Switch look-ahead and B-frames off."),
    "keyframe_interval": _l("Keyframes come too seldom. Set the keyframe interval to 1 or 2 seconds."),
    "mono": _l("The sound has one channel only. Set the encoder to stereo."),
    "no_sound": _l("No sound arrives. Look whether the microphone is chosen and switched on."),
    "no_picture": _l("No picture arrives. Look whether the camera is chosen and covered by nothing."),
    "silent": _l("The sound is silent. Speak into the microphone and look at its level."),
    "loss": _l("Parts of the stream get lost on the way. Use a cable, or send with a lower bit rate."),
    "unreadable": _l("The picture cannot be read. Set the encoder to H.264, baseline or main."),
    "disk": _l("The disk is nearly full: nothing is recorded any more. The live stream goes on."),
}
"""What can be wrong with a stream or its recording, and what to do; the names are those of the media process."""

INCIDENTS: Final[Mapping[str, object]] = {
    "publisher_joined": _l("Began to send"),
    "publisher_left": _l("Stopped sending"),
    "recording_started": _l("The recording began"),
    "recording_ended": _l("The recording ended"),
    "recording_deleted": _l("The recording was deleted"),
    "media_started": _l("The streaming service began anew"),
}

REFUSALS: Final[Mapping[str, object]] = {
    "uninvited": _l("You have no place in this observation."),
    "early": _l("It is not on the air yet. This page goes on by itself when it begins."),
    "notice": _l("Accept the notice of confidentiality first."),
    "over": _l("This observation has ended, and there is no recording of it."),
    "cancelled": _l("This observation was cancelled."),
}
"""Why somebody cannot watch now, by the words of the rules."""

SITUATIONS: Final[Mapping[str, object]] = {
    "planned": _l("It has not begun yet."),
    "open": _l("The venues are connecting. It begins soon."),
    "on_air": "",
    "held": _l("The host holds the picture for a moment. It goes on by itself."),
    "ended": _l("It has ended."),
    "cancelled": _l("It was cancelled."),
}
"""What a viewer is told in each state."""


def title_of(observation: Observation) -> str:
    """The title in the language of this answer."""
    return observation.title_en if language() == "en" else observation.title_zh


def warning_in_words(name: str) -> str:
    """What is wrong with a stream and what to do, in the language of this answer."""
    return str(WARNINGS.get(name, name))


def incident_in_words(kind: str, name: str) -> str:
    """What happened to a stream, in the language of this answer."""
    return warning_in_words(name) if kind == "warning" else str(INCIDENTS.get(kind, kind))


def notice() -> tuple[str, ...]:
    """The notice of confidentiality, sentence by sentence, in the language of this answer."""
    return (
        _("What is shown belongs to the enterprise that is observed. You watch it to learn, and for nothing else."),
        _("You watch alone or in a room of your base. You pass on no link, picture, sound or document."),
        _("You do not photograph, film or record. Your name stands over every picture."),
        _("What you hear about the enterprise, its people and its trade you tell nobody."),
    )


def notice_digest() -> str:
    """What tells which words were accepted: SHA-256 of the notice in the language of this answer, 64 hex digits."""
    return hashlib.sha256("\n".join(notice()).encode()).hexdigest()

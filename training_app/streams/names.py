"""The names of the media process that the packages above use: what a stage is, what a token allows, what happens."""

from training_app.media.protocol import (
    PROGRAM,
    TALKBACK,
    WARNINGS,
    Act,
    Claims,
    Event,
    Kind,
    Stage,
    State,
    Venue,
    occasion_of,
)

__all__ = [
    "PROGRAM",
    "TALKBACK",
    "WARNINGS",
    "Act",
    "Claims",
    "Event",
    "Kind",
    "Stage",
    "State",
    "Venue",
    "occasion_of",
]

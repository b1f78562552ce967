"""What the site refuses, each with a sentence for the person who asked.

A message is a lazy translation or a plain string; `status` is the HTTP status of the answer.
"""

from typing import ClassVar


class Refused(Exception):
    """A request that is not carried out. `message` says what is wrong and what to do."""

    status: ClassVar[int] = 422

    def __init__(self, message: object, *, act: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.act = act


class NotAllowed(Refused):
    """The person may not do this; written to the audit log."""

    status = 403


class NotFound(Refused):
    """There is no such thing within the reach of the person."""

    status = 404


class Conflict(Refused):
    """Somebody else was faster, or the thing has moved on."""

    status = 409


class TooMany(Refused):
    """Too many attempts; `retry_after_s` seconds from now the next one is heard."""

    status = 429

    def __init__(self, message: object, *, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Busy(TooMany):
    """Too many people at once for something that takes long; nothing is wrong with what was asked."""

    status = 503

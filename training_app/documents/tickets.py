"""Admission tickets 准考证: one A4 page for each candidate."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from question_bank.texts import Text


@dataclass(frozen=True, slots=True)
class TicketSheet:
    """What one admission ticket says.

    staff_number, seat_label: "" when there is none. latest_start_at: who comes later is not admitted.
    length_minutes is everybody's, personal_minutes what this candidate has on top.
    """

    name_zh: str
    name_en: str
    staff_number: str
    organisation: Text | None
    ticket_number: str
    title: Text
    base: Text
    room: Text
    seat_label: str
    starts_at: datetime
    latest_start_at: datetime
    length_minutes: int
    personal_minutes: int
    rules: tuple[Text, ...]
    demonstration: bool


def admission_tickets(sheets: Iterable[TicketSheet], language: str, made_at: datetime) -> bytes:
    """A PDF with a page for each of `sheets`, in order; labels in both languages, `language` ("zh" or "en") first."""
    raise NotImplementedError

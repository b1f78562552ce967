"""Slips with a one-time code, handed over in person: one A5 page each."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from question_bank.texts import Text


@dataclass(frozen=True, slots=True)
class CodeSlip:
    """What one slip says. purpose: what the code opens, as a heading; where: address of the page, or room and seat."""

    name_zh: str
    name_en: str
    username: str
    code: str
    purpose: Text
    where: Text
    valid_until: datetime
    demonstration: bool


def code_slips(slips: Iterable[CodeSlip], language: str, made_at: datetime) -> bytes:
    """A PDF with an A5 page for each of `slips`, in their order."""
    raise NotImplementedError

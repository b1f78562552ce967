"""C22: nobody's real numbers in content."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from question_bank.checks.subject import WARNING, CaseSubject, Subject
from question_bank.errors import ContentFault
from question_bank.identifiers import is_uscc, mask_identity_numbers

_EIGHTEEN: Final = re.compile(r"(?<![0-9A-Za-z])[0-9A-Za-z]{18}(?![0-9A-Za-z])")
_AEO_CODE: Final = re.compile(r"AEOCN\s?([0-9A-Z]{10})(?![0-9A-Z])", re.IGNORECASE)
# 990000 is no division of the country: such codes belong to nobody.
_NOWHERE: Final = "990000"
# The codes that bulletins themselves print as examples.
_DEMONSTRATION: Final = frozenset({"0123456789", "1234567890"})


def check_real_data(subject: Subject | CaseSubject) -> Iterator[ContentFault]:
    """C22: no valid identity number, no valid credit code of a real division, no AEO code outside the invented ones."""
    for field in subject.fields:
        for _, path, text in field.spoken():
            if mask_identity_numbers(text) != text:
                yield subject.fault("C22", path, "holds a valid identity number; no person's number stands in content")
            for match in _EIGHTEEN.finditer(unicodedata.normalize("NFKC", text)):
                number = match.group().upper()
                if is_uscc(number) and number[2:8] != _NOWHERE:
                    yield subject.fault("C22", path, "holds a valid USCC; invent one with the division 990000")
            for match in _AEO_CODE.finditer(text):
                if match.group(1).upper() not in _DEMONSTRATION:
                    message = f"{match.group()} may belong to a firm; use AEOCN1234567890"
                    yield subject.fault("C22", path, message, WARNING)

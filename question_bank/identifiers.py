"""Numbers that name firms and people in China: what a well-formed one is, and how identity numbers are masked.

Unified social credit code 统一社会信用代码 (GB 32100-2015), customs registration code 海关注册编码, AEO code AEO编码,
resident identity number 公民身份号码 (GB 11643-1999). No identity number is stored anywhere in the house.
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

MASK: Final = "*" * 18

_USCC_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_FORM = re.compile(f"[{_USCC_ALPHABET}]{{2}}[0-9]{{6}}[{_USCC_ALPHABET}]{{10}}")
_USCC_WEIGHTS: Final = tuple(pow(3, position, 31) for position in range(17))

_CUSTOMS_FORM = re.compile(r"[0-9]{5}[0-9A-Z]{5}")
_AEO_PREFIX: Final = "AEOCN"

_IDENTITY_FORM = re.compile(r"[1-9][0-9]{16}[0-9X]")
_IDENTITY_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_IDENTITY_CHECKS: Final = "10X98765432"
_FIRST_BIRTH_YEAR: Final = 1880
_LAST_BIRTH_YEAR: Final = 2099

_FULL_WIDTH = {0xFF10 + digit: str(digit) for digit in range(10)} | {ord("Ｘ"): "X", ord("ｘ"): "X", ord("x"): "X"}
# One character of a number as people paste it, and what may stand between two: spaces, hyphens, dots, invisible marks.
_SIGN = re.compile(r"[0-9０-９XxＸｘ]")
_GAP = re.compile(r"[\s\-.·_/|\u00ad\u200b-\u200d\u2010-\u2015\u2212\u30fb\ufeff－．]{0,3}")
_RUN = re.compile(rf"[0-9０-９](?:{_GAP.pattern}{_SIGN.pattern}){{17,}}")


def is_uscc(text: str) -> bool:
    """Whether `text` is a well-formed unified social credit code with a right check character; case has no meaning.

    Source: GB 32100-2015. The organisation code inside has a check of its own, which is not enforced.
    """
    code = text.strip().upper()
    if not text.isascii() or not _USCC_FORM.fullmatch(code):
        return False
    total = sum(_USCC_ALPHABET.index(sign) * weight for sign, weight in zip(code, _USCC_WEIGHTS, strict=False))
    # The outer mod turns 31 into 0; without it, codes whose sum is a multiple of 31 would have no check character.
    return _USCC_ALPHABET[(31 - total % 31) % 31] == code[17]


def uscc_fault(text: str) -> tuple[str, int] | None:
    """What is wrong with a unified social credit code as typed, and where: (kind, number); None when it is well-formed.

    kind: "length" (number: the characters there are), "digit" (the character at this place, from 1, must be a digit),
    "sign" (no code has this character; I, O, S, V and Z are left out of the alphabet) or "check" (the last character
    does not fit the others; number: 18).
    """
    code = text.strip().upper()
    if len(code) != 18:
        return "length", len(code)
    for place, sign in enumerate(code, start=1):
        if 3 <= place <= 8 and sign not in "0123456789":
            return "digit", place
        if sign not in _USCC_ALPHABET:
            return "sign", place
    return None if is_uscc(code) else ("check", 18)


def is_customs_code(text: str) -> bool:
    """Whether `text` is a well-formed customs registration code: five digits, then five digits or letters."""
    return text.isascii() and bool(_CUSTOMS_FORM.fullmatch(text.strip().upper()))


def aeo_code(customs_code: str) -> str:
    """The AEO code of a firm of China, derived from its customs code. Raises ValueError when that is not one."""
    if not is_customs_code(customs_code):
        raise ValueError("A customs code has ten characters: five digits, then five digits or letters.")
    return _AEO_PREFIX + customs_code.strip().upper()


def is_aeo_code(text: str) -> bool:
    """Whether `text` is a well-formed AEO code of China."""
    code = text.strip().upper()
    return code.startswith(_AEO_PREFIX) and is_customs_code(code.removeprefix(_AEO_PREFIX))


def is_identity_number(text: str) -> bool:
    """Whether `text` is a resident identity number: form, a possible day of birth, right check character.

    Lower-case x, full-width digits, and spaces or hyphens between the characters are read as people paste them.
    Source: GB 11643-1999, ISO 7064 MOD 11-2.
    """
    return _is_plain_identity_number(_plain(text))


def mask_identity_numbers(text: str) -> str:
    """`text` with every resident identity number replaced by `MASK`; all else, credit codes too, stays as it is."""
    masked: list[str] = []
    end = 0
    for run in _RUN.finditer(text):
        for first, last in _numbers_in(text, run):
            masked += [text[end:first], MASK]
            end = last
    return "".join([*masked, text[end:]])


def _numbers_in(text: str, run: re.Match[str]) -> Iterator[tuple[int, int]]:
    """Start and end of each identity number in a run of digits and gaps, which may hold other numbers as well."""
    places = [sign.start() for sign in _SIGN.finditer(text, run.start(), run.end())]
    signs = text.translate(_FULL_WIDTH)
    position = 0
    while position + 18 <= len(places):
        first, last = places[position], places[position + 17]
        number = "".join(signs[place] for place in places[position : position + 18])
        stands_alone = not _is_digit(text, first - 1) and not _is_digit(text, last + 1)
        if stands_alone and _is_plain_identity_number(number) and not _is_firm(number):
            yield first, last + 1
            position += 18
        else:
            position += 1


def _is_digit(text: str, place: int) -> bool:
    return 0 <= place < len(text) and text[place].translate(_FULL_WIDTH).isdecimal()


def _is_firm(number: str) -> bool:
    # Firms' credit codes begin with 9, which no region of residents does: a number that passes both checks is a firm's.
    return number[0] == "9" and is_uscc(number)


def _plain(text: str) -> str:
    return _GAP.sub("", text).translate(_FULL_WIDTH)


def _is_plain_identity_number(number: str) -> bool:
    if not _IDENTITY_FORM.fullmatch(number):
        return False
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number, _IDENTITY_WEIGHTS, strict=False))
    return _FIRST_BIRTH_YEAR <= born.year <= _LAST_BIRTH_YEAR and _IDENTITY_CHECKS[total % 11] == number[17]

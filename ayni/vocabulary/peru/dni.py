"""The number of the national identity document (DNI): eight digits and, printed apart, a check character.

The check character is not part of the number, is never stored and does not prove that the number was given to
anybody. Source: RENIEC's modulus 11, which gives each remainder a digit and, on older cards, a letter.
"""

import re
from typing import Final

from ayni.vocabulary.peru.errors import InvalidDocument, index_of_first, kind_at

TEST_BLOCK: Final = range(99_000_000, 99_001_000)
"""Numbers this project reserves for invented people; no authority has confirmed the block."""

_WEIGHTS: Final = (3, 2, 7, 6, 5, 4, 3, 2)
_DIGITS: Final = "67890112345"
_LETTERS: Final = "KABCDEFGHIJ"
_LENGTH: Final = len(_WEIGHTS)
_NUMBER: Final = re.compile(r"\d{8}", re.ASCII)
_PRINTED: Final = re.compile(r"(\d{8})(?:[-\s]?([0-9A-K]))?", re.ASCII)


def check_character(dni: str) -> tuple[str, str]:
    """The digit and the letter that may be printed beside an eight-digit number: `99000017` has 0 and D.

    Raises `InvalidDocument` `dni-format`.
    """
    if len(dni) != _LENGTH or index_of_first(dni, "0123456789") < _LENGTH:
        raise _no_dni(dni)
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, dni, strict=True))
    remainder = (11 - total % 11) % 11
    return _DIGITS[remainder], _LETTERS[remainder]


def parse_dni(text: str) -> str:
    """The eight digits of a DNI as people write it: `99000017`, `99000017-0`, `99000017 D`.

    Raises `InvalidDocument`: `dni-format`, or `dni-check` when the check character is another one.
    """
    typed = text.strip().upper()
    found = _PRINTED.fullmatch(typed)
    if found is None:
        raise _no_dni(typed)
    dni, check = found.groups()
    if check is not None and check not in check_character(dni):
        raise InvalidDocument(
            "dni-check",
            "El dígito verificador no corresponde al DNI. Revíselo, por favor.",
            expected="the check character of the number",
            found="another one",
            position=len(typed),
        )
    return str(dni)


def is_test_dni(dni: str) -> bool:
    """Whether a DNI belongs to the invented people of the exercise. What is no DNI does not."""
    return _NUMBER.fullmatch(dni) is not None and int(dni) in TEST_BLOCK


def _no_dni(typed: str) -> InvalidDocument:
    index = min(index_of_first(typed, "0123456789"), _LENGTH)
    return InvalidDocument(
        "dni-format",
        "El DNI tiene ocho números. Revíselo, por favor.",
        expected="a DNI of eight digits",
        found=kind_at(typed, index),
        position=index + 1,
    )

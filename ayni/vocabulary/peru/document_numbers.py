"""The numbers of the identity documents beside the DNI.

Widths as public clients of the ministry's systems accept them; carné de extranjería commonly nine digits.
CNV: the certificate of live birth identifies a newborn until there is a DNI. The provisional code is this
project's own: a person who cannot be identified is attended under it until somebody merges the two
(accreditation item N1.ADM.02.02).
"""

import re
import string
from typing import Final

from ayni.vocabulary.peru.dni import parse_dni
from ayni.vocabulary.peru.documents import PERU, DocumentType
from ayni.vocabulary.peru.errors import InvalidDocument, index_of_first, kind_at
from ayni.vocabulary.peru.renipress import parse_renipress

SEQUENCE_MAX: Final = 999_999
FOREIGN_CHARACTERS_MAX: Final = 20
"""PID-3.1 and the national formats hold no more."""

_ALPHANUMERIC: Final = string.ascii_uppercase + string.digits
_BETWEEN: Final = re.compile(r"[\s-]+")
_PROVISIONAL: Final = re.compile(r"PR-?([0-9]{8})-?([0-9]{6})-?([0-9])")


def parse_ce(text: str) -> str:
    """A carné de extranjería: 6 to 12 letters and digits. Raises `InvalidDocument` `ce-format`."""
    return _alphanumeric(text, "ce", 6, 12, "El carné de extranjería tiene de 6 a 12 letras y números.")


def parse_passport(text: str, *, country: str = PERU) -> str:
    """A passport: a Peruvian one has 6 to 9 letters and digits, others up to 20. Raises `passport-format`."""
    most = 9 if country == PERU else FOREIGN_CHARACTERS_MAX
    least = 6 if country == PERU else 3
    return _alphanumeric(text, "passport", least, most, "El número de pasaporte tiene letras y números.")


def parse_foreign_document(text: str) -> str:
    """A foreign identity document: its country is needed beside it. Raises `die-format`."""
    return _alphanumeric(
        text, "die", 1, FOREIGN_CHARACTERS_MAX, "El documento extranjero tiene letras y números."
    )


def parse_cnv(text: str) -> str:
    """A certificate of live birth: twelve digits. Raises `InvalidDocument` `cnv-format`."""
    typed = _BETWEEN.sub("", text)
    index = min(index_of_first(typed, string.digits), 12)
    if len(typed) != 12 or index < 12:
        raise InvalidDocument(
            "cnv-format",
            "El certificado de nacido vivo tiene doce números.",
            expected="twelve digits",
            found=kind_at(typed, index),
            position=index + 1,
        )
    return typed


def provisional_code(facility: str, sequence: int) -> str:
    """The code a facility gives: `PR-00004576-000123-8`, with a check digit because it is copied by hand.

    Raises `InvalidFacilityCode`, or `InvalidDocument` `provisional-format` for a sequence out of 1 to 999999.
    """
    renipress = parse_renipress(facility)
    if not 1 <= sequence <= SEQUENCE_MAX:
        raise _no_provisional("a sequence from 1 to 999999", "another number", 13)
    digits = f"{renipress}{sequence:06d}"
    return f"PR-{digits[:8]}-{digits[8:]}-{luhn(digits)}"


def parse_provisional(text: str) -> str:
    """The code as it is stored, however it was typed. Raises `provisional-format` or `provisional-check`."""
    found = _PROVISIONAL.fullmatch("".join(text.upper().split()))
    if found is None:
        raise _no_provisional("PR, eight digits, six digits and a check digit", "something else", 1)
    facility, sequence, check = found.groups()
    if luhn(facility + sequence) != check:
        raise InvalidDocument(
            "provisional-check",
            "El código provisional está mal copiado. Revíselo, por favor.",
            expected="the check digit of the code",
            found="another one",
            position=20,
        )
    return f"PR-{facility}-{sequence}-{check}"


def parse_document(kind: DocumentType, text: str, *, country: str = PERU) -> str:
    """The number of any kind of document as it is stored; raises `InvalidDocument`."""
    if kind.name == "passport":
        return parse_passport(text, country=country)
    return _PARSE[kind.name](text)


def luhn(digits: str) -> str:
    """The check digit of ISO/IEC 7812-1 (modulus 10, doubling every other digit from the right)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 if place % 2 else 2)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


_PARSE: Final = {
    "dni": parse_dni,
    "ce": parse_ce,
    "die": parse_foreign_document,
    "cnv": parse_cnv,
    "provisional": parse_provisional,
}


def _alphanumeric(text: str, code: str, least: int, most: int, sentence: str) -> str:
    typed = _BETWEEN.sub("", text).upper()
    index = index_of_first(typed, _ALPHANUMERIC)
    if index < len(typed) or not least <= len(typed) <= most:
        index = min(index, most)
        raise InvalidDocument(
            f"{code}-format",
            sentence,
            expected=f"{least} to {most} letters and digits",
            found=kind_at(typed, index),
            position=index + 1,
        )
    return typed


def _no_provisional(expected: str, found: str, position: int) -> InvalidDocument:
    return InvalidDocument(
        "provisional-format",
        "El código provisional tiene la forma PR-00004576-000123-8.",
        expected=expected,
        found=found,
        position=position,
    )

"""Codes of CIE-10 as Peru's systems write them.

FHIR (`http://hl7.org/fhir/sid/icd-10`) writes a dot after three characters: `A01.0`. HIS-MINSA writes none:
`A010`, and fills a category without subdivisions with an X: `J00X` is `J00`. The national codes `U####` have
four digits.
"""

import re
from typing import Final

from ayni.vocabulary.peru.errors import InvalidDiagnosisCode, kind_at

_CODE: Final = re.compile(r"([A-Z][0-9]{2})(?:\.?([0-9]{1,2})|\.?X)?[+*†]?")
_BEGINNING: Final = re.compile(r"[A-Z]?(?:(?<=.)[0-9]{0,2})")


def parse_cie10(text: str) -> str:
    """The form with a dot of any of these: `a010`, `A01.0`, `A01.0+`, `J00X`. Raises `cie10-format`."""
    typed = text.strip().upper()
    found = _CODE.fullmatch(typed)
    if found is None:
        beginning = _BEGINNING.match(typed)
        index = beginning.end() if beginning else 0
        raise InvalidDiagnosisCode(
            "cie10-format",
            "El código CIE-10 tiene una letra y de dos a cuatro números.",
            expected="a letter, two digits and at most two more",
            found=kind_at(typed, index),
            position=index + 1,
        )
    category, subdivision = found.groups()
    return f"{category}.{subdivision}" if subdivision else str(category)


def his_form(code: str) -> str:
    """As HIS-MINSA writes a code: without a dot. A category stays as it is; HIS' X is accepted, not made."""
    return parse_cie10(code).replace(".", "")

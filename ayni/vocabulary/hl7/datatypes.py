"""What the text of one leaf must look like, by its data type.

Source: HL7 v2.5.1, chapter 2.A (DT, DTM, NM, SI, TM). Types that are plain text have nothing to check.
"""

import re
from collections.abc import Callable
from typing import Final, NamedTuple

from ayni.vocabulary.hl7.dates import parse_timestamp
from ayni.vocabulary.hl7.errors import Hl7Error

CODED: Final = frozenset({"ID", "IS"})
"""Types whose whole value is a code of a table."""

CODED_ELEMENTS: Final = frozenset({"CE", "CF", "CNE", "CWE"})
"""Composites whose first component is a code of the system that the third names."""


class Format(NamedTuple):
    accepts: Callable[[str], bool]
    expected: str
    text: str  # of a finding, in Spanish; `{}` is the place


def _is_time(text: str) -> bool:
    try:
        parse_timestamp(text)
    except Hl7Error:
        return False
    return True


def _is_date(text: str) -> bool:
    return len(text) in (4, 6, 8) and _is_time(text)


def _is_time_of_day(text: str) -> bool:
    return _is_time(f"20000101{text}") and text[:2].isdecimal()


def _pattern(pattern: str) -> Callable[[str], bool]:
    fullmatch = re.compile(pattern, re.ASCII).fullmatch
    return lambda text: fullmatch(text) is not None


FORMATS: Final = {
    "DT": Format(_is_date, "YYYY[MM[DD]]", "La fecha de {} no es válida."),
    "DTM": Format(_is_time, "YYYY[MM[DD[HH[MM[SS[.S]]]]]][+/-ZZZZ]", "La fecha u hora de {} no es válida."),
    "TM": Format(_is_time_of_day, "HH[MM[SS[.S]]][+/-ZZZZ]", "La hora de {} no es válida."),
    "NM": Format(
        _pattern(r"\s*[+-]?(?:\d+(?:\.\d*)?|\.\d+)\s*"), "a decimal number", "El número de {} no es válido."
    ),
    "SI": Format(_pattern(r"\s*\d+\s*"), "a whole number", "El número de orden de {} no es válido."),
}

"""The formats of FHIR's primitive types in JSON.

Source: FHIR R4, section 2.24.0.1 (primitive types) and 2.6.2 (their JSON).
"""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any, Final

from ayni.vocabulary.fhir.finding import Phrase

Format = Callable[[Any], bool]
"""Whether a JSON value is one of the type."""

STRING_CHARACTERS_MAX: Final = 1 << 20
"""A megabyte, R4's own limit of a string."""

DECIMAL_EXPONENT_MAX: Final = 1000
"""Zeros before or behind the digits of a decimal. R4 sets no limit and a double ends at 308; `1e99999999` is
nine bytes that become a hundred million digits for whoever makes a whole number of it."""

_DAY: Final = r"(?!0000)[0-9]{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12][0-9]|3[01])"
_CLOCK: Final = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\.[0-9]+)?"
_ZONE: Final = r"(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))"
_DAY_LENGTH: Final = len("2026-11-23")

_text = re.compile(r"[^\x00-\x08\x0b\x0c\x0e-\x1f]*").fullmatch
_date = re.compile(rf"{_DAY})?)?").fullmatch
_date_time = re.compile(rf"{_DAY}(?:T{_CLOCK}{_ZONE})?)?)?").fullmatch
_instant = re.compile(rf"{_DAY}T{_CLOCK}{_ZONE}))").fullmatch
_base64 = re.compile(r"[0-9A-Za-z+/\s]*+={0,2}\s*+").fullmatch
_INT_MIN, _INT_MAX = -(1 << 31), (1 << 31) - 1


def _is_string(value: Any) -> bool:
    return isinstance(value, str) and _text(value) is not None and not value.isspace() and value != ""


def _is_short_string(value: Any) -> bool:
    return _is_string(value) and len(value) <= STRING_CHARACTERS_MAX


def _is_boolean(value: Any) -> bool:
    return value.__class__ is bool


def _is_decimal(value: Any) -> bool:
    """A number that is one: JSON knows no NaN, and a Python float may be."""
    kind = value.__class__
    if isinstance(value, Decimal):
        return value.is_finite() and abs(value.adjusted()) <= DECIMAL_EXPONENT_MAX
    return kind is int or (kind is float and value - value == 0)


def _is_base64(value: Any) -> bool:
    if not isinstance(value, str) or not _base64(value):
        return False
    length = len("".join(value.split()))
    return length > 0 and length % 4 == 0


def _is_calendar_day(value: str) -> bool:
    """Whether the day of a well-formed date exists: there is no 30 February."""
    if len(value) < _DAY_LENGTH or value[8:10] < "29":
        return True
    try:
        date.fromisoformat(value[:_DAY_LENGTH])
    except ValueError:
        return False
    return True


def _dated(matches: Callable[[str], object]) -> Format:
    def is_dated(value: Any) -> bool:
        return isinstance(value, str) and matches(value) is not None and _is_calendar_day(value)

    return is_dated


def _matching(pattern: str) -> Format:
    matches = re.compile(pattern).fullmatch

    def is_matching(value: Any) -> bool:
        return isinstance(value, str) and matches(value) is not None

    return is_matching


def _integer(least: int) -> Format:
    def is_integer(value: Any) -> bool:
        return value.__class__ is int and least <= value <= _INT_MAX

    return is_integer


_NO_SPACE: Final = r"[^\s\x00-\x1f]+"
_STRING: Final = (_is_short_string, Phrase("text that is not empty", "un texto no vacío"))

PRIMITIVES: Final[dict[str, tuple[Format, Phrase]]] = {
    "base64Binary": (_is_base64, Phrase("base64", "base64")),
    "boolean": (_is_boolean, Phrase("true or false", "verdadero o falso")),
    "canonical": (
        _matching(_NO_SPACE),
        Phrase("a canonical URL without blanks", "una URL canónica sin espacios"),
    ),
    "code": (
        _matching(r"[^\s]+(?:\s[^\s]+)*"),
        Phrase("a code without stray blanks", "un código sin espacios sobrantes"),
    ),
    "date": (
        _dated(_date),
        Phrase("a date YYYY, YYYY-MM or YYYY-MM-DD", "una fecha AAAA, AAAA-MM o AAAA-MM-DD"),
    ),
    "dateTime": (
        _dated(_date_time),
        Phrase("a date, or a time with its zone", "una fecha, o una hora con su zona"),
    ),
    "decimal": (
        _is_decimal,
        Phrase(
            f"a number, its exponent within {DECIMAL_EXPONENT_MAX}",
            f"un número, con exponente de hasta {DECIMAL_EXPONENT_MAX}",
        ),
    ),
    "id": (
        _matching(r"[A-Za-z0-9\-.]{1,64}"),
        Phrase("an id of 1 to 64 letters, digits, - or .", "un id de 1 a 64 letras, dígitos, - o ."),
    ),
    "instant": (_dated(_instant), Phrase("a time with its zone", "una hora con su zona")),
    "integer": (_integer(_INT_MIN), Phrase("a whole number of 32 bits", "un número entero de 32 bits")),
    "markdown": _STRING,
    "oid": (
        _matching(r"urn:oid:[0-2](?:\.(?:0|[1-9][0-9]*))+"),
        Phrase("an OID as urn:oid:…", "un OID como urn:oid:…"),
    ),
    "positiveInt": (_integer(1), Phrase("a whole number from 1 on", "un número entero desde 1")),
    "string": _STRING,
    "time": (_matching(_CLOCK), Phrase("a time hh:mm:ss", "una hora hh:mm:ss")),
    "unsignedInt": (_integer(0), Phrase("a whole number from 0 on", "un número entero desde 0")),
    "uri": (_matching(_NO_SPACE), Phrase("a URI without blanks", "una URI sin espacios")),
    "url": (_matching(_NO_SPACE), Phrase("a URL without blanks", "una URL sin espacios")),
    "uuid": (
        _matching(r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"),
        Phrase("a UUID as urn:uuid:…", "un UUID como urn:uuid:…"),
    ),
    # R4's own examples have narratives of more than a string's megabyte.
    "xhtml": (_is_string, _STRING[1]),
}
"""By type name: whether a value is one, and how one is called."""

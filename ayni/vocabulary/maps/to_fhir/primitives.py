"""The text of a v2 leaf as a FHIR primitive, or None when the text cannot be one.

Source: HL7 v2.5.1, chapter 2.A (DTM, NM, TM, ID) and FHIR R4, datatypes (the regular expressions of 2.24).
A date keeps the precision of v2; a time without offset is of the clock of MSH-7; the seconds, and the minutes
of an hour alone, are filled with zeros, because a FHIR dateTime with a time must have them.
"""

import base64
import re
from collections.abc import Callable
from datetime import timedelta, tzinfo
from decimal import Decimal
from typing import Any, Final

from ayni.vocabulary.hl7 import Hl7Error, parse_timestamp
from ayni.vocabulary.hl7.dates import LIMA

Primitive = Callable[[str, tzinfo], Any]
"""(text, the clock of times without offset) to a value; most types do not look at the clock."""

_CODE = re.compile(r"\S+( \S+)*")
_ID = re.compile(r"[A-Za-z0-9.-]{1,64}", re.ASCII)
_TOKEN = re.compile(r"\S+")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)", re.ASCII)
_INTEGER_MAX = 2**31 - 1
_OFFSET_MAX = timedelta(hours=14)  # FHIR's; v2 allows any


def string(text: str, zone: tzinfo = LIMA) -> str | None:
    return text or None


def code(text: str, zone: tzinfo = LIMA) -> str | None:
    return text if _CODE.fullmatch(text) else None


def uri(text: str, zone: tzinfo = LIMA) -> str | None:
    return text if _TOKEN.fullmatch(text) else None


def id_(text: str, zone: tzinfo = LIMA) -> str | None:
    return text if _ID.fullmatch(text) else None


def boolean(text: str, zone: tzinfo = LIMA) -> bool | None:
    """Table 0136."""
    return {"Y": True, "N": False}.get(text.upper())


def decimal(text: str, zone: tzinfo = LIMA) -> Decimal | None:
    """With the digits it came with, but for what FHIR forbids: a plus, a bare point, leading zeros."""
    if not _NUMBER.fullmatch(text):
        return None
    whole, point, fraction = text.lstrip("+-").partition(".")
    sign = "-" if text.startswith("-") else ""
    return Decimal(f"{sign}{whole.lstrip('0') or '0'}{point if fraction else ''}{fraction}")


def integer(text: str, zone: tzinfo = LIMA) -> int | None:
    number = decimal(text)
    if number is None or number != int(number) or abs(number) > _INTEGER_MAX:
        return None
    return int(number)


def unsigned_int(text: str, zone: tzinfo = LIMA) -> int | None:
    number = integer(text)
    return number if number is not None and number >= 0 else None


def positive_int(text: str, zone: tzinfo = LIMA) -> int | None:
    number = integer(text)
    return number if number is not None and number > 0 else None


def date(text: str, zone: tzinfo = LIMA) -> str | None:
    """The calendar day as written, never moved by a zone; a year or a month alone stays one."""
    digits = re.match(r"\d*", text)
    length = len(digits[0]) if digits else 0
    try:
        at = parse_timestamp(text)
    except Hl7Error:
        return None
    return at.date().isoformat()[: 4 if length < 6 else 7 if length < 8 else 10]


def date_time(text: str, zone: tzinfo) -> str | None:
    return date(text) if len(re.split("[+-]", text)[0]) <= 8 else instant(text, zone)


def instant(text: str, zone: tzinfo) -> str | None:
    """None for a day without a time: a moment must not be guessed."""
    if len(re.split("[+-]", text)[0]) <= 8:
        return None
    try:
        at = parse_timestamp(text, zone=zone)
    except Hl7Error:
        return None
    if abs(at.utcoffset() or timedelta()) > _OFFSET_MAX:
        return None
    return at.isoformat(timespec="milliseconds" if at.microsecond else "seconds")


def time(text: str, zone: tzinfo = LIMA) -> str | None:
    """A time of day; FHIR's has no offset, so that of v2 falls away."""
    digits = re.split("[+-]", text)[0]
    try:
        at = parse_timestamp(f"20000101{digits}")
    except Hl7Error:
        return None
    return at.time().isoformat("milliseconds" if at.microsecond else "seconds") if digits else None


def base64_of_text(text: str, zone: tzinfo = LIMA) -> str:
    """The text itself, in UTF-8."""
    return base64.b64encode(text.encode("utf-8", "replace")).decode()


def base64_of_hex(text: str, zone: tzinfo = LIMA) -> str | None:
    try:
        return base64.b64encode(bytes.fromhex(text)).decode()
    except ValueError:
        return None


def base64_as_sent(text: str, zone: tzinfo = LIMA) -> str | None:
    """Base64, without the line breaks that senders put in."""
    packed = "".join(text.split())
    try:
        base64.b64decode(packed, validate=True)
    except ValueError:  # not base64, or not even ASCII
        return None
    return packed or None


PRIMITIVES: Final[dict[str, tuple[Primitive, str]]] = {
    "string": (string, "text"),
    "markdown": (string, "text"),
    "code": (code, "a code without blanks around it"),
    "uri": (uri, "a URI without blanks"),
    "id": (id_, "1 to 64 letters, digits, dashes and points"),
    "boolean": (boolean, "Y or N"),
    "decimal": (decimal, "a decimal number"),
    "integer": (integer, "a whole number"),
    "unsignedInt": (unsigned_int, "a whole number, not negative"),
    "positiveInt": (positive_int, "a whole number above zero"),
    "date": (date, "YYYY[MM[DD]]"),
    "dateTime": (date_time, "YYYY[MM[DD[HH[MM[SS[.S]]]]]][+/-ZZZZ]"),
    "instant": (instant, "a time with its day"),
    "time": (time, "HH[MM[SS[.S]]]"),
    "base64Text": (base64_of_text, "text"),
    "base64Hex": (base64_of_hex, "hexadecimal digits"),
    "base64Binary": (base64_as_sent, "base64"),
}
"""By the word of the tables, each with what it expects."""

"""The text of v2 as FHIR's primitives: as exact as it was, in the zone it was said in, or not at all."""

from datetime import timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from ayni.vocabulary.maps.to_fhir.primitives import PRIMITIVES

LIMA = timezone(timedelta(hours=-5))


def read(type_: str, text: str) -> Any:
    return PRIMITIVES[type_][0](text, LIMA)


@pytest.mark.parametrize(
    ("type_", "text", "value"),
    [
        ("date", "1992", "1992"),
        ("date", "199203", "1992-03"),
        ("date", "19920314", "1992-03-14"),
        ("date", "19920314235959+0900", "1992-03-14"),  # a birth date is the day as written
        ("date", "1992-0500", "1992"),
        ("date", "19920230", None),
        ("date", "0000", None),
        ("date", "92", None),
        ("dateTime", "1992", "1992"),
        ("dateTime", "19920314", "1992-03-14"),
        ("dateTime", "1992031409", "1992-03-14T09:00:00-05:00"),
        ("dateTime", "199203140930", "1992-03-14T09:30:00-05:00"),
        ("dateTime", "19920314093015.25+0000", "1992-03-14T09:30:15.250+00:00"),
        ("dateTime", "19920314093015+1500", None),  # FHIR knows no such offset
        ("dateTime", "199203142460", None),
        ("instant", "19920314", None),
        ("instant", "199203140930-0300", "1992-03-14T09:30:00-03:00"),
        ("time", "0930", "09:30:00"),
        ("time", "093015-0500", "09:30:15"),
        ("time", "", None),
        ("time", "2500", None),
        ("decimal", "1.10", Decimal("1.10")),
        ("decimal", "+007.50", Decimal("7.50")),
        ("decimal", "-.5", Decimal("-0.5")),
        ("decimal", "5.", Decimal("5")),
        ("decimal", "1e5", None),
        ("decimal", "٥", None),
        ("integer", "-3", -3),
        ("integer", "3.0", 3),
        ("integer", "3.5", None),
        ("integer", "99999999999", None),
        ("unsignedInt", "0", 0),
        ("unsignedInt", "-1", None),
        ("positiveInt", "0", None),
        ("boolean", "y", True),
        ("boolean", "N", False),
        ("boolean", "0", None),
        ("code", "A B", "A B"),
        ("code", "A  B", None),
        ("uri", "urn:oid:1.2", "urn:oid:1.2"),
        ("uri", "two words", None),
        ("id", "QH-7M3K9XBT4D.Q001", "QH-7M3K9XBT4D.Q001"),
        ("id", "no blanks", None),
        ("string", "", None),
        ("string", "línea\notra", "línea\notra"),
        ("base64Text", "Ñ", "w5E="),
        ("base64Hex", "C391", "w5E="),
        ("base64Hex", "G", None),
        ("base64Binary", "w5\nE=", "w5E="),
        ("base64Binary", "w5E", None),
        ("base64Binary", "Ñ", None),
    ],
)
def test_a_text_is_a_value_or_none(type_: str, text: str, value: object) -> None:
    found = read(type_, text)
    assert found == value
    assert str(found) == str(value)  # a Decimal with the same digits


def test_every_primitive_says_what_it_expects() -> None:
    assert all(expected for _, expected in PRIMITIVES.values())

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ayni.vocabulary.fhir import RESOURCE_BYTES_MAX, FhirError, dumps, loads

DIGITS = [
    b"0.0000001",
    b"1e5",
    b"1.10e+5",
    b"1E5",
    b"-0E-8",
    b"12345678901234567890123",
    b"1.10",
    b"0.0",
    b"-0.0",
    b"100.000",
    b"3.14159265358979323846264338327950288",
]
NO_RESOURCE = [
    b"",
    b"null",
    b"[]",
    b'"text"',
    b"{}",
    b'{"resourceType":5}',
    b'{"resourceType":null}',
    b"\xff\xfe",
]
HOSTILE = {
    "deep lists": b'{"resourceType":"Bundle","entry":' + b"[" * 200_000,
    "deep objects": b'{"resourceType":"Bundle","entry":' + b'{"a":' * 100_000,
    "an exponent beyond Decimal": b'{"resourceType":"Observation","a":1e9999999999999999999}',
    "an endless integer": b'{"resourceType":"Observation","a":' + b"9" * 5000 + b"}",
    "not a number": b'{"resourceType":"Observation","a":NaN}',
    "half a surrogate pair": b'{"resourceType":"Patient","a":"\\ud800"}',
    "bytes that are no UTF-8": b'{"resourceType":"Patient","a":"\xe9"}',
}


@pytest.mark.parametrize("digits", DIGITS)
def test_a_decimal_keeps_every_digit(digits: bytes) -> None:
    raw = b'{"resourceType":"Observation","value":' + digits + b"}"
    assert dumps(loads(raw)) == raw


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_any_decimal_keeps_its_precision(value: Decimal) -> None:
    again = loads(dumps({"resourceType": "Observation", "value": value}))["value"]
    assert Decimal(again).as_tuple() == value.as_tuple() or (value == again and "." not in str(value))


def test_keys_keep_their_order_and_letters_their_accents() -> None:
    raw = '{"resourceType":"Patient","z":"ÑAUPARI","a":"\U0001f600"}'.encode()
    assert dumps(loads(raw)) == raw


@pytest.mark.parametrize("raw", NO_RESOURCE)
def test_what_is_no_resource_is_refused_with_400(raw: bytes) -> None:
    with pytest.raises(FhirError) as refused:
        loads(raw)
    assert (refused.value.issue, refused.value.http_status) == ("structure", 400)


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_json_is_refused_as_malformed(raw: bytes) -> None:
    with pytest.raises(FhirError) as refused:
        loads(raw)
    assert (refused.value.issue, refused.value.http_status) == ("structure", 400)


def test_more_than_a_megabyte_is_refused_before_it_is_read() -> None:
    whole = b'{"resourceType":"Patient"}'
    assert loads(whole.ljust(RESOURCE_BYTES_MAX))["resourceType"] == "Patient"
    with pytest.raises(FhirError) as refused:
        loads(b"{" * (RESOURCE_BYTES_MAX + 1))
    assert (refused.value.issue, refused.value.http_status) == ("too-long", 413)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_resource_or_a_fhir_error(raw: bytes) -> None:
    with suppress(FhirError):
        assert "resourceType" in loads(raw)


DEEP: dict[str, object] = {"resourceType": "Patient"}
for _ in range(5000):
    DEEP = {"resourceType": "Patient", "a": DEEP}
SECRET = "99000017"
UNWRITABLE: dict[str, tuple[object, str, str]] = {
    "half a character": ({"name": [{"family": f"{SECRET}\ud800"}]}, "structure", "Patient.name[0].family"),
    "a foreign object": ({"name": [{"given": [object()]}]}, "structure", "Patient.name[0].given[0]"),
    "a name that is no text": ({"name": [{(1, SECRET): 1}]}, "structure", "Patient.name[0]"),
    "a name with half a character": ({"name": [{f"{SECRET}\ud800": 1}]}, "structure", "Patient.name[0]"),
    "levels without end": ({"a": DEEP}, "too-costly", ""),
}


@pytest.mark.parametrize(("content", "issue", "place"), UNWRITABLE.values(), ids=UNWRITABLE.keys())
def test_what_json_cannot_hold_is_refused_with_its_place(
    content: dict[str, object], issue: str, place: str
) -> None:
    with pytest.raises(FhirError) as refused:
        dumps({"resourceType": "Patient", **content})
    assert (refused.value.issue, refused.value.expression) == (issue, place)
    assert SECRET not in str(refused.value)


def test_text_with_half_a_character_is_no_json() -> None:
    with pytest.raises(FhirError) as refused:
        loads(f'{{"resourceType":"Patient","id":"{SECRET}\ud800"}}')
    assert refused.value.http_status == 400
    assert SECRET not in str(refused.value)

import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ayni.vocabulary.hl7 import FINDINGS_MAX, Hl7Error, parse, validate
from ayni.vocabulary.hl7.definitions import VERSIONS

HEADER = "MSH|^~\\&|A|B|C|D|20261123||{}|1|T|{}"
PERSON = "PID|1||99000017^^^RENIEC^NI||PRUEBA^ELENA"
APPOINTMENT = "SCH|1|2||||booked|||||^^^20261124090000|||||99000025|||||99000025"


def check(*lines: str, type: str = "ADT^A08^ADT_A01", version: str = "2.5.1") -> list[tuple[str, int, str]]:  # noqa: A002
    message = parse("\r".join([HEADER.format(type, version), *lines]).encode())
    return [(finding.severity, finding.code, finding.location) for finding in validate(message)]


def visit(*lines: str) -> list[tuple[str, int, str]]:
    return check("EVN||20261123", PERSON, "PV1||O", *lines)


def person(fields: str, version: str = "2.5.1") -> list[tuple[str, int, str]]:
    return check("EVN||20261123", fields, "PV1||O", version=version)


def result(fields: str) -> list[tuple[str, int, str]]:
    return check(PERSON, "OBR|1|||X", f"OBX|1|{fields}||||||F", type="ORU^R01^ORU_R01")


def test_the_messages_of_the_project_have_no_finding(sample):
    assert validate(parse(sample)) == []


def test_checking_changes_nothing(sample):
    message = parse(sample)
    validate(message)
    assert message.encode() == sample


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["EVN||2026", PERSON, "PV1||O"], []),
        (["EVN||2026", PERSON, "PD1", "NK1|1", "NK1|2", "PV1||O", "OBX|1|NM|X||1||||||F"], []),
        (["EVN||2026", PERSON], [("E", 100, "PV1^1")]),
        ([PERSON, "PV1||O"], [("E", 100, "EVN^1")]),
        ([PERSON, "EVN||2026", "PV1||O"], [("E", 100, "EVN^1"), ("E", 100, "EVN^1")]),
        (["EVN||2026", PERSON, "PV1||O", PERSON], [("E", 100, "PID^2")]),
        (["EVN||2026", PERSON, "PV1||O", "RGS|1"], [("E", 100, "RGS^1")]),
        (["EVN||2026", PERSON, "ZPE|local", "PV1||O", "ZZZ"], [("I", 0, "ZPE^1"), ("I", 0, "ZZZ^1")]),
        ([], [("E", 100, "EVN^1"), ("E", 100, "PID^1"), ("E", 100, "PV1^1")]),
    ],
)
def test_the_order_of_segments_is_that_of_the_structure(lines, expected):
    assert check(*lines) == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([APPOINTMENT, PERSON, "RGS|1", "AIS|1||X", "AIL|1", "RGS|2", "AIL|1"], []),
        ([APPOINTMENT, PERSON], [("E", 100, "RGS^1")]),
        ([APPOINTMENT, "PV1||O", "RGS|1"], [("E", 100, "PID^1")]),
        ([APPOINTMENT, PERSON, "AIS|1||X"], [("E", 100, "RGS^1")]),
        ([APPOINTMENT, PERSON, "DG1|1||X|||W", "OBX|1|ST|X||a||||||F", "RGS|1"], [("E", 100, "OBX^1")]),
        ([APPOINTMENT, PERSON, "PV1||O", PERSON, "PV1||O", "RGS|1"], []),
    ],
)
def test_groups_repeat_and_lead_with_their_first_segment(lines, expected):
    found = check(*lines, type="SIU^S12^SIU_S12")
    assert [finding for finding in found if finding[1] == 100] == expected


def test_what_a_group_lacks_is_said_when_the_next_one_begins_and_at_the_end():
    found = check(PERSON, "ORC|RE|1", "ORC|RE|2", "OBR|1|||X", "ORC|RE|3", type="ORU^R01^ORU_R01")
    assert found == [("E", 100, "OBR^1"), ("E", 100, "OBR^2")]


@pytest.mark.parametrize("detail", ["OBR|1|||X", "RQ1|1", "RXO|X"])
def test_one_of_a_choice_is_enough_and_two_are_too_many(detail):
    lines = [PERSON, "ORC|NW|1", detail, "NTE|1||nota"]
    order = [finding for finding in check(*lines, type="ORM^O01^ORM_O01") if finding[1] == 100]
    assert order == []
    twice = [*lines[:3], "ODS|D||X"]
    order = [finding for finding in check(*twice, type="ORM^O01^ORM_O01") if finding[1] == 100]
    assert order == [("E", 100, "ODS^1")]


@pytest.mark.parametrize(
    ("type_", "version", "expected"),
    [
        ("ADT^A28", "2.3", ("I", 201, "MSH^1^9")),  # ADT_A05 came with v2.4
        ("ORM^O01", "2.8", ("I", 201, "MSH^1^9")),  # and v2.7 withdrew ORM
        ("QQQ^Q99", "2.5.1", ("W", 200, "MSH^1^9")),
        ("ADT^A99", "2.5.1", ("W", 201, "MSH^1^9")),
    ],
)
def test_a_structure_the_version_lacks_is_said_so(type_, version, expected):
    assert expected in check(PERSON, type=type_, version=version)


@pytest.mark.parametrize(
    ("version", "known"), [("2.9", "2.8"), ("2.5.2", "2.5.1"), ("2.2", "2.3"), ("", "2.5.1")]
)
def test_an_unknown_version_is_checked_as_the_nearest_and_said_so(version, known):
    message = parse(HEADER.format("ACK", version).encode() + b"\rMSA|AA|1\r")
    finding = validate(message)[0]
    assert (finding.severity, finding.code, finding.location) == ("W", 203, "MSH^1^12")
    assert finding.text == f"La versión no se reconoce; se revisa como {known}."
    assert validate(message, version="2.5.1")[:1] != [finding]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("PID|1", [("E", 101, "PID^1^3"), ("E", 101, "PID^1^5")]),
        ('PID|1||1||""||""|""', []),
        ("PID|1||1||A|||F~M", [("E", 102, "PID^1^8")]),
        ("PID|1||1||A||20261301", [("E", 102, "PID^1^7^1^1")]),
        ("PID|1||1||A||ayer", [("E", 102, "PID^1^7^1^1")]),
        ("PID|1||1||A||2026", []),
        ("PID|uno||1||A", [("E", 102, "PID^1^1^1")]),
        ("PID|1||1||A|||X", [("W", 103, "PID^1^8^1")]),
        ("PID|1||1||A|||FF", [("W", 104, "PID^1^8^1"), ("W", 103, "PID^1^8^1")]),
        ('PID|1||1^^^^^^""||A', []),
        ("PID|1||1^^^^^^2026-01-01||A", [("E", 102, "PID^1^3^1^7")]),
        ("PID|1||1~2^^^RENIEC&x&XYZ||A", [("E", 103, "PID^1^3^2^4^3")]),
        ("PID|1||1||A&B&C&D&E&F^G", [("W", 102, "PID^1^5^1^1")]),
        ("PID|1||1||A||||||||||||||||||||||||||||||||||", []),
        ("PID|1||1||A|||||||||||||||||||||||||||||||||||x", [("W", 102, "PID^1")]),
    ],
)
def test_fields_are_checked_against_their_definition(lines, expected):
    assert person(lines) == expected


def test_a_withdrawn_field_is_a_warning_only_where_it_is_withdrawn():
    line = "PID|1||1^^^^NI||A||||||||||||||SSN"
    assert ("W", 102, "PID^1^19^1") in person(line, version="2.7")
    assert person(line, version="2.5.1") == []


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("NM|X||37.5", []),
        ("NM|X||-.5", []),
        ("NM|X||3,5", [("E", 102, "OBX^1^5^1")]),
        ("NM|X||1~x", [("E", 102, "OBX^1^5^2")]),
        ("ST|X||3,5", []),
        ("TX|X||uno^dos", []),
        ("DT|X||2026022809", [("E", 102, "OBX^1^5^1")]),
        ("DT|X||20260230", [("E", 102, "OBX^1^5^1")]),
        ("TM|X||0930-0500", []),
        ("TM|X||2460", [("E", 102, "OBX^1^5^1")]),
        ("TS|X||20261123093015.1234-0500", []),
        ("SN|X||>^x", [("E", 102, "OBX^1^5^1^2")]),
        ("CE|X||Q^q^HL70001", [("W", 103, "OBX^1^5^1^1")]),
        ("CE|X||Q^q^99STA", []),
        ("CE|X||F\\X0A\\^q^99STA", []),
        ("|X||algo", [("E", 101, "OBX^1^2")]),
        ("QQ|X||algo", [("E", 103, "OBX^1^2^1")]),
    ],
)
def test_an_observation_is_checked_as_the_type_it_names(fields, expected):
    assert result(fields) == expected


def test_texts_name_the_place_and_never_quote_what_was_found():
    message = parse(
        "\r".join([HEADER.format("ACK", "2.5.1"), "MSA|AA|1", "ERR||||SECRETO", "ERR||||Q"]).encode()
    )
    found = [finding for finding in validate(message) if finding.code == 103]
    assert [finding.text for finding in found] == [
        "El código de ERR-4 no está en la tabla 0516.",
        "El código de ERR[2]-4 no está en la tabla 0516.",
    ]
    assert "SECRETO" not in repr(validate(message))


def test_noise_does_not_become_endless_findings():
    noise = parse((HEADER.format("ACK", "2.5.1") + "\rXXX" * 5000).encode())
    found = validate(noise)
    assert len(found) == FINDINGS_MAX
    assert (found[-1].severity, found[-1].text) == ("I", "Hay más observaciones.")


@pytest.mark.parametrize(
    "value", ["1" * 900_000 + "x", " " * 900_000, "~" * 900_000, "^" * 900_000, "\\" * 900_000]
)
def test_a_field_of_a_megabyte_is_judged_at_once(value):
    started = time.monotonic()
    result(f"NM|X||{value}")
    assert time.monotonic() - started < 5  # one that goes back over the text takes hours


words = st.one_of(
    st.text(max_size=8), st.sampled_from(['""', "{}", "{", "HL70001", "20261123", "~", "^", "&", "\\"])
)
names = st.sampled_from(["PID", "OBX", "SCH", "RGS", "AIS", "MSA", "ZZZ", "QQQ", "EVN", "ORC", "TXA", "ERR"])
types = st.sampled_from(
    ["ADT^A08", "SIU^S12", "ORU^R01", "ORM^O01", "ACK", "^", "", "MFN^M01", "{}^{}", "ZZZ^Z01"]
)


@given(
    types,
    st.sampled_from([*VERSIONS, "", "9", "{}", "٢.٥"]),
    st.lists(st.tuples(names, st.lists(words, max_size=12)), max_size=8),
)
def test_no_message_that_can_be_parsed_makes_the_check_fail(type_, version, segments):
    lines = [f"{name}|{'|'.join(fields)}" for name, fields in segments]
    header = HEADER.format(type_, version) + "||||||UNICODE UTF-8"
    with suppress(Hl7Error):
        for finding in validate(parse("\r".join([header, *lines]).encode("utf-8", "replace"))):
            assert finding.text
            assert finding.code in (0, 100, 101, 102, 103, 104, 200, 201, 203)

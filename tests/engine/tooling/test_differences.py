"""What is not as expected is told by its place: a field with its name, a path, a line."""

import pytest

from ayni.engine.tooling.comparing import differences
from ayni.engine.tooling.difference import SHOWN_MAX, Difference, FileDifference

HEADER = "MSH|^~\\&|A|B|C|D|20261123093000-0500||ORU^R01^ORU_R01|1|T|2.5.1"
PID = "PID|1||99000017^^^RENIEC^NI||PRUEBA^ANA"


def hl7(*segments: str) -> bytes:
    return "\r".join([HEADER, *segments, ""]).encode()


def told(expected: bytes, found: bytes) -> list[tuple[str, str | None, str | None]]:
    return [(each.place, each.expected, each.found) for each in differences(expected, found)]


def test_the_same_content_has_no_difference() -> None:
    assert differences(hl7(PID), hl7(PID)) == ()
    assert differences(b'{"a": 1, "b": [1.10, null]}', b'{"b":[1.10,null],"a":1}') == ()


@pytest.mark.parametrize(
    ("segment", "found", "place", "name", "sides"),
    [
        (PID, PID.replace("ANA", "EVA"), "PID-5.2", "Patient Name · Given Name", ("ANA", "EVA")),
        (PID, PID.replace("^ANA", ""), "PID-5.2", "Patient Name · Given Name", ("ANA", None)),
        (PID, PID + "||19920314", "PID-7", "Date/Time of Birth", (None, "19920314")),
        (PID, PID.replace("||PRUEBA", "~2||PRUEBA"), "PID-3[2]", "Patient Identifier List", (None, "2")),
        ("OBX|1|CE|A||R50^fever", "OBX|1|CE|A||R51^fever", "OBX-5.1", None, ("R50", "R51")),
        ("PID|1||a&b^c", "PID|1||a&d^c", "PID-3.1.2", None, ("b", "d")),
        ("ZBX|1|a", "ZBX|1|b", "ZBX-2", "", ("a", "b")),
    ],
)
def test_hl7_is_told_by_segment_and_field_with_its_name(
    segment: str, found: str, place: str, name: str | None, sides: tuple[str | None, str | None]
) -> None:
    (difference,) = differences(hl7(segment), hl7(found))
    assert (difference.place, difference.expected, difference.found) == (place, *sides)
    assert name is None or difference.name == name


def test_a_segment_that_came_in_the_middle_moves_no_other() -> None:
    before, after = "OBX|1|ST|A||one", "OBX|3|ST|C||three"
    assert told(hl7(PID, before, after), hl7(PID, before, "OBX|2|ST|B||two", after)) == [
        ("OBX[2]", None, "OBX|2|ST|B||two")
    ]


def test_segments_of_one_name_are_told_apart_by_their_number() -> None:
    one, two = "OBX|1|ST|A||one", "OBX|2|ST|B||two"
    assert told(hl7(PID, one, two), hl7(PID, one, two.replace("two", "2"))) == [("OBX[2]-5", "two", "2")]
    assert told(hl7(PID, one, two), hl7(PID, one)) == [("OBX[2]", two, None)]


def test_another_message_type_or_separator_is_a_difference_too() -> None:
    assert told(hl7(PID), hl7(PID).replace(b"R01^ORU", b"R02^ORU"))[0][0] == "MSH-9.2"
    assert told(hl7(PID), hl7(PID).replace(b"^~", b"~^").replace(b"|^", b"|~"))


@pytest.mark.parametrize("found", [hl7(PID)[:-1], hl7(PID) + b"\r", hl7(PID.replace("ANA", "ANA^"))])
def test_what_has_no_place_of_its_own_is_told_by_its_byte(found: bytes) -> None:
    (difference,) = differences(hl7(PID), found)
    assert difference.place.startswith("byte ")
    assert difference.expected != difference.found


@pytest.mark.parametrize(
    ("expected", "found", "place", "sides"),
    [
        (b'{"a": {"b": 1}}', b'{"a": {"b": 2}}', "a.b", ("1", "2")),
        (b'{"a": 1}', b"{}", "a", ("1", None)),
        (b"{}", b'{"a": {"b": 1}}', "a", (None, '{"b":1}')),
        (b'{"a": 1.10}', b'{"a": 1.1}', "a", ("1.10", "1.1")),
        (b'{"a": "1"}', b'{"a": 1}', "a", ('"1"', "1")),
        (b'{"a": true}', b'{"a": 1}', "a", ("true", "1")),
        (b'{"a": null}', b"{}", "a", ("null", None)),
        (b'{"a": [{"b": 1}, {"b": 2}]}', b'{"a": [{"b": 1}, {"b": 3}]}', "a[1].b", ("2", "3")),
        (b'{"a": [1, 2, 3]}', b'{"a": [1, 3]}', "a[1]", ("2", None)),
        (b"[1]", b"[2]", "[0]", ("1", "2")),
        (b'{"a": {}}', b'{"a": []}', "a", ("{}", "[]")),
    ],
)
def test_json_is_told_by_path(expected: bytes, found: bytes, place: str, sides: tuple[str, str]) -> None:
    assert told(expected, found) == [(place, *sides)]


def test_a_fhir_place_has_the_name_of_its_resource() -> None:
    entry = b'{"resource": {"resourceType": "%s", "id": "%s"}}'
    bundle = b'{"resourceType": "Bundle", "entry": [%s, %s]}'
    one, other = entry % (b"Patient", b"1"), entry % (b"Task", b"2")
    (difference,) = differences(bundle % (one, other), bundle % (one, entry % (b"Task", b"3")))
    assert (difference.place, difference.name) == ("entry[1].resource.id", "Task")
    new = entry % (b"Device", b"9")
    (difference,) = differences(bundle % (one, other), bundle % (one, new + b", " + other))
    assert (difference.place, difference.expected) == ("entry[1]", None)


def test_text_and_what_is_in_another_format_are_told_by_line() -> None:
    assert told(b"one\ntwo\n", b"one\n2\n") == [("line 2", "two", "2")]
    assert told(b"103 SCH^1\n", b"101 SCH^1\n") == [("line 1", "103 SCH^1", "101 SCH^1")]
    assert told(b"", b"x") == [("line 1", None, "x")]
    assert told(b"MSH", b"{}") == [("line 1", "MSH", "{}")]


def test_a_diff_is_read_by_a_person() -> None:
    shown = FileDifference("01-fever.out.hl7", "out", differences(hl7(PID), hl7(PID.replace("ANA", "\x1b"))))
    assert str(shown).splitlines() == [
        "01-fever.out.hl7",
        "  PID-5.2  Patient Name · Given Name",
        "      expected  ANA",
        "      found     \\x1b",
    ]


def test_a_long_diff_says_how_much_more_there_is() -> None:
    many = tuple(Difference(f"a[{n}]", "x" * 500, None) for n in range(SHOWN_MAX + 5))
    shown = str(FileDifference("01.out.json", "out", many))
    assert shown.endswith("… and 5 more places")
    assert "(500 characters)" in shown
    assert "(nothing)" in shown

"""The two small languages of the tables: when a row applies and where its value goes."""

from typing import Any

import pytest

from ayni.vocabulary.hl7 import parse
from ayni.vocabulary.maps.to_fhir.condition import condition
from ayni.vocabulary.maps.to_fhir.reading import Reading
from ayni.vocabulary.maps.to_fhir.scope import Scope
from ayni.vocabulary.maps.to_fhir.target import Items, target

MESSAGE = parse(
    b"MSH|^~\\&|A|B|||20261124-0500||ORU^R01|1|T|2.5.1\r"
    b"PV1|1|O\r"
    b"OBX|1|NM|X||12.5|mg~g\r"
    b'OBX|2|ST|X||uno^dos|""\r'
)


def holds(text: str, segment: int, parts: list[str] | None = None, depth: int = 1) -> bool:
    reading = Reading(MESSAGE)
    reading.enter(MESSAGE.segments()[segment], 1, Scope())
    found = condition(text)
    assert found
    return found(parts or [], depth, reading)


@pytest.mark.parametrize(
    ("text", "segment", "expected"),
    [
        ("OBX-2 is NM", 2, True),
        ("OBX-2 is NM", 3, False),  # of the segment at hand
        ("PV1-2 is O", 3, True),  # of another segment
        ("ZZZ-1 valued", 3, False),
        ("ZZZ-1 missing", 3, True),
        ("OBX-2 in NM SN", 2, True),
        ("OBX-2 out NM SN", 2, False),
        ("OBX-2 not ST", 2, True),
        ("OBX-6 repeats", 2, True),
        ("OBX-6 single", 2, False),
        ("OBX-6 missing", 3, True),  # emptied on purpose
        ("OBX-5 number", 2, True),
        ("OBX-5 text", 3, True),
        ("OBX-5.2 is dos", 3, True),
        ("MSH-7 timed", 2, False),
        ("OBX-2 is NM and PV1-2 is O", 2, True),
        ("OBX-2 is NM and PV1-2 is I", 2, False),
    ],
)
def test_a_condition_asks_a_field(text: str, segment: int, expected: bool) -> None:
    assert holds(text, segment) is expected


def test_a_condition_asks_a_component_of_the_value_at_hand() -> None:
    parts = ["a", "", "c&d"]
    assert holds(".1 valued and .2 missing and .3 is c and .9 missing", 2, parts)


@pytest.mark.parametrize("text", ["OBX-2", "OBX-2 maybe X", "valued", "OBX repeats", "obx-2 valued"])
def test_what_is_no_condition_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected|not enough"):
        condition(text)


def written(*writes: tuple[str, int, Any]) -> Any:
    """What is there after writing: (path, repetition, value)."""
    element: dict[str, Any] = {}
    items: Items = {}
    for path, repetition, value in writes:
        target(path).write(element, items, ("PID", 1, 5, repetition), value)
    return element


def test_a_path_makes_what_it_needs() -> None:
    assert written(("a.b.c", 1, "x")) == {"a": {"b": {"c": "x"}}}
    assert written(("a[].b", 1, "x"), ("a[].c", 1, "y")) == {"a": [{"b": "x", "c": "y"}]}
    assert written(("a[].b", 1, "x"), ("a[].b", 2, "y")) == {"a": [{"b": "x"}, {"b": "y"}]}
    assert written(("a[k].b", 1, "x"), ("a[k].c", 2, "y")) == {"a": [{"b": "x", "c": "y"}]}
    assert written(("a[].b[k].c", 1, "x"), ("a[].b[k].c", 2, "y")) == {
        "a": [{"b": [{"c": "x"}]}, {"b": [{"c": "y"}]}]
    }


def test_a_later_row_reaches_the_item_of_a_field() -> None:
    assert written(
        ("name[]", 1, {"family": "A"}), ("name[]", 2, {"family": "B"}), ("name[5].use", 9, "old")
    ) == {"name": [{"family": "A", "use": "old"}, {"family": "B"}]}


def test_a_first_value_stays_and_gaps_are_filled() -> None:
    assert written(("a", 1, "x"), ("a", 1, "y")) == {"a": "x"}
    assert written(("q", 1, {"value": 1}), ("q", 1, {"value": 2, "unit": "g"})) == {
        "q": {"value": 1, "unit": "g"}
    }
    assert written(("a[]", 1, "x"), ("a[]", 2, "x"), ("a[]", 3, "y")) == {"a": ["x", "y"]}


def test_lines_are_added_and_this_is_the_element_itself() -> None:
    assert written(("note+", 1, "uno"), ("note+", 2, "dos")) == {"note": "uno\ndos"}
    assert written(("$this", 1, {"a": 1}), ("$this", 1, {"a": 2, "b": 3})) == {"a": 1, "b": 3}


def test_an_extension_knows_its_url_and_a_choice_has_one_form() -> None:
    url = "http://hl7.org/fhir/StructureDefinition/patient-religion"
    assert written(("extension[religion].valueString", 1, "x")) == {
        "extension": [{"url": url, "valueString": "x"}]
    }
    assert written(("valueString", 1, "x"), ("valueQuantity.value", 1, 5)) == {"valueString": "x"}


@pytest.mark.parametrize("path", ["", "a..b", "a[b c]", "9a", "extension[nobody-knows].x"])
def test_what_is_no_path_is_refused(path: str) -> None:
    with pytest.raises((ValueError, KeyError)):
        target(path)

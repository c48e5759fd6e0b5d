"""Another reader of HL7 v2, the `hl7` library, must see the same text where it follows the standard."""

import hl7 as library
import pytest

from ayni.vocabulary.hl7 import parse


def test_both_readers_see_the_same_leaves(sample):
    ours, theirs = parse(sample), library.parse(sample.decode())
    for segment in ours.segments():
        number = 1 + [s["1"] for s in ours.segments(segment.name)].index(segment["1"])
        for field in range(3 if segment.name == "MSH" else 1, 45):
            for component in range(1, 15):
                path = f"{segment.name}[{number}]-{field}.{component}"
                assert ours[path] == leaf(theirs, segment.name, number, field, component), path


def leaf(message, name: str, segment: int, field: int, component: int) -> str:
    try:
        return str(message.extract_field(name, segment, field, 1, component, 1))
    except (IndexError, LookupError):
        return ""  # it raises for what lies beyond the end and has no word for absent


@pytest.mark.parametrize("path", ["PID-5.2", "PID-7", "SCH-6.1"])
def test_the_library_reads_what_we_write(booked, path):
    message = parse(booked)
    message[path] = "a|b^c&d~e\\f"
    name, _, place = path.partition("-")
    field, _, component = place.partition(".")
    theirs = library.parse(message.encode().decode())
    assert leaf(theirs, name, 1, int(field), int(component or 1)) == "a|b^c&d~e\\f"

"""A message Bundle becomes the HL7 v2 message that it came from, but for what FHIR does not keep."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ayni.vocabulary.fhir import FhirError, Resource
from ayni.vocabulary.hl7 import Message, parse
from ayni.vocabulary.maps import bundle_from, message_from, siu_from_event
from ayni.vocabulary.request import State

SAMPLES = Path(__file__).parents[1] / "samples"
NAMES = sorted(path.stem for path in SAMPLES.glob("*.hl7"))


def sent(name: str) -> Message:
    return parse((SAMPLES / f"{name}.hl7").read_bytes())


def returned(name: str) -> Message:
    return message_from(bundle_from(sent(name)).bundle)


@pytest.mark.parametrize("name", NAMES)
def test_a_second_trip_changes_nothing(name: str) -> None:
    once = returned(name)
    assert message_from(bundle_from(once).bundle).encode() == once.encode()


@pytest.mark.parametrize("name", [name for name in NAMES if name != "ZZZ_Z01"])
def test_segments_come_back_in_their_order(name: str) -> None:
    """But for TQ1, where v2.5.1 repeats the time of SCH-11."""
    told = [segment.name for segment in returned(name).segments() if segment.name != "TQ1"]
    assert told == [segment.name for segment in sent(name).segments() if segment.name != "TQ1"]


def test_a_result_without_a_patient_comes_back() -> None:
    raw = b"MSH|^~\\&|A|B|C|D|20261124091500-0500||ORU^R01|1|T|2.5.1\rOBR|1|||A\rOBX|1|NM|X||5||||||F\r"
    told = message_from(bundle_from(parse(raw)).bundle)
    assert [segment.name for segment in told.segments()] == ["MSH", "OBR", "OBX"]
    assert told["OBX-5"] == "5"


def test_a_person_and_a_visit_come_back_whole() -> None:
    before, after = sent("ADT_A03"), returned("ADT_A03")
    for path in (
        "PID-3",
        "PID-3.4",
        "PID-3[2].1",
        "PID-5.1",
        "PID-5.3",
        "PID-6",
        "PID-7",
        "PID-8",
        "PID-11.9",
    ):
        assert after[path] == before[path], path
    assert after["PV1-36.1"] == before["PV1-36.1"]
    for name in ("EVN", "PV1"):
        assert after.segments(name)[0].encode() == before.segments(name)[0].encode()


def test_results_come_back_under_their_order_with_their_types() -> None:
    after = returned("ORU_R01")
    assert [obx["2"] for obx in after.segments("OBX")] == ["NM", "SN", "SN", "CE", "ED", "TM", "ST"]
    assert [obx.field(5) for obx in after.segments("OBX")][:3] == ["13.10", "<^5", "^1^:^128"]
    assert after["OBX-6.3"] == "UCUM"


def test_two_patients_come_back_as_two_groups() -> None:
    after = returned("ORU_R01_two_patients")
    assert [each.name for each in after.segments()] == ["MSH", "PID", "OBR", "OBX", "PID", "OBR", "OBX"]
    assert (after["PID[2]-3"], after["OBX[2]-5"]) == ("99000058", "15.2")


def test_a_merge_comes_back_as_a_merge() -> None:
    after = returned("ADT_A40")
    assert (after["PID-3"], after["MRG-1"]) == ("99000017", "OV-P-000500")


def test_what_stands_in_one_list_comes_back_to_its_own_fields() -> None:
    """Telephones at home and at work; places now and before; who attends, refers and admits."""
    raw = (
        "MSH|^~\\&|A|B|C|D|20261124091500-0500||ADT^A02|1|T|2.5.1\r"
        "PID|1||1^^^X^MR||PRUEBA||||||||^^PH^^^76^111111|^^PH^^^76^222222\r"
        "PV1|1|I|S^1^A|||S^2^B|5^UNO|6^DOS|7^TRES||||||||8^CUATRO\r"
    )
    before = parse(raw.encode())
    after = message_from(bundle_from(before).bundle)
    paths = ["PID-13.7", "PID-14.7", "PV1-3.3", "PV1-6.3", "PV1-7.2", "PV1-8.2", "PV1-9.2", "PV1-17.2"]
    assert [after[path] for path in paths] == [before[path] for path in paths]


def test_an_event_of_the_table_is_needed() -> None:
    bundle = bundle_from(sent("ADT_A04")).bundle
    event = bundle["entry"][0]["resource"]["eventCoding"]
    del event["display"], event["_display"]
    with pytest.raises(FhirError, match="required"):
        message_from(bundle)


def test_what_is_no_message_of_r4_is_refused_with_its_place() -> None:
    bundle = bundle_from(sent("ADT_A04")).bundle
    bundle["entry"][3]["resource"]["status"] = ["arrived"]
    with pytest.raises(FhirError, match=r"Bundle.entry\[3\]"):
        message_from(bundle)


VALUES = [None, "x", 1, [], {}, {"url": "u"}, "del"]
BUNDLES = [bundle_from(sent(name)).bundle for name in NAMES]


def places(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [path, *(inner for key, child in children for inner in places(child, (*path, key)))]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(BUNDLES),
    st.integers(0, 10_000),
    st.sampled_from([None, "x", 1, [], {}, {"url": "u"}, "del"]),
)
def test_a_changed_bundle_becomes_a_message_or_is_refused(bundle: Resource, number: int, value: Any) -> None:
    changed = copy.deepcopy(bundle)
    every = places(changed)[1:]
    *path, last = every[number % len(every)]
    node: Any = changed
    for key in path:
        node = node[key]
    if value == "del":
        del node[last]
    else:
        node[last] = value
    try:
        message_from(changed).encode()
    except FhirError as error:
        assert error.text  # noqa: PT017 - whatever the place, there is a sentence


def test_a_message_of_the_record_is_what_the_record_itself_writes(event: Callable[..., Resource]) -> None:
    """The two ways to a SIU, the exercise's own and the tables', say the same of the appointment."""
    written = siu_from_event(event(State.BOOKED))
    again = message_from(bundle_from(written).bundle)
    for path in (
        "SCH-1",
        "SCH-2",
        "SCH-6.1",
        "SCH-11.4",
        "SCH-11.5",
        "SCH-25",
        "AIS-3",
        "AIL-3.4",
        "AIP-3",
        "PID-3",
    ):
        assert again[path] == written[path], path

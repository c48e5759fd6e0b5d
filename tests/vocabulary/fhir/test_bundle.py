from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from ayni.vocabulary.fhir import FhirError, answer_to, bundle, dumps, systems

HEADER = {"resourceType": "MessageHeader", "id": "h", "eventUri": "urn:event"}
LIMA = timezone(timedelta(hours=-5))


def message(*resources: Any, **elements: Any) -> dict[str, Any]:
    entries = [{"resource": resource} for resource in resources]
    return {"resourceType": "Bundle", "type": "message", "entry": entries, **elements}


def test_the_header_is_the_first_entry() -> None:
    assert bundle.header(message(HEADER, {"resourceType": "Task"})) == HEADER


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({"resourceType": "Patient"}, "Bundle.type"),
        (message(HEADER, type="transaction"), "Bundle.type"),
        (message(), "Bundle.entry[0].resource"),
        ([message(HEADER)], "Bundle.type"),
        (message({"resourceType": "Task"}, HEADER), "Bundle.entry[0].resource"),
        (message({"resourceType": "MessageHeader"}), "Bundle.entry[0].resource.id"),
        (message(HEADER, entry="no list"), "Bundle.entry[0].resource"),
        (message(HEADER, entry=[None, 5, {"resource": []}]), "Bundle.entry[0].resource"),
    ],
)
def test_a_bundle_that_is_no_message_is_refused_with_its_place(wrong: dict[str, Any], place: str) -> None:
    with pytest.raises(FhirError) as refused:
        bundle.header(wrong)
    assert refused.value.expression == place


def test_only_is_the_one_resource_of_its_type() -> None:
    task = {"resourceType": "Task"}
    assert bundle.only(message(HEADER, task), "Task") is task
    for wrong in (message(HEADER), message(HEADER, task, task)):
        with pytest.raises(FhirError, match="Task"):
            bundle.only(wrong, "Task")


@pytest.mark.parametrize(
    "identifier", [None, "x", [], {}, {"system": "s"}, {"value": "v"}, {"system": "", "value": ""}]
)
def test_a_message_without_identifier_is_refused(identifier: Any) -> None:
    with pytest.raises(FhirError) as refused:
        bundle.identifier(message(HEADER, identifier=identifier))
    assert refused.value.expression == "Bundle.identifier"


def test_the_timestamp_keeps_its_offset() -> None:
    at = bundle.timestamp(message(timestamp="2026-11-23T09:30:15-05:00"))
    assert (at, at.utcoffset()) == (datetime(2026, 11, 23, 14, 30, 15, tzinfo=UTC), timedelta(hours=-5))


@pytest.mark.parametrize(
    "timestamp", [None, 5, "", "yesterday", "2026-11-23", "2026-11-23T09:30:15", "2026-02-30T09:30:15Z"]
)
def test_a_timestamp_without_time_or_zone_is_refused(timestamp: Any) -> None:
    with pytest.raises(FhirError) as refused:
        bundle.timestamp(message(timestamp=timestamp))
    assert refused.value.expression == "Bundle.timestamp"


@pytest.mark.parametrize(
    ("meta", "is_test"),
    [
        ({"tag": [systems.TEST_TAG]}, True),
        (
            {"tag": [{"system": systems.ACT_REASON, "code": "TREAT"}, systems.TEST_TAG | {"display": "x"}]},
            True,
        ),
        ({"tag": [{"code": "HTEST"}]}, False),
        ({"tag": "HTEST"}, False),
        ({"tag": [None, 5, []]}, False),
        ([], False),
        (None, False),
        ("HTEST", False),
    ],
)
def test_only_the_tag_htest_says_that_people_are_invented(meta: Any, is_test: bool) -> None:
    assert bundle.is_test(message(meta=meta)) is is_test


def test_the_same_message_always_hears_the_same_answer() -> None:
    at = datetime(2026, 11, 23, 9, 30, 16, tzinfo=LIMA)
    first, again = (answer_to(message(HEADER), source="engine", at=at) for _ in range(2))
    assert dumps(first) == dumps(again)
    assert bundle.header(first)["response"] == {"identifier": "h", "code": "ok"}
    assert answer_to(message(HEADER | {"id": "other"}), source="engine", at=at)["id"] != first["id"]


@pytest.mark.parametrize("wrong", [[], None, "Bundle", 5])
def test_what_is_no_bundle_at_all_is_refused_with_a_place(wrong: Any) -> None:
    at = datetime(2026, 11, 23, tzinfo=UTC)
    reads = (bundle.identifier, bundle.timestamp, lambda each: answer_to(each, source="ayni", at=at))
    for read in reads:
        with pytest.raises(FhirError) as refused:
            read(wrong)
        assert refused.value.expression.startswith("Bundle.")
    assert [*bundle.resources(wrong)] == []
    assert not bundle.is_test(wrong)

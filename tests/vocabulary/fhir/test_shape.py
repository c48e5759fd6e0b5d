from typing import Any

import pytest

from ayni.vocabulary.fhir import FhirError, check_shapes


def message(*resources: Any, **elements: Any) -> dict[str, Any]:
    entries = [{"resource": resource} for resource in resources]
    return {"resourceType": "Bundle", "type": "message", "entry": entries, **elements}


@pytest.mark.parametrize(
    ("resource", "place"),
    [
        ({"resourceType": "Patient", "name": {}}, "Patient.name"),
        ({"resourceType": "Patient", "name": [{"family": ["A"]}]}, "Patient.name[0].family"),
        ({"resourceType": "Patient", "name": [{"given": [None]}]}, "Patient.name[0].given[0]"),
        (
            {"resourceType": "Patient", "name": [{"_family": {"extension": {}}}]},
            "Patient.name[0]._family.extension",
        ),
        ({"resourceType": "Patient", "name": [{"_family": None}]}, "Patient.name[0]._family"),
        ({"resourceType": "Patient", "address": [{"extension": [{}]}]}, "Patient.address[0].extension[0]"),
        ({"resourceType": "Patient", "birthDate": "yesterday"}, "Patient.birthDate"),
        ({"resourceType": "Patient", "birthDate": None}, "Patient.birthDate"),
        ({"resourceType": "Patient", "identifier": [{"value": 99000017}]}, "Patient.identifier[0].value"),
        ({"resourceType": "MessageHeader", "id": "h", "source": "QHALI"}, "MessageHeader.source"),
        (
            {"resourceType": "ServiceRequest", "occurrencePeriod": {"start": 5}},
            "ServiceRequest.occurrencePeriod.start",
        ),
        ({"resourceType": "ServiceRequest", "note": [{}]}, "ServiceRequest.note[0]"),
        ({"resourceType": "Observation"}, "Observation"),
        ({"resourceType": "Task", "owner": {"identifier": []}}, "Task.owner.identifier"),
        ({"resourceType": "Appointment", "start": "2026-11-24T09:00:00"}, "Appointment.start"),
        ({"resourceType": "Appointment", "serviceType": {}}, "Appointment.serviceType"),
        ({"resourceType": 5}, "Bundle.entry[0].resource.resourceType"),
        ({}, "Bundle.entry[0].resource"),
        ("text", "Bundle.entry[0].resource"),
    ],
)
def test_another_shape_is_refused_with_its_place(resource: Any, place: str) -> None:
    with pytest.raises(FhirError) as refused:
        check_shapes(message(resource))
    assert (refused.value.expression, refused.value.http_status) == (place, 400)


@pytest.mark.parametrize(
    ("elements", "place"),
    [
        ({"meta": []}, "Bundle.meta"),
        ({"meta": {"tag": [5]}}, "Bundle.meta.tag[0]"),
        ({"identifier": "QH-7M3K9XBT4D"}, "Bundle.identifier"),
        ({"entry": {}}, "Bundle.entry"),
        ({"entry": [None]}, "Bundle.entry[0]"),
        ({"timestamp": 5}, "Bundle.timestamp"),
    ],
)
def test_another_shape_of_the_bundle_itself_is_refused(elements: dict[str, Any], place: str) -> None:
    with pytest.raises(FhirError) as refused:
        check_shapes(message(**elements))
    assert refused.value.expression == place


def test_a_refusal_never_quotes_what_was_found() -> None:
    with pytest.raises(FhirError) as refused:
        check_shapes(message({"resourceType": "Patient", "birthDate": "MARÍA 99000017"}))
    assert "MARÍA" not in str(refused.value)


@pytest.mark.parametrize(
    "moment", ["2026", "2026-11", "2026-11-23", "2026-11-23T09:30:15Z", "2026-11-23T09:30:15.123-05:00"]
)
def test_every_precision_of_a_date_time_is_accepted(moment: str) -> None:
    check_shapes(message({"resourceType": "Observation", "code": {}, "effectiveDateTime": moment}))


def test_what_our_messages_do_not_read_is_not_looked_at() -> None:
    check_shapes(message({"resourceType": "Patient", "photo": 5}, {"resourceType": "Basic", "code": 5}))

"""This project's extensions are defined, and every validation knows them."""

import re
from pathlib import Path

import pytest

from ayni.vocabulary.fhir.extensions import extensions
from ayni.vocabulary.fhir.systems import BASE, EVENT_SEQUENCE, TEXT_SPAN
from ayni.vocabulary.fhir.validation import validate

ROOT = Path(__file__).parents[3]
OURS = re.compile(rf"{re.escape(BASE)}/StructureDefinition/[a-z-]+")


def errors(resource: dict[str, object]) -> list[tuple[str, str]]:
    return [(each.issue, each.place) for each in validate(resource) if each.severity == "error"]


@pytest.mark.parametrize("url", extensions())
def test_a_definition_is_valid_itself(url: str) -> None:
    assert errors(extensions()[url]) == []


def test_every_extension_that_is_written_is_defined() -> None:
    tables = ROOT / "ayni/vocabulary/maps/tables/extensions.csv"
    samples = [*ROOT.glob("channels/*/samples/*.json"), *ROOT.glob("tests/qhali/samples/*.json")]
    written = {url for path in (tables, *samples) for url in OURS.findall(path.read_text("utf-8"))}
    assert written | {EVENT_SEQUENCE, TEXT_SPAN} <= set(extensions())


def message_header(*values: object) -> dict[str, object]:
    said = [{"url": EVENT_SEQUENCE, "valuePositiveInt": value} for value in values]
    source = {"endpoint": "https://a.example"}
    return {"resourceType": "MessageHeader", "eventUri": "urn:a", "source": source, "extension": said}


def test_an_extension_of_ours_is_held_to_its_definition() -> None:
    assert errors(message_header(4)) == []
    wrong = message_header(4)
    wrong["extension"] = [{"url": EVENT_SEQUENCE, "valueString": "4"}]
    assert errors(wrong) != []
    assert errors({"resourceType": "Patient", "extension": message_header(4)["extension"]}) == [
        ("structure", "Patient.extension[0]")
    ]


def test_a_span_without_its_fact_is_refused() -> None:
    span = [{"url": name, "valueInteger": 1} for name in ("turn", "start", "end")]
    entity = {
        "role": "source",
        "what": {"display": "a"},
        "extension": [{"url": TEXT_SPAN, "extension": span}],
    }
    found = errors(
        {
            "resourceType": "Provenance",
            "target": [{"display": "a"}],
            "recorded": "2026-11-24T09:15:00-05:00",
            "agent": [{"who": {"display": "a"}}],
            "entity": [entity],
        }
    )
    assert {place for _, place in found} == {"Provenance.entity[0].extension[0].extension"}


def test_a_code_that_r4_lacks_may_be_told_by_another_one() -> None:
    """The guide of HL7 v2 writes so what has no code in a required binding."""
    kept = {"url": "http://hl7.org/fhir/StructureDefinition/alternate-codes"}
    kept["valueCodeableConcept"] = {"text": "LEGAL"}  # type: ignore[assignment]
    patient = {"resourceType": "Patient", "name": [{"family": "PRUEBA", "_use": {"extension": [kept]}}]}
    assert errors(patient) == []
    patient["name"] = [{"family": "PRUEBA", "_use": {"extension": [{"url": "http://a.example/b"}]}}]
    assert ("code-invalid", "Patient.name[0].use") in errors(patient)

"""Snapshots from differentials: what a profile says, on all that its base says."""

from typing import Any

import pytest

from ayni.vocabulary.fhir.definitions import FHIR_ROOT, definition, type_definition, urls
from ayni.vocabulary.fhir.validation import ProfileError, Registry
from ayni.vocabulary.fhir.validation.snapshot import ELEMENTS_MAX, snapshot

Json = dict[str, Any]


def profile(kind: str, *elements: Json) -> Json:
    return {
        "resourceType": "StructureDefinition",
        "url": "http://a.pe/profile",
        "type": kind,
        "baseDefinition": FHIR_ROOT + kind,
        "derivation": "constraint",
        "differential": {"element": list(elements)},
    }


def built(kind: str, *elements: Json) -> dict[str, Json]:
    return {each["id"]: each for each in snapshot(profile(kind, *elements), Registry().structure)}


def test_what_is_not_said_is_the_base_s() -> None:
    base = type_definition("Patient")
    assert base is not None
    assert [*built("Patient")] == [each["id"] for each in base["snapshot"]["element"]]


def test_what_is_said_replaces_and_constraints_are_added() -> None:
    rule = {"key": "a-1", "severity": "error", "expression": "true"}
    found = built("Patient", {"path": "Patient.contact", "min": 1, "max": "2", "constraint": [rule]})[
        "Patient.contact"
    ]
    assert (found["min"], found["max"]) == (1, "2")
    assert [each["key"] for each in found["constraint"]] == ["pat-1", "a-1"]


def test_the_base_is_not_changed() -> None:
    built("Patient", {"path": "Patient.name", "min": 1})
    base = type_definition("Patient")
    assert base is not None
    assert next(each for each in base["snapshot"]["element"] if each["path"] == "Patient.name")["min"] == 0


def test_a_path_into_a_datatype_brings_its_elements() -> None:
    found = built("Patient", {"path": "Patient.identifier.type.coding.code", "min": 1})
    assert found["Patient.identifier.type.coding.code"]["min"] == 1
    assert found["Patient.identifier.period"]["type"] == [{"code": "Period"}]
    assert "Patient.name.family" not in found


def test_a_slice_stands_behind_its_element_with_its_children() -> None:
    found = built(
        "Observation",
        {"path": "Observation.component", "slicing": {"discriminator": [{"type": "value", "path": "code"}]}},
        {"path": "Observation.component", "sliceName": "a", "id": "Observation.component:a", "min": 1},
        {
            "path": "Observation.component.code",
            "id": "Observation.component:a.code",
            "patternCodeableConcept": {},
        },
        {"path": "Observation.component", "sliceName": "b", "id": "Observation.component:b"},
    )
    order = [each for each in found if each.count(".") == 1 and "component" in each]
    assert order == ["Observation.component", "Observation.component:a", "Observation.component:b"]
    assert "patternCodeableConcept" in found["Observation.component:a.code"]
    assert "patternCodeableConcept" not in found["Observation.component:b.code"]
    assert found["Observation.component:b"]["min"] == 0


def test_a_name_of_a_choice_is_a_slice_by_type() -> None:
    found = built("Observation", {"path": "Observation.valueQuantity", "min": 1})
    assert found["Observation.value[x]:valueQuantity"]["type"] == [{"code": "Quantity"}]
    assert found["Observation.value[x]"]["slicing"]["discriminator"] == [{"type": "type", "path": "$this"}]


def test_an_element_that_refers_to_another_has_its_children() -> None:
    found = built("Questionnaire", {"path": "Questionnaire.item.item.text", "min": 1})
    assert (found["Questionnaire.item.item.text"]["min"], found["Questionnaire.item.text"]["min"]) == (1, 0)


@pytest.mark.parametrize(
    ("element", "place"),
    [
        ({"path": "Observation.valueBla"}, "path"),
        ({"path": "Observation.nothing"}, "path"),
        ({"path": "Observation..unit"}, "path"),
        ({"path": "Patient.name"}, "path"),
        ({"path": "Observation.status.nothing"}, "path"),
        ({}, "path"),
    ],
)
def test_what_does_not_fit_the_base_is_refused_with_its_place(element: Json, place: str) -> None:
    with pytest.raises(ProfileError) as refused:
        built("Observation", element)
    assert refused.value.place == f"StructureDefinition.differential.element[0].{place}"


def test_a_base_nobody_knows_is_refused() -> None:
    with pytest.raises(ProfileError) as refused:
        snapshot({"baseDefinition": "http://a.pe/x"}, Registry().structure)
    assert refused.value.place == "StructureDefinition.baseDefinition"


def test_profiles_on_each_other_end() -> None:
    one = {**profile("Patient"), "url": "http://a.pe/one", "baseDefinition": "http://a.pe/two"}
    two = {**profile("Patient"), "url": "http://a.pe/two", "baseDefinition": "http://a.pe/one"}
    registry = Registry([one, two])
    assert registry.structure("http://a.pe/one") is None
    assert registry.broken("http://a.pe/one") is not None


def test_a_snapshot_has_a_size() -> None:
    slices = [{"path": "Patient.identifier", "sliceName": f"s{number}"} for number in range(ELEMENTS_MAX)]
    with pytest.raises(ProfileError) as refused:
        built("Patient", *slices)
    assert "at most" in refused.value.expected.english


def test_our_snapshots_are_those_that_hl7_publishes() -> None:
    """Made anew from nothing but what differs, R4's own profiles come out with the same cardinalities."""
    for url in urls("profiles"):
        published = definition("profiles", url)
        assert published is not None
        base = Registry().structure(published["baseDefinition"])
        if base is None:
            continue
        elements = published["snapshot"]["element"]
        changes = [each for each in elements if each["id"].count(":") or each["path"].count(".") == 1]
        made = {
            each["id"]: each
            for each in snapshot({**published, "differential": {"element": changes}}, Registry().structure)
        }
        for each in changes:
            identity = each["id"]
            assert (made[identity]["min"], made[identity]["max"]) == (each["min"], each["max"]), (
                url,
                identity,
            )

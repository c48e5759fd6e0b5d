"""No resource and no profile makes a validation hang, recurse without bound, or fail."""

import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ayni.vocabulary.fhir import FINDINGS_MAX, loads
from ayni.vocabulary.fhir.definitions import FHIR_ROOT
from ayni.vocabulary.fhir.validation import Registry, validate

Json = dict[str, Any]
NAMES = st.sampled_from(
    re.findall(
        r"\w+",
        """
        contained extension name given _given valueString reference entry resource text item coding code id
        url concept compose include system filter differential element path slicing snapshot meta profile type
        fullUrl link div parameter
        """,
    )
)
WORDS = st.sampled_from(["Patient", "#", "#a", "a", "Patient/1", "http://a.pe/x", "urn:uuid:x", ""])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals() | st.text(max_size=5) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=25,
)
KINDS = st.sampled_from(
    re.findall(
        r"\w+",
        """
        Patient Bundle Observation Parameters ValueSet CodeSystem StructureDefinition Composition
        SearchParameter CapabilityStatement Questionnaire Nothing
        """,
    )
)
CONTENT = st.dictionaries(NAMES, VALUES, max_size=6)


@given(KINDS, CONTENT)
@settings(max_examples=50, deadline=None)
def test_any_content_gives_findings(kind: str, content: Json) -> None:
    findings = validate({**content, "resourceType": kind})
    assert len(findings) <= FINDINGS_MAX
    assert all(each.place and each.reason and each.text for each in findings)


@given(CONTENT, st.lists(st.dictionaries(NAMES, VALUES | WORDS, max_size=5), max_size=4))
@settings(max_examples=50, deadline=None)
def test_any_profile_gives_findings(content: Json, elements: list[Json]) -> None:
    paths = ["Patient", "Patient.name", "Patient.name.given", "Patient.link.other", "Patient.contact:a.name"]
    element = [{"path": path, **each} for path, each in zip(paths, elements, strict=False)]
    profile = {
        "resourceType": "StructureDefinition",
        "url": "http://a.pe/x",
        "type": "Patient",
        "baseDefinition": FHIR_ROOT + "Patient",
        "differential": {"element": element},
    }
    patient = {**content, "resourceType": "Patient"}
    assert len(validate(patient, profiles=["http://a.pe/x"], registry=Registry([profile]))) <= FINDINGS_MAX


def profile_of_links() -> Json:
    other = {"code": "Reference", "targetProfile": ["http://a.pe/x"]}
    return {
        "resourceType": "StructureDefinition",
        "url": "http://a.pe/x",
        "type": "Patient",
        "derivation": "constraint",
        "baseDefinition": FHIR_ROOT + "Patient",
        "differential": {"element": [{"path": "Patient.link.other", "type": [other]}]},
    }


@pytest.mark.parametrize("to_each", [(1,), (1, 2), (0, 1, 2, 3)])
def test_resources_that_refer_to_each_other_are_compared_once(to_each: tuple[int, ...]) -> None:
    """Along every path anew, forty patients that know the next two would take a million million steps."""
    count = 40
    patients = [
        {
            "resourceType": "Patient",
            "id": f"p{number}",
            "meta": {"profile": ["http://a.pe/x"]},
            "link": [
                {"type": "refer", "other": {"reference": f"Patient/p{(number + step) % count}"}}
                for step in to_each
            ],
        }
        for number in range(count)
    ]
    entries = [{"fullUrl": f"http://a.pe/Patient/{each['id']}", "resource": each} for each in patients]
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    found = validate(bundle, registry=Registry([profile_of_links()]))
    assert [each for each in found if each.severity == "error"] == []


@pytest.mark.parametrize(
    "resource",
    [
        {
            "resourceType": "CodeSystem",
            "status": "draft",
            "content": "complete",
            "concept": [{"code": f"c{number}"} for number in range(10_000)],
        },
        {
            "resourceType": "Patient",
            "contained": [{"resourceType": "Basic", "id": f"c{number}"} for number in range(3_000)],
            "extension": [{"url": "urn:x:y", "valueUri": f"#c{number}"} for number in range(3_000)],
        },
        {
            "resourceType": "Bundle",
            "type": "collection",
            "entry": [
                {
                    "fullUrl": f"http://a.pe/Patient/{number}",
                    "resource": {"resourceType": "Patient", "id": f"{number}"},
                }
                for number in range(2_000)
            ],
        },
        {"resourceType": "Patient", "text": {"status": "generated", "div": "<div>" * 50_000}},
        {
            "resourceType": "Patient",
            "text": {
                "status": "generated",
                "div": '<!DOCTYPE a [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><a>&b;</a>',
            },
        },
        {
            "resourceType": "StructureDefinition",
            "name": "x" * 500_000,
            "differential": {"element": [{"path": "a." * 5_000}]},
        },
    ],
    ids=["concepts", "contained", "entries", "narrative", "entities", "names"],
)
def test_large_content_is_judged_in_a_few_passes(resource: Json) -> None:
    """Comparing each with each, or a pattern that looks back, would take minutes here."""
    assert len(validate(resource)) <= FINDINGS_MAX


def test_value_sets_of_each_other_end() -> None:
    def value_set(name: str, other: str) -> Json:
        compose = {"include": [{"valueSet": [f"http://a.pe/{other}"]}]}
        return {"resourceType": "ValueSet", "url": f"http://a.pe/{name}", "compose": compose}

    registry = Registry([value_set("a", "b"), value_set("b", "a")])
    assert registry.codes("http://a.pe/a") is None


ODD = [None, 7, True, "x", "#x", [], ["x"], [[7]], [None], {}, {"id": 5}, {"coding": {}}, [{"extension": 7}]]
BROKEN = (
    "Patient-example",
    "Observation-blood-pressure",
    "Composition-example",
    "Bundle-bundle-example",
    "Questionnaire-bb",
    "ValueSet-example-extensional",
    "CodeSystem-example",
    "CapabilityStatement-example",
    "SearchParameter-example",
    "StructureDefinition-humanname-mothers-family",
    "Media-example",
    "RiskAssessment-riskexample",
)


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every (holder, key) in a resource."""
    waiting = [value]
    while waiting:
        holder = waiting.pop()
        keys = list(holder) if isinstance(holder, dict) else range(len(holder))
        for key in keys:
            yield holder, key
            if isinstance(holder[key], dict | list):
                waiting.append(holder[key])


@pytest.fixture
def read_example(r4_examples: dict[str, bytes]) -> Callable[[str], bytes]:
    return r4_examples.__getitem__


@pytest.mark.parametrize("name", BROKEN)
@given(data=st.data())
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_example_with_any_element_replaced_gives_findings(
    read_example: Callable[[str], bytes], name: str, data: st.DataObject
) -> None:
    resource = loads(read_example(f"{name}.json"))
    for odd in data.draw(st.lists(st.sampled_from(ODD), min_size=1, max_size=3)):
        found = [*places(resource)]
        holder, key = found[data.draw(st.integers(0, len(found) - 1))]
        holder[key] = deepcopy(odd)
    assert len(validate(resource)) <= FINDINGS_MAX
    if resource.get("resourceType") == "StructureDefinition":
        url = str(resource.get("url"))
        assert len(validate({"resourceType": "Patient"}, profiles=[url], registry=Registry([resource]))) > 0


@pytest.mark.parametrize("number", ["1e99999999", "9e999999", "-9e999999", "1e-99999999"])
def test_a_number_of_any_size_gives_findings(number: str) -> None:
    """Ranges compare their quantities and a profile may ask for anything."""
    rules = ["low.value.ceiling() > 0", "low.value * low.value > 0", "low.value.truncate() > 0"]
    asked = [{"key": f"a-{each}", "severity": "error", "expression": each} for each in rules]
    profile = profile_of_links() | {"type": "Observation", "baseDefinition": FHIR_ROOT + "Observation"}
    profile["differential"] = {"element": [{"path": "Observation.referenceRange", "constraint": asked}]}
    bounds = f'{{"low": {{"value": {number}, "code": "km"}}, "high": {{"value": 2, "code": "m"}}}}'
    ranged = loads(f'{{"resourceType": "Observation", "valueRange": {bounds}, "referenceRange": [{bounds}]}}')
    found = validate(ranged, profiles=["http://a.pe/x"], registry=Registry([profile]))
    assert {"Observation.value.ofType(Range).low.value", "Observation.referenceRange[0].low.value"} & {
        each.place for each in found
    }

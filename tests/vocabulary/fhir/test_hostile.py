"""No input makes a check hang, recurse without bound, or fail with anything but findings."""

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ayni.vocabulary.fhir import DEPTH_MAX, FINDINGS_MAX, check
from ayni.vocabulary.fhir.structure.compiling import resource_rule

FRAME = ["resourceType", "contained", "extension", "entry", "resource", "reference", "item", "Patient"]
INNER = ["name", "_name", "given", "_given", "valueString", "value", "coding", "code", "id", "url", "text"]
NAMES = st.sampled_from([*FRAME, *INNER])
KEYS = NAMES | st.text(max_size=5) | st.integers() | st.none()
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.decimals() | st.text(max_size=9) | NAMES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=30,
)
KINDS = st.sampled_from(["Patient", "Bundle", "Questionnaire", "Observation", "Parameters", "ValueSet"])


def nested(name: str, depth: int) -> Any:
    value: Any = {"url": "u", "linkId": "l", "type": "group"}
    for _ in range(depth):
        value = {"url": "u", "linkId": "l", "type": "group", name: [value]}
    return value


@given(KINDS, st.dictionaries(NAMES, VALUES, max_size=6))
@settings(max_examples=100, deadline=None)
def test_any_content_gives_findings(kind: str, content: dict[str, Any]) -> None:
    before = deepcopy(content)
    findings = check({**content, "resourceType": kind})
    assert len(findings) <= FINDINGS_MAX
    assert all(finding.place.startswith(kind) and finding.reason and finding.text for finding in findings)
    assert str(content) == str(before)


@given(VALUES)
@settings(deadline=None)
def test_any_value_at_all_gives_findings(value: Any) -> None:
    assert all(finding.place for finding in check(value))


@pytest.mark.parametrize("depth", [DEPTH_MAX + 1, 5000])
@pytest.mark.parametrize(
    ("kind", "element", "name"),
    [
        ("Patient", "extension", "extension"),
        ("Questionnaire", "item", "item"),
        ("ValueSet", "compose", "x"),
    ],
)
def test_what_is_nested_without_end_is_refused(kind: str, element: str, name: str, depth: int) -> None:
    findings = check({"resourceType": kind, "status": "draft", element: [nested(name, depth)]})
    assert findings
    assert all(finding.issue in ("too-costly", "structure", "required") for finding in findings)


def test_bundles_inside_bundles_end_too() -> None:
    bundle: dict[str, Any] = {"resourceType": "Bundle", "type": "collection"}
    for _ in range(5000):
        bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": bundle}]}
    assert [finding.issue for finding in check(bundle)] == ["too-costly"]
    while "entry" in bundle:  # so that Python, too, forgets it step by step
        bundle = bundle["entry"].pop()["resource"] if bundle["entry"] else {}


@pytest.mark.parametrize(
    "element",
    [
        {"language": " " * 100_000 + "x"},
        {"language": "x" * 100_000 + " "},
        {"implicitRules": "u" * 100_000 + " "},
        {"photo": [{"data": " " * 100_000 + "!"}]},
        {"photo": [{"data": "QUJD" * 100_000 + "!"}]},
        {"identifier": [{"system": "urn:oid:" + "1." * 50_000}]},
        {"managingOrganization": {"reference": "/".join("a" * 50_000)}},
        {"birthDate": "2026-" * 50_000},
        {"id": "a" * 100_000},
    ],
)
def test_long_text_is_judged_in_one_pass(element: dict[str, Any]) -> None:
    """A pattern that looks back for every character would take minutes here."""
    check({"resourceType": "Patient", **element})


@pytest.mark.parametrize("item", [{}, {"use": 1}, {"x": 1}, 5])
def test_no_more_problems_are_collected_than_are_told(item: Any) -> None:
    problems = resource_rule({"resourceType": "Patient", "name": [item] * 10_000}, {}, 0)
    assert problems is not None
    assert FINDINGS_MAX < len(problems) < FINDINGS_MAX + 5


def test_an_error_behind_many_right_references_is_found() -> None:
    """They are problems until the resource around them says that it contains what they lead to."""
    contained = {"resourceType": "Practitioner", "id": "p"}
    references = [{"reference": "#p"}] * (FINDINGS_MAX * 3) + [{"reference": "#q"}]
    patient = {"resourceType": "Patient", "contained": [contained], "generalPractitioner": references}
    (finding,) = check(patient)
    assert finding.place == f"Patient.generalPractitioner[{FINDINGS_MAX * 3}].reference"

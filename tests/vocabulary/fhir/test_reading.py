from typing import Any

import pytest

from ayni.vocabulary.fhir import FhirError, code_in, coding_in, identifier_in
from ayni.vocabulary.fhir.reading import has_code, moment

CONCEPT = {"coding": [{"system": "a", "code": "1"}, {"system": "b", "code": "2"}]}


@pytest.mark.parametrize(
    ("concept", "code"), [(CONCEPT, "2"), ([{}, CONCEPT], "2"), ({}, ""), (None, ""), ([], ""), (5, "")]
)
def test_a_code_is_found_by_its_system(concept: Any, code: str) -> None:
    assert code_in(concept, "b") == code


@pytest.mark.parametrize("concept", [{"coding": None}, {"coding": []}, {"coding": [None, 5]}, "text"])
def test_a_concept_without_codings_has_none(concept: Any) -> None:
    assert coding_in(concept, "b") == {}


@pytest.mark.parametrize(
    "found", [{"system": "a", "value": "1"}, [{"system": "b", "value": "2"}, {"system": "a", "value": "1"}]]
)
def test_an_identifier_is_found_alone_or_in_a_list(found: Any) -> None:
    assert identifier_in({"identifier": found}, "a") == "1"


@pytest.mark.parametrize("found", [None, [], [None], "text", {"system": "b", "value": "2"}, {"system": "a"}])
def test_an_absent_identifier_is_empty(found: Any) -> None:
    assert identifier_in({"identifier": found}, "a") == ""


@pytest.mark.parametrize(
    ("concept", "found"),
    [
        (CONCEPT, True),
        ([{}, CONCEPT], True),
        ({"coding": [{"code": "2"}]}, False),
        ({}, False),
        (None, False),
    ],
)
def test_a_code_is_looked_for_among_all_codings_of_all_concepts(concept: Any, found: bool) -> None:
    assert has_code(concept, "b", "2") is found


@pytest.mark.parametrize(
    "text",
    [
        None,
        5,
        "",
        "2026-11-23",
        "2026-11-23T09:30:15",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
    ],
)
def test_what_is_no_moment_of_our_age_is_refused_with_its_place(text: Any) -> None:
    with pytest.raises(FhirError) as refused:
        moment(text, "Bundle.timestamp")
    assert (refused.value.issue, refused.value.expression) == ("value", "Bundle.timestamp")

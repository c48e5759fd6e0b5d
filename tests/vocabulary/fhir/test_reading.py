from typing import Any

import pytest

from ayni.vocabulary.fhir import code_in, coding_in, identifier_in

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

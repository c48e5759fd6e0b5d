"""The operations as a FHIR server asks them: Parameters in, Parameters or ValueSet out."""

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ayni.vocabulary.terminology import (
    OPERATIONS,
    InvalidDefinition,
    NotSupported,
    Terminology,
    TerminologyError,
    answer,
    read_definition,
)

from .conftest import ILLNESS, ILLNESSES, ON, codes_of, concept_map, said, value_set

GROUP = {"source": ILLNESS, "target": "urn:there", "element": [{"code": "A1", "target": [{"code": "x"}]}]}
HELD = Terminology((read_definition(ILLNESSES), read_definition(concept_map("urn:map", GROUP))))
CODING = {"system": ILLNESS, "code": "A1"}


def ask(operation, *parameters):
    asked = [{"name": name, kind: value} for name, kind, value in parameters]
    return answer(HELD, operation, {"resourceType": "Parameters", "parameter": asked}, today=ON)


def text(name, value):
    return (name, "valueString", value)


@pytest.mark.parametrize(
    "parameters",
    [[text("system", ILLNESS), text("code", "A1")], [("coding", "valueCoding", CODING)]],
)
def test_a_look_up_takes_a_code_or_a_coding(parameters):
    assert said(ask("CodeSystem/$lookup", *parameters))["display"] == "Fiebre tifoidea"


def test_a_look_up_can_be_narrowed():
    answered = ask(
        "CodeSystem/$lookup", ("coding", "valueCoding", CODING), ("property", "valueCode", "parent")
    )
    assert len([each for each in answered["parameter"] if each["name"] == "property"]) == 1


def test_codes_are_compared():
    parameters = [text("system", ILLNESS), text("codeA", "A"), text("codeB", "A2.1")]
    assert said(ask("CodeSystem/$subsumes", *parameters)) == {"outcome": "subsumes"}
    codings = [
        ("codingA", "valueCoding", CODING),
        ("codingB", "valueCoding", {"system": ILLNESS, "code": "A"}),
    ]
    assert said(ask("CodeSystem/$subsumes", *codings)) == {"outcome": "subsumed-by"}


@pytest.mark.parametrize(
    ("on", "valid"), [("2023-06-30", True), ("2024", False), ("2024-01-01T00:00:00Z", False)]
)
def test_the_date_decides(on, valid):
    parameters = [text("url", ILLNESS), text("code", "A3"), ("date", "valueDateTime", on)]
    assert said(ask("CodeSystem/$validate-code", *parameters))["result"] is valid


def test_without_a_date_it_is_today():
    assert not said(ask("CodeSystem/$validate-code", text("url", ILLNESS), text("code", "A3")))["result"]


@pytest.mark.parametrize(
    ("codes", "valid"), [(["Z", "A1"], True), (["A1", "Z"], True), (["Z", "A3"], False), (["Z"], False)]
)
def test_of_a_concept_one_valid_coding_is_enough(codes, valid):
    concept = {"coding": [{"system": ILLNESS, "code": code} for code in codes]}
    sent = value_set("", {"system": ILLNESS})
    for operation, more in (
        ("CodeSystem/$validate-code", []),
        ("ValueSet/$validate-code", [("valueSet", "resource", sent)]),
        ("ValueSet/$validate-code", [text("url", f"{ILLNESS}/all")]),
    ):
        answered = ask(operation, ("codeableConcept", "valueCodeableConcept", concept), *more)
        assert said(answered)["result"] is valid


def test_a_page_of_a_filtered_value_set():
    parameters = [
        text("url", f"{ILLNESS}/all"),
        text("filter", "fiebre"),
        ("count", "valueInteger", 1),
        ("offset", "valueInteger", 1),
        ("activeOnly", "valueBoolean", True),
        ("system-version", "valueCanonical", f"{ILLNESS}|1"),
    ]
    assert codes_of(ask("ValueSet/$expand", *parameters)) == ["A4"]


FEVERS = {
    "resourceType": "CodeSystem",
    "url": "urn:fever",
    "version": "1",
    "valueSet": "urn:fevers",
    "content": "complete",
    "concept": [
        {
            "code": "F",
            "display": "Fiebre",
            "designation": [
                {"language": "qvc", "value": "Rupay"},
                {"language": "en", "use": {"code": "SHORTNAME"}, "value": "Fev"},
                {"language": "en", "value": "Fever"},
            ],
        }
    ],
}


@pytest.mark.parametrize(
    ("language", "display"),
    [("", "Fiebre"), ("es", "Fiebre"), ("en", "Fever"), ("en-US", "Fever"), ("QVC", "Rupay")],
)
def test_a_code_has_a_name_in_each_language_that_its_system_knows(language, display):
    held = Terminology((read_definition(FEVERS),))

    def asked(operation, *parameters):
        several = [text("displayLanguage", language), *parameters]
        said_ones = [{"name": name, kind: value} for name, kind, value in several]
        return answer(held, operation, {"resourceType": "Parameters", "parameter": said_ones}, today=ON)

    found = asked("CodeSystem/$lookup", text("system", "urn:fever"), text("code", "F"))
    assert said(found)["display"] == display
    expanded = asked(
        "ValueSet/$expand", text("url", "urn:fevers"), ("includeDesignations", "valueBoolean", True)
    )
    (contained,) = expanded["expansion"]["contains"]
    assert (contained["display"], contained["designation"]) == (display, FEVERS["concept"][0]["designation"])


def test_a_value_set_may_be_sent():
    sent = value_set("", {"system": ILLNESS, "concept": [{"code": "B1"}]})
    assert codes_of(ask("ValueSet/$expand", ("valueSet", "resource", sent))) == ["B1"]


@pytest.mark.parametrize(
    "parameters",
    [
        [text("url", "urn:map"), text("system", ILLNESS), text("code", "A1")],
        [("coding", "valueCoding", CODING), text("targetsystem", "urn:there")],
        [
            text("system", "urn:there"),
            text("code", "x"),
            text("targetsystem", ILLNESS),
            ("reverse", "valueBoolean", True),
        ],
    ],
)
def test_a_code_is_translated(parameters):
    answered = ask("ConceptMap/$translate", *parameters)
    assert said(answered)["result"]
    assert answered["parameter"][1]["part"][2] == {"name": "source", "valueUri": "urn:map|1"}


@pytest.mark.parametrize("operation", ["CodeSystem/$closure", "", "ValueSet/$lookup"])
def test_another_operation_is_not_offered(operation):
    with pytest.raises(NotSupported):
        ask(operation)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_unknown_parameter_is_refused_by_its_name(operation):
    with pytest.raises(NotSupported, match="parameter contextDirection") as caught:
        ask(operation, text("contextDirection", "incoming"))
    assert caught.value.outcome()["issue"][0]["code"] == "not-supported"


@pytest.mark.parametrize(
    ("operation", "parameters", "place"),
    [
        ("CodeSystem/$lookup", [], "system"),
        ("CodeSystem/$lookup", [text("system", ILLNESS)], "code"),
        ("CodeSystem/$lookup", [("coding", "valueCoding", {"code": "A"})], "coding"),
        (
            "CodeSystem/$lookup",
            [text("system", ILLNESS), text("system", ILLNESS), text("code", "A")],
            "system",
        ),
        ("CodeSystem/$validate-code", [("codeableConcept", "valueCodeableConcept", {})], "codeableConcept"),
        (
            "CodeSystem/$validate-code",
            [("coding", "valueCoding", CODING), text("url", "urn:other")],
            "codeableConcept",
        ),
        ("ValueSet/$expand", [], "url"),
        ("ValueSet/$expand", [text("url", "x"), ("count", "valueString", "1")], "count"),
        ("ValueSet/$expand", [text("url", "x"), ("count", "valueBoolean", True)], "count"),
        ("ValueSet/$expand", [text("url", f"{ILLNESS}/all"), text("date", "ayer")], "date"),
        (
            "CodeSystem/$subsumes",
            [
                ("codingA", "valueCoding", CODING),
                ("codingB", "valueCoding", {"system": "urn:x", "code": "A"}),
            ],
            "codingB",
        ),
    ],
)
def test_a_parameter_that_is_missing_or_of_another_form_is_named(operation, parameters, place):
    with pytest.raises(InvalidDefinition) as caught:
        ask(operation, *parameters)
    assert caught.value.place == place


names = st.sampled_from(sorted({name for names, _ in OPERATIONS.values() for name in names.split()}))
values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from([ILLNESS, "A1", "urn:map", "2024", ""]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["system", "code", "coding", "resourceType", "compose", "include"]), inner
        )
    ),
    max_leaves=6,
)
parameter = st.fixed_dictionaries({"name": names}, optional={"valueString": values, "resource": values})


@settings(max_examples=300)
@given(
    st.sampled_from(sorted(OPERATIONS)),
    st.lists(parameter | values, max_size=4) | values,
    st.sampled_from([date(2024, 1, 1), date.min, date.max]),
)
def test_no_question_raises_an_untyped_error(operation, parameters, today):
    with suppress(TerminologyError):
        answer(HELD, operation, {"resourceType": "Parameters", "parameter": parameters}, today=today)


@pytest.mark.parametrize("asked", [None, [], "x", 1, {"resourceType": "Patient"}])
def test_what_is_no_parameters_resource_is_refused(asked):
    with pytest.raises(TerminologyError) as refused:
        answer(HELD, "CodeSystem/$lookup", asked, today=ON)
    assert refused.value.expected == "a Parameters resource"


def test_half_a_letter_is_no_operator():
    wrong = {"system": ILLNESS, "filter": [{"property": "concept", "op": "\ud800", "value": "A"}]}
    with pytest.raises(InvalidDefinition):
        read_definition({"resourceType": "ValueSet", "url": "urn:v", "compose": {"include": [wrong]}})

"""A response against its questionnaire: a small form for each rule, what keeps it and what breaks it."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ayni.vocabulary.fhir.validation import Registry, validate

Resource = dict[str, Any]

HL7 = "http://hl7.org/fhir/StructureDefinition/"
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/"
URL = "https://ayni.example/fhir/Questionnaire/intake"
UCUM = "http://unitsofmeasure.org"
GENDER = "http://hl7.org/fhir/administrative-gender"


def form(*questions: Resource) -> Resource:
    return {"resourceType": "Questionnaire", "url": URL, "status": "active", "item": list(questions)}


def question(kind: str, *extensions: tuple[str, Any], name: str = "q", **elements: Any) -> Resource:
    said = {"linkId": name, "type": kind, **elements}
    if extensions:
        said["extension"] = [{"url": url, **value} for url, value in extensions]
    return said


def item(*answers: Resource, name: str = "q", **elements: Any) -> Resource:
    return {"linkId": name, **({"answer": list(answers)} if answers else {}), **elements}


def response(*items: Resource, **elements: Any) -> Resource:
    said = {"resourceType": "QuestionnaireResponse", "status": "completed", "questionnaire": URL}
    return said | {"item": list(items)} | elements


def errors(asked: Resource, given: Resource) -> list[tuple[str, str]]:
    found = validate(given, registry=Registry([asked]))
    return [(each.issue, each.place) for each in found if each.severity == "error"]


def coding(code: str, system: str = GENDER) -> Resource:
    return {"valueCoding": {"system": system, "code": code}}


def kilograms(value: int, code: str = "kg") -> Resource:
    return {"valueQuantity": {"value": value, "unit": code, "system": UCUM, "code": code}}


def pdf(data: str) -> Resource:
    return {"valueAttachment": {"contentType": "application/pdf", "data": data}}


ITEM = "QuestionnaireResponse.item[0]"
ANSWER = f"{ITEM}.answer[0]"
TEXT = {"valueString": "abc"}
OPTIONS = {"answerOption": [coding("male"), coding("female")]}
ALONE = {
    "repeats": True,
    "answerOption": [
        coding("male"),
        coding("unknown")
        | {"extension": [{"url": HL7 + "questionnaire-optionExclusive", "valueBoolean": True}]},
    ],
}
SET = {"answerValueSet": "http://hl7.org/fhir/ValueSet/administrative-gender"}
ONLY_IF = {"enableWhen": [{"question": "a", "operator": "=", "answerBoolean": True}], "required": True}
YES, NO = item({"valueBoolean": True}, name="a"), item({"valueBoolean": False}, name="a")
IF_YES = form(question("boolean", name="a"), question("string", **ONLY_IF))
GROUP = form(question("group", item=[question("string", required=True)], required=True, name="g"))
NESTED = form(question("boolean", item=[question("string", required=True)], name="a"))
TWO = form(question("string", name="a"), question("string", name="b"))

CASES: dict[str, tuple[Resource, Resource, Resource, tuple[str, str]]] = {
    "a question it does not have": (
        form(question("string")),
        response(item(TEXT)),
        response(item(TEXT, name="x")),
        ("structure", f"{ITEM}.linkId"),
    ),
    "the order of its questions": (
        TWO,
        response(item(TEXT, name="a"), item(TEXT, name="b")),
        response(item(TEXT, name="b"), item(TEXT, name="a")),
        ("structure", "QuestionnaireResponse.item[1].linkId"),
    ),
    "another type": (
        form(question("integer")),
        response(item({"valueInteger": 1})),
        response(item(TEXT)),
        ("structure", ANSWER),
    ),
    "a required answer": (
        form(question("string", required=True)),
        response(item(TEXT)),
        response(item()),
        ("required", ITEM),
    ),
    "a required item": (
        form(question("string", required=True)),
        response(item(TEXT)),
        response(),
        ("required", "QuestionnaireResponse.item"),
    ),
    "a required group": (
        GROUP,
        response(item(name="g", item=[item(TEXT)])),
        response(item(name="g")),
        ("required", ITEM),
    ),
    "a required answer inside an answer": (
        NESTED,
        response(item({"valueBoolean": True, "item": [item(TEXT)]}, name="a")),
        response(item({"valueBoolean": True}, name="a")),
        ("required", f"{ANSWER}.item"),
    ),
    "an answer to a group": (
        form(question("group", item=[question("string", name="b")])),
        response(item(item=[item(TEXT, name="b")])),
        response(item(TEXT)),
        ("structure", ITEM),
    ),
    "an answer to what is only shown": (
        form(question("display")),
        response(item()),
        response(item(TEXT)),
        ("structure", ITEM),
    ),
    "answers that do not repeat": (
        form(question("string")),
        response(item(TEXT)),
        response(item(TEXT, TEXT)),
        ("structure", ITEM),
    ),
    "items that do not repeat": (
        form(question("string")),
        response(item(TEXT)),
        response(item(TEXT), item(TEXT)),
        ("structure", "QuestionnaireResponse.item[1]"),
    ),
    "an option": (
        form(question("choice", **OPTIONS)),
        response(item(coding("male"))),
        response(item(coding("other"))),
        ("code-invalid", ANSWER),
    ),
    "an option that excludes the others": (
        form(question("choice", **ALONE)),
        response(item(coding("unknown"))),
        response(item(coding("male"), coding("unknown"))),
        ("invariant", ITEM),
    ),
    "a code of its value set": (
        form(question("choice", **SET)),
        response(item(coding("female"))),
        response(item(coding("female", "http://other"))),
        ("code-invalid", ANSWER),
    ),
    "an answer to what was not to be asked": (
        IF_YES,
        response(YES, item(TEXT)),
        response(NO, item(TEXT)),
        ("invariant", "QuestionnaireResponse.item[1]"),
    ),
    "an answer to what was to be asked": (
        IF_YES,
        response(NO),
        response(YES),
        ("required", "QuestionnaireResponse.item"),
    ),
    "the longest text": (
        form(question("string", maxLength=3)),
        response(item(TEXT)),
        response(item({"valueString": "abcd"})),
        ("too-long", ANSWER),
    ),
    "the shortest text": (
        form(question("string", (HL7 + "minLength", {"valueInteger": 3}))),
        response(item(TEXT)),
        response(item({"valueString": "ab"})),
        ("value", ANSWER),
    ),
    "a pattern": (
        form(question("string", (HL7 + "regex", {"valueString": "[a-c]+"}))),
        response(item(TEXT)),
        response(item({"valueString": "abd"})),
        ("value", ANSWER),
    ),
    "the least number": (
        form(question("integer", (HL7 + "minValue", {"valueInteger": 3}))),
        response(item({"valueInteger": 3})),
        response(item({"valueInteger": 2})),
        ("value", ANSWER),
    ),
    "the last day": (
        form(question("date", (HL7 + "maxValue", {"valueDate": "2026-11"}))),
        response(item({"valueDate": "2026-11"})),
        response(item({"valueDate": "2026-11-02"})),
        ("value", ANSWER),
    ),
    "the largest quantity, in another unit": (
        form(question("quantity", (SDC + "sdc-questionnaire-maxQuantity", kilograms(2)))),
        response(item(kilograms(2000, "g"))),
        response(item(kilograms(2001, "g"))),
        ("value", ANSWER),
    ),
    "a quantity that does not compare with its bound": (
        form(question("quantity", (SDC + "sdc-questionnaire-minQuantity", kilograms(2)))),
        response(item(kilograms(2))),
        response(item(kilograms(2, "m"))),
        ("value", ANSWER),
    ),
    "a unit": (
        form(question("quantity", (HL7 + "questionnaire-unitOption", coding("kg", UCUM)))),
        response(item(kilograms(2))),
        response(item(kilograms(2, "g"))),
        ("value", ANSWER),
    ),
    "decimal places": (
        form(question("decimal", (HL7 + "maxDecimalPlaces", {"valueInteger": 1}))),
        response(item({"valueDecimal": Decimal("1.5")})),
        response(item({"valueDecimal": Decimal("1.55")})),
        ("value", ANSWER),
    ),
    "how often": (
        form(question("string", (HL7 + "questionnaire-minOccurs", {"valueInteger": 2}), repeats=True)),
        response(item(TEXT, TEXT)),
        response(item(TEXT)),
        ("required", ITEM),
    ),
    "how often at most": (
        form(question("string", (HL7 + "questionnaire-maxOccurs", {"valueInteger": 2}), repeats=True)),
        response(item(TEXT, TEXT)),
        response(item(TEXT, TEXT, TEXT)),
        ("structure", ITEM),
    ),
    "the size of a file": (
        form(question("attachment", (HL7 + "maxSize", {"valueDecimal": 3}))),
        response(item(pdf("YWJj"))),
        response(item(pdf("YWJjZA=="))),
        ("too-long", ANSWER),
    ),
    "the type of a file": (
        form(question("attachment", (HL7 + "mimeType", {"valueCode": "image/png"}))),
        response(item({"valueAttachment": {"contentType": "image/png"}})),
        response(item({"valueAttachment": {"contentType": "image/gif"}})),
        ("value", ANSWER),
    ),
    "the type of a resource": (
        form(question("reference", (HL7 + "questionnaire-referenceResource", {"valueCode": "Patient"}))),
        response(item({"valueReference": {"reference": "Patient/1"}})),
        response(item({"valueReference": {"reference": "Organization/1"}})),
        ("value", ANSWER),
    ),
}


@pytest.mark.parametrize(("asked", "right", "wrong", "finding"), CASES.values(), ids=CASES.keys())
def test_a_response_keeps_to_its_questionnaire(
    asked: Resource, right: Resource, wrong: Resource, finding: tuple[str, str]
) -> None:
    assert errors(asked, _plain(right)) == []
    assert finding in errors(asked, _plain(wrong))


def _plain(given: Resource) -> Resource:
    """A list with nothing in it is no list of FHIR's."""
    return {name: value for name, value in given.items() if value != []}


def test_what_is_still_being_answered_may_lack_what_is_required() -> None:
    asked = form(question("string", required=True))
    assert errors(asked, _plain(response(status="in-progress"))) == []


def test_an_open_choice_takes_a_free_text() -> None:
    assert errors(form(question("open-choice", **OPTIONS)), response(item(TEXT))) == []


@pytest.mark.parametrize(
    ("operator", "answer", "given", "is_asked"),
    [
        ("exists", {"answerBoolean": True}, [{"valueInteger": 1}], True),
        ("exists", {"answerBoolean": False}, [{"valueInteger": 1}], False),
        (">", {"answerInteger": 5}, [{"valueInteger": 5}], False),
        (">=", {"answerInteger": 5}, [{"valueInteger": 5}], True),
        ("<", {"answerInteger": 5}, [{"valueInteger": 4}], True),
        ("!=", {"answerInteger": 5}, [{"valueInteger": 5}], False),
        ("=", {"answerInteger": 5}, [{"valueInteger": 4}, {"valueInteger": 5}], True),
    ],
)
def test_a_condition_is_asked_of_the_answers(
    operator: str, answer: Resource, given: list[Resource], is_asked: bool
) -> None:
    condition = {"question": "a", "operator": operator, **answer}
    asked = form(question("integer", name="a", repeats=True), question("string", enableWhen=[condition]))
    found = errors(asked, response(item(*given, name="a"), item(TEXT)))
    assert (("invariant", "QuestionnaireResponse.item[1]") in found) is not is_asked


def test_a_questionnaire_inside_the_response_is_the_one_that_is_answered() -> None:
    inside = {name: value for name, value in form(question("integer")).items() if name != "url"} | {"id": "f"}
    given = response(item(TEXT)) | {"contained": [inside], "questionnaire": "#f"}
    assert ("structure", ANSWER) in errors(form(), given)


def test_a_questionnaire_nobody_has_is_a_warning() -> None:
    found = validate(response(item(TEXT)))
    assert [(each.severity, each.place) for each in found if each.issue == "not-found"] == [
        ("warning", "QuestionnaireResponse.questionnaire")
    ]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["linkId", "item", "answer", "valueCoding", "valueQuantity", "valueString", "code"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None)
@given(VALUES)
def test_no_response_makes_the_comparison_fail(items: Any) -> None:
    asked = form(
        question("group", name="", item=[question("quantity", (HL7 + "maxValue", kilograms(1)))]),
        question("choice", **OPTIONS),
    )
    validate({**response(), "item": items}, registry=Registry([asked]))

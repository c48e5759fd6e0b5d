"""Full validation, rule by rule: the smallest resource that breaks it, and one that keeps it."""

from decimal import Decimal
from typing import Any

import pytest

from ayni.vocabulary.fhir import FINDINGS_MAX
from ayni.vocabulary.fhir.validation import ProfileError, Registry, validate

Resource = dict[str, Any]

XHTML = 'xmlns="http://www.w3.org/1999/xhtml"'
MOTHER = {"url": "http://hl7.org/fhir/StructureDefinition/humanname-mothers-family", "valueString": "ÑAUPARI"}
LOINC = "http://loinc.org"


def narrative(content: str) -> Resource:
    return {"text": {"status": "generated", "div": f"<div {XHTML}>{content}</div>"}}


def patient(**elements: Any) -> Resource:
    return {"resourceType": "Patient", **elements}


def married(system: str, code: str) -> Resource:
    return patient(maritalStatus={"coding": [{"system": system, "code": code}]})


def quantity(code: str) -> Resource:
    return {"value": 36, "unit": code, "system": "http://unitsofmeasure.org", "code": code}


def observation(code: str = "1234-5", **elements: Any) -> Resource:
    coding = {"system": LOINC, "code": code}
    return {"resourceType": "Observation", "status": "final", "code": {"coding": [coding]}, **elements}


def vital_sign(code: str, **elements: Any) -> Resource:
    system = "http://terminology.hl7.org/CodeSystem/observation-category"
    return observation(
        code,
        **{
            "category": [{"coding": [{"system": system, "code": "vital-signs"}]}],
            "subject": {"reference": "Patient/1"},
            "effectiveDateTime": "2026-11-23",
            "valueQuantity": quantity("Cel"),
            **elements,
        },
    )


def errors(resource: Any, registry: Registry | None = None) -> list[tuple[str, str]]:
    found = validate(resource, registry=registry)
    return [(each.issue, each.place) for each in found if each.severity == "error"]


ORGANIZATION = {"resourceType": "Organization", "id": "o", "name": "x"}

WRONG: dict[str, tuple[Resource, str, str]] = {
    "structure": (patient(nickname="x"), "structure", "Patient.nickname"),
    "invariant of the resource": (
        patient(contact=[{"gender": "female"}]),
        "invariant",
        "Patient.contact[0]",
    ),
    "invariant of a datatype": (
        patient(identifier=[{"period": {"start": "2026-02-01", "end": "2026-01-01"}}]),
        "invariant",
        "Patient.identifier[0].period",
    ),
    "invariant inside a contained resource": (
        patient(
            contained=[
                {
                    "resourceType": "Observation",
                    "id": "o",
                    **observation(referenceRange=[{"type": {"text": "x"}}]),
                }
            ],
            extension=[],
        )
        | {"generalPractitioner": [{"reference": "#o"}], "extension": [MOTHER]},
        "invariant",
        "Patient.contained[0].referenceRange[0]",
    ),
    "contained without reference": (
        patient(contained=[ORGANIZATION]),
        "invariant",
        "Patient.contained[0]",
    ),
    "code of a known system": (
        patient(
            maritalStatus={"coding": [{"system": "http://hl7.org/fhir/administrative-gender", "code": "?"}]}
        ),
        "code-invalid",
        "Patient.maritalStatus.coding[0].code",
    ),
    "relative system": (
        married("MaritalStatus", "S"),
        "value",
        "Patient.maritalStatus.coding[0].system",
    ),
    "value set as a system": (
        patient(
            maritalStatus={"coding": [{"system": "http://hl7.org/fhir/ValueSet/marital-status", "code": "S"}]}
        ),
        "value",
        "Patient.maritalStatus.coding[0].system",
    ),
    "required code with nothing but an extension": (
        patient(_gender={"extension": [{"url": MOTHER["url"], "valueString": "x"}]}),
        "code-invalid",
        "Patient.gender",
    ),
    "unknown extension": (
        patient(extension=[{"url": "http://a.pe/fhir/x", "valueString": "x"}]),
        "structure",
        "Patient.extension[0]",
    ),
    "extension elsewhere": (
        patient(name=[{"extension": [MOTHER]}]),
        "structure",
        "Patient.name[0].extension[0]",
    ),
    "extension with another type": (
        patient(
            name=[
                {"family": "A", "_family": {"extension": [MOTHER | {"valueString": None, "valueCode": "x"}]}}
            ]
        ),
        "structure",
        "Patient.name[0].family.extension[0].value.ofType(code)",
    ),
    "extension as a modifier": (
        patient(
            modifierExtension=[
                {
                    "url": "http://hl7.org/fhir/StructureDefinition/patient-birthPlace",
                    "valueAddress": {"city": "x"},
                }
            ]
        ),
        "structure",
        "Patient.modifierExtension[0]",
    ),
    "attachment of another size": (
        patient(photo=[{"contentType": "image/png", "data": "QUJD", "size": 4}]),
        "value",
        "Patient.photo[0].data",
    ),
    "the same element id twice": (
        patient(name=[{"id": "a", "text": "x"}, {"id": "a", "text": "y"}]),
        "value",
        "Patient",
    ),
    "script in a narrative": (patient(**narrative("<script>x</script>")), "invariant", "Patient.text.div"),
    "event in a narrative": (patient(**narrative('<p onclick="x">x</p>')), "invariant", "Patient.text.div"),
    "program in an address": (
        patient(**narrative('<a href="javascript:x">x</a>')),
        "invariant",
        "Patient.text.div",
    ),
    "narrative without content": (patient(**narrative("<p> </p>")), "invariant", "Patient.text.div"),
    "narrative that is not well-formed": (patient(**narrative("<p>x")), "invariant", "Patient.text.div"),
    "entity that XML does not know": (patient(**narrative("&reg;")), "invariant", "Patient.text.div"),
    "UUID in capitals": (
        patient(identifier=[{"system": "urn:uuid:0F0E1B2A-0000-4000-8000-000000000000"}]),
        "value",
        "Patient.identifier[0].system",
    ),
    "canonical of another type": (
        {
            "resourceType": "QuestionnaireResponse",
            "status": "completed",
            "questionnaire": "http://hl7.org/fhir/ValueSet/marital-status",
        },
        "value",
        "QuestionnaireResponse.questionnaire",
    ),
    "expression that is none": (
        {
            "resourceType": "PlanDefinition",
            "status": "draft",
            "action": [
                {
                    "condition": [
                        {"kind": "start", "expression": {"language": "text/fhirpath", "expression": "a b"}}
                    ]
                }
            ],
        },
        "value",
        "PlanDefinition.action[0].condition[0].expression.expression",
    ),
    "vital sign without a subject": (
        {name: value for name, value in vital_sign("8310-5").items() if name != "subject"},
        "required",
        "Observation.subject",
    ),
    "vital sign in another unit": (
        vital_sign(
            "8310-5",
            valueQuantity=quantity("K"),
        ),
        "code-invalid",
        "Observation.value.ofType(Quantity).code",
    ),
}


@pytest.mark.parametrize("case", WRONG.values(), ids=WRONG.keys())
def test_what_breaks_a_rule_is_found(case: tuple[Resource, str, str]) -> None:
    resource, issue, place = case
    assert (issue, place) in errors(_without_none(resource))


def _without_none(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_none(each) for name, each in value.items() if each is not None and each != []}
    return [_without_none(each) for each in value] if isinstance(value, list) else value


RIGHT: dict[str, Resource] = {
    "a code that HL7 added after R4": observation(
        meta={"tag": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "42CFRPart2CD"}]}
    ),
    "nothing but a type": patient(),
    "invariants": patient(
        contact=[{"name": {"text": "x"}}], identifier=[{"period": {"start": "2026-01", "end": "2026-02"}}]
    ),
    "an open period": patient(identifier=[{"period": {"start": "2026-01"}}]),
    "contained with a reference": patient(
        contained=[ORGANIZATION],
        managingOrganization={"reference": "#o"},
    ),
    "contained that refers to what contains it": patient(
        contained=[observation(id="o", subject={"reference": "#"})],
    ),
    "a code of an unknown system": patient(
        maritalStatus={"coding": [{"system": "http://a.pe/x", "code": "?"}]}
    ),
    "an extension in its place": patient(name=[{"family": "A", "_family": {"extension": [MOTHER]}}]),
    "attachment": patient(photo=[{"contentType": "image/png", "data": "QUJD", "size": 3}]),
    "a narrative": patient(
        **narrative('<p class="a">x &lt; y <b>z</b></p><table><tr><td>1</td></tr></table>')
    ),
    "a narrative of an image": patient(**narrative('<img src="#a" alt="x"/>')),
    "a vital sign": vital_sign("8310-5"),
    "blood pressure": vital_sign(
        "85354-9",
        valueQuantity=None,
        component=[
            {
                "code": {"coding": [{"system": LOINC, "code": code}]},
                "valueQuantity": {
                    "value": 120,
                    "unit": "mm[Hg]",
                    "system": "http://unitsofmeasure.org",
                    "code": "mm[Hg]",
                },
            }
            for code in ("8480-6", "8462-4")
        ],
    ),
    "a risk above nothing": {
        "resourceType": "RiskAssessment",
        "status": "final",
        "subject": {"display": "x"},
        "prediction": [{"outcome": {"text": "x"}}, {"probabilityDecimal": Decimal("99.5")}],
    },
}


@pytest.mark.parametrize("resource", RIGHT.values(), ids=RIGHT.keys())
def test_what_keeps_the_rules_is_valid(resource: Resource) -> None:
    assert errors(_without_none(resource)) == []


def test_every_finding_speaks_both_languages() -> None:
    for resource, _, _ in WRONG.values():
        for finding in validate(_without_none(resource)):
            assert finding.reason.startswith("expected ")
            assert finding.text.startswith("Se esperaba ")


def test_a_profile_nobody_knows_is_a_warning_when_claimed_and_an_error_when_asked_for() -> None:
    resource = patient(meta={"profile": ["http://a.pe/x"]})
    assert [each.severity for each in validate(resource)] == ["warning", "warning"]  # and dom-6
    wanted = validate(patient(), profiles=["http://a.pe/x"])
    assert [each.issue for each in wanted if each.severity == "error"] == ["not-found"]


def test_supplied_terminology_is_used() -> None:
    system = {
        "resourceType": "CodeSystem",
        "url": "http://a.pe/system",
        "status": "active",
        "content": "complete",
        "concept": [{"code": "a", "concept": [{"code": "b"}]}],
    }
    coded = married("http://a.pe/system", "c")
    assert errors(coded) == []
    assert errors(coded, Registry([system])) == [("code-invalid", "Patient.maritalStatus.coding[0].code")]
    coded["maritalStatus"]["coding"][0]["code"] = "b"
    assert errors(coded, Registry([system])) == []


@pytest.mark.parametrize("wrong", [[{}], None, "x"])
def test_what_is_no_resource_is_no_definition(wrong: Any) -> None:
    with pytest.raises(ProfileError) as refused:
        Registry([patient(), wrong])
    assert refused.value.place == "supplied[1]"


def test_findings_have_an_end() -> None:
    assert len(validate(patient(contact=[{"gender": "x"}] * 1000))) == FINDINGS_MAX


def test_an_error_is_told_though_warnings_fill_the_list() -> None:
    newer = {"url": "http://hl7.org/fhir/StructureDefinition/artifact-author", "valueString": "x"}
    resource = patient(extension=[newer] * (FINDINGS_MAX * 2), contact=[{"gender": "female"}])
    found = validate(resource)
    assert (len(found), found[0].severity, found[0].place) == (FINDINGS_MAX, "error", "Patient.contact[0]")


@pytest.mark.parametrize("profile", [None, 5, {"url": "http://a.pe/x"}])
def test_a_profile_is_named_by_its_url(profile: Any) -> None:
    with pytest.raises(TypeError, match="expected profiles as canonical URLs"):
        validate(patient(), profiles=[profile])

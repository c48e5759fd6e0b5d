"""Every official example of FHIR R4 keeps its text, and has R4's structure but for the defects named here."""

import re

from ayni.vocabulary.fhir import FINDINGS_MAX, check, dumps, loads

_TEXT_OR_SPACE = re.compile(rb'("(?:[^"\\]|\\.)*")|\s+')

DEFECTS = {
    "CodeSystem-v2-0550.json": "CodeSystem.concept[74].code",  # a code that begins with a blank
    "DeviceMetric-example.json": "DeviceMetric.parent",  # leads to a DeviceDefinition
    "DeviceUseStatement-example.json": "DeviceUseStatement.reasonReference[0]",  # leads to a Procedure
    "MedicationRequest-medrx0301.json": "MedicationRequest.dispenseRequest.performer",  # to a Practitioner
    "Observation-clinical-gender.json": "Observation.performer[0]",  # leads to an Encounter
    "Questionnaire-qs1.json": "Questionnaire.item[0].item[0].linkId",  # missing
    # The others are definitions without something that definitions must have.
    "SearchParameter-codesystem-extensions-CodeSystem-author.json": "SearchParameter.base",
    "SearchParameter-codesystem-extensions-CodeSystem-effective.json": "SearchParameter.base",
    "SearchParameter-codesystem-extensions-CodeSystem-end.json": "SearchParameter.base",
    "SearchParameter-codesystem-extensions-CodeSystem-keyword.json": "SearchParameter.base",
    "SearchParameter-codesystem-extensions-CodeSystem-workflow.json": "SearchParameter.base",
    "SearchParameter-valueset-extensions-ValueSet-author.json": "SearchParameter.base",
    "SearchParameter-valueset-extensions-ValueSet-effective.json": "SearchParameter.base",
    "SearchParameter-valueset-extensions-ValueSet-end.json": "SearchParameter.base",
    "SearchParameter-valueset-extensions-ValueSet-keyword.json": "SearchParameter.base",
    "SearchParameter-valueset-extensions-ValueSet-workflow.json": "SearchParameter.base",
    # Its id has 67 characters.
    "SearchParameter-questionnaireresponse-extensions-QuestionnaireResponse-item-subject.json": (
        "SearchParameter.id"
    ),
}
"""The defects of the published files themselves: the place of the first finding in each."""


def test_each_example_is_written_as_it_was_read(r4_examples: dict[str, bytes]) -> None:
    """But for insignificant white space: the same keys in the same order, the same digits."""
    assert len(r4_examples) > 5000
    changed = [
        name
        for name, raw in r4_examples.items()
        if dumps(loads(raw)) != _TEXT_OR_SPACE.sub(lambda found: found[1] or b"", raw)
    ]
    assert changed == []


def test_each_example_has_the_structure_of_r4(r4_examples: dict[str, bytes]) -> None:
    first = {}
    for name, raw in r4_examples.items():
        findings = check(loads(raw))
        if findings:
            first[name] = findings[0].place
        assert len(findings) < FINDINGS_MAX
    assert first == DEFECTS

"""HL7 v2 messages of other projects, mapped to FHIR.

One is right when the Bundle it becomes is valid: R4's structure, invariants and codes, and no unknown
extension but HL7's own. The folder `hl7v2-samples` holds messages of
github.com/microsoft/FHIR-Converter.
"""

from pathlib import Path

from ayni.vocabulary.fhir import FhirError, check
from ayni.vocabulary.fhir.validation import validate
from ayni.vocabulary.hl7 import Hl7Error, parse
from ayni.vocabulary.maps import bundle_from
from conformance.score import NoData, Score


def score(data: Path) -> Score:
    """Raises NoData when the folder has no messages."""
    samples = sorted((data / "hl7v2-samples").glob("*.hl7"))
    if not samples:
        raise NoData(str(data / "hl7v2-samples"))
    failures = tuple((why, each.name) for each in samples if (why := _defect(each.read_bytes())))
    return Score("v2_to_fhir_valid", len(samples), len(samples) - len(failures), failures=failures)


def _defect(raw: bytes) -> str:
    """The first thing wrong with what a message becomes, "" for nothing."""
    try:
        bundle = bundle_from(parse(raw)).bundle
        findings = [*check(bundle), *(each for each in validate(bundle) if each.severity == "error")]
    except (Hl7Error, FhirError) as error:
        return error.text
    return f"{findings[0].place}: {findings[0].reason}" if findings else ""

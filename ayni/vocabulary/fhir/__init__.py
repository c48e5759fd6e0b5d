"""FHIR R4 4.0.1: JSON that keeps its digits, its structure, message Bundles, outcomes, systems and codes."""

from ayni.vocabulary.fhir import bundle, codes, systems
from ayni.vocabulary.fhir.answer import answer_to
from ayni.vocabulary.fhir.errors import FhirError, operation_outcome
from ayni.vocabulary.fhir.finding import FINDINGS_MAX, Finding
from ayni.vocabulary.fhir.json import RESOURCE_BYTES_MAX, Resource, dumps, loads
from ayni.vocabulary.fhir.reading import code_in, coding_in, identifier_in
from ayni.vocabulary.fhir.structure import DEPTH_MAX, check, require_structure

__all__ = [
    "DEPTH_MAX",
    "FINDINGS_MAX",
    "RESOURCE_BYTES_MAX",
    "FhirError",
    "Finding",
    "Resource",
    "answer_to",
    "bundle",
    "check",
    "code_in",
    "codes",
    "coding_in",
    "dumps",
    "identifier_in",
    "loads",
    "operation_outcome",
    "require_structure",
    "systems",
]

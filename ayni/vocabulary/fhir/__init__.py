"""FHIR R4 4.0.1: JSON that keeps its digits, message Bundles, outcomes, systems and codes."""

from ayni.vocabulary.fhir import bundle, codes, systems
from ayni.vocabulary.fhir.answer import answer_to
from ayni.vocabulary.fhir.errors import FhirError, operation_outcome
from ayni.vocabulary.fhir.json import RESOURCE_BYTES_MAX, Resource, dumps, loads
from ayni.vocabulary.fhir.reading import code_in, coding_in, identifier_in
from ayni.vocabulary.fhir.shape import check_shapes

__all__ = [
    "RESOURCE_BYTES_MAX",
    "FhirError",
    "Resource",
    "answer_to",
    "bundle",
    "check_shapes",
    "code_in",
    "codes",
    "coding_in",
    "dumps",
    "identifier_in",
    "loads",
    "operation_outcome",
    "systems",
]

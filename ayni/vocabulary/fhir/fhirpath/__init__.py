"""FHIRPath over R4 resources: expressions compiled once, with R4's types and a bound on what they cost.

Left out are functions that ask a terminology or other definitions (`memberOf`, `subsumes`, `conformsTo`,
`elementDefinition`), and the clock where the caller does not tell the time. Nothing is ever printed: `trace`
traces nothing. Source: FHIRPath 2.0 (N1); FHIR R4, section 2.9.1.
"""

from ayni.vocabulary.fhir.fhirpath import functions, texts  # noqa: F401 - they register what may be called
from ayni.vocabulary.fhir.fhirpath.errors import FhirPathError, TooCostly
from ayni.vocabulary.fhir.fhirpath.evaluation import STEPS_MAX, Frame, Scope, compiled, evaluate
from ayni.vocabulary.fhir.fhirpath.nodes import Node, resource_node

__all__ = [
    "STEPS_MAX",
    "FhirPathError",
    "Frame",
    "Node",
    "Scope",
    "TooCostly",
    "compiled",
    "evaluate",
    "resource_node",
]

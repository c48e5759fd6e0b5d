"""Whether a resource has the structure that FHIR R4 4.0.1 gives it, from the official definitions.

Checked are: element names, cardinalities, choice types, primitive formats and their siblings (`_birthDate`),
codes of required value sets that are all known, target types of references, contained resources, and the
same of every resource in a Bundle. Profiles and invariants are `validate`'s.
"""

from ayni.vocabulary.fhir.errors import FhirError
from ayni.vocabulary.fhir.finding import Finding, at_most
from ayni.vocabulary.fhir.json import Resource
from ayni.vocabulary.fhir.structure.compiling import resource_rule
from ayni.vocabulary.fhir.structure.rules import DEPTH_MAX

__all__ = ["DEPTH_MAX", "check", "require_structure"]


def check(resource: Resource) -> tuple[Finding, ...]:
    """What is not as R4 says, at most `FINDINGS_MAX`; () for a resource that may be stored.

    Raises nothing, whatever `resource` holds. A Patient takes some 60 µs, the first one of a process more.
    """
    problems = resource_rule(resource, {}, 0)
    if not problems:
        return ()
    name = resource.get("resourceType") if isinstance(resource, dict) else None
    return at_most(problems, name if isinstance(name, str) and name.isidentifier() else "Resource")


def require_structure(resource: Resource) -> None:
    """For a door: raises FhirError (400) with the issue, place and Spanish text of the first finding."""
    for finding in check(resource):
        raise FhirError(finding.issue, finding.text, expression=finding.place, http_status=400)

"""References and identifiers as two systems that share no resource ids must write them."""

from ayni.vocabulary.fhir.json import Resource
from ayni.vocabulary.fhir.systems import TABLE_0203


def logical(kind: str, system: str, value: str) -> Resource:
    """A reference by identifier (FHIR R4, section 2.3.0.2): to whatever resource the reader knows by it."""
    return {"type": kind, "identifier": {"system": system, "value": value}}


def inside_bundle(resource: Resource) -> Resource:
    """A reference to a resource of the same Bundle, by its UUID."""
    return {"reference": f"urn:uuid:{resource['id']}"}


def typed_identifier(code: str, system: str, value: str) -> Resource:
    """An identifier whose type is of table 0203: `PLAC` the placer's number, `FILL` the filler's."""
    kind = {"coding": [{"system": TABLE_0203, "code": code}]}
    return {"type": kind, "system": system, "value": value}

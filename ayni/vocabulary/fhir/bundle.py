"""Reading `message` Bundles (FHIR R4, section 2.4): who speaks, about what, and where each resource is."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from ayni.vocabulary.fhir.errors import FhirError
from ayni.vocabulary.fhir.json import Resource
from ayni.vocabulary.fhir.reading import moment
from ayni.vocabulary.fhir.systems import TEST_TAG

__all__ = ["entry", "header", "identifier", "is_test", "only", "resources", "timestamp"]


def header(bundle: Resource) -> Resource:
    """The MessageHeader, which R4 wants as the first entry; raises FhirError with the place otherwise."""
    if _said(bundle, "resourceType") != "Bundle" or _said(bundle, "type") != "message":
        raise FhirError("value", "Se esperaba un Bundle de tipo message.", expression="Bundle.type")
    first = next(resources(bundle), {})
    if first.get("resourceType") != "MessageHeader":
        raise FhirError(
            "required", "La primera entrada debe ser MessageHeader.", expression="Bundle.entry[0].resource"
        )
    if not isinstance(first.get("id"), str):
        raise FhirError("required", "MessageHeader sin id.", expression="Bundle.entry[0].resource.id")
    return first


def resources(bundle: Resource, kind: str | None = None) -> Iterator[Resource]:
    """The resources of a Bundle in their order, all or one resource type only."""
    entries = _said(bundle, "entry")
    for entry in entries if isinstance(entries, list) else ():
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if isinstance(resource, dict) and kind in (None, resource.get("resourceType")):
            yield resource


def only(bundle: Resource, kind: str) -> Resource:
    """The one resource of this type; raises FhirError when there is none or more than one."""
    found = list(resources(bundle, kind))
    if len(found) != 1:
        raise FhirError(
            "required" if not found else "value",
            f"Se esperaba un recurso {kind}; hay {len(found)}.",
            expression=f"Bundle.entry.resource.ofType({kind})",
        )
    return found[0]


def identifier(bundle: Resource) -> tuple[str, str]:
    """(system, value) of Bundle.identifier, the key that makes a repeated message the same message."""
    found = _said(bundle, "identifier")
    if not isinstance(found, dict) or not found.get("system") or not found.get("value"):
        raise FhirError("required", "Falta Bundle.identifier.", expression="Bundle.identifier")
    return str(found["system"]), str(found["value"])


def timestamp(bundle: Resource) -> datetime:
    """Bundle.timestamp as an aware datetime."""
    return moment(_said(bundle, "timestamp"), "Bundle.timestamp")


def is_test(bundle: Resource) -> bool:
    """Whether the message says it is about invented people (meta.tag HTEST)."""
    meta = _said(bundle, "meta")
    tags = meta.get("tag") if isinstance(meta, dict) else None
    return any(
        isinstance(tag, dict) and TEST_TAG.items() <= tag.items()
        for tag in (tags if isinstance(tags, list) else ())
    )


def entry(resource: Resource) -> Resource:
    """A Bundle entry whose fullUrl is the resource's own UUID."""
    return {"fullUrl": f"urn:uuid:{resource['id']}", "resource": resource}


def _said(bundle: Any, name: str) -> Any:
    """An element of what should be a Bundle, None when it is no object at all."""
    return bundle.get(name) if isinstance(bundle, dict) else None

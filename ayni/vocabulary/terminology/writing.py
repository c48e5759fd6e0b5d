"""A code system as a FHIR R4 CodeSystem: what `read_definition` reads back as the same."""

from datetime import date
from typing import Any

from ayni.vocabulary.terminology.code_system import CodeSystem, Concept, Designation
from ayni.vocabulary.terminology.effective import ALWAYS, Effective
from ayni.vocabulary.terminology.reading import EFFECTIVE_PERIOD


def code_system_resource(system: CodeSystem) -> dict[str, Any]:
    """The resource of one version. Hierarchies are written as `parent` properties, so that several fit."""
    said = {
        "url": system.url,
        "version": system.version,
        "name": system.name,
        "title": system.title,
        "status": "active",
        "date": system.published.isoformat() if system.published else "",
        "valueSet": system.value_set,
    }
    resource: dict[str, Any] = {"resourceType": "CodeSystem"}
    if system.effective != ALWAYS:
        resource["extension"] = [{"url": EFFECTIVE_PERIOD, "valuePeriod": _period(system.effective)}]
    return {
        **resource,
        **{element: text for element, text in said.items() if text},
        "caseSensitive": system.is_case_sensitive,
        "content": "complete" if system.is_complete else "fragment",
        "count": len(system.concepts),
        "concept": [_concept(each) for each in system.concepts.values()],
    }


def _period(effective: Effective) -> dict[str, str]:
    days = {"start": effective.since, "end": effective.last}
    return {name: day.isoformat() for name, day in days.items() if day}


def _concept(concept: Concept) -> dict[str, Any]:
    said: dict[str, Any] = {"code": concept.code}
    if concept.display:
        said["display"] = concept.display
    if concept.definition:
        said["definition"] = concept.definition
    if concept.designations:
        said["designation"] = [designation(each) for each in concept.designations]
    properties = [*(_parent(code) for code in concept.parents), *_properties(concept)]
    return said | ({"property": properties} if properties else {})


def designation(said: Designation) -> dict[str, Any]:
    """The element `designation` of a CodeSystem or an expansion."""
    language = {"language": said.language} if said.language else {}
    return language | ({"use": {"code": said.use}} if said.use else {}) | {"value": said.value}


def _parent(code: str) -> dict[str, Any]:
    return {"code": "parent", "valueCode": code}


def _properties(concept: Concept) -> list[dict[str, Any]]:
    said = [{"code": each.code, each.kind: each.value} for each in concept.properties]
    said += [{"code": code, "valueDateTime": day.isoformat()} for code, day in history(concept) if day]
    if concept.is_retired:
        said.append({"code": "inactive", "valueBoolean": True})
    return said


def history(concept: Concept) -> tuple[tuple[str, date | None], ...]:
    """The days of a concept by the names of http://hl7.org/fhir/concept-properties."""
    return ("effectiveDate", concept.effective.since), ("retirementDate", concept.effective.until)

"""What holds of definitions themselves: code systems, value sets, search parameters, profiles, capabilities.

Source: FHIR R4, sections 4.8 (CodeSystem), 4.9 (ValueSet), 3.1.3 (SearchParameter), 5.3 (profiles).
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from ayni.vocabulary.fhir.finding import Finding, Phrase
from ayni.vocabulary.fhir.listed import objects
from ayni.vocabulary.fhir.validation.errors import ProfileError
from ayni.vocabulary.fhir.validation.registry import Registry, unreadable
from ayni.vocabulary.fhir.validation.snapshot import snapshot
from ayni.vocabulary.fhir.validation.terminology import (
    ABSOLUTE_URI,
    PROPERTIES,
    PROPERTY_TYPES,
    RELATIVE,
    concept_map_findings,
    is_absolute,
    value_set_findings,
)

Json = dict[str, Any]

_CANONICAL_RESOURCES: Final = frozenset({"CodeSystem", "ValueSet", "StructureDefinition", "SearchParameter"})


def definition_findings(resource: Json, place: str, registry: Registry) -> Iterator[Finding]:
    """The findings of the rules for the resource's type, once its structure can be read."""
    kind, url = resource.get("resourceType"), resource.get("url")
    if kind in _CANONICAL_RESOURCES and isinstance(url, str) and not is_absolute(url):
        yield Finding("value", f"{place}.url", ABSOLUTE_URI, RELATIVE)
    rule = _RULES.get(str(kind))
    if rule is not None and not unreadable(resource):
        yield from rule(resource, place, registry)


def _code_system(system: Json, place: str, registry: Registry) -> Iterator[Finding]:
    if "supplements" in system and system.get("content") != "supplement":
        expected = Phrase(
            "supplement, as it supplements another", "supplement, pues complementa otro sistema"
        )
        yield Finding("value", f"{place}.content", expected, Phrase("another code", "otro código"))
    properties = objects(system, "property")
    for name in ("code", "uri"):
        counted = Counter(each.get(name) for each in properties if name in each)
        if any(count > 1 for count in counted.values()):
            expected = Phrase(f"properties with different {name}s", "propiedades distintas")
            yield Finding("value", f"{place}.property", expected, Phrase("one twice", "una repetida"))
    for index, each in enumerate(properties):
        yield from _property(each, f"{place}.property[{index}]")


def _property(each: Json, place: str) -> Iterator[Finding]:
    uri = str(each.get("uri"))
    name = uri.removeprefix(PROPERTIES) if uri.startswith(PROPERTIES) else None
    kind = PROPERTY_TYPES.get(name or "")
    if kind is None:
        return
    if each.get("type") != kind:
        yield Finding("value", f"{place}.type", Phrase(kind, kind), Phrase("another type", "otro tipo"))
    if each.get("code") in PROPERTY_TYPES and each.get("code") != name:
        expected = Phrase(f"the code {name}, as its URI says", f"el código {name}, como dice su URI")
        yield Finding("value", f"{place}.code", expected, Phrase("that of another", "el de otra"))


def _search_parameter(parameter: Json, place: str, registry: Registry) -> Iterator[Finding]:
    if parameter.get("type") == "composite" and len(objects(parameter, "component")) < 2:
        expected = Phrase("at least 2 components", "al menos 2 componentes")
        yield Finding("required", f"{place}.component", expected, Phrase("fewer", "menos"))
    base = registry.find("search_parameters", str(parameter.get("derivedFrom")).partition("|")[0])
    if base is None:
        return
    if parameter.get("type") != base.get("type"):
        expected = Phrase("the type it is derived from", "el tipo del que deriva")
        yield Finding("value", f"{place}.type", expected, Phrase("another type", "otro tipo"))
    if not set(map(str, parameter.get("base", ()))) <= set(map(str, base.get("base", ()))):
        expected = Phrase("resources of what it is derived from", "recursos de aquello de lo que deriva")
        yield Finding("value", f"{place}.base", expected, Phrase("another resource", "otro recurso"))


def _capabilities(statement: Json, place: str, registry: Registry) -> Iterator[Finding]:
    for at, rest in enumerate(objects(statement, "rest")):
        for number, resource in enumerate(objects(rest, "resource")):
            for index, each in enumerate(objects(resource, "searchParam")):
                known = registry.find("search_parameters", str(each.get("definition")).partition("|")[0])
                if known is not None and known.get("type") != each.get("type"):
                    where = f"{place}.rest[{at}].resource[{number}].searchParam[{index}].type"
                    expected = Phrase("the type of its definition", "el tipo de su definición")
                    yield Finding("value", where, expected, Phrase("another type", "otro tipo"))


def _structure(structure: Json, place: str, registry: Registry) -> Iterator[Finding]:
    """A profile whose base is known has a differential that fits it."""
    if (
        structure.get("derivation") != "constraint"
        or "differential" not in structure
        or unreadable(structure)
    ):
        return
    base = structure.get("baseDefinition")
    try:
        if not isinstance(base, str) or registry.structure(base.partition("|")[0]) is None:
            return
        snapshot(structure, registry.structure)
    except ProfileError as error:
        where = error.place.replace("StructureDefinition", place, 1)
        yield Finding("structure", where, error.expected, error.found)


_RULES: Final = {
    "CapabilityStatement": _capabilities,
    "ConceptMap": concept_map_findings,
    "CodeSystem": _code_system,
    "SearchParameter": _search_parameter,
    "StructureDefinition": _structure,
    "ValueSet": value_set_findings,
}

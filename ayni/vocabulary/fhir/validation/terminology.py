"""What holds of value sets and concept maps: the codes and the filters they name.

Source: FHIR R4, sections 4.9 (ValueSet) and 4.10 (ConceptMap).
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from ayni.vocabulary.fhir.finding import Finding, Phrase
from ayni.vocabulary.fhir.listed import objects
from ayni.vocabulary.fhir.membership import Codes
from ayni.vocabulary.fhir.validation.registry import Registry

Json = dict[str, Any]

ABSOLUTE_URI: Final = Phrase("an absolute URI", "una URI absoluta")
RELATIVE: Final = Phrase("a relative one", "una relativa")
PROPERTIES: Final = "http://hl7.org/fhir/concept-properties#"
PROPERTY_TYPES: Final = {
    "inactive": "boolean",
    "deprecated": "dateTime",
    "deprecationDate": "dateTime",
    "retirementDate": "dateTime",
    "notSelectable": "boolean",
    "parent": "code",
    "child": "code",
}
"""The properties that R4 and HL7's terminology give every code system, with their types."""
_OF_THE_SYSTEM: Final = Phrase("a code of the system", "un código del sistema")
_ANOTHER_CODE: Final = Phrase("another code", "otro código")
_ANOTHER_VALUE: Final = Phrase("another value", "otro valor")
_ABSOLUTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")
_CODING: Final = re.compile(r"(?P<system>[^#|\s]+)(?:\|[^#]*)?#(?P<code>.+)")
_PARAMETER: Final = "http://hl7.org/fhir/tools/StructureDefinition/valueset-parameter"
_EXPRESSION: Final = "http://hl7.org/fhir/StructureDefinition/cqf-expression"
_NAMED: Final = re.compile(r"%([\w-]+)")


def is_absolute(uri: str) -> bool:
    return _ABSOLUTE.match(uri) is not None


def value_set_findings(value_set: Json, place: str, registry: Registry) -> Iterator[Finding]:
    compose = value_set.get("compose")
    parameters = {
        str(part.get("valueCode"))
        for each in objects(value_set, "extension")
        for part in objects(each, "extension")
        if each.get("url") == _PARAMETER and part.get("url") == "name"
    }
    for part in ("include", "exclude"):
        for index, each in enumerate(objects(compose, part)):
            where = f"{place}.compose.{part}[{index}]"
            yield from _included(each, where, registry)
            for number, rule in enumerate(objects(each, "filter")):
                yield from _expression(rule, parameters, f"{where}.filter[{number}]")


def _included(part: Json, place: str, registry: Registry) -> Iterator[Finding]:
    system = part.get("system")
    if not isinstance(system, str):
        return
    if not is_absolute(system):
        yield Finding("value", f"{place}.system", ABSOLUTE_URI, RELATIVE)
        return
    for index, concept in enumerate(objects(part, "concept")):
        code = concept.get("code")
        if isinstance(code, str) and registry.has_code(system, code) is False:
            yield Finding("code-invalid", f"{place}.concept[{index}].code", _OF_THE_SYSTEM, _ANOTHER_CODE)
    types = _types_of(system, registry)
    for index, rule in enumerate(objects(part, "filter")):
        kind, value = types.get(str(rule.get("property"))), rule.get("value")
        if kind is not None and rule.get("op") == "=" and isinstance(value, str):
            yield from _compared(kind, value, system, f"{place}.filter[{index}].value", registry)


def _types_of(system: str, registry: Registry) -> dict[str, str]:
    """The types of the properties that every code system has, and of this one's own."""
    known = registry.find("code_systems", system) or {}
    own = {str(each.get("code")): str(each.get("type")) for each in objects(known, "property")}
    return PROPERTY_TYPES | own


def _compared(kind: str, value: str, system: str, place: str, registry: Registry) -> Iterator[Finding]:
    """A value that a property is compared with is one of the property's type."""
    if kind == "boolean" and value not in ("true", "false"):
        yield Finding("value", place, Phrase("true or false", "true o false"), _ANOTHER_VALUE)
    if kind == "code" and registry.has_code(system, value) is False:
        yield Finding("code-invalid", place, _OF_THE_SYSTEM, _ANOTHER_CODE)
    if kind == "Coding":
        coding = _CODING.fullmatch(value)
        if coding is None:
            yield Finding("value", place, Phrase("system#code", "sistema#código"), _ANOTHER_VALUE)
        elif registry.has_code(coding["system"], coding["code"]) is False:
            yield Finding("code-invalid", place, _OF_THE_SYSTEM, _ANOTHER_CODE)


def _expression(rule: Json, parameters: set[str], place: str) -> Iterator[Finding]:
    """A filter whose value is worked out: in FHIRPath, from parameters that the value set declares."""
    for each in objects(rule.get("_value"), "extension"):
        said = each.get("valueExpression")
        if each.get("url") != _EXPRESSION or not isinstance(said, dict):
            continue
        if said.get("language") != "text/fhirpath":
            yield Finding("value", place, Phrase("FHIRPath", "FHIRPath"), _ANOTHER_VALUE)
        elif not set(_NAMED.findall(str(said.get("expression")))) <= parameters:
            expected = Phrase("parameters of the value set", "parámetros del conjunto de valores")
            yield Finding("not-found", place, expected, _ANOTHER_VALUE)


def concept_map_findings(concept_map: Json, place: str, registry: Registry) -> Iterator[Finding]:
    """The codes that are mapped are of the systems and value sets that the map says."""
    scopes = [_scope(concept_map, side, registry) for side in ("source", "target")]
    for index, group in enumerate(objects(concept_map, "group")):
        for number, element in enumerate(objects(group, "element")):
            where = f"{place}.group[{index}].element[{number}]"
            yield from _mapped(element, group.get("source"), scopes[0], where, registry)
            for at, target in enumerate(objects(element, "target")):
                yield from _mapped(target, group.get("target"), scopes[1], f"{where}.target[{at}]", registry)


def _scope(concept_map: Json, side: str, registry: Registry) -> Codes | None:
    canonical = concept_map.get(f"{side}Canonical") or concept_map.get(f"{side}Uri")
    return registry.codes(canonical) if isinstance(canonical, str) else None


def _mapped(
    holder: Json, system: Any, scope: Codes | None, place: str, registry: Registry
) -> Iterator[Finding]:
    code = holder.get("code")
    if not (isinstance(code, str) and isinstance(system, str)):
        return
    is_known = registry.has_code(system, code)
    if is_known is False:
        yield Finding("code-invalid", f"{place}.code", _OF_THE_SYSTEM, _ANOTHER_CODE)
    elif is_known and scope is not None and not scope.may_have(system, code):
        expected = Phrase("a code of the value set of the map", "un código del conjunto del mapa")
        yield Finding("code-invalid", f"{place}.code", expected, _ANOTHER_CODE)

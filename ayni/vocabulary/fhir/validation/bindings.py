"""Whether codes are of the value sets and code systems they say they are of.

Source: FHIR R4, section 4.1 (using codes) and 4.1.5 (binding strengths).
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from ayni.vocabulary.fhir.fhirpath import Node
from ayni.vocabulary.fhir.finding import Finding, Phrase, Severity
from ayni.vocabulary.fhir.kinds import NOTHING
from ayni.vocabulary.fhir.listed import objects
from ayni.vocabulary.fhir.membership import Codes
from ayni.vocabulary.fhir.validation.registry import Registry

_CODED: Final = frozenset({"code", "Coding", "CodeableConcept", "Quantity"})
_STRENGTHS: Final[dict[str, Severity]] = {"required": "error", "extensible": "warning"}
_MOST: Final = "http://hl7.org/fhir/StructureDefinition/elementdefinition-maxValueSet"
"""The value set that a binding of any strength keeps to."""
_EXTENSIBLE_SINCE: Final = frozenset({"http://hl7.org/fhir/ValueSet/ucum-vitals-common"})
"""Required in R4 for any component of a vital sign, whatever it measures; later versions extend the list."""
_ABSOLUTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")
_OTHER_CODE: Final = (
    "http://hl7.org/fhir/5.0/StructureDefinition/",
    "http://hl7.org/fhir/StructureDefinition/alternate-codes",
)
"""A code of a later FHIR or of another system, where R4's list has none that fits."""


def may_be_in(node: Node, codes: Codes, registry: Registry) -> bool:
    """Whether a code, a Coding, a Quantity or one coding of a CodeableConcept may be among the codes."""
    if isinstance(node.value, str):
        return registry.may_have(codes, node.value)
    return any(codes.may_have(*pair) for pair in _pairs(node))


def _pairs(node: Node) -> Iterator[tuple[str, str]]:
    codings = objects(node.value, "coding") if node.kind == "CodeableConcept" else [node.value]
    for each in codings:
        if isinstance(each, dict):
            system, code = each.get("system", ""), each.get("code", "")
            if isinstance(system, str) and isinstance(code, str):
                yield system, code


def binding_findings(
    node: Node, binding: dict[str, Any], place: str, registry: Registry
) -> Iterator[Finding]:
    """What breaks a binding. Preferred and example bindings are broken only by what no binding allows."""
    severity = _STRENGTHS.get(str(binding.get("strength")))
    if node.kind not in _CODED:
        return
    if severity is not None and isinstance(binding.get("valueSet"), str):
        yield from _outside(node, binding["valueSet"], severity, place, registry)
    for each in objects(binding, "extension"):
        if severity != "error" and each.get("url") == _MOST and isinstance(each.get("valueCanonical"), str):
            yield from _outside(node, each["valueCanonical"], "error", place, registry)


def _outside(
    node: Node, value_set: str, severity: Severity, place: str, registry: Registry
) -> Iterator[Finding]:
    url = value_set.partition("|")[0]
    if url in _EXTENSIBLE_SINCE:
        severity = "warning"
    name = url.rpartition("/")[2]
    expected = Phrase(f"a code of {name}", f"un código de {name}")
    if node.kind == "code" and not node.has_value:
        if severity == "error" and not _has_other_code(node):
            yield Finding("code-invalid", place, expected, NOTHING)
        return
    if not _has_code(node):
        return
    codes = registry.codes(url)
    if codes is None or may_be_in(node, codes, registry):
        return
    if not any(registry.is_later(*pair) for pair in _pairs(node)):
        yield Finding("code-invalid", place, expected, Phrase("another code", "otro código"), severity)


def _has_code(node: Node) -> bool:
    """A Coding or Quantity may have none; whether a concept may be text only is told below."""
    return node.kind not in ("Quantity", "Coding") or (isinstance(node.value, dict) and "code" in node.value)


def _has_other_code(node: Node) -> bool:
    extensions = node.beside.get("extension", ()) if isinstance(node.beside, dict) else ()
    return any(isinstance(each, dict) and str(each.get("url")).startswith(_OTHER_CODE) for each in extensions)


def coding_findings(node: Node, place: str, registry: Registry) -> Iterator[Finding]:
    """What a Coding itself shows to be wrong: its system, or a code that the system does not have."""
    if not isinstance(node.value, dict):
        return
    system, code = node.value.get("system"), node.value.get("code")
    if not isinstance(system, str):
        return
    if not _ABSOLUTE.match(system):
        expected = Phrase("an absolute URI", "una URI absoluta")
        yield Finding("value", f"{place}.system", expected, Phrase("a relative one", "una relativa"))
        return
    known = registry.find("code_systems", system)
    if known is not None and (known.get("content") == "supplement" or "supplements" in known):
        expected = Phrase("a code system", "un sistema de códigos")
        yield Finding("value", f"{place}.system", expected, Phrase("a supplement of one", "un suplemento"))
        return
    if registry.find("value_sets", system) and known is None:
        expected = Phrase("a code system", "un sistema de códigos")
        yield Finding("value", f"{place}.system", expected, Phrase("a value set", "un conjunto de valores"))
        return
    if isinstance(code, str) and registry.has_code(system, code) is False:
        name = system.rpartition("/")[2]
        expected = Phrase(f"a code of the system {name}", f"un código del sistema {name}")
        yield Finding("code-invalid", f"{place}.code", expected, Phrase("another code", "otro código"))


def display_findings(node: Node, place: str, registry: Registry, language: str) -> Iterator[Finding]:
    """A Coding is called as its system calls it. Only its names in English are known here."""
    if not isinstance(node.value, dict) or not language.startswith("en"):
        return
    system, code, display = (node.value.get(name) for name in ("system", "code", "display"))
    if not (isinstance(system, str) and isinstance(code, str) and isinstance(display, str)):
        return
    names = registry.displays(system, code)
    if names and _loose(display) not in map(_loose, names):
        expected = Phrase("the display of the code", "el nombre del código")
        yield Finding("value", f"{place}.display", expected, Phrase("another one", "otro"))


def _loose(name: str) -> str:
    """Case, blanks and what ISO adds in parentheses do not make another name."""
    return " ".join(name.partition(" (")[0].casefold().split())

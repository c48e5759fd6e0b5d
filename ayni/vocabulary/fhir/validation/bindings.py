"""Whether codes are of the value sets and code systems they say they are of.

Source: FHIR R4, section 4.1 (using codes) and 4.1.5 (binding strengths).
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from ayni.vocabulary.fhir.expansion import Codes
from ayni.vocabulary.fhir.fhirpath import Node
from ayni.vocabulary.fhir.finding import Finding, Phrase
from ayni.vocabulary.fhir.kinds import NOTHING
from ayni.vocabulary.fhir.listed import objects
from ayni.vocabulary.fhir.validation.registry import Registry

_CODED: Final = frozenset({"code", "Coding", "CodeableConcept", "Quantity"})
_STRENGTHS: Final = {"required": "error", "extensible": "warning"}
_EXTENSIBLE_SINCE: Final = frozenset({"http://hl7.org/fhir/ValueSet/ucum-vitals-common"})
"""Required in R4 for any component of a vital sign, whatever it measures; later versions extend the list."""
_ABSOLUTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")
_OTHER_CODE: Final = "http://hl7.org/fhir/5.0/StructureDefinition/"
"""A code of a later FHIR, where R4's list has none that fits."""


def is_in(node: Node, codes: Codes) -> bool:
    """Whether a code, a Coding, a Quantity or one coding of a CodeableConcept is among the codes."""
    return any(pair in codes for pair in _pairs(node)) or (
        isinstance(node.value, str) and any(node.value == code for _, code in codes)
    )


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
    """What breaks a binding. Preferred and example bindings are never broken."""
    severity = _STRENGTHS.get(str(binding.get("strength")))
    if severity is None or node.kind not in _CODED or not isinstance(binding.get("valueSet"), str):
        return
    url = binding["valueSet"].partition("|")[0]
    if url in _EXTENSIBLE_SINCE:
        severity = "warning"
    name = url.rpartition("/")[2]
    expected = Phrase(f"a code of {name}", f"un código de {name}")
    if node.kind == "code" and not node.has_value:
        if severity == "error" and not _has_other_code(node):
            yield Finding("code-invalid", place, expected, NOTHING)
        return
    if node.kind in ("Quantity", "Coding") and isinstance(node.value, dict) and "code" not in node.value:
        return
    codes = registry.codes(url)
    if codes is None or is_in(node, codes):
        return
    found = Phrase("another code", "otro código")
    yield Finding("code-invalid", place, expected, found, "error" if severity == "error" else "warning")


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
    if known is not None and known.get("content") == "supplement":
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

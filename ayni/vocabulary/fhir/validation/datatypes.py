"""What holds of a datatype beside its structure and invariants.

Source: FHIR R4, sections 2.24 (datatypes), 2.1.28 (ids) and 2.6.3 (references to definitions).
"""

import base64
import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from ayni.vocabulary.fhir.definitions import resource_types
from ayni.vocabulary.fhir.fhirpath import FhirPathError, Node
from ayni.vocabulary.fhir.fhirpath.parser import parse
from ayni.vocabulary.fhir.finding import Finding, Phrase
from ayni.vocabulary.fhir.validation.bindings import coding_findings
from ayni.vocabulary.fhir.validation.narrative import narrative_findings
from ayni.vocabulary.fhir.validation.registry import Registry
from ayni.vocabulary.fhir.validation.terminology import ABSOLUTE_URI, RELATIVE, is_absolute
from ayni.vocabulary.fhir.validation.tree import Element

_URNS: Final = {
    "urn:uuid:": (
        re.compile(r"urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?:#.*)?"),
        Phrase("a UUID in lower case", "un UUID en minúsculas"),
    ),
    "urn:oid:": (
        re.compile(r"urn:oid:[0-2](?:\.(?:0|[1-9][0-9]*))+(?:#.*)?"),
        Phrase("an OID: numbers with dots", "un OID: números con puntos"),
    ),
}
_RELATIVE: Final = re.compile(
    r"(?P<type>[A-Za-z]+)/[A-Za-z0-9\-.]{1,64}(?:/_history/[A-Za-z0-9\-.]{1,64})?(?:#.*)?"
)
_OF_URIS: Final = "urn:ietf:rfc:3986"
_ROOT: Final = "http://hl7.org/fhir/StructureDefinition/"


def datatype_findings(element: Element, node: Node, place: str, registry: Registry) -> Iterator[Finding]:
    """The findings of the rule for the node's type, if there is one."""
    rule = _RULES.get(node.kind)
    if rule is not None:
        yield from rule(element, node, place, registry)


def _attachment(element: Element, node: Node, place: str, registry: Registry) -> Iterator[Finding]:
    data, size = (node.value.get(name) for name in ("data", "size"))
    if not isinstance(data, str) or not isinstance(size, int):
        return
    try:
        found = len(base64.b64decode("".join(data.split()), validate=True))
    except ValueError:
        return  # the structure check has said so
    if found != size:
        expected = Phrase(f"{size} bytes, as it says", f"{size} bytes, como dice")
        yield Finding("value", f"{place}.data", expected, Phrase(f"{found}", f"{found}"))


def _coding(element: Element, node: Node, place: str, registry: Registry) -> Iterator[Finding]:
    """A Coding, or the unit of a Quantity."""
    yield from coding_findings(node, place, registry)


def _xhtml(element: Element, node: Node, place: str, registry: Registry) -> Iterator[Finding]:
    yield from narrative_findings(node.value, place)


def _uri(element: Element, node: Node, place: str, registry: Registry) -> Iterator[Finding]:
    """A UUID is lower case and whole, an OID is numbers with dots, wherever they are written."""
    if not isinstance(node.value, str):
        return
    for start, (form, expected) in _URNS.items():
        if node.value.startswith(start) and not form.fullmatch(node.value):
            yield Finding("value", place, expected, Phrase("another text", "otro texto"))


def _canonical(element: Element, node: Node, place: str, registry: Registry) -> Iterator[Finding]:
    """A canonical that is known leads to one of the types its element allows."""
    if not isinstance(node.value, str) or node.value.startswith("#"):
        return
    yield from _uri(element, node, place, registry)
    if not is_absolute(node.value):
        yield Finding("value", place, ABSOLUTE_URI, RELATIVE)
        return
    targets = {url.removeprefix(_ROOT) for kind in element.types for url in kind.get("targetProfile", ())}
    known = registry.kinds_of(node.value.partition("|")[0])
    if known and targets and "Resource" not in targets and not known & targets:
        named = ", ".join(sorted(targets))
        expected = Phrase(f"the canonical URL of {named}", f"la URL canónica de {named}")
        named = ", ".join(sorted(known))
        yield Finding("value", place, expected, Phrase(f"that of {named}", f"la de {named}"))


def _reference(element: Element, node: Node, place: str, registry: Registry) -> Iterator[Finding]:
    """A literal reference is absolute, local, a search, or names a type of R4 and an id (section 2.3.0.1)."""
    to = node.value.get("reference")
    if not isinstance(to, str) or to.startswith("#") or ":" in to or "?" in to:
        return
    relative = _RELATIVE.fullmatch(to)
    if relative is None or relative["type"] not in resource_types():
        expected = Phrase("a URL, or a resource type and an id", "una URL, o un tipo de recurso y un id")
        yield Finding("value", f"{place}.reference", expected, Phrase("another text", "otro texto"))


def _identifier(element: Element, node: Node, place: str, registry: Registry) -> Iterator[Finding]:
    """Of the system of URIs, the value is one: it has a scheme."""
    system, value = node.value.get("system"), node.value.get("value")
    if system == _OF_URIS and isinstance(value, str) and not is_absolute(value):
        expected = Phrase("a whole URI, as its system says", "una URI completa, como dice su sistema")
        yield Finding("value", f"{place}.value", expected, Phrase("another text", "otro texto"))


def _expression(element: Element, node: Node, place: str, registry: Registry) -> Iterator[Finding]:
    language, text = (node.value.get(name) for name in ("language", "expression"))
    if language == "text/fhirpath" and isinstance(text, str):
        try:
            parse(text)
        except FhirPathError as error:
            expected = Phrase("a FHIRPath expression", "una expresión FHIRPath")
            yield Finding("value", f"{place}.expression", expected, Phrase(str(error), "otro texto"))


Rule = Callable[[Element, Node, str, Registry], Iterator[Finding]]

_RULES: Final[dict[str, Rule]] = {
    "Age": _coding,
    "Attachment": _attachment,
    "Coding": _coding,
    "Count": _coding,
    "Distance": _coding,
    "Duration": _coding,
    "Expression": _expression,
    "Identifier": _identifier,
    "Quantity": _coding,
    "Reference": _reference,
    "canonical": _canonical,
    "uri": _uri,
    "uuid": _uri,
    "xhtml": _xhtml,
}


def repeated_ids(resource: Any, place: str) -> Iterator[Finding]:
    """Element ids are unique within a resource; what it contains counts for itself.

    The elements of a snapshot and of its differential have the same ids by R4's own rule.
    """
    if resource.get("resourceType") == "StructureDefinition":
        return
    seen: set[str] = set()
    waiting: list[Any] = [each for name, each in resource.items() if name not in ("id", "contained")]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting += value
        elif isinstance(value, dict) and "resourceType" not in value:
            identity = value.get("id")
            if isinstance(identity, str) and identity in seen:
                expected = Phrase("ids that differ", "ids distintos")
                yield Finding("value", place, expected, Phrase("one twice", "uno repetido"))
                return
            if isinstance(identity, str):
                seen.add(identity)
            waiting += value.values()

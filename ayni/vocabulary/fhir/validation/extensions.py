"""Extensions: known, in a place where their definition allows them.

Source: FHIR R4, sections 2.5 (extensibility) and 5.3.0.3 (context).
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from ayni.vocabulary.fhir.definitions import later_extensions
from ayni.vocabulary.fhir.fhirpath import FhirPathError, Frame, Node, Scope, compiled
from ayni.vocabulary.fhir.fhirpath.nodes import ancestors
from ayni.vocabulary.fhir.finding import Finding, Phrase
from ayni.vocabulary.fhir.validation.registry import Registry
from ayni.vocabulary.fhir.validation.tree import Element

Json = dict[str, Any]

_OF_OTHER_VERSIONS: Final = re.compile(
    r"http://hl7\.org/fhir/[0-9.]+/StructureDefinition/|http://hl7\.org/fhir/tools/"
)
"""Extensions for the elements that other versions of FHIR have."""

_OF_DEFINITIONS: Final = "http://hl7.org/fhir/StructureDefinition/structuredefinition-"
"""R4 puts these on definitions of every kind, and on parts of them that their own contexts do not name."""


def extension_findings(
    element: Element, holder: Node, place: str, registry: Registry, scope: Scope
) -> Iterator[Finding]:
    """What is wrong with the extensions that stand on one element."""
    for name in ("extension", "modifierExtension"):
        for index, extension in enumerate(holder.children(name)):
            url = extension.value.get("url") if isinstance(extension.value, dict) else None
            if isinstance(url, str) and not _is_part_of_another(holder, url):
                where = f"{place}.{name}[{index}]"
                yield from _findings(url, element, holder, where, registry, scope)
                yield from _modifies(url, name, where, registry)


def _is_part_of_another(holder: Node, url: str) -> bool:
    """The extensions inside an extension have names of its own making."""
    return holder.kind == "Extension" and ":" not in url


def _findings(
    url: str, element: Element, holder: Node, place: str, registry: Registry, scope: Scope
) -> Iterator[Finding]:
    definition = registry.structure(url.partition("|")[0])
    if definition is None:
        expected = Phrase("an extension that is known", "una extensión conocida")
        found = Phrase("an unknown one", "una desconocida")
        is_hl7_s = url.partition("|")[0] in later_extensions() or _OF_OTHER_VERSIONS.match(url)
        yield Finding("structure", place, expected, found, "warning" if is_hl7_s else "error")
        return
    contexts = [each for each in definition.get("context", ()) if isinstance(each, dict)]
    if (
        contexts
        and not url.startswith(_OF_DEFINITIONS)
        and not any(_allows(each, element, holder, scope) for each in contexts)
    ):
        named = ", ".join(str(each.get("expression")) for each in contexts)
        expected = Phrase(f"this extension on {named}", f"esta extensión en {named}")
        yield Finding("structure", place, expected, Phrase("it elsewhere", "otro lugar"))


def _modifies(url: str, name: str, place: str, registry: Registry) -> Iterator[Finding]:
    """An extension that changes the meaning of its element stands among those that do, and no other."""
    definition = registry.structure(url.partition("|")[0])
    if definition is None:
        return
    root = definition["snapshot"]["element"][0]
    wanted = "modifierExtension" if root.get("isModifier") is True else "extension"
    if wanted != name:
        yield Finding(
            "structure", place, Phrase(f"it as {wanted}", f"ella como {wanted}"), Phrase(name, name)
        )


def _allows(context: Json, element: Element, holder: Node, scope: Scope) -> bool:
    kind, expression = context.get("type"), str(context.get("expression"))
    if kind == "extension":
        return isinstance(holder.value, dict) and holder.value.get("url") == expression
    if kind == "fhirpath":
        return _is_found(expression, holder, scope)
    names = {element.path, *ancestors(holder.kind), element.path.removesuffix("[x]")}
    names.add(element.definition.get("contentReference", "").removeprefix("#"))
    if element.path == "ElementDefinition.type":
        names.add("ElementDefinition")  # where R4's own definitions write the extension for patterns
    return expression in names or _of_base(expression, element)


def _of_base(expression: str, element: Element) -> bool:
    """An element of a type that the resource specialises: `Element`, `DomainResource`, or its base path."""
    return expression == "Element" or expression == element.definition.get("base", {}).get("path")


def _is_found(expression: str, holder: Node, scope: Scope) -> bool:
    try:
        found = compiled(expression)(Frame(scope, [scope.resource]))
    except FhirPathError:
        return True
    return any(each.value is holder.value for each in found)

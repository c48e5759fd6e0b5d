"""One resource against one definition: every element, slice, binding and invariant.

The base type is walked down into every datatype; a profile only where it says something itself.
Source: FHIR R4, sections 5.1 (ElementDefinition) and 5.2 (profiling).
"""

from collections.abc import Callable, Iterator
from typing import Any

from ayni.vocabulary.fhir.definitions import FHIR_ROOT
from ayni.vocabulary.fhir.fhirpath import Node, Scope, resource_node
from ayni.vocabulary.fhir.fhirpath.nodes import is_primitive
from ayni.vocabulary.fhir.finding import Finding, Phrase
from ayni.vocabulary.fhir.kinds import A_VALUE, NOTHING
from ayni.vocabulary.fhir.structure.references import type_of
from ayni.vocabulary.fhir.validation.bindings import binding_findings
from ayni.vocabulary.fhir.validation.invariants import invariant_findings
from ayni.vocabulary.fhir.validation.registry import Registry
from ayni.vocabulary.fhir.validation.slicing import Slicing
from ayni.vocabulary.fhir.validation.tree import Element
from ayni.vocabulary.fhir.validation.values import has_pattern, is_same, is_within

Report = Callable[[Finding], None]
Inner = Callable[[Node, str], None]
"""Validates a resource that stands inside another, at a place."""


class Walk:
    """The walk over one resource. `is_base` says that the definition is R4's own type."""

    def __init__(
        self,
        registry: Registry,
        scope: Scope,
        report: Report,
        *,
        is_base: bool,
        conforms: Callable[[Node, str], bool],
        inner: Inner | None = None,
        item_findings: Callable[[Element, Node, str], Iterator[Finding]] | None = None,
    ) -> None:
        self._registry = registry
        self._scope = scope
        self._report = report
        self._is_base = is_base
        self._conforms = conforms
        self._inner = inner
        self._item_findings = item_findings

    def root(self, element: Element, node: Node, place: str) -> None:
        """A whole resource, or the content of an extension."""
        if self._item_findings:
            self._tell(self._item_findings(element, node, place))
        self.element(element, node, place)

    def element(self, element: Element, node: Node, place: str) -> None:
        """An element and everything below it."""
        self._tell(invariant_findings(element.definition.get("constraint", []), node, self._scope, place))
        for child in element.children.values():
            self._child(child, node, f"{place}.{child.name}")

    def _tell(self, findings: Iterator[Finding]) -> None:
        for finding in findings:
            self._report(finding)

    def _child(self, child: Element, node: Node, place: str) -> None:
        items = node.children(child.name)
        if not self._is_base:
            self._tell(_count_findings(child, len(items), place))
        repeats = child.definition.get("base", child.definition).get("max", "*") != "1"
        numbered = [
            (item, f"{place}[{index}]" if repeats else _typed(child, item, place))
            for index, item in enumerate(items)
        ]
        for item, item_place in numbered:
            self._item(child, item, item_place)
        if child.slices:
            self._slices(child, numbered, place)

    def _item(self, element: Element, item: Node, place: str) -> None:
        self._tell(self._value_findings(element, item, place))
        if self._item_findings:
            self._tell(self._item_findings(element, item, place))
        if item.kind in ("Resource", "DomainResource") or _is_resource(item):
            self._resource(element, item, place)
            return
        self.element(element, item, place)
        below = self._type_below(element, item) if self._is_base else self._profile_below(element, item)
        if below is not None:
            self.element(below, item, place)

    def _type_below(self, element: Element, item: Node) -> Element | None:
        """The elements of its datatype, unless the definition lists them itself."""
        if element.children:
            return None
        if is_primitive(item.kind):
            return self._registry.type_tree("Element") if isinstance(item.beside, dict) else None
        return self._registry.type_tree(item.kind)

    def _profile_below(self, element: Element, item: Node) -> Element | None:
        """The profile its datatype must keep to; extensions are judged by their URL."""
        urls = [url for kind in element.types if kind["code"] == item.kind for url in kind.get("profile", ())]
        if item.kind == "Extension" or len(urls) != 1:
            return None
        return self._registry.tree(urls[0].partition("|")[0])

    def _resource(self, element: Element, item: Node, place: str) -> None:
        if self._inner is not None:
            self._inner(item, place)
        named = [url for kind in element.types for url in kind.get("profile", ())]
        profiles = [url for url in named if self._type_of_profile(url) is not None]
        if not self._is_base and profiles and not any(self._conforms(item, url) for url in profiles):
            names = ", ".join(url.rpartition("/")[2] for url in profiles)
            expected = Phrase(f"a resource that conforms to {names}", f"un recurso conforme con {names}")
            self._report(Finding("structure", place, expected, Phrase("another one", "otro")))

    def _value_findings(self, element: Element, item: Node, place: str) -> Iterator[Finding]:
        definition = element.definition
        if not self._is_base:
            yield from _type_findings(element, item, place)
            yield from _value_as_said(element, item, place)
        if item.kind == "Reference":
            yield from self._target_findings(element, item, place)
        if "binding" in definition:
            yield from binding_findings(item, definition["binding"], place, self._registry)

    def _target_findings(self, element: Element, item: Node, place: str) -> Iterator[Finding]:
        """A reference leads to a resource of one of the types, and when that is here, of the profiles."""
        targets = [url for kind in element.types for url in kind.get("targetProfile", ())]
        allowed = {self._type_of_profile(url) for url in targets}
        if not targets or None in allowed or not isinstance(item.value, dict):
            return
        to = item.value.get("reference")
        resolve = self._scope.resolve
        resource = resolve(to) if resolve and isinstance(to, str) else None
        if self._is_base and resource is None:
            return  # the structure check has judged what the reference itself says
        name = resource_node(resource).kind if resource else type_of(to) or item.value.get("type")
        if isinstance(name, str) and not {"Resource", name} & allowed and self._registry.type_tree(name):
            named = ", ".join(sorted(each for each in allowed if each))
            expected = Phrase(f"a reference to {named}", f"una referencia a {named}")
            yield Finding("structure", place, expected, Phrase(f"one to {name}", f"una a {name}"))
        elif (
            resource
            and not self._is_base
            and not any(self._conforms(resource_node(resource), url) for url in targets)
        ):
            named = ", ".join(url.rpartition("/")[2] for url in targets)
            expected = Phrase(f"a reference to {named}", f"una referencia a {named}")
            yield Finding("structure", place, expected, Phrase("one to what does not conform", "otra"))

    def _type_of_profile(self, url: str) -> str | None:
        if url.startswith(FHIR_ROOT) and self._registry.type_tree(url.removeprefix(FHIR_ROOT)) is not None:
            url = url.partition("|")[0]
        found = self._registry.structure(url.partition("|")[0])
        return found.get("type") if found else None

    def _slices(self, element: Element, items: list[tuple[Node, str]], place: str) -> None:
        slicing = Slicing(element, self._registry, self._scope, self._conforms)
        counts = dict.fromkeys(map(id, element.slices.values()), 0)
        for item, item_place in items:
            found = slicing.slice_of(item)
            if found is not None:
                counts[id(found)] += 1
                self._item(found, item, item_place)
            elif slicing.is_closed:
                expected = Phrase("an item of a slice of the profile", "un elemento de un corte del perfil")
                self._report(Finding("structure", item_place, expected, Phrase("another one", "otro")))
        for each in element.slices.values():
            name = each.definition.get("sliceName")
            self._tell(_count_findings(each, counts[id(each)], place, f" {name}"))


def _is_resource(item: Node) -> bool:
    return isinstance(item.value, dict) and isinstance(item.value.get("resourceType"), str)


def _typed(child: Element, item: Node, place: str) -> str:
    return f"{place}.ofType({item.kind})" if child.path.endswith("[x]") else place


def _count_findings(element: Element, count: int, place: str, what: str = "") -> Iterator[Finding]:
    if count < element.least:
        least = Phrase(f"at least {element.least}{what}", f"al menos {element.least}{what}")
        found = NOTHING if not count else Phrase(str(count), str(count))
        yield Finding("required", place, A_VALUE if not what and element.least == 1 else least, found)
    if element.most is not None and count > element.most:
        most = Phrase(f"at most {element.most}{what}", f"un máximo de {element.most}{what}")
        yield Finding("structure", place, most, Phrase(str(count), str(count)))


def _type_findings(element: Element, item: Node, place: str) -> Iterator[Finding]:
    kinds = [each["code"] for each in element.types]
    known = [each for each in kinds if not each.startswith("http")]
    if len(known) != len(kinds) or not known or "contentReference" in element.definition:
        return
    if item.kind not in known and not _is_resource(item):
        named = ", ".join(known)
        expected = Phrase(f"a value of type {named}", f"un valor de tipo {named}")
        yield Finding("structure", place, expected, Phrase(item.kind, item.kind))


def _value_as_said(element: Element, item: Node, place: str) -> Iterator[Finding]:
    another = Phrase("another one", "otro")
    fixed, pattern = element.value_of("fixed"), element.value_of("pattern")
    if fixed is not None and not is_same(item.value, fixed):
        yield Finding(
            "value", place, Phrase("the value that the profile fixes", "el valor que fija el perfil"), another
        )
    if pattern is not None and not has_pattern(item.value, pattern):
        yield Finding("value", place, Phrase("the pattern of the profile", "el patrón del perfil"), another)
    most: Any = element.definition.get("maxLength")
    if isinstance(most, int) and isinstance(item.value, str) and len(item.value) > most:
        limit = Phrase(f"at most {most} characters", f"un máximo de {most} caracteres")
        yield Finding("too-long", place, limit, Phrase("more", "más"))
    if not is_within(item, element.value_of("minValue"), element.value_of("maxValue")):
        yield Finding(
            "value", place, Phrase("a value within the bounds", "un valor dentro de los límites"), another
        )

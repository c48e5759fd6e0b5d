"""Which slice of an element an item belongs to.

Source: FHIR R4, section 5.1.0.14 (discriminators).
"""

import re
from collections.abc import Callable
from typing import Final

from ayni.vocabulary.fhir.fhirpath import FhirPathError, Frame, Node, Scope, compiled
from ayni.vocabulary.fhir.validation.bindings import may_be_in
from ayni.vocabulary.fhir.validation.registry import Registry
from ayni.vocabulary.fhir.validation.tree import Element
from ayni.vocabulary.fhir.validation.values import has_pattern, is_same

Conforms = Callable[[Node, str], bool]
"""Whether a resource conforms to a profile."""

_STEP: Final = re.compile(
    r"extension\('(?P<url>[^']+)'\)|(?P<call>resolve\(\)|ofType\([^)]*\))|(?P<name>[^.()]+)"
)


class Slicing:
    """Tells apart the slices of one element."""

    def __init__(self, element: Element, registry: Registry, scope: Scope, conforms: Conforms) -> None:
        self._element = element
        self._registry = registry
        self._scope = scope
        self._conforms = conforms
        slicing = element.definition.get("slicing", {})
        self.is_closed = slicing.get("rules") == "closed"
        self._discriminators = [
            (str(each.get("type")), str(each.get("path"))) for each in slicing.get("discriminator", ())
        ]

    def slice_of(self, item: Node) -> Element | None:
        """The first slice whose discriminators all hold; None for an item of no slice."""
        if not self._discriminators:
            return None
        return next((each for each in self._element.slices.values() if self._matches(each, item)), None)

    def _matches(self, slice_: Element, item: Node) -> bool:
        return all(self._holds(kind, path, slice_, item) for kind, path in self._discriminators)

    def _holds(self, kind: str, path: str, slice_: Element, item: Node) -> bool:
        expected = self._element_at(slice_, path)
        try:
            found = compiled(path)(Frame(self._scope, [item]))
        except FhirPathError:
            return False
        if expected is None:
            return False
        if kind == "exists":
            return bool(found) if expected.least else not found if expected.most == 0 else True
        if kind == "type":
            return any(node.kind == each["code"] for node in found for each in expected.types)
        if kind == "profile":
            profiles = [
                url
                for each in expected.types
                for url in each.get("profile") or each.get("targetProfile") or ()
            ]
            return any(self._conforms(node, url) for node in found for url in profiles)
        return self._has_value(expected, found)

    def _has_value(self, expected: Element, found: list[Node]) -> bool:
        """The fixed value or pattern of the element, of those below it, or a code of its value set."""
        fixed, pattern = expected.value_of("fixed"), expected.value_of("pattern")
        if fixed is not None:
            return any(is_same(node.value, fixed) for node in found)
        if pattern is not None:
            return any(has_pattern(node.value, pattern) for node in found)
        below = [each for each in _with_slices(expected) if _says_something(each)]
        if below:
            return all(
                self._has_value(each, [child for node in found for child in node.children(each.name)])
                for each in below
            )
        binding = expected.definition.get("binding", {})
        if binding.get("strength") == "required":
            codes = self._registry.codes(binding.get("valueSet", ""))
            return codes is not None and any(may_be_in(node, codes, self._registry) for node in found)
        return bool(found) if expected.least else True

    def _element_at(self, element: Element, path: str) -> Element | None:
        """The element of the slice that the discriminator's path leads to, through types and extensions."""
        at: Element | None = element
        for step in _STEP.finditer(path):
            if at is None:
                return None
            if step["url"]:
                at = self._extension(at, step["url"])
            elif step["name"] and step["name"] != "$this":
                at = self._child(at, step["name"])
        return at

    def _child(self, element: Element, name: str) -> Element | None:
        """A child by its name: of a slice that must be there, of the element, or of its type."""
        for each in (*(part for part in element.slices.values() if part.least), element):
            found = each.children.get(name)
            if found is not None:
                return found
        for kind in element.types:
            for url in kind.get("profile", ()):
                below = self._registry.tree(url.partition("|")[0])
                if below is not None and name in below.children:
                    return below.children[name]
            below = self._registry.type_tree(kind["code"])
            if below is not None and name in below.children:
                return below.children[name]
        return None

    def _extension(self, element: Element, url: str) -> Element | None:
        holder = self._child(element, "extension")
        for each in holder.slices.values() if holder else ():
            if any(url in kind.get("profile", ()) for kind in each.types):
                return each
        return self._registry.tree(url)


def _with_slices(element: Element) -> list[Element]:
    """The children, each replaced by its slices that must be there."""
    found = []
    for child in element.children.values():
        found += [each for each in child.slices.values() if each.least] or [child]
    return found


def _says_something(element: Element) -> bool:
    return (
        element.is_fixed or any(_says_something(each) for each in _with_slices(element))
        if element.children
        else element.is_fixed
    )

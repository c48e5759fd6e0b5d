"""A Bundle while it is taken apart: its resources by reference, and what has been told already."""

from typing import Any

from ayni.vocabulary.fhir import Resource
from ayni.vocabulary.maps.to_fhir.target import Element
from ayni.vocabulary.maps.to_v2.lines import by_line
from ayni.vocabulary.maps.to_v2.tree import Tree


class Back:
    """The way back of one message Bundle."""

    def __init__(self, bundle: Resource) -> None:
        self.bundle = bundle
        entries: list[dict[str, Any]] = [each for each in bundle.get("entry", []) if "resource" in each]
        self.resources: list[Element] = [by_line(each["resource"]) for each in entries]
        urls = [str(each.get("fullUrl")) for each in entries]
        self._by_reference = dict(zip(urls, self.resources, strict=True))
        self.kinds = {url: str(each["resourceType"]) for url, each in self._by_reference.items()}
        self._taken: dict[int, set[tuple[str, int]]] = {}
        self.said: set[tuple[int, str]] = set()  # elements by their own place: each is told once
        self._pending: list[tuple[int, tuple[str, int]]] = []
        self.segments: dict[str, dict[int, Tree]] = {}  # by name: the fields of the last one
        self.free: dict[tuple[int, str, int], list[int]] = {}
        """By list, table and how much was told: the items that it may have made and that nobody has told."""

    def resource(self, reference: Any) -> Element | None:
        """What a Reference leads to, when it is in the Bundle."""
        url = reference.get("reference") if isinstance(reference, dict) else None
        return self._by_reference.get(str(url))

    def taken(self, resource: Element) -> set[tuple[str, int]]:
        """The list items of a resource, and its texts of lines, that segments have told."""
        return self._taken.setdefault(id(resource), set())

    def pend(self, resource: Element, claim: tuple[str, int]) -> None:
        """Told by one of several segments in a row, which count the items together."""
        self._pending.append((id(resource), claim))

    def settle(self) -> None:
        """The row of segments is over."""
        for number, claim in self._pending:
            self._taken.setdefault(number, set()).add(claim)
        self._pending.clear()

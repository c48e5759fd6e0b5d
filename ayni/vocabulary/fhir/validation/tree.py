"""A snapshot as a tree: each element with its children and its slices.

Source: FHIR R4, section 5.1.0.1 (paths and ids of elements).
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from ayni.vocabulary.fhir.finding import Phrase
from ayni.vocabulary.fhir.kinds import NOTHING
from ayni.vocabulary.fhir.validation.errors import ProfileError

Json = dict[str, Any]

_NUMBER: Final = re.compile(r"[0-9]{1,9}", re.ASCII)
_FIXED: Final = ("fixed", "pattern")


class Element:
    """One element of a profile."""

    __slots__ = ("children", "definition", "name", "slices")

    def __init__(self, definition: Json) -> None:
        self.definition = definition
        self.name: str = definition["path"].rpartition(".")[2].removesuffix("[x]")
        self.children: dict[str, Element] = {}
        self.slices: dict[str, Element] = {}

    @property
    def path(self) -> str:
        path: str = self.definition["path"]
        return path

    @property
    def least(self) -> int:
        return int(self.definition.get("min", 0))

    @property
    def most(self) -> int | None:
        """None: any number."""
        most = self.definition.get("max", "*")
        return None if most == "*" else int(most)

    @property
    def types(self) -> list[Json]:
        found: list[Json] = self.definition.get("type", [])
        return found

    def value_of(self, prefix: str) -> Any:
        """What `fixed[x]` or `pattern[x]` says, None when it says nothing."""
        for key, value in self.definition.items():
            if key.startswith(prefix) and key[len(prefix) : len(prefix) + 1].isupper():
                return value
        return None

    @property
    def is_fixed(self) -> bool:
        return any(self.value_of(prefix) is not None for prefix in _FIXED)

    def copy(self) -> "Element":
        """The element and all below it, to be changed on its own; values inside definitions are shared."""
        copied = Element(dict(self.definition))
        copied.children = {name: each.copy() for name, each in self.children.items()}
        copied.slices = {name: each.copy() for name, each in self.slices.items()}
        return copied

    def __iter__(self) -> "Iterator[Element]":
        """Itself, all below it, then its slices, in the order of a snapshot."""
        yield self
        for child in self.children.values():
            yield from child
        for each in self.slices.values():
            yield from each


def check_most(definition: Json, place: str) -> None:
    """Raises ProfileError for a `max` that is neither a number nor `*`: R4 writes it as text."""
    most = definition.get("max", "*")
    if most != "*" and not _NUMBER.fullmatch(most):
        raise ProfileError(f"{place}.max", Phrase("a number or *", "un número o *"), Phrase("text", "texto"))


def tree(elements: list[Json]) -> Element:
    """The root element of a snapshot; raises ProfileError where an element has no parent or no number."""
    known: dict[str, Element] = {}
    root: Element | None = None
    for index, definition in enumerate(elements):
        check_most(definition, f"StructureDefinition.snapshot.element[{index}]")
        identity = str(definition.get("id", definition["path"]))
        element = Element(definition)
        if root is None:
            root = element
        else:
            _attach(element, identity, known, f"StructureDefinition.snapshot.element[{index}]")
        known.setdefault(identity, element)
    if root is None:
        raise ProfileError("StructureDefinition.snapshot", Phrase("elements", "elementos"), NOTHING)
    return root


def _attach(element: Element, identity: str, known: dict[str, Element], place: str) -> None:
    above, _, last = identity.rpartition(".")
    name, colon, slice_name = last.partition(":")
    sliced = known.get(f"{above}.{name}") if colon else None
    if sliced is not None:
        sliced.slices[slice_name] = element
        return
    parent = known.get(above)
    if parent is None:
        expected = Phrase("an element above it", "un elemento que lo contenga")
        raise ProfileError(f"{place}.id", expected, NOTHING)
    parent.children.setdefault(element.name, element)


def share_children(root: Element) -> None:
    """Gives an element that refers to another one the children of that one: items inside items.

    For types only: what a profile says of the outer element it does not say of the inner ones.
    """
    known = {element.path: element for element in root}
    for element in known.values():
        same = known.get(element.definition.get("contentReference", "").rpartition("#")[2])
        if same is not None and not element.children:
            element.children = same.children

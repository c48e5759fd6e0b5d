"""What a FHIRPath expression looks at: the elements of a resource, with their types.

Types come from R4's definitions, so that `value` finds `valueQuantity` and knows that it is a Quantity.
Source: FHIR R4, section 2.9.1 (FHIRPath in FHIR).
"""

from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from itertools import zip_longest
from typing import Any, Final, NamedTuple

from ayni.vocabulary.fhir.definitions import FHIR_ROOT, definition, type_definition, type_name

_BACKBONES: Final = frozenset({"BackboneElement", "Element"})
_RESOURCES: Final = frozenset({"Resource", "DomainResource"})


class Key(NamedTuple):
    """Where the elements of a node are defined: a type, and a path in it for a backbone element."""

    url: str
    path: str


class Child(NamedTuple):
    """One JSON name under which an element may stand."""

    json_name: str
    kind: str  # the name of its type
    key: Key | None  # None for a primitive and for a resource, whose type the content tells


class Node:
    """One element: its JSON value, and what stands beside it when it is primitive (`_birthDate`)."""

    __slots__ = ("beside", "key", "kind", "value")

    def __init__(self, value: Any, kind: str, key: Key | None = None, beside: Any = None) -> None:
        self.value = value
        self.kind = kind
        self.key = key
        self.beside = beside

    def children(self, name: str) -> list["Node"]:
        """The elements of this name, whatever type of a choice they have."""
        holder, key = self._holder()
        if holder is None or key is None:
            return []
        found: list[Node] = []
        for child in elements(key).get(name, ()):
            found += _nodes(holder, child)
        return found

    def all_children(self) -> Iterator["Node"]:
        holder, key = self._holder()
        if holder is None or key is None:
            return
        for each in elements(key).values():
            for child in each:
                yield from _nodes(holder, child)

    def _holder(self) -> tuple[dict[str, Any] | None, Key | None]:
        """The object whose names are the children: what stands beside a primitive are its extensions."""
        if isinstance(self.value, dict):
            return self.value, self.key
        return (self.beside, _ELEMENT) if isinstance(self.beside, dict) else (None, None)

    @property
    def has_value(self) -> bool:
        return self.value is not None and not isinstance(self.value, dict | list)


_ELEMENT: Final = Key(FHIR_ROOT + "Element", "Element")


def resource_node(resource: Any) -> Node:
    """A resource as the node an expression starts from."""
    name = resource.get("resourceType") if isinstance(resource, dict) else None
    known = isinstance(name, str) and type_definition(name) is not None
    return Node(resource, name, Key(FHIR_ROOT + name, name)) if known and name else Node(resource, "Resource")


def system_node(value: Any) -> Node:
    """A literal or a result: true, a number or text."""
    return Node(value, _SYSTEM_KINDS[type(value)])


def quantity_node(amount: int | Decimal, unit: str) -> Node:
    """An amount with its unit, as a literal or a result."""
    quantity = {"value": amount, "code": unit, "unit": unit}
    return Node(quantity, "Quantity", Key(FHIR_ROOT + "Quantity", "Quantity"))


class TypeNode(Node):
    """What `type()` tells: a namespace and a name, which no definition lists as elements."""

    __slots__ = ()

    def __init__(self, namespace: str, name: str) -> None:
        super().__init__({"namespace": namespace, "name": name}, "SimpleTypeInfo")

    def children(self, name: str) -> list[Node]:
        return [system_node(self.value[name])] if name in self.value else []


_SYSTEM_KINDS: Final[dict[type, str]] = {bool: "Boolean", int: "Integer", Decimal: "Decimal", str: "String"}


def _nodes(holder: dict[str, Any], child: Child) -> list[Node]:
    value, beside = holder.get(child.json_name), None
    if child.key is None:
        beside = holder.get(f"_{child.json_name}")
    if value is None and beside is None:
        return []
    if isinstance(value, list) or isinstance(beside, list):
        values = value if isinstance(value, list) else []
        besides = beside if isinstance(beside, list) else []
        pairs = zip_longest(values, besides)
        return [_node(one, other, child) for one, other in pairs if _is_of_its_kind(one, child)]
    return [_node(value, beside, child)] if _is_of_its_kind(value, child) else []


def _is_of_its_kind(value: Any, child: Child) -> bool:
    """An object where an object belongs. What is not is the structure check's to tell."""
    is_complex = child.key is not None or child.kind in _RESOURCES
    return isinstance(value, dict) if is_complex else not isinstance(value, dict | list)


def _node(value: Any, beside: Any, child: Child) -> Node:
    if child.kind in _RESOURCES:
        return resource_node(value)
    return Node(value, child.kind, child.key, beside)


@cache
def elements(key: Key) -> dict[str, tuple[Child, ...]]:
    """The elements of a type or of a backbone element, by the name FHIRPath calls them."""
    structure = definition("types", key.url)
    if structure is None:
        return {}
    level, prefix = key.path.count(".") + 1, f"{key.path}."
    found: dict[str, tuple[Child, ...]] = {}
    for element in structure["snapshot"]["element"]:
        path: str = element["path"]
        if path.startswith(prefix) and path.count(".") == level and element["max"] != "0":
            name = path.rpartition(".")[2]
            found[name.removesuffix("[x]")] = tuple(_children(key, element, name))
    return found


def _children(key: Key, element: dict[str, Any], name: str) -> Iterator[Child]:
    if "contentReference" in element:
        path = element["contentReference"].removeprefix("#")
        yield Child(name, "BackboneElement", Key(key.url, path))
        return
    for each in element.get("type", ()):
        kind = type_name(element, each["code"])
        json_name = name
        if name.endswith("[x]"):
            json_name = name.removesuffix("[x]") + kind[0].upper() + kind[1:]
        yield Child(json_name, kind, _key(key, element["path"], kind))


def _key(key: Key, path: str, kind: str) -> Key | None:
    if kind in _BACKBONES:
        return Key(key.url, path)
    if kind in _RESOURCES or is_primitive(kind):
        return None
    return Key(FHIR_ROOT + kind, kind)


@cache
def is_primitive(kind: str) -> bool:
    structure = type_definition(kind)
    return structure is not None and structure["kind"] == "primitive-type"


@cache
def ancestors(kind: str) -> tuple[str, ...]:
    """A type and the types it specialises, itself first: `canonical`, `uri`, `Element`."""
    found = [kind]
    structure = type_definition(kind)
    while structure is not None and "baseDefinition" in structure:
        found.append(structure["baseDefinition"].rpartition("/")[2])
        structure = type_definition(found[-1])
    return tuple(found)

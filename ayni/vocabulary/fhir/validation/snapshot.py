"""The snapshot of a profile, from its differential and the snapshot of its base.

Source: FHIR R4, sections 5.3.0 (StructureDefinition) and 5.1.0.14 (slicing).
"""

import re
from collections.abc import Callable
from typing import Any, Final

from ayni.vocabulary.fhir.definitions import FHIR_ROOT
from ayni.vocabulary.fhir.finding import Phrase
from ayni.vocabulary.fhir.kinds import NOTHING
from ayni.vocabulary.fhir.validation.errors import ProfileError
from ayni.vocabulary.fhir.validation.tree import Element, check_most, tree

Json = dict[str, Any]
Structure = Callable[[str], Json | None]
"""The StructureDefinition with a canonical URL, with its snapshot."""

ELEMENTS_MAX: Final = 5000
"""Elements of a snapshot. R4's longest has 300, a large national profile some 2,000."""
PATH_PARTS_MAX: Final = 32
"""Names in a path; R4's own paths have seven."""

_ADDED: Final = frozenset({"constraint", "condition", "alias", "mapping", "extension"})
"""What a differential adds to its base; anything else it says replaces what the base says."""
_ANOTHER: Final = Phrase("another one", "otro")
_SLICE: Final = re.compile(r":[^.]+")
_BY_TYPE: Final[Json] = {
    "discriminator": [{"type": "type", "path": "$this"}],
    "ordered": False,
    "rules": "open",
}


def snapshot(profile: Json, structure: Structure) -> list[Json]:
    """The elements of a profile; raises ProfileError with the place of what does not fit its base."""
    base = structure(str(profile.get("baseDefinition", "")).partition("|")[0])
    if base is None:
        expected = Phrase("a definition that is known", "una definición conocida")
        raise ProfileError("StructureDefinition.baseDefinition", expected, NOTHING)
    builder = _Builder(base, structure)
    for index, element in enumerate(_differential(profile)):
        builder.apply(element, f"StructureDefinition.differential.element[{index}]")
    return [*_listed(builder.root, builder.root.path)]


def _differential(profile: Json) -> list[Any]:
    found = profile.get("differential")
    elements = found.get("element") if isinstance(found, dict) else None
    return elements if isinstance(elements, list) else []


def _listed(element: Element, identity: str) -> list[Json]:
    """The elements of a tree in the order of a snapshot, each with its id."""
    found = [element.definition | {"id": identity}]
    for child in element.children.values():
        found += _listed(child, f"{identity}.{child.path.rpartition('.')[2]}")
    for name, each in element.slices.items():
        found += _listed(each, f"{identity}:{name}")
    return found


class _Builder:
    """Changes a copy of the base, one element of the differential after the other."""

    def __init__(self, base: Json, structure: Structure) -> None:
        self._base = tree(base["snapshot"]["element"])
        self._structure = structure
        self.root = self._base.copy()
        self._count = sum(1 for _ in self.root)

    def apply(self, change: Any, place: str) -> None:
        """Merges one element of the differential."""
        path = change.get("path") if isinstance(change, dict) else None
        if not isinstance(path, str) or not all(path.split(".")):
            expected = Phrase("names with dots between them", "nombres separados por puntos")
            raise ProfileError(f"{place}.path", expected, NOTHING)
        first, *rest = _id_of(change, path).split(".")
        if first.partition(":")[0] != self.root.path or len(rest) > PATH_PARTS_MAX:
            raise _no_such(place)
        element = self.root
        for part in rest:
            element = self._below(element, part, place)
        check_most(change, place)
        _check_narrows(element, change, place)
        _merge(element.definition, change)

    def _below(self, element: Element, part: str, place: str) -> Element:
        """The element `part` (`name` or `name:slice`) below another one."""
        name, _, slice_name = part.partition(":")
        stem = name.removesuffix("[x]")
        if stem not in element.children and not element.children:
            self._expand(element, place)
        found = element.children.get(stem)
        if found is not None:
            return self._slice(found, slice_name, place) if slice_name else found
        return self._choice(element, name, slice_name or name, place)

    def _choice(self, element: Element, name: str, slice_name: str, place: str) -> Element:
        """`valueQuantity` names the slice of `value[x]` that has this type."""
        for child in element.children.values():
            if child.path.endswith("[x]"):
                kinds = [each for each in child.types if name == child.name + _capital(each["code"])]
                if kinds:
                    child.definition.setdefault("slicing", _BY_TYPE)
                    made = self._slice(child, slice_name, place)
                    made.definition["type"] = kinds
                    return made
        raise _no_such(place)

    def _slice(self, element: Element, name: str, place: str) -> Element:
        """The slice of an element; a new one begins as what the element says of all of them."""
        if name not in element.slices:
            made = Element(element.definition | {"sliceName": name, "min": 0})
            made.definition.pop("slicing", None)
            made.children = {key: each.copy() for key, each in element.children.items()}
            self._add(sum(1 for _ in made), place)
            element.slices[name] = made
        return element.slices[name]

    def _expand(self, element: Element, place: str) -> None:
        """Puts the elements of its type below an element that has none in the snapshot yet."""
        source = self._source(element, place)
        for name, child in source.children.items():
            copied = child.copy()
            for each in copied:
                each.definition["path"] = element.path + each.path.removeprefix(source.path)
                self._add(1, place)
            element.children[name] = copied

    def _source(self, element: Element, place: str) -> Element:
        """Where the elements below an element are defined: what it refers to, its profile or its type."""
        if "contentReference" in element.definition:
            path = element.definition["contentReference"].rpartition("#")[2]
            return next((each for each in self._base if each.path == path), self._base)
        if len(element.types) == 1:
            base = FHIR_ROOT + element.types[0]["code"]
            profile = next(iter(element.types[0].get("profile", ())), base)
            found = self._structure(profile.partition("|")[0]) or self._structure(base)
            if found is not None:
                return tree(found["snapshot"]["element"])
        raise _no_such(place)

    def _add(self, count: int, place: str) -> None:
        self._count += count
        if self._count > ELEMENTS_MAX:
            limit = Phrase(f"at most {ELEMENTS_MAX} elements", f"un máximo de {ELEMENTS_MAX} elementos")
            raise ProfileError(place, limit, Phrase("more", "más"))


def _no_such(place: str) -> ProfileError:
    expected = Phrase("an element of the base", "un elemento de la definición base")
    return ProfileError(f"{place}.path", expected, Phrase("another path", "otra ruta"))


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]


def _id_of(change: Json, path: str) -> str:
    """The id of an element: its own when it fits the path, otherwise the path with the slice's name."""
    identity = change.get("id")
    if isinstance(identity, str) and _SLICE.sub("", identity) == path:
        return identity
    name = change.get("sliceName")
    return f"{path}:{name}" if isinstance(name, str) and "." in path else path


def _check_narrows(element: Element, change: Json, place: str) -> None:
    """A profile says no less than its base: it widens no number and changes no fixed value."""
    most, least = change.get("max"), change.get("min")
    is_wider = element.most and isinstance(most, str) and (most == "*" or int(most) > element.most)
    if is_wider and "sliceName" not in change:
        expected = Phrase(f"at most {element.most}, as the base says", f"un máximo de {element.most}")
        raise ProfileError(f"{place}.max", expected, Phrase("more", "más"))
    if isinstance(least, int) and least < element.least:
        expected = Phrase(f"at least {element.least}, as the base says", f"al menos {element.least}")
        raise ProfileError(f"{place}.min", expected, Phrase("fewer", "menos"))
    fixed, said = element.value_of("fixed"), Element(change).value_of("fixed")
    if fixed is not None and said is not None and said != fixed:
        raise ProfileError(place, Phrase("the fixed value of the base", "el valor fijo de la base"), _ANOTHER)


def _merge(definition: Json, change: Json) -> None:
    for name, value in change.items():
        if name in _ADDED and isinstance(value, list):
            definition[name] = [*definition.get(name, ()), *value]
        elif name not in ("id", "path", "base"):
            definition[name] = value

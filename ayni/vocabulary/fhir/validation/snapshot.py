"""The snapshot of a profile, from its differential and the snapshot of its base.

Source: FHIR R4, sections 5.3.0 (StructureDefinition) and 5.1.0.14 (slicing).
"""

import re
from collections.abc import Callable
from copy import deepcopy
from typing import Any, Final

from ayni.vocabulary.fhir.definitions import FHIR_ROOT
from ayni.vocabulary.fhir.finding import Phrase
from ayni.vocabulary.fhir.kinds import NOTHING
from ayni.vocabulary.fhir.validation.errors import ProfileError

Json = dict[str, Any]
Structure = Callable[[str], Json | None]
"""The StructureDefinition with a canonical URL, with its snapshot."""

ELEMENTS_MAX: Final = 5000
"""Elements of a snapshot. R4's longest has 300, a large national profile some 2,000."""

_ADDED: Final = frozenset({"constraint", "condition", "alias", "mapping", "extension"})
"""What a differential adds to its base; anything else it says replaces what the base says."""
_EXISTING_SLICES: Final = re.compile(r":[^.]+")


def snapshot(profile: Json, structure: Structure) -> list[Json]:
    """The elements of a profile; raises ProfileError with the place of what does not fit its base."""
    base = structure(str(profile.get("baseDefinition", "")).partition("|")[0])
    if base is None:
        raise ProfileError(
            "StructureDefinition.baseDefinition",
            Phrase("a definition that is known", "una definición conocida"),
            NOTHING,
        )
    builder = _Builder(deepcopy(base["snapshot"]["element"]), base, structure)
    for index, element in enumerate(_differential(profile)[:ELEMENTS_MAX]):
        builder.apply(element, f"StructureDefinition.differential.element[{index}]")
    return builder.elements


def _differential(profile: Json) -> list[Any]:
    found = profile.get("differential")
    elements = found.get("element") if isinstance(found, dict) else None
    return elements if isinstance(elements, list) else []


class _Builder:
    def __init__(self, elements: list[Json], base: Json, structure: Structure) -> None:
        self.elements = elements
        self._base = base
        self._structure = structure
        for element in elements:
            element.setdefault("id", element["path"])

    def apply(self, change: Any, place: str) -> None:
        """Merges one element of the differential."""
        path = change.get("path") if isinstance(change, dict) else None
        if not isinstance(path, str) or not path:
            raise ProfileError(f"{place}.path", Phrase("a path", "una ruta"), NOTHING)
        names = path.split(".")
        if not all(names):
            raise ProfileError(
                f"{place}.path", Phrase("names between the dots", "nombres entre los puntos"), NOTHING
            )
        target = self._target(change, path, place)
        _merge(self.elements[target], change)
        if len(self.elements) > ELEMENTS_MAX:
            limit = Phrase(f"at most {ELEMENTS_MAX} elements", f"un máximo de {ELEMENTS_MAX} elementos")
            raise ProfileError(place, limit, Phrase("more", "más"))

    def _target(self, change: Json, path: str, place: str) -> int:
        """Where in the snapshot the change belongs, after whatever must be put there for it."""
        wanted = _id_of(change, path)
        parent = 0
        parts = wanted.split(".")
        if parts[0].partition(":")[0] != self.elements[0]["path"]:
            raise self._no_such(place)
        for depth in range(2, len(parts) + 1):
            parent = self._child(parent, parts[depth - 1], place)
        return parent

    def _child(self, parent: int, part: str, place: str) -> int:
        """The element `part` (`name` or `name:slice`) below another one."""
        name, _, slice_name = part.partition(":")
        above = self.elements[parent]
        found = self._find(f"{above['id']}.{name}")
        if found is None and not self._has_children(parent):
            self._expand(parent, place)
            found = self._find(f"{above['id']}.{name}")
        if found is None:
            found, slice_name = self._choice(parent, name, slice_name, place)
        return self._slice(found, slice_name) if slice_name else found

    def _find(self, wanted: str) -> int | None:
        return next((at for at, each in enumerate(self.elements) if each["id"] == wanted), None)

    def _has_children(self, at: int) -> bool:
        following = self.elements[at + 1] if at + 1 < len(self.elements) else {"id": ""}
        return bool(following["id"].startswith(f"{self.elements[at]['id']}."))

    def _choice(self, parent: int, name: str, slice_name: str, place: str) -> tuple[int, str]:
        """`valueQuantity` names the slice of `value[x]` that has this type."""
        above = self.elements[parent]["id"]
        for at, element in enumerate(self.elements):
            stem = element["id"].removeprefix(f"{above}.").removesuffix("[x]")
            if element["id"] != f"{above}.{stem}[x]":
                continue
            kinds = [each for each in element.get("type", ()) if name == stem + _capital(each["code"])]
            if not kinds:
                continue
            made = self._slice(at, slice_name or name)
            self.elements[made]["type"] = kinds
            self.elements[at].setdefault("slicing", _BY_TYPE)
            return at, slice_name or name
        raise self._no_such(place)

    def _no_such(self, place: str) -> ProfileError:
        return ProfileError(
            f"{place}.path",
            Phrase("an element of the base", "un elemento de la definición base"),
            Phrase("another path", "otra ruta"),
        )

    def _expand(self, at: int, place: str) -> None:
        """Puts the elements of its type below an element that has none in the snapshot yet."""
        element = self.elements[at]
        source, root = self._children_of(element, place)
        copied = []
        for each in source:
            if each["path"].startswith(f"{root}."):
                child = deepcopy(each)
                tail = child["path"].removeprefix(root)
                identity = str(child.get("id", child["path"]))
                child["path"] = element["path"] + tail
                child["id"] = element["id"] + identity.removeprefix(identity[: len(root)])
                copied.append(child)
        self.elements[at + 1 : at + 1] = copied

    def _children_of(self, element: Json, place: str) -> tuple[list[Json], str]:
        if "contentReference" in element:
            return self._base["snapshot"]["element"], element["contentReference"].rpartition("#")[2]
        kinds = element.get("type", ())
        if len(kinds) == 1:
            profile = next(iter(kinds[0].get("profile", ())), FHIR_ROOT + kinds[0]["code"])
            found = self._structure(profile.partition("|")[0]) or self._structure(
                FHIR_ROOT + kinds[0]["code"]
            )
            if found is not None:
                return found["snapshot"]["element"], found["snapshot"]["element"][0]["path"]
        raise self._no_such(place)

    def _slice(self, at: int, name: str) -> int:
        """The slice of an element; made after its last one when it is new."""
        sliced = self.elements[at]
        wanted = f"{sliced['id']}:{name}"
        found = self._find(wanted)
        if found is not None:
            return found
        end = at + 1
        while end < len(self.elements) and re.match(
            re.escape(sliced["id"]) + r"[.:/]", self.elements[end]["id"]
        ):
            end += 1
        made = deepcopy(sliced)
        made.pop("slicing", None)
        made |= {"id": wanted, "sliceName": name, "min": 0}
        self.elements.insert(end, made)
        self.elements[end + 1 : end + 1] = self._copied_children(at, wanted)
        return end

    def _copied_children(self, at: int, wanted: str) -> list[Json]:
        """What the sliced element says of its children holds in each slice."""
        identity = self.elements[at]["id"]
        return [
            deepcopy(each) | {"id": wanted + each["id"].removeprefix(identity)}
            for each in self.elements[at + 1 :]
            if each["id"].startswith(f"{identity}.")
        ]


_BY_TYPE: Final[Json] = {
    "discriminator": [{"type": "type", "path": "$this"}],
    "ordered": False,
    "rules": "open",
}


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]


def _id_of(change: Json, path: str) -> str:
    """The id of an element: its own when it fits the path, otherwise the path with the slice's name."""
    identity = change.get("id")
    if isinstance(identity, str) and _EXISTING_SLICES.sub("", identity) == path:
        return identity
    name = change.get("sliceName")
    return f"{path}:{name}" if isinstance(name, str) and "." in path else path


def _merge(element: Json, change: Json) -> None:
    for name, value in change.items():
        if name in ("id", "path", "base"):
            continue
        if name in _ADDED and isinstance(value, list):
            element[name] = [*element.get(name, ()), *value]
        else:
            element[name] = deepcopy(value)

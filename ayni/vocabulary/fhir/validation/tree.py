"""A snapshot as a tree: each element with its children and its slices."""

from typing import Any, Final

from ayni.vocabulary.fhir.finding import Phrase
from ayni.vocabulary.fhir.kinds import NOTHING
from ayni.vocabulary.fhir.validation.errors import ProfileError

Json = dict[str, Any]

_FIXED: Final = ("fixed", "pattern")


class Element:
    """One element of a profile."""

    __slots__ = ("children", "definition", "name", "slices")

    def __init__(self, definition: Json) -> None:
        self.definition = definition
        self.name = definition["path"].rpartition(".")[2].removesuffix("[x]")
        self.children: list[Element] = []
        self.slices: list[Element] = []

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

    def child(self, name: str) -> "Element | None":
        return next((each for each in self.children if each.name == name), None)

    def value_of(self, prefix: str) -> Any:
        """What `fixed[x]` or `pattern[x]` says, None when it says nothing."""
        return next(
            (
                value
                for key, value in self.definition.items()
                if key.startswith(prefix) and key[len(prefix) :][:1].isupper()
            ),
            None,
        )

    @property
    def is_fixed(self) -> bool:
        return any(self.value_of(prefix) is not None for prefix in _FIXED)


def tree(elements: list[Json]) -> Element:
    """The root element of a snapshot; raises ProfileError where an element has no parent."""
    known: dict[str, Element] = {}
    root: Element | None = None
    for index, definition in enumerate(elements):
        identity = str(definition.get("id", definition["path"]))
        element = Element(definition)
        if root is None:
            root = element
        else:
            _attach(element, identity, known, f"StructureDefinition.snapshot.element[{index}]")
        known.setdefault(identity, element)
    for element in known.values():
        if "contentReference" in element.definition and not element.children:
            # The same children, so that what contains itself ends with the data and not with the profile.
            same = known.get(element.definition["contentReference"].rpartition("#")[2])
            element.children = same.children if same else []
    if root is None:
        raise ProfileError("StructureDefinition.snapshot", Phrase("elements", "elementos"), NOTHING)
    return root


def _attach(element: Element, identity: str, known: dict[str, Element], place: str) -> None:
    above, _, last = identity.rpartition(".")
    name, colon, slice_name = last.partition(":")
    if colon:
        outer = slice_name.rpartition("/")[0]
        sliced = known.get(f"{above}.{name}:{outer}" if outer else f"{above}.{name}")
        if sliced is not None:
            sliced.slices.append(element)
            return
    parent = known.get(above)
    if parent is None:
        raise ProfileError(
            f"{place}.id", Phrase("an element above it", "un elemento que lo contenga"), NOTHING
        )
    parent.children.append(element)

"""What R4 requires and v2 did not say.

`required.csv` has the value that says so (`unknown`, where a code system has such a code); where there is
none, the element is there with the extension `data-absent-reason`.
"""

from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from ayni.vocabulary.maps.tables import FieldRow, RequiredRow, named, required
from ayni.vocabulary.maps.to_fhir.conversion import fixed
from ayni.vocabulary.maps.to_fhir.target import Element

_COMPLEX = frozenset({"Reference", "CodeableConcept", "Coding", "BackboneElement", "Attachment"})


class Requirement(NamedTuple):
    parents: tuple[str, ...]
    name: str
    many: bool
    row: RequiredRow


@cache
def _requirements() -> dict[str, tuple[Requirement, ...]]:
    found: dict[str, list[Requirement]] = defaultdict(list)
    for row in required():
        kind, *path = row.path.split(".")
        if path:
            *parents, name = path
            requirement = Requirement(tuple(parents), name.removesuffix("[]"), name.endswith("[]"), row)
            found[kind].append(requirement)
    return {kind: tuple(each) for kind, each in found.items()}


def complete(resource: Element) -> None:
    """Puts in what is required and absent; `occurrenceDateTime|occurrenceString` is one form or the other."""
    for parents, name, many, row in _requirements().get(str(resource["resourceType"]), ()):
        names = name.split("|")
        for element in _elements(resource, parents):
            if not any(each in element or f"_{each}" in element for each in names):
                _put(element, names[0], many, row)


def _elements(element: Element, parents: tuple[str, ...]) -> Iterator[Element]:
    if not parents:
        yield element
        return
    inner = element.get(parents[0], [])
    for each in inner if isinstance(inner, list) else [inner]:
        yield from _elements(each, parents[1:])


def _put(element: Element, name: str, many: bool, row: RequiredRow) -> None:
    if row.value:
        value = fixed(FieldRow("", "", name, row.type, "", row.value, ""))
        element[name] = [value] if many else value
    elif row.type in _COMPLEX:
        element[name] = [_absent()] if many else _absent()
    else:
        element[f"_{name}"] = _absent()


def _absent() -> Element:
    return {"extension": [{"url": named("extensions")["absent"], "valueCode": "unknown"}]}

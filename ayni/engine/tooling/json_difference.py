"""Two JSON documents side by side, by path. The order of an object's members says nothing."""

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from ayni.engine.tooling.difference import Difference, Items, paired

Json = Any
_ABSENT: Final = object()
_encoder = msgspec.json.Encoder(decimal_format="number", order="sorted")


def json_differences(expected: Json, found: Json) -> Iterator[Difference]:
    """Every place where they differ, with the type of the FHIR resource it is in."""
    return _between(expected, found, path="", resource="")


def _between(expected: Json, found: Json, *, path: str, resource: str) -> Iterator[Difference]:
    if isinstance(expected, dict) and isinstance(found, dict):
        inside = str(expected.get("resourceType", resource))
        for name in [*expected, *(name for name in found if name not in expected)]:
            pair = expected.get(name, _ABSENT), found.get(name, _ABSENT)
            yield from _between(*pair, path=f"{path}.{name}".lstrip("."), resource=inside)
    elif isinstance(expected, list) and isinstance(found, list):
        for one, other in paired(_items(expected), _items(found)):
            pair = _at(expected, one), _at(found, other)
            place = f"{path}[{other if one is None else one}]"
            yield from _between(*pair, path=place, resource=resource)
    elif _said(expected) != _said(found):
        yield Difference(path or "(whole)", _said(expected), _said(found), resource)


def _at(items: list[Json], index: int | None) -> Json:
    return _ABSENT if index is None else items[index]


def _items(items: list[Json]) -> Items:
    return Items([_encoder.encode(each).decode() for each in items], [_kind(each) for each in items])


def _kind(item: Json) -> str:
    """Its resource type, wherever it is said; else object, list or value."""
    if isinstance(item, dict):
        resource = item["resource"] if isinstance(item.get("resource"), dict) else item
        return str(resource.get("resourceType", "object"))
    return "list" if isinstance(item, list) else "value"


def _said(value: Json) -> str | None:
    """A value as JSON writes it, so that text and number, true and 1 are told apart."""
    return None if value is _ABSENT else _encoder.encode(value).decode()

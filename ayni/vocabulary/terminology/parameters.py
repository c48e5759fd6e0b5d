"""FHIR R4 Parameters, the answer of most operations."""

from collections.abc import Iterable
from typing import Any

Json = dict[str, Any]


def parameters(said: Iterable[Json]) -> Json:
    """A Parameters resource."""
    return {"resourceType": "Parameters", "parameter": list(said)}


def value(name: str, kind: str, content: object) -> list[Json]:
    """One parameter, e.g. `value("code", "valueCode", "A09")`; none for empty content."""
    return [] if content in ("", None) else [{"name": name, kind: content}]


def parts(name: str, said: Iterable[Json]) -> Json:
    """One parameter that has parts."""
    return {"name": name, "part": list(said)}


def coding(system: str, version: str, code: str, display: str) -> Json:
    """A Coding without empty elements."""
    said = {"system": system, "version": version, "code": code, "display": display}
    return {element: text for element, text in said.items() if text}

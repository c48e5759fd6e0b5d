"""What can be searched: FHIR search parameters, compiled into functions when the module is loaded.

Only simple paths are needed for the parameters declared here; interpreting an expression per resource
would cost about twelve times as much. Names and meanings: FHIR R4 section 3.1.1 and each resource's page.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from ayni.vocabulary.fhir import Resource

Extractor = Callable[[Resource], Iterable[Any]]


class Kind(StrEnum):
    """Which index table holds the parameter."""

    TOKEN = "token"  # noqa: S105 - FHIR's word for a coded value
    REFERENCE = "reference"
    INSTANT = "instant"


class Parameter(NamedTuple):
    """One search parameter: `key` names it in the index ("Task.owner")."""

    key: str
    kind: Kind
    extract: Extractor


def path(expression: str) -> Extractor:
    """Compiles "code.coding" into a function that gives every value there, through lists."""
    names = expression.split(".")

    def values(resource: Resource) -> list[Any]:
        found: list[Any] = [resource]
        for name in names:
            found = [each for value in found for each in _children(value, name)]
        return found

    return values


def _children(value: Resource, name: str) -> list[Any]:
    child = value.get(name)
    if child is None:
        return []
    return child if isinstance(child, list) else [child]


def _coded(expression: str, element: str) -> Extractor:
    values = path(expression)
    return lambda resource: [
        (each.get("system", ""), each[element]) for each in values(resource) if each.get(element) is not None
    ]


def _identifiers(expression: str) -> Extractor:
    return _coded(expression, "value")


def _codings(expression: str) -> Extractor:
    return _coded(f"{expression}.coding", "code")


def _codes(expression: str) -> Extractor:
    values = path(expression)
    return lambda resource: [("", code) for code in values(resource)]


def _references(expression: str) -> Extractor:
    return path(f"{expression}.reference")


def _instants(expression: str) -> Extractor:
    values = path(expression)
    return lambda resource: [microseconds(datetime.fromisoformat(text)) for text in values(resource)]


def microseconds(at: datetime) -> int:
    """An aware instant as microseconds since 1970 (UTC), so that offsets do not disturb the order."""
    return int(at.timestamp()) * 1_000_000 + at.microsecond


_DECLARED: dict[tuple[str, str], tuple[Kind, Extractor]] = {
    ("Appointment", "identifier"): (Kind.TOKEN, _identifiers("identifier")),
    ("Organization", "identifier"): (Kind.TOKEN, _identifiers("identifier")),
    ("Patient", "identifier"): (Kind.TOKEN, _identifiers("identifier")),
    ("Provenance", "target"): (Kind.REFERENCE, _references("target")),
    ("ServiceRequest", "identifier"): (Kind.TOKEN, _identifiers("identifier")),
    ("Slot", "schedule"): (Kind.REFERENCE, _references("schedule")),
    ("Slot", "start"): (Kind.INSTANT, _instants("start")),
    ("Slot", "status"): (Kind.TOKEN, _codes("status")),
    ("Task", "business-status"): (Kind.TOKEN, _codings("businessStatus")),
    ("Task", "group-identifier"): (Kind.TOKEN, _identifiers("groupIdentifier")),
    ("Task", "identifier"): (Kind.TOKEN, _identifiers("identifier")),
    ("Task", "priority"): (Kind.TOKEN, _codes("priority")),
}

PARAMETERS: dict[str, dict[str, Parameter]] = {}
for (_type, _name), (_kind, _extract) in _DECLARED.items():
    PARAMETERS.setdefault(_type, {})[_name] = Parameter(f"{_type}.{_name}", _kind, _extract)

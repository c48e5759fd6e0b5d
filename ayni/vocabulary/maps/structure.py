"""A map reads elements as R4 has them. Where a message has them otherwise, its error says where.

A door checks a stranger's message before a map reads it; behind a door, or where there is none, the check
costs nothing until it is needed.
"""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from ayni.vocabulary.fhir import FhirError, Resource, require_structure
from ayni.vocabulary.hl7 import Hl7Error

_More = ParamSpec("_More")
_Made = TypeVar("_Made")


def says_where(
    make: Callable[Concatenate[Resource, _More], _Made],
) -> Callable[Concatenate[Resource, _More], _Made]:
    """The map, which raises FhirError with the place for a message without R4's structure."""

    @wraps(make)
    def made(message: Resource, /, *args: _More.args, **kwargs: _More.kwargs) -> _Made:
        try:
            return make(message, *args, **kwargs)
        except (FhirError, Hl7Error):
            raise
        except (AttributeError, LookupError, TypeError, ValueError):
            require_structure(message)
            raise  # its structure is right: the fault is the map's

    return made

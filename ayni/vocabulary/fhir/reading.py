"""Looking into FHIR data types without assuming that anything is there."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ayni.vocabulary.fhir.errors import FhirError
from ayni.vocabulary.fhir.json import Resource

YEAR_MIN, YEAR_MAX = 1900, 9998


def identifier_in(resource: Mapping[str, Any], system: str, element: str = "identifier") -> str:
    """The value of the first identifier of a system, "" when there is none.

    Works for a list (`Patient.identifier`) and for a single one (`Task.groupIdentifier`).
    """
    found = resource.get(element)
    for identifier in found if isinstance(found, list) else [found]:
        if isinstance(identifier, dict) and identifier.get("system") == system:
            return str(identifier.get("value", ""))
    return ""


def code_in(concept: object, system: str) -> str:
    """The code that a CodeableConcept has in a code system, "" when there is none."""
    return str(coding_in(concept, system).get("code", ""))


def coding_in(concept: object, system: str) -> Resource:
    """The coding that a CodeableConcept, or the first of a list, has in a code system; {} for none."""
    concepts = concept if isinstance(concept, list) else [concept]
    for each in concepts:
        for coding in (each.get("coding") or []) if isinstance(each, dict) else []:
            if isinstance(coding, dict) and coding.get("system") == system:
                return coding
    return {}


def has_code(concept: object, system: str, code: str) -> bool:
    """Whether a CodeableConcept, or one of a list, has this code among its codings."""
    concepts = concept if isinstance(concept, list) else [concept]
    codings = [each.get("coding") or [] for each in concepts if isinstance(each, dict)]
    return any(is_coding(coding, system, code) for several in codings for coding in several)


def is_coding(coding: object, system: str, code: str) -> bool:
    """Whether a Coding is this code of this system."""
    return isinstance(coding, dict) and (coding.get("system"), coding.get("code")) == (system, code)


def moment(text: object, expression: str) -> datetime:
    """A FHIR instant or full dateTime, aware; raises FhirError with the place for anything else.

    The first and the last years of the calendar are none: in another zone they would leave it.
    """
    try:
        at = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError as error:
        raise _no_moment(expression) from error
    if at is None or at.tzinfo is None or not YEAR_MIN <= at.year <= YEAR_MAX:
        raise _no_moment(expression)
    return at


def _no_moment(expression: str) -> FhirError:
    return FhirError("value", "Se esperaba fecha, hora y zona horaria.", expression=expression)

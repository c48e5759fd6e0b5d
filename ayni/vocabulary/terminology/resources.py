"""FHIR R4 CodeSystem, ValueSet and ConceptMap as they stand in JSON: the elements this room reads."""

from datetime import date
from decimal import Decimal
from typing import Any

import msgspec

from ayni.vocabulary.terminology.value_set import Operator

Json = dict[str, Any]


class Element(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """What is not named is not looked at."""


class PeriodElement(Element, frozen=True):
    start: str = ""
    end: str = ""


class ExtensionElement(Element, frozen=True):
    url: str
    value_period: PeriodElement | None = None
    value_positive_int: int | None = None


class CodingElement(Element, frozen=True):
    system: str = ""
    code: str = ""
    display: str = ""


class Resource(Element, frozen=True, tag_field="resourceType"):
    url: str = ""
    version: str = ""
    name: str = ""
    title: str = ""
    status: str = "active"
    date: str = ""
    extension: list[ExtensionElement] = []


class DesignationElement(Element, frozen=True):
    value: str
    language: str = ""
    use: CodingElement | None = None


class PropertyElement(Element, frozen=True):
    code: str
    value_code: str | None = None
    value_coding: Json | None = None
    value_string: str | None = None
    value_integer: int | None = None
    value_boolean: bool | None = None
    value_date_time: str | None = None
    value_decimal: Decimal | None = None


class ConceptElement(Element, frozen=True):
    code: str
    display: str = ""
    definition: str = ""
    designation: list[DesignationElement] = []
    property: list[PropertyElement] = []
    concept: list["ConceptElement"] = []


class CodeSystemResource(Resource, frozen=True, tag="CodeSystem"):
    case_sensitive: bool = True
    value_set: str = ""
    content: str = "complete"
    concept: list[ConceptElement] = []


class ListedElement(Element, frozen=True):
    code: str
    display: str = ""


class FilterElement(Element, frozen=True):
    property: str
    op: Operator
    value: str


class ClauseElement(Element, frozen=True):
    system: str = ""
    version: str = ""
    concept: list[ListedElement] = []
    filter: list[FilterElement] = []
    value_set: list[str] = []


class ComposeElement(Element, frozen=True):
    include: list[ClauseElement]
    exclude: list[ClauseElement] = []
    inactive: bool = False


class ContainsElement(Element, frozen=True):
    system: str = ""
    version: str = ""
    code: str = ""
    display: str = ""
    abstract: bool = False
    contains: list["ContainsElement"] = []


class ExpansionElement(Element, frozen=True):
    contains: list[ContainsElement] = []


class ValueSetResource(Resource, frozen=True, tag="ValueSet"):
    compose: ComposeElement | None = None
    expansion: ExpansionElement | None = None


class TargetElement(Element, frozen=True):
    code: str = ""
    display: str = ""
    equivalence: str = "equivalent"
    comment: str = ""


class RowElement(Element, frozen=True):
    code: str = ""
    target: list[TargetElement] = []


class UnmappedElement(Element, frozen=True):
    mode: str
    code: str = ""
    display: str = ""
    url: str = ""


class GroupElement(Element, frozen=True):
    source: str = ""
    source_version: str = ""
    target: str = ""
    target_version: str = ""
    element: list[RowElement] = []
    unmapped: UnmappedElement | None = None


class ConceptMapResource(Resource, frozen=True, tag="ConceptMap"):
    group: list[GroupElement] = []


AnyDefinition = CodeSystemResource | ValueSetResource | ConceptMapResource

VALUES = ("code", "coding", "string", "integer", "boolean", "date_time", "decimal")


def value_of(element: PropertyElement) -> tuple[str, Any]:
    """The `value[x]` of a property: FHIR's element name, and what stands there; ("", None) for none."""
    for kind in VALUES:
        value = getattr(element, f"value_{kind}")
        if value is not None:
            return "value" + kind.title().replace("_", ""), value
    return "", None


def day(text: str) -> date | None:
    """The first day of a FHIR date or dateTime (`2024`, `2024-06`, `2024-06-01T10:00:00Z`); None for none."""
    head = text[:10]
    try:
        return date.fromisoformat(head + "0001-01-01"[len(head) :]) if head else None
    except ValueError:
        return None

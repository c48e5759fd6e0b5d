"""What questions and answers hold: the value of a `value[x]`, extensions, order and equality."""

from collections.abc import Hashable
from typing import Any, Final

from ayni.vocabulary.fhir.fhirpath import Node
from ayni.vocabulary.fhir.fhirpath.values import compare, is_number, parts_of_moment
from ayni.vocabulary.fhir.listed import objects
from ayni.vocabulary.fhir.ucum import UCUM

Json = dict[str, Any]

HL7: Final = "http://hl7.org/fhir/StructureDefinition/"
SDC: Final = "http://hl7.org/fhir/uv/sdc/StructureDefinition/"
_MOMENTS: Final = frozenset({"Date", "DateTime", "Time"})


def value_of(holder: Json, name: str = "value") -> tuple[str, Any]:
    """The kind and the value of a choice, `("Coding", {…})` of `valueCoding`; ("", None) for none."""
    for key, value in holder.items():
        if key.startswith(name) and key[len(name) : len(name) + 1].isupper():
            return key.removeprefix(name), value
    return "", None


def said(question: Json, url: str) -> list[Any]:
    """The values of the extensions with a URL that stand on a question."""
    return [value_of(each)[1] for each in objects(question, "extension") if each.get("url") == url]


def first_said(question: Json, *urls: str) -> Any:
    """The first value of the first such extension, None when there is none."""
    return next((value for url in urls for value in said(question, url)), None)


def key_of(value: Any) -> Hashable:
    """What makes two answers the same: of a Coding its code counts, of a Reference its target."""
    if not isinstance(value, dict):
        return str(value)
    names = ("reference",) if "reference" in value else ("system", "code")
    return tuple(str(value.get(name)) for name in names)


def is_same(kind: str, one: Any, other: Any) -> bool:
    return order(kind, one, other) == 0 if kind == "Quantity" else key_of(one) == key_of(other)


def order(kind: str, one: Any, other: Any) -> int | None:
    """-1, 0 or 1; None when they have no order. A month stands for its first day."""
    if kind == "Quantity":
        return _order_of_quantities(one, other)
    if kind in _MOMENTS and isinstance(one, str) and isinstance(other, str):
        a, b = parts_of_moment(one), parts_of_moment(other)
        return None if a is None or b is None else (a > b) - (a < b)
    if is_number(one) and is_number(other):
        return int(one > other) - int(one < other)
    return None


def _order_of_quantities(one: Any, other: Any) -> int | None:
    """By their units of UCUM; None for another system, as "5 kg" and "5 Kg" are only words."""
    pair = (one, other)
    if not all(isinstance(each, dict) and each.get("system") == UCUM and "code" in each for each in pair):
        return None
    return compare([Node(one, "Quantity")], [Node(other, "Quantity")])

"""How a JSON value is called when it is not the one that was expected."""

from decimal import Decimal
from math import isfinite
from typing import Any, Final

from ayni.vocabulary.fhir.finding import Phrase

NOTHING: Final = Phrase("nothing", "nada")
A_LIST: Final = Phrase("a list", "una lista")
AN_OBJECT: Final = Phrase("an object", "un objeto")
A_NUMBER: Final = Phrase("a number", "un número")
NO_NUMBER: Final = Phrase("NaN or an infinity", "NaN o un infinito")
A_VALUE: Final = Phrase("a value", "un valor")

_KINDS: Final[dict[type, Phrase]] = {
    dict: AN_OBJECT,
    list: A_LIST,
    bool: Phrase("true or false", "verdadero o falso"),
    int: A_NUMBER,
    type(None): Phrase("null", "null"),
}


def kind_of(value: Any) -> Phrase:
    """The kind of a JSON value, never the value: it may be patient data."""
    if isinstance(value, str):
        return text_of(len(value))
    if isinstance(value, Decimal):
        return A_NUMBER if value.is_finite() else NO_NUMBER
    if isinstance(value, float):
        return A_NUMBER if isfinite(value) else NO_NUMBER
    if value in ([], {}):
        return Phrase(f"an empty {'list' if value == [] else 'object'}", "un elemento vacío")
    return _KINDS.get(type(value), Phrase("what JSON cannot hold", "algo que no es JSON"))


def text_of(length: int) -> Phrase:
    return Phrase(f"text of {length} characters", f"un texto de {length} caracteres")

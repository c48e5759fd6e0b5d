"""The functions of text, numbers and conversion.

Source: FHIRPath 2.0 (N1), sections 5.5 (conversion), 5.6 (strings) and 5.7 (math).
"""

import math
import re
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from ayni.vocabulary.fhir.fhirpath.errors import FhirPathError, TooCostly
from ayni.vocabulary.fhir.fhirpath.evaluation import FUNCTIONS, Frame, Step
from ayni.vocabulary.fhir.fhirpath.functions import Arguments, function, whole
from ayni.vocabulary.fhir.fhirpath.nodes import Node, quantity_node, system_node
from ayni.vocabulary.fhir.fhirpath.values import boolean, integer_of, is_number, single
from ayni.vocabulary.terminology.errors import TerminologyError
from ayni.vocabulary.terminology.pattern import Pattern

MATCHED_CHARACTERS_MAX: Final = 4096
"""A pattern is not tried on longer text: one of many places takes a second for this much."""
DIGITS_MAX: Final = 64
"""Digits and powers of a number that is computed with."""
_REPEATS: Final = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|(\)?[*+?{])", re.DOTALL)
"""In a pattern: what is escaped, a class of signs, and (captured) a repetition."""


def _text(nodes: list[Node]) -> str | None:
    if not nodes:
        return None
    value = single(nodes).value
    if not isinstance(value, str):
        raise FhirPathError("expected text")
    return value


def _of_text(*names: str) -> Callable[[Callable[..., Any]], None]:
    """A function of one text and the texts or numbers it is given; empty when one of them is."""

    def register(answer: Callable[..., Any]) -> None:
        def call(frame: Frame, nodes: list[Node], arguments: Arguments) -> list[Node]:
            text = _text(nodes)
            given = [argument(frame) for argument in arguments]
            if text is None or any(not each for each in given):
                return []
            result = answer(text, *(single(each).value for each in given))
            return [] if result is None else [system_node(result)]

        FUNCTIONS.update(dict.fromkeys(names, call))

    return register


@lru_cache(maxsize=64)
def _pattern(pattern: str) -> Pattern:
    """Read in time linear in the text, because a profile and its patterns may be a stranger's."""
    try:
        return Pattern(pattern)
    except TerminologyError as error:
        raise FhirPathError("expected a regular expression that can be matched in linear time") from error


def _matches(text: str, pattern: str) -> bool:
    return _pattern(pattern).matches(_limited(text))


@lru_cache(maxsize=64)
def _replaced(pattern: str) -> re.Pattern[str]:
    """What is replaced is found by going back, so it may repeat once, and one sign only."""
    repeats = [each for each in _REPEATS.finditer(pattern) if each[1]]
    if len(repeats) > 1 or any(each[1].startswith(")") for each in repeats):
        raise TooCostly("a replaced pattern with more than one repetition, or with that of a group")
    try:
        return re.compile(pattern, re.DOTALL)
    except (re.error, RecursionError, OverflowError) as error:
        raise FhirPathError("expected a regular expression") from error


def _replace_matches(text: str, pattern: str, other: str) -> str:
    try:
        return _replaced(pattern).sub(other, _limited(text))
    except (re.error, IndexError) as error:
        raise FhirPathError("expected a replacement") from error


def _limited(text: str) -> str:
    if len(text) > MATCHED_CHARACTERS_MAX:
        raise TooCostly(f"a pattern on more than {MATCHED_CHARACTERS_MAX} characters")
    return text


_of_text("startsWith")(lambda text, start: text.startswith(start))
_of_text("endsWith")(lambda text, end: text.endswith(end))
_of_text("contains")(lambda text, part: part in text)
_of_text("indexOf")(lambda text, part: text.find(part))
_of_text("upper")(lambda text: text.upper())
_of_text("lower")(lambda text: text.lower())
_of_text("trim")(lambda text: text.strip())
_of_text("length")(len)
_of_text("replace")(lambda text, part, other: text.replace(part, other))
_of_text("matches", "matchesFull")(_matches)
_of_text("replaceMatches")(_replace_matches)


@_of_text("substring")
def _substring(text: str, start: int, length: int | None = None) -> str | None:
    if not 0 <= start < len(text):
        return None
    return text[start:] if length is None else text[start : start + max(length, 0)]


@function("toChars")
def _to_chars(frame: Frame, nodes: list[Node], arguments: Arguments) -> list[Node]:
    return [system_node(each) for each in _text(nodes) or ""]


@function("split")
def _split(frame: Frame, nodes: list[Node], arguments: Arguments) -> list[Node]:
    text, separator = _text(nodes), _text(arguments[0](frame))
    return [system_node(each) for each in text.split(separator)] if text and separator else []


@function("join")
def _join(frame: Frame, nodes: list[Node], arguments: Arguments) -> list[Node]:
    separator = _text(arguments[0](frame)) if arguments else ""
    return [system_node((separator or "").join(str(node.value) for node in nodes))]


def to_string(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | Decimal) else None


def _to_integer(value: Any) -> int | None:
    if isinstance(value, bool | int):
        return int(value)
    return int(value) if isinstance(value, str) and re.fullmatch(r"[+-]?\d{1,18}", value) else None


def _to_decimal(value: Any) -> Decimal | None:
    if isinstance(value, bool | int | Decimal):
        return Decimal(value)
    is_number_text = isinstance(value, str) and re.fullmatch(r"[+-]?\d{1,30}(\.\d{1,30})?", value)
    return Decimal(value) if is_number_text else None


_TRUTHS: Final = {"true": True, "t": True, "yes": True, "y": True, "1": True, "1.0": True}
_LIES: Final = {"false": False, "f": False, "no": False, "n": False, "0": False, "0.0": False}


def _to_boolean(value: Any) -> bool | None:
    return (_TRUTHS | _LIES).get(str(to_string(value)).lower())


def _to_moment(pattern: str) -> Callable[[Any], str | None]:
    def convert(value: Any) -> str | None:
        return value if isinstance(value, str) and re.fullmatch(pattern, value) else None

    return convert


_QUANTITY: Final = re.compile(r"([+-]?\d{1,30}(?:\.\d{1,30})?)(?: *'([^']+)'| +([a-z]+))?")
"""A number and its unit: one of UCUM in quotes, or a word of the calendar."""


@function("toQuantity")
def _to_quantity(frame: Frame, nodes: list[Node], arguments: Arguments) -> list[Node]:
    if not nodes:
        return []
    value = single(nodes).value
    match = _QUANTITY.fullmatch(str(to_string(value))) if not isinstance(value, bool) else None
    return [quantity_node(Decimal(match[1]), match[2] or match[3] or "1")] if match else []


@function("convertsToQuantity")
def _converts_to_quantity(frame: Frame, nodes: list[Node], arguments: Arguments) -> list[Node]:
    return boolean(bool(_to_quantity(frame, nodes, arguments))) if nodes else []


_DATE: Final = r"\d{4}(-\d\d(-\d\d)?)?"
_CONVERSIONS: Final[dict[str, tuple[str, Callable[[Any], Any]]]] = {
    "Boolean": ("Boolean", _to_boolean),
    "Integer": ("Integer", _to_integer),
    "Decimal": ("Decimal", _to_decimal),
    "String": ("String", to_string),
    "Date": ("Date", _to_moment(_DATE)),
    "DateTime": ("DateTime", _to_moment(rf"{_DATE}(T\d\d(:\d\d(:\d\d(\.\d+)?)?)?(Z|[+-]\d\d:\d\d)?)?")),
    "Time": ("Time", _to_moment(r"\d\d(:\d\d(:\d\d(\.\d+)?)?)?")),
}


def _register_conversion(name: str, kind: str, convert: Callable[[Any], Any]) -> None:
    def to(frame: Frame, nodes: list[Node], arguments: Arguments) -> list[Node]:
        result = convert(single(nodes).value) if nodes else None
        return [] if result is None else [Node(result, kind)]

    def converts(frame: Frame, nodes: list[Node], arguments: Arguments) -> list[Node]:
        return boolean(convert(single(nodes).value) is not None) if nodes else []

    FUNCTIONS[f"to{name}"] = to
    FUNCTIONS[f"convertsTo{name}"] = converts


for _name, (_kind, _convert) in _CONVERSIONS.items():
    _register_conversion(_name, _kind, _convert)


def _of_number(name: str, answer: Callable[..., Any]) -> None:
    def call(frame: Frame, nodes: list[Node], arguments: tuple[Step, ...]) -> list[Node]:
        if not nodes:
            return []
        value = single(nodes).value
        if not is_number(value):
            raise FhirPathError("expected a number")
        given = [single(argument(frame)).value for argument in arguments]
        try:
            return [system_node(answer(value, *given))]
        except FhirPathError:
            raise
        except (ArithmeticError, ValueError):
            return []

    FUNCTIONS[name] = call


def _power(value: Any, exponent: Any) -> Any:
    if abs(exponent) > DIGITS_MAX:
        raise TooCostly(f"a power above {DIGITS_MAX}")
    return Decimal(value) ** Decimal(exponent)


_of_number("abs", abs)
_of_number("ceiling", lambda value: integer_of(value, math.ceil))
_of_number("floor", lambda value: integer_of(value, math.floor))
_of_number("truncate", integer_of)
_of_number("sqrt", lambda value: Decimal(value).sqrt())
_of_number("ln", lambda value: Decimal(value).ln())
_of_number("exp", lambda value: Decimal(value).exp())
_of_number("power", _power)
_of_number("round", lambda value, digits=0: round(Decimal(value), min(max(digits, 0), DIGITS_MAX)))


@function("log")
def _log(frame: Frame, nodes: list[Node], arguments: Arguments) -> list[Node]:
    if not nodes:
        return []
    base = whole(arguments[0](frame))
    if base < 2:
        raise FhirPathError("expected a base of at least 2")
    return [system_node(Decimal(single(nodes).value).ln() / Decimal(base).ln())]

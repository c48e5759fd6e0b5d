"""Equality, order and arithmetic of what expressions compare.

Source: FHIRPath 2.0 (N1), sections 6.1 (equality), 6.2 (comparison) and 6.6 (math).
"""

import re
from collections.abc import Callable, Hashable
from datetime import datetime, timedelta
from decimal import Decimal, DivisionByZero, InvalidOperation
from fractions import Fraction
from typing import Any, Final

from ayni.vocabulary.fhir.fhirpath.errors import FhirPathError, TooCostly
from ayni.vocabulary.fhir.fhirpath.nodes import Node, ancestors, system_node
from ayni.vocabulary.fhir.ucum import UcumError, ratio

DEPTH_MAX: Final = 128
"""Objects and lists inside each other in what is compared; a checked resource has fewer."""

WHOLE_DIGITS_MAX: Final = 64
"""Digits of a number made whole: content that the structure check refuses is evaluated too, and the integer
of `1e99999999` has a hundred million."""

_MOMENTS: Final = frozenset({"date", "dateTime", "instant", "time", "Date", "DateTime", "Time"})
_MOMENT: Final = re.compile(
    r"(?:(?P<year>\d{4})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d))?)?)?T?"
    r"(?:(?P<hour>\d\d)(?::(?P<minute>\d\d)(?::(?P<second>\d\d(?:\.\d+)?))?)?)?"
    r"(?P<zone>Z|[+-]\d\d:\d\d)?"
)
_NUMBERS: Final = (int, Decimal)
_IGNORES: Final = re.compile(r"\s+")


def is_number(value: Any) -> bool:
    return isinstance(value, _NUMBERS) and not isinstance(value, bool)


def integer_of(value: int | Decimal, rounded: Callable[[int | Decimal], int] = int) -> int:
    """A number made whole; raises TooCostly for one of too many digits, FhirPathError for what is none."""
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise FhirPathError("expected a number")
        if value.adjusted() >= WHOLE_DIGITS_MAX:
            raise TooCostly(f"a whole number of more than {WHOLE_DIGITS_MAX} digits")
    return rounded(value)


def frozen(node: Node) -> Hashable:
    """What makes two nodes equal: equal numbers whatever their precision, equal text, equal structure."""
    return _frozen(node.value, 0)


def _frozen(value: Any, depth: int) -> Hashable:
    if depth > DEPTH_MAX:
        raise TooCostly(f"nested more than {DEPTH_MAX} deep")
    if isinstance(value, dict):
        return frozenset((key, _frozen(each, depth + 1)) for key, each in value.items())
    if isinstance(value, list):
        return tuple(_frozen(each, depth + 1) for each in value)
    if isinstance(value, bool | None):
        return ("is", value)
    return Decimal(value) if isinstance(value, int | float) else value


def equal(left: list[Node], right: list[Node]) -> bool | None:
    """`=`: None when one is empty, or when dates have different precision."""
    if not left or not right:
        return None
    if len(left) != len(right):
        return False
    answers = [_equal(one, other) for one, other in zip(left, right, strict=True)]
    return False if False in answers else None if None in answers else True


def _equal(one: Node, other: Node) -> bool | None:
    if is_moment(one) or is_moment(other):
        order = _compare_moments(str(one.value), str(other.value))
        if order is not None or one.kind == other.kind:
            return None if order is None and one.value != other.value else (order or 0) == 0
    if is_quantity(one) and is_quantity(other):
        return _compare_quantities(one, other) == 0
    return frozen(one) == frozen(other)


def equivalent(left: list[Node], right: list[Node]) -> bool:
    """`~`: as equal, but order, case and white space do not count, and two empty ones are."""
    return sorted(map(_loose, left)) == sorted(map(_loose, right))


def _loose(node: Node) -> str:
    value = node.value
    if isinstance(value, str):
        return _IGNORES.sub(" ", value.strip().lower())
    if isinstance(value, dict) and "coding" in value:
        pairs = [(each.get("system"), each.get("code")) for each in value["coding"] if isinstance(each, dict)]
        return repr(sorted(pairs, key=repr))
    return repr(frozen(node))


def compare(left: list[Node], right: list[Node]) -> int | None:
    """-1, 0 or 1; None when one is empty or their precision differs. Raises FhirPathError for no order."""
    if not left or not right:
        return None
    one, other = single(left), single(right)
    if is_quantity(one) or is_quantity(other):
        return _compare_quantities(one, other)
    if is_moment(one) or is_moment(other):
        return _compare_moments(str(one.value), str(other.value))
    a, b = one.value, other.value
    if (is_number(a) and is_number(b)) or (isinstance(a, str) and isinstance(b, str)):
        return int(a > b) - int(a < b)
    if a is None or b is None:
        return None
    raise FhirPathError(f"expected what can be ordered, found {one.kind} and {other.kind}")


def _compare_quantities(one: Node, other: Node) -> int | None:
    """By their amounts, one brought to the unit of the other; None for units that do not compare."""
    if not (is_quantity(one) and is_quantity(other)):
        return None
    a, b, factor = _amount(one), _amount(other), _factor(_units_of(one), _units_of(other))
    if a is None or b is None or factor is None:
        return None
    left, right = a * factor.numerator, b * factor.denominator
    return (left > right) - (left < right)


def _factor(one: str, other: str) -> Fraction | None:
    """How many of the other unit one makes; what is no unit of UCUM compares with itself only."""
    if one == other:
        return Fraction(1)
    try:
        return ratio(one, other)
    except UcumError:
        return None


def is_quantity(node: Node) -> bool:
    return isinstance(node.value, dict) and "Quantity" in ancestors(node.kind)


def _amount(node: Node) -> Decimal | None:
    value = node.value.get("value")
    return Decimal(value) if is_number(value) else None


def _units_of(node: Node) -> str:
    return str(node.value.get("code") or node.value.get("unit") or "1")


def is_moment(node: Node) -> bool:
    return node.kind in _MOMENTS and isinstance(node.value, str)


def _compare_moments(one: str, other: str) -> int | None:
    a, b = parts_of_moment(one), parts_of_moment(other)
    if a is None or b is None:
        return None
    for left, right in zip(a, b, strict=False):
        if left != right:
            return -1 if left < right else 1
    return 0 if len(a) == len(b) else None


def parts_of_moment(text: str) -> tuple[Decimal, ...] | None:
    """The parts of a date or time from the largest to the smallest, its zone brought to UTC."""
    match = _MOMENT.fullmatch(text)
    if match is None:
        return None
    names = ("year", "month", "day", "hour", "minute", "second")
    given = [Decimal(match[name]) for name in names if match[name] is not None]
    if match["zone"] not in (None, "Z") and len(given) == len(names):
        return _in_utc(given, match["zone"])
    return tuple(given)


def _in_utc(given: list[Decimal], zone: str) -> tuple[Decimal, ...] | None:
    minutes = int(zone[1:3]) * 60 + int(zone[4:6])
    offset = timedelta(minutes=minutes if zone[0] == "+" else -minutes)
    whole, second = [int(each) for each in given[:5]], given[5]
    try:
        at = datetime(*whole) - offset  # type: ignore[arg-type] # noqa: DTZ001 - zones are taken off here
    except (ValueError, OverflowError):
        return None
    return (*map(Decimal, (at.year, at.month, at.day, at.hour, at.minute)), second)


def single(nodes: list[Node]) -> Node:
    """The one node; raises FhirPathError when there are more."""
    if len(nodes) != 1:
        raise FhirPathError(f"expected one item, found {len(nodes)}")
    return nodes[0]


def truth(nodes: list[Node]) -> bool | None:
    """A collection as a condition: None when empty, true for one item that is no boolean."""
    if not nodes:
        return None
    value = single(nodes).value
    return value if isinstance(value, bool) else True


def boolean(value: bool | None) -> list[Node]:
    return [] if value is None else [system_node(value)]


def arithmetic(operator: str, left: list[Node], right: list[Node]) -> list[Node]:
    """`+ - * / div mod` of numbers and `+` of texts; empty when one is, or when it is divided by zero."""
    if not left or not right:
        return []
    a, b = single(left).value, single(right).value
    if operator == "+" and isinstance(a, str) and isinstance(b, str):
        return [system_node(a + b)]
    if not (is_number(a) and is_number(b)):
        raise FhirPathError(f"expected two numbers for {operator}")
    try:
        result = _ARITHMETIC[operator](a, b)
    except (ZeroDivisionError, DivisionByZero, InvalidOperation):
        return []
    return [system_node(result)]


_ARITHMETIC: Final[dict[str, Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: Decimal(a) / Decimal(b),
    "div": lambda a, b: int(Decimal(a) // Decimal(b)),
    "mod": lambda a, b: a % b,
}

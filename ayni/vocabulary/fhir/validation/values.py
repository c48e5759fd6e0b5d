"""Whether a value is the fixed one, or has what a pattern has.

Source: FHIR R4, section 5.1.0.12 (ElementDefinition.fixed[x], pattern[x], minValue[x], maxValue[x]).
"""

from decimal import Decimal
from typing import Any

from ayni.vocabulary.fhir.fhirpath.nodes import Node
from ayni.vocabulary.fhir.fhirpath.values import compare, frozen


def is_same(value: Any, fixed: Any) -> bool:
    """Exactly the fixed value: the same digits in numbers, nothing more in objects."""
    if isinstance(value, Decimal | int) and not isinstance(value, bool):
        return isinstance(fixed, Decimal | int) and str(value) == str(fixed)
    return frozen(Node(value, "")) == frozen(Node(fixed, ""))


def has_pattern(value: Any, pattern: Any) -> bool:
    """At least what the pattern has; each entry of a list in it is somewhere in the value's list."""
    if isinstance(pattern, dict):
        return isinstance(value, dict) and all(
            has_pattern(value.get(key), each) for key, each in pattern.items()
        )
    if isinstance(pattern, list):
        return isinstance(value, list) and all(
            any(has_pattern(one, each) for one in value) for each in pattern
        )
    return is_same(value, pattern)


def is_within(node: Node, least: Any, most: Any) -> bool:
    """Whether a value is not below `minValue` and not above `maxValue`; None for no bound."""
    low = compare([node], [Node(least, node.kind, node.key)]) if least is not None else None
    high = compare([node], [Node(most, node.kind, node.key)]) if most is not None else None
    return low != -1 and high != 1

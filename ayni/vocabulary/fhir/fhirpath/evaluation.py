"""An expression compiled once, evaluated on many nodes.

Source: FHIRPath 2.0 (N1), sections 4 to 6; FHIR R4, section 2.9.1.
"""

from collections.abc import Callable, Hashable
from datetime import datetime
from decimal import Decimal, DecimalException
from functools import lru_cache
from typing import Any, Final

from ayni.vocabulary.fhir.fhirpath.errors import FhirPathError, TooCostly
from ayni.vocabulary.fhir.fhirpath.nodes import Node, ancestors, quantity_node, resource_node, system_node
from ayni.vocabulary.fhir.fhirpath.parser import Expression, parse
from ayni.vocabulary.fhir.fhirpath.values import (
    arithmetic,
    boolean,
    compare,
    equal,
    equivalent,
    frozen,
    truth,
)

STEPS_MAX: Final = 2_000_000
"""Items one evaluation may look at: some seconds. The largest official example needs a tenth of it."""

EXPRESSIONS_KEPT: Final = 2048
"""Compiled expressions kept; R4 itself has some 200 invariants and 1,400 search expressions."""

INTEGER_DIGITS_MAX: Final = 18
"""Digits of an integer: FHIRPath's has 32 bits, System.Long 64; Python reads 4,300."""

_CONSTANTS: Final = {
    "ucum": "http://unitsofmeasure.org",
    "sct": "http://snomed.info/sct",
    "loinc": "http://loinc.org",
}


class Scope:
    """What one evaluation knows beside its focus: the resources around it, and how far it may still go."""

    __slots__ = ("context", "now", "resolve", "resource", "root", "steps", "variables")

    def __init__(
        self,
        context: list[Node],
        resource: Node,
        root: Node,
        resolve: Callable[[str], Any] | None = None,
        now: datetime | None = None,
    ) -> None:
        self.context = context
        self.now = now
        self.resource = resource
        self.root = root
        self.resolve = resolve
        self.variables: dict[str, list[Node]] = {}
        self.steps = STEPS_MAX

    def spend(self, count: int) -> None:
        self.steps -= count + 1
        if self.steps < 0:
            raise TooCostly(f"more than {STEPS_MAX} steps")


class Frame:
    """`$this`, `$index` and `$total` of the innermost function."""

    __slots__ = ("index", "scope", "this", "total")

    def __init__(
        self, scope: Scope, this: list[Node], index: int = 0, total: list[Node] | None = None
    ) -> None:
        self.scope = scope
        self.this = this
        self.index = index
        self.total = total or []


Step = Callable[[Frame], list[Node]]
Logic = Callable[[bool | None, Callable[[], bool | None]], bool | None]
"""The left side, and the right one for when it is needed."""
Function = Callable[[Frame, list[Node], tuple[Step, ...]], list[Node]]

FUNCTIONS: Final[dict[str, Function]] = {}
"""Filled by `functions`: by name, what a call does with the frame, its focus and its arguments."""


@lru_cache(maxsize=EXPRESSIONS_KEPT)
def compiled(expression: str) -> Step:
    """The expression as a function; raises FhirPathError when it is none.

    The function raises it too, also for numbers that Python's decimals cannot compute with.
    """
    step = _step(parse(expression))

    def evaluated(frame: Frame) -> list[Node]:
        try:
            return step(frame)
        except DecimalException as error:
            raise FhirPathError("a number that cannot be computed with") from error

    return evaluated


def evaluate(
    expression: str,
    resource: Any,
    *,
    resolve: Callable[[str], Any] | None = None,
    now: datetime | None = None,
) -> list[Node]:
    """What an expression finds in a resource (a dict). `resolve` finds the resource of a reference.

    `now`, a moment with its zone, is what `now()`, `today()` and `timeOfDay()` answer from.

    Raises FhirPathError for what is no expression or cannot be answered, TooCostly beyond `STEPS_MAX`.
    """
    node = resource_node(resource)
    return compiled(expression)(Frame(Scope([node], node, node, resolve, now), [node]))


def type_step(name: str) -> Step:
    """A type as an argument: functions ask for its name."""
    marker = [Node(name, "Type")]
    return lambda frame: marker


def _step(expression: Expression) -> Step:
    return _COMPILE[expression.kind](expression)


def _literal(expression: Expression) -> Step:
    found = [_literal_node(expression.word, expression.type)]
    return lambda frame: found


def _literal_node(word: str, kind: str) -> Node:
    if kind == "Boolean":
        return system_node(word == "true")
    if kind == "Integer":
        if len(word) > INTEGER_DIGITS_MAX:
            raise FhirPathError("expected a shorter number")
        return system_node(int(word))
    if kind == "Decimal":
        return system_node(Decimal(word))
    if kind == "Quantity":
        amount, _, unit = word.partition(" ")
        return quantity_node(Decimal(amount), unit)
    return Node(word, kind)


def _special(expression: Expression) -> Step:
    if expression.word == "$index":
        return lambda frame: [system_node(frame.index)]
    if expression.word == "$total":
        return lambda frame: frame.total
    return lambda frame: frame.this


def _variable(expression: Expression) -> Step:
    name = expression.word

    def find(frame: Frame) -> list[Node]:
        scope = frame.scope
        known = {"context": scope.context, "resource": [scope.resource], "rootResource": [scope.root]}
        if name in known:
            return known[name]
        if name in _CONSTANTS:
            return [system_node(_CONSTANTS[name])]
        if name.startswith(("vs-", "ext-")):
            kind = "ValueSet" if name.startswith("vs-") else "StructureDefinition"
            return [system_node(f"http://hl7.org/fhir/{kind}/{name.partition('-')[2]}")]
        if name in scope.variables:
            return scope.variables[name]
        raise FhirPathError("an unknown variable")

    return find


def _name(expression: Expression) -> Step:
    name = expression.word
    if expression.focus is None:
        return lambda frame: _of_start(frame, name)
    focus = _step(expression.focus)
    return lambda frame: _children(frame.scope, focus(frame), name)


def _of_start(frame: Frame, name: str) -> list[Node]:
    """The first name may be that of the type where the expression starts: `Patient.name`."""
    if name[:1].isupper():
        return [node for node in frame.this if name in ancestors(node.kind)]
    return _children(frame.scope, frame.this, name)


def _children(scope: Scope, nodes: list[Node], name: str) -> list[Node]:
    found: list[Node] = []
    for node in nodes:
        found += node.children(name)
    scope.spend(len(found))
    return found


def _call(expression: Expression) -> Step:
    function = FUNCTIONS.get(expression.word)
    if function is None:
        raise FhirPathError("an unknown function")
    focus = _step(expression.focus) if expression.focus else (lambda frame: frame.this)
    arguments = tuple(_step(each) for each in expression.parts)

    def call(frame: Frame) -> list[Node]:
        found = focus(frame)
        frame.scope.spend(len(found))
        try:
            return function(frame, found, arguments)
        except (IndexError, AttributeError, TypeError) as error:
            raise FhirPathError("a function with other arguments than it takes") from error

    return call


def _index_of(expression: Expression) -> Step:
    focus, at = _step(_required(expression.focus)), _step(expression.parts[0])

    def find(frame: Frame) -> list[Node]:
        found, place = focus(frame), at(frame)
        index = place[0].value if place else None
        is_inside = isinstance(index, int) and 0 <= index < len(found)
        return [found[index]] if is_inside and index is not None else []

    return find


def _negative(expression: Expression) -> Step:
    value = _step(expression.parts[0])
    zero = [system_node(0)]
    return lambda frame: arithmetic("-", zero, value(frame))


def _operator(expression: Expression) -> Step:
    left, right = (_step(each) for each in expression.parts)
    if expression.word in _LOGIC:
        return _logic(_LOGIC[expression.word], left, right)
    answer = _OPERATORS[expression.word]

    def apply(frame: Frame) -> list[Node]:
        one, other = left(frame), right(frame)
        frame.scope.spend(len(one) + len(other))
        return answer(one, other)

    return apply


def _logic(
    answer: Callable[[bool | None, Callable[[], bool | None]], bool | None], left: Step, right: Step
) -> Step:
    return lambda frame: boolean(answer(truth(left(frame)), lambda: truth(right(frame))))


def _and(left: bool | None, right: Callable[[], bool | None]) -> bool | None:
    if left is False:
        return False
    other = right()
    return False if other is False else None if None in (left, other) else True


def _or(left: bool | None, right: Callable[[], bool | None]) -> bool | None:
    if left is True:
        return True
    other = right()
    return True if other is True else None if None in (left, other) else False


def _xor(left: bool | None, right: Callable[[], bool | None]) -> bool | None:
    other = right()
    return None if left is None or other is None else left is not other


def _implies(left: bool | None, right: Callable[[], bool | None]) -> bool | None:
    if left is False:
        return True
    other = right()
    return True if other is True else None if left is None else other


def _ordered(is_right: Callable[[int], bool]) -> Callable[[list[Node], list[Node]], list[Node]]:
    def answer(left: list[Node], right: list[Node]) -> list[Node]:
        order = compare(left, right)
        return boolean(None if order is None else is_right(order))

    return answer


def _not_equal(left: list[Node], right: list[Node]) -> list[Node]:
    same = equal(left, right)
    return boolean(None if same is None else not same)


def _in(left: list[Node], right: list[Node]) -> list[Node]:
    if not left:
        return []
    if len(left) > 1:
        raise FhirPathError(f"expected one item, found {len(left)}")
    return boolean(frozen(left[0]) in {frozen(each) for each in right})


def union(left: list[Node], right: list[Node]) -> list[Node]:
    """All of both, each once, in their order."""
    found: dict[Hashable, Node] = {}
    for node in (*left, *right):
        found.setdefault(frozen(node), node)
    return list(found.values())


def _joined(left: list[Node], right: list[Node]) -> list[Node]:
    return [system_node("".join(str(each[0].value) for each in (left, right) if each))]


def _required(expression: Expression | None) -> Expression:
    if expression is None:
        raise FhirPathError("expected something before it")
    return expression


_LOGIC: Final[dict[str, Logic]] = {"and": _and, "or": _or, "xor": _xor, "implies": _implies}
_OPERATORS: Final[dict[str, Callable[[list[Node], list[Node]], list[Node]]]] = {
    "=": lambda left, right: boolean(equal(left, right)),
    "!=": _not_equal,
    "~": lambda left, right: boolean(equivalent(left, right)),
    "!~": lambda left, right: boolean(not equivalent(left, right)),
    "<": _ordered(lambda order: order < 0),
    ">": _ordered(lambda order: order > 0),
    "<=": _ordered(lambda order: order <= 0),
    ">=": _ordered(lambda order: order >= 0),
    "in": _in,
    "contains": lambda left, right: _in(right, left),
    "|": union,
    "&": _joined,
    **{
        each: (lambda operator: lambda left, right: arithmetic(operator, left, right))(each)
        for each in ("+", "-", "*", "/", "div", "mod")
    },
}
_COMPILE: Final[dict[str, Callable[[Expression], Step]]] = {
    "literal": _literal,
    "special": _special,
    "variable": _variable,
    "name": _name,
    "call": _call,
    "index-of": _index_of,
    "negative": _negative,
    "operator": _operator,
    "type": lambda expression: type_step(expression.word),
    "empty": lambda expression: lambda frame: [],
}

"""The functions of collections, existence and types.

Source: FHIRPath 2.0 (N1), section 5; FHIR R4, section 2.9.1.4 (what FHIR adds).
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Final

from ayni.vocabulary.fhir.fhirpath.errors import FhirPathError
from ayni.vocabulary.fhir.fhirpath.evaluation import FUNCTIONS, Frame, Function, Step, union
from ayni.vocabulary.fhir.fhirpath.nodes import Node, TypeNode, ancestors, resource_node, system_node
from ayni.vocabulary.fhir.fhirpath.values import boolean, frozen, integer_of, is_number, single, truth

Arguments = tuple[Step, ...]

_SYSTEM_TYPES: Final = {
    "Boolean": "boolean",
    "String": "string",
    "Integer": "integer",
    "Decimal": "decimal",
    "Date": "date",
    "DateTime": "dateTime",
    "Time": "time",
}


def function(*names: str) -> Callable[[Function], Function]:
    def register(found: Function) -> Function:
        FUNCTIONS.update(dict.fromkeys(names, found))
        return found

    return register


def each_of(frame: Frame, nodes: list[Node], criterion: Step) -> Iterator[tuple[Node, bool | None]]:
    """Each node with what the criterion says of it."""
    for index, node in enumerate(nodes):
        frame.scope.spend(1)
        yield node, truth(criterion(Frame(frame.scope, [node], index, frame.total)))


@function("empty")
def _empty(frame: Frame, nodes: list[Node], arguments: Arguments) -> list[Node]:
    return boolean(not nodes)


@function("exists")
def _exists(frame: Frame, nodes: list[Node], arguments: Arguments) -> list[Node]:
    if not arguments:
        return boolean(bool(nodes))
    return boolean(any(answer is True for _, answer in each_of(frame, nodes, arguments[0])))


@function("all")
def _all(frame: Frame, nodes: list[Node], arguments: Arguments) -> list[Node]:
    return boolean(all(answer is True for _, answer in each_of(frame, nodes, arguments[0])))


@function("where")
def _where(frame: Frame, nodes: list[Node], arguments: Arguments) -> list[Node]:
    return [node for node, answer in each_of(frame, nodes, arguments[0]) if answer is True]


@function("select")
def _select(frame: Frame, nodes: list[Node], arguments: Arguments) -> list[Node]:
    found: list[Node] = []
    for index, node in enumerate(nodes):
        found += arguments[0](Frame(frame.scope, [node], index, frame.total))
        frame.scope.spend(1)
    return found


@function("repeat")
def _repeat(frame: Frame, nodes: list[Node], arguments: Arguments) -> list[Node]:
    found: dict[Any, Node] = {}
    waiting = list(nodes)
    while waiting:
        for node in arguments[0](Frame(frame.scope, [waiting.pop(0)])):
            frame.scope.spend(1)
            key = frozen(node)
            if key not in found:
                found[key] = node
                waiting.append(node)
    return list(found.values())


@function("aggregate")
def _aggregate(frame: Frame, nodes: list[Node], arguments: Arguments) -> list[Node]:
    total = arguments[1](frame) if len(arguments) > 1 else []
    for index, node in enumerate(nodes):
        frame.scope.spend(1)
        total = arguments[0](Frame(frame.scope, [node], index, total))
    return total


@function("iif")
def _iif(frame: Frame, nodes: list[Node], arguments: Arguments) -> list[Node]:
    inner = Frame(frame.scope, nodes, frame.index, frame.total)
    if truth(arguments[0](inner)) is True:
        return arguments[1](inner)
    return arguments[2](inner) if len(arguments) > 2 else []


@function("not")
def _not(frame: Frame, nodes: list[Node], arguments: Arguments) -> list[Node]:
    value = truth(nodes)
    return boolean(None if value is None else not value)


def _about_truth(name: str, answer: Callable[[list[bool]], bool]) -> None:
    def check(frame: Frame, nodes: list[Node], arguments: Arguments) -> list[Node]:
        return boolean(answer([node.value is True for node in nodes]))

    FUNCTIONS[name] = check


_about_truth("allTrue", all)
_about_truth("anyTrue", any)
_about_truth("allFalse", lambda values: not any(values))
_about_truth("anyFalse", lambda values: not all(values))


@function("count")
def _count(frame: Frame, nodes: list[Node], arguments: Arguments) -> list[Node]:
    return [system_node(len(nodes))]


@function("distinct")
def _distinct(frame: Frame, nodes: list[Node], arguments: Arguments) -> list[Node]:
    return union(nodes, [])


@function("isDistinct")
def _is_distinct(frame: Frame, nodes: list[Node], arguments: Arguments) -> list[Node]:
    return boolean(len({frozen(node) for node in nodes}) == len(nodes))


@function("union")
def _union(frame: Frame, nodes: list[Node], arguments: Arguments) -> list[Node]:
    return union(nodes, arguments[0](frame))


@function("combine")
def _combine(frame: Frame, nodes: list[Node], arguments: Arguments) -> list[Node]:
    return [*nodes, *arguments[0](frame)]


@function("intersect")
def _intersect(frame: Frame, nodes: list[Node], arguments: Arguments) -> list[Node]:
    others = {frozen(node) for node in arguments[0](frame)}
    return [node for node in union(nodes, []) if frozen(node) in others]


@function("exclude")
def _exclude(frame: Frame, nodes: list[Node], arguments: Arguments) -> list[Node]:
    others = {frozen(node) for node in arguments[0](frame)}
    return [node for node in nodes if frozen(node) not in others]


@function("subsetOf")
def _subset_of(frame: Frame, nodes: list[Node], arguments: Arguments) -> list[Node]:
    return boolean({frozen(node) for node in nodes} <= {frozen(node) for node in arguments[0](frame)})


@function("supersetOf")
def _superset_of(frame: Frame, nodes: list[Node], arguments: Arguments) -> list[Node]:
    return boolean({frozen(node) for node in nodes} >= {frozen(node) for node in arguments[0](frame)})


@function("single")
def _single(frame: Frame, nodes: list[Node], arguments: Arguments) -> list[Node]:
    return [single(nodes)] if nodes else []


@function("first")
def _first(frame: Frame, nodes: list[Node], arguments: Arguments) -> list[Node]:
    return nodes[:1]


@function("last")
def _last(frame: Frame, nodes: list[Node], arguments: Arguments) -> list[Node]:
    return nodes[-1:]


@function("tail")
def _tail(frame: Frame, nodes: list[Node], arguments: Arguments) -> list[Node]:
    return nodes[1:]


@function("skip")
def _skip(frame: Frame, nodes: list[Node], arguments: Arguments) -> list[Node]:
    return nodes[max(whole(arguments[0](frame)), 0) :]


@function("take")
def _take(frame: Frame, nodes: list[Node], arguments: Arguments) -> list[Node]:
    return nodes[: max(whole(arguments[0](frame)), 0)]


def whole(nodes: list[Node]) -> int:
    value = single(nodes).value
    number = integer_of(value) if is_number(value) else None
    if number is None or number != value:
        raise FhirPathError("expected a whole number")
    return number


@function("children")
def _children(frame: Frame, nodes: list[Node], arguments: Arguments) -> list[Node]:
    found = [child for node in nodes for child in node.all_children()]
    frame.scope.spend(len(found))
    return found


@function("descendants")
def _descendants(frame: Frame, nodes: list[Node], arguments: Arguments) -> list[Node]:
    found: list[Node] = []
    level = list(nodes)
    while level:
        level = [child for node in level for child in node.all_children()]
        frame.scope.spend(len(level))
        found += level
    return found


@function("trace", "defineVariable")
def _trace(frame: Frame, nodes: list[Node], arguments: Arguments) -> list[Node]:
    """Traces nothing: what is traced may be patient data."""
    return nodes


def is_a(node: Node, name: str) -> bool:
    """Whether a node is of a type or of one that specialises it; FHIRPath's own types are FHIR's too."""
    wanted = {name, _SYSTEM_TYPES.get(name, name)}
    kinds = {*ancestors(node.kind), _SYSTEM_TYPES.get(node.kind, node.kind)}
    return not wanted.isdisjoint(kinds)


@function("is")
def _is(frame: Frame, nodes: list[Node], arguments: Arguments) -> list[Node]:
    name = arguments[0](frame)[0].value
    return boolean(is_a(single(nodes), name)) if nodes else []


@function("as", "ofType")
def _of_type(frame: Frame, nodes: list[Node], arguments: Arguments) -> list[Node]:
    name = arguments[0](frame)[0].value
    return [node for node in nodes if is_a(node, name)]


@function("type")
def _type(frame: Frame, nodes: list[Node], arguments: Arguments) -> list[Node]:
    """FHIRPath's own types have capitals, and no definition in R4."""
    return [TypeNode("System" if node.kind in _SYSTEM_TYPES else "FHIR", node.kind) for node in nodes]


def _of_clock(name: str, kind: str, text_of: Callable[[datetime], str]) -> None:
    def tell(frame: Frame, nodes: list[Node], arguments: Arguments) -> list[Node]:
        if frame.scope.now is None:
            raise FhirPathError("expected to be told the time")
        return [Node(text_of(frame.scope.now), kind)]

    FUNCTIONS[name] = tell


_of_clock("now", "DateTime", lambda now: now.isoformat(timespec="milliseconds"))
_of_clock("today", "Date", lambda now: now.date().isoformat())
_of_clock("timeOfDay", "Time", lambda now: now.time().isoformat("milliseconds"))


@function("hasValue")
def _has_value(frame: Frame, nodes: list[Node], arguments: Arguments) -> list[Node]:
    return boolean(len(nodes) == 1 and nodes[0].has_value)


@function("getValue")
def _get_value(frame: Frame, nodes: list[Node], arguments: Arguments) -> list[Node]:
    return [node for node in nodes if node.has_value]


@function("extension")
def _extension(frame: Frame, nodes: list[Node], arguments: Arguments) -> list[Node]:
    url = single(arguments[0](frame)).value
    found = [each for node in nodes for each in node.children("extension")]
    return [each for each in found if isinstance(each.value, dict) and each.value.get("url") == url]


@function("resolve")
def _resolve(frame: Frame, nodes: list[Node], arguments: Arguments) -> list[Node]:
    """The resources of references and URIs; those nobody has are left out."""
    resolve = frame.scope.resolve
    found = []
    for node in nodes:
        to = node.value.get("reference") if isinstance(node.value, dict) else node.value
        resource = resolve(to) if resolve and isinstance(to, str) else None
        if resource is not None:
            found.append(resource_node(resource))
    return found

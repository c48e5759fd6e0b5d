"""The tests of value set filters (R4, FilterOperator), each as one question about one concept."""

from collections.abc import Callable
from datetime import date
from typing import Final

from ayni.vocabulary.terminology.code_system import CodeSystem, Concept
from ayni.vocabulary.terminology.effective import Standing
from ayni.vocabulary.terminology.errors import InvalidDefinition
from ayni.vocabulary.terminology.pattern import Pattern
from ayni.vocabulary.terminology.value_set import Filter

Test = Callable[[Concept], bool]

CODE_ITSELF: Final = frozenset({"concept", "code"})


def test_of(filter_: Filter, system: CodeSystem, on: date) -> Test:
    """Whether a concept of a system passes; raises `InvalidDefinition` for a test that cannot be asked."""
    if filter_.op in _HIERARCHY:
        return _hierarchy(filter_, system)
    values = _values(filter_.property, system, on)
    if filter_.op == "exists":
        wanted = filter_.value == "true"
        return lambda concept: bool(values(concept)) is wanted
    if filter_.op == "regex":
        pattern = Pattern(filter_.value)
        return lambda concept: any(pattern.matches(value) for value in values(concept))
    if filter_.op == "=":
        return lambda concept: filter_.value in values(concept)
    listed = frozenset(value.strip() for value in filter_.value.split(","))
    is_in = filter_.op == "in"
    return lambda concept: (not listed.isdisjoint(values(concept))) is is_in


def _values(name: str, system: CodeSystem, on: date) -> Callable[[Concept], list[str]]:
    """How to read a property of a concept; a property may be there several times."""
    if name in CODE_ITSELF:
        return lambda concept: [concept.code]
    if name == "display":
        return lambda concept: [concept.display] if concept.display else []
    if name == "parent":
        return lambda concept: list(concept.parents)
    if name == "child":
        return lambda concept: list(system.children(concept.code))
    if name == "inactive":
        return lambda concept: ["true" if concept.standing(on) is Standing.RETIRED else "false"]
    return lambda concept: [each.text for each in concept.properties if each.code == name]


def _hierarchy(filter_: Filter, system: CodeSystem) -> Test:
    if filter_.property not in CODE_ITSELF:
        raise _refused(filter_, "the property concept")
    named = system.find(filter_.value)
    if named is None:
        raise _refused(filter_, f"a code of {system.canonical}")
    return _HIERARCHY[filter_.op](system, named.code)


def _below(system: CodeSystem, top: str) -> set[str]:
    found: set[str] = set()
    waiting = list(system.children(top))
    while waiting:
        code = waiting.pop()
        if code not in found:
            found.add(code)
            waiting += system.children(code)
    return found


def _is_a(system: CodeSystem, code: str) -> Test:
    below = _below(system, code)
    return lambda concept: concept.code == code or concept.code in below


def _descends(system: CodeSystem, code: str) -> Test:
    below = _below(system, code)
    return lambda concept: concept.code in below


def _is_not_a(system: CodeSystem, code: str) -> Test:
    is_a = _is_a(system, code)
    return lambda concept: not is_a(concept)


def _generalizes(system: CodeSystem, code: str) -> Test:
    above = system.ancestors(code)
    return lambda concept: concept.code == code or concept.code in above


_HIERARCHY: Final[dict[str, Callable[[CodeSystem, str], Test]]] = {
    "is-a": _is_a,
    "descendent-of": _descends,
    "is-not-a": _is_not_a,
    "generalizes": _generalizes,
}


def _refused(filter_: Filter, expected: str) -> InvalidDefinition:
    return InvalidDefinition(
        place=f"ValueSet.compose.include.filter({filter_.property} {filter_.op})",
        expected=expected,
        found=filter_.value if filter_.property in CODE_ITSELF else filter_.property,
        text=f"El filtro {filter_.property} {filter_.op} {filter_.value} no se puede aplicar.",
    )

"""What is checked of an object, a list and a primitive value; `compiling` puts the rules together.

A rule returns None for what is right, and otherwise problems whose place the callers complete on their way
back. Source: FHIR R4, sections 2.6.2 (JSON) and 2.24 (datatypes).
"""

from collections.abc import Callable
from typing import Any, Final

from ayni.vocabulary.fhir.finding import FINDINGS_MAX, Phrase, Problem, inside
from ayni.vocabulary.fhir.kinds import A_LIST, A_VALUE, AN_OBJECT, NOTHING, kind_of
from ayni.vocabulary.fhir.listed import by_id
from ayni.vocabulary.fhir.membership import Codes
from ayni.vocabulary.fhir.primitives import Format

Json = dict[str, Any]
Problems = list[Problem] | None
Rule = Callable[[Any, Json, int], Problems]
"""(value, the object it stands in, how many objects are around it) -> what is wrong."""

DEPTH_MAX: Final = 64
"""Objects inside objects. The deepest official example of R4 has 12; Python's stack ends beyond 300."""

_A_NAME: Final = 64
"""No element's name is longer; what is longer is not repeated to anybody."""


class Found(list[Problem]):
    """The problems of one object or list, until there are more than anybody is told.

    A megabyte of `{}` would otherwise be 300,000 problems, each with its place, for the 200 that are told.
    """

    __slots__ = ("_told",)

    def __init__(self) -> None:
        self._told = 0

    def add(self, problems: list[Problem], part: str) -> None:
        """Problems from one level further in."""
        self += inside(problems, part) if part else problems
        self._told += sum(not isinstance(each, LocalReference) for each in problems)

    @property
    def is_enough(self) -> bool:
        """Local references do not count: most of them are right, which is known further out."""
        return self._told > FINDINGS_MAX


class Choice:
    """The keys of one `value[x]`, of which an object has at most one."""

    __slots__ = ("keys", "name", "required")

    def __init__(self, name: str, keys: frozenset[str], *, required: bool) -> None:
        self.name = name
        self.keys = keys
        self.required = required

    def problem(self, present: frozenset[str]) -> Problem | None:
        count = len({key.removeprefix("_") for key in present})
        if count > 1:
            return Problem("structure", A_VALUE, Phrase(f"{count} of them", f"{count}"), f".{self.name}")
        if not count and self.required:
            return Problem("required", A_VALUE, NOTHING, f".{self.name}")
        return None


class ObjectRule:
    """An object whose keys are the elements of a type. Its elements are compiled when one first comes by."""

    __slots__ = ("_compile", "choices", "elements", "places", "required", "whole")

    def __init__(self, compile_elements: Callable[["ObjectRule"], None]) -> None:
        self._compile: Callable[[ObjectRule], None] | None = compile_elements
        self.elements: dict[str, Rule] = {}
        self.places: dict[str, str] = {}
        self.required: tuple[tuple[str, str], ...] = ()
        self.choices: tuple[Choice, ...] = ()
        self.whole: Callable[[Json], Problems] = not_empty

    def __call__(self, value: Any, parent: Json, depth: int) -> Problems:
        if not isinstance(value, dict):
            return [Problem("structure", AN_OBJECT, kind_of(value))]
        if depth > DEPTH_MAX:
            return [too_deep()]
        if self._compile is not None:
            self._compile(self)
            self._compile = None
        return [*self._of_elements(value, depth + 1), *self._missing(value), *(self.whole(value) or ())]

    def _of_elements(self, value: Json, deeper: int) -> list[Problem]:
        problems = Found()
        elements = self.elements
        for key, item in value.items():
            rule = elements.get(key)
            found = rule(item, value, deeper) if rule is not None else [unknown(key)]
            if found:
                problems.add(found, self.places.get(key, ""))
                if problems.is_enough:
                    break
        return problems

    def _missing(self, value: Json) -> list[Problem]:
        problems = [
            Problem("required", A_VALUE, NOTHING, f".{name}")
            for name, sibling in self.required
            if name not in value and sibling not in value
        ]
        for choice in self.choices:
            present = choice.keys.intersection(value)
            if len(present) != 1:
                wrong = choice.problem(present)
                if wrong:
                    problems.append(wrong)
        return problems


def not_empty(value: Json) -> Problems:
    """ele-1: an element has a value or children; an id alone is neither."""
    if not value or (len(value) == 1 and "id" in value):
        return [Problem("structure", Phrase("content", "contenido"), kind_of({}))]
    return None


def value_or_extensions(value: Json) -> Problems:
    """ext-1: an extension has a value or extensions, not both and not none."""
    has_value = any(str(key).startswith(("value", "_value")) for key in value)
    if has_value == ("extension" in value):
        expected = Phrase("either a value or extensions", "un valor o extensiones, uno de los dos")
        return [Problem("invariant", expected, Phrase("both", "ambos") if has_value else NOTHING)]
    return None


def primitive(is_right: Format, expected: Phrase) -> Rule:
    def check(value: Any, parent: Json, depth: int) -> Problems:
        return None if is_right(value) else [Problem("value", expected, kind_of(value))]

    return check


def code(codes: frozenset[str], otherwise: Rule, expected: Phrase) -> Rule:
    """A code of a required value set; what is no code at all is called so by `otherwise`."""

    def check(value: Any, parent: Json, depth: int) -> Problems:
        if isinstance(value, str) and value in codes:
            return None
        return otherwise(value, parent, depth) or [
            Problem("code-invalid", expected, Phrase("another code", "otro código"))
        ]

    return check


def coding(codes: Codes, rule: Rule, expected: Phrase) -> Rule:
    """A Coding of a required value set."""

    def check(value: Any, parent: Json, depth: int) -> Problems:
        problems = rule(value, parent, depth)
        if problems or codes.may_have(*_pair(value)) or _has_no_code(value):
            return problems
        return [Problem("code-invalid", expected, Phrase("another code", "otro código"))]

    return check


def concept(codes: Codes, rule: Rule, expected: Phrase) -> Rule:
    """A CodeableConcept of which one coding is of a required value set."""

    def check(value: Any, parent: Json, depth: int) -> Problems:
        problems = rule(value, parent, depth)
        codings = value.get("coding", ()) if not problems else ()
        if problems or any(codes.may_have(*_pair(each)) for each in codings) or "extension" in value:
            return problems
        found = Phrase("other codes", "otros códigos") if codings else Phrase("no code", "ningún código")
        return [Problem("code-invalid", expected, found)]

    return check


def _pair(value: Json) -> tuple[Any, Any]:
    return value.get("system", ""), value.get("code", "")


def _has_no_code(value: Json) -> bool:
    return "code" not in value and bool(value.keys() & {"_code", "extension"})


def single(rule: Rule) -> Rule:
    """An element that may occur once. A list is named as what is wrong, before what is in it."""

    def check(value: Any, parent: Json, depth: int) -> Problems:
        if isinstance(value, list):
            return [Problem("structure", Phrase("one value", "un solo valor"), kind_of(value))]
        return rule(value, parent, depth)

    return check


def many(rule: Rule, most: int | None) -> Rule:
    """An element that may repeat: a list with something in it, at most `most` when that is set."""

    def check(value: Any, parent: Json, depth: int) -> Problems:
        if not isinstance(value, list) or not value:
            return [Problem("structure", A_LIST, kind_of(value))]
        problems = Found()
        for index, item in enumerate(value):
            found = rule(item, parent, depth)
            if found:
                problems.add(found, f"[{index}]")
                if problems.is_enough:
                    break
        if most is not None and len(value) > most:
            problems.append(too_many(most, len(value)))
        return problems

    return check


def many_primitives(rule: Rule, sibling: str, most: int | None) -> Rule:
    """Repeated primitives: null is right where the sibling list (`_given`) has something to say."""

    def of_sibling(value: Any, parent: Json, depth: int) -> Problems:
        return rule(value, parent, depth)

    plain = many(of_sibling, most)

    def check(value: Any, parent: Json, depth: int) -> Problems:
        if not isinstance(value, list) or None not in value:
            return plain(value, parent, depth)
        beside = parent.get(sibling)
        said = beside if isinstance(beside, list) else []
        problems = Found()
        for index, item in enumerate(value):
            if item is None and index < len(said) and isinstance(said[index], dict):
                continue
            problems.add(rule(item, parent, depth) or [], f"[{index}]")
            if problems.is_enough:
                break
        return problems

    return check


def siblings(rule: Rule) -> Rule:
    """The list beside repeated primitives: null where nothing is to be said, but not everywhere."""

    def check(value: Any, parent: Json, depth: int) -> Problems:
        if not isinstance(value, list) or not value:
            return [Problem("structure", A_LIST, kind_of(value))]
        if not any(value):
            return [Problem("structure", A_VALUE, Phrase("only null", "solo null"))]
        problems = Found()
        for index, item in enumerate(value):
            if item is not None:
                problems.add(rule(item, parent, depth) or [], f"[{index}]")
                if problems.is_enough:
                    break
        return problems

    return check


def unknown(key: Any) -> Problem:
    named = isinstance(key, str) and len(key) <= _A_NAME and key.isidentifier() and key.isascii()
    shown = str(key) if named else "?"
    return Problem(
        "structure",
        Phrase("only elements of this type", "solo elementos de este tipo"),
        Phrase("an unknown element", "un elemento desconocido"),
        f".{shown}",
    )


def too_many(most: int, count: int) -> Problem:
    return Problem(
        "structure", Phrase(f"at most {most}", f"un máximo de {most}"), Phrase(str(count), str(count))
    )


def too_deep() -> Problem:
    return Problem(
        "too-costly",
        Phrase(f"at most {DEPTH_MAX} objects inside each other", f"un máximo de {DEPTH_MAX} niveles"),
        Phrase("more", "más"),
    )


class LocalReference(Problem):
    """A reference to a contained resource, wrong unless the resource around it contains that one."""

    __slots__ = ("id",)

    def __init__(self, reference: str) -> None:
        expected = Phrase("a contained resource with this id", "un recurso contenido con ese id")
        super().__init__("not-found", expected, NOTHING, ".reference")
        self.id = reference.removeprefix("#")


def resolved(problems: Problems, resource: Json) -> Problems:
    """The problems without the references that the resource's own `contained` answers."""
    if not problems:
        return problems
    contained = by_id(resource, "contained")
    return [each for each in problems if not isinstance(each, LocalReference) or each.id not in contained]

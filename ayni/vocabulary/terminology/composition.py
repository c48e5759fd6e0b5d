"""What a value set holds on a day.

`members` lists it and `member` asks for one code. Both read the same clauses with the same tests, so that an
expansion and a validation never disagree; a property-based test compares them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from ayni.vocabulary.terminology.code_system import CodeSystem, Concept
from ayni.vocabulary.terminology.effective import Standing
from ayni.vocabulary.terminology.errors import CyclicDefinition, TooCostly
from ayni.vocabulary.terminology.filters import Test, test_of
from ayni.vocabulary.terminology.terminology import Terminology
from ayni.vocabulary.terminology.value_set import Clause, ValueSet

CHECKS_MAX: Final = 2_000_000
"""Concepts looked at for one question: a second or two of work. A composition of thousands of clauses over a
large system would otherwise keep a server busy for one stranger."""
NESTING_MAX: Final = 50
"""Value sets inside one another; far above real ones, far below Python's own limit."""

Key = tuple[str, str]
"""System and code."""


@dataclass(frozen=True, slots=True)
class Member:
    """A code as a value set shows it. `version` is of the system, "" when it is not held or has none."""

    system: str
    version: str
    concept: Concept
    display: str
    is_retired: bool


@dataclass
class Composition:
    """One question on one day. `versions` names the version of a system where a clause names none."""

    terminology: Terminology
    on: date
    versions: Mapping[str, str] = field(default_factory=dict)
    _checks: int = 0
    _open: list[str] = field(default_factory=list)
    _known: dict[str, dict[Key, Member]] = field(default_factory=dict)
    _asked: dict[tuple[str, str, str], Member | None] = field(default_factory=dict)
    _tests: dict[int, tuple[Test, ...]] = field(default_factory=dict)  # by id: clauses outlive the question

    def members(self, value_set: ValueSet) -> dict[Key, Member]:
        """Everything in it, in the order of its clauses.

        Raises `CyclicDefinition`, `NotHere` (a system or value set it names), `InvalidDefinition` (a filter)
        or `TooCostly`.
        """
        known = self._known.get(value_set.canonical)
        if known is not None:
            return known
        self._enter(value_set)
        found: dict[Key, Member] = {}
        for clause in value_set.include:
            for member in self._selected(clause, with_retired=value_set.with_retired):
                found.setdefault((member.system, member.concept.code), member)
        for clause in value_set.exclude:
            for member in list(self._selected(clause, with_retired=True)):
                found.pop((member.system, member.concept.code), None)
        self._open.pop()
        self._known[value_set.canonical] = found
        return found

    def member(self, value_set: ValueSet, system: str, code: str) -> Member | None:
        """The same for one code, without listing the others; raises what `members` raises."""
        question = (value_set.canonical, system, code)
        if question in self._asked:
            return self._asked[question]
        self._enter(value_set)
        found = self._first(value_set.include, system, code, with_retired=value_set.with_retired)
        if found and self._first(value_set.exclude, system, found.concept.code, with_retired=True):
            found = None
        self._open.pop()
        self._asked[question] = found
        return found

    def _first(
        self, clauses: tuple[Clause, ...], system: str, code: str, *, with_retired: bool
    ) -> Member | None:
        found = (self._selects(clause, system, code, with_retired=with_retired) for clause in clauses)
        return next((member for member in found if member is not None), None)

    def _selected(self, clause: Clause, *, with_retired: bool) -> Iterator[Member]:
        others = [self.members(self._value_set(each)) for each in clause.value_sets]
        if not clause.system:
            first, *rest = others or [{}]
            for key, member in first.items():
                self._spend()
                if all(key in other for other in rest):
                    yield member
            return
        for member in self._of_system(clause, with_retired=with_retired):
            if all((member.system, member.concept.code) in other for other in others):
                yield member

    def _selects(self, clause: Clause, system: str, code: str, *, with_retired: bool) -> Member | None:
        if clause.system not in ("", system):
            return None
        others = [self.member(self._value_set(each), system, code) for each in clause.value_sets]
        if not all(others):
            return None
        if not clause.system:
            return others[0] if others else None
        return self._one_of_system(clause, code, with_retired=with_retired)

    def _of_system(self, clause: Clause, *, with_retired: bool) -> Iterator[Member]:
        held = self._system(clause)
        listed = self._listed(clause, held)
        for code in listed if listed is not None else held.concepts if held else ():
            member = self._member(clause, held, code, with_retired=with_retired)
            if member is not None:
                yield member

    def _one_of_system(self, clause: Clause, code: str, *, with_retired: bool) -> Member | None:
        held = self._system(clause)
        listed = self._listed(clause, held)
        code = _own_code(held, code)
        if listed is not None and code not in listed:
            return None
        return self._member(clause, held, code, with_retired=with_retired)

    def _member(
        self, clause: Clause, held: CodeSystem | None, code: str, *, with_retired: bool
    ) -> Member | None:
        """A code of a clause's system, None when a filter, the day or the system itself refuses it."""
        self._spend()
        display = (self._listed(clause, held) or {}).get(code, "")
        concept = held.concepts.get(code) if held else None
        if concept is None:
            # A list may name codes of a system whose content is not held, or not wholly.
            is_trusted = clause.listed is not None and not clause.filters and not (held and held.is_complete)
            concept = Concept(code=code, display=display) if is_trusted else None
        if concept is None or (held and not all(test(concept) for test in self._tests_of(clause, held))):
            return None
        standing = concept.standing(self.on)
        if standing is Standing.FUTURE or (standing is Standing.RETIRED and not with_retired):
            return None
        version = held.version if held else clause.version
        return Member(
            clause.system, version, concept, display or concept.display, standing is Standing.RETIRED
        )

    def _listed(self, clause: Clause, held: CodeSystem | None) -> Mapping[str, str] | None:
        """The codes a clause lists, as the system spells them."""
        if clause.listed is None or held is None or held.is_case_sensitive:
            return clause.listed
        return {_own_code(held, code): display for code, display in clause.listed.items()}

    def _tests_of(self, clause: Clause, held: CodeSystem) -> tuple[Test, ...]:
        known = self._tests.get(id(clause))
        if known is None:
            known = tuple(test_of(each, held, self.on) for each in clause.filters)
            self._tests[id(clause)] = known
        return known

    def _system(self, clause: Clause) -> CodeSystem | None:
        """The code system of a clause; None where a list alone names codes of one that is not held."""
        url = clause.system
        if clause.listed is not None and not clause.filters and not self.terminology.has_code_system(url):
            return None
        version = clause.version or self.versions.get(url, "")
        return self.terminology.code_system(url, on=self.on, version=version)

    def _value_set(self, canonical: str) -> ValueSet:
        return self.terminology.value_set(canonical, on=self.on)

    def _enter(self, value_set: ValueSet) -> None:
        if value_set.canonical in self._open:
            way = [*self._open[self._open.index(value_set.canonical) :], value_set.canonical]
            raise CyclicDefinition(
                place=value_set.canonical,
                expected="a composition without a way back",
                found=" > ".join(way),
                text=f"El conjunto de valores {value_set.url} se incluye a sí mismo.",
            )
        if len(self._open) >= NESTING_MAX:
            raise TooCostly(
                place=value_set.canonical,
                expected=f"at most {NESTING_MAX} value sets inside one another",
                found="more",
                text=f"Hay más de {NESTING_MAX} conjuntos de valores uno dentro de otro.",
            )
        self._open.append(value_set.canonical)

    def _spend(self) -> None:
        self._checks += 1
        if self._checks > CHECKS_MAX:
            raise TooCostly(
                place="ValueSet.compose",
                expected=f"at most {CHECKS_MAX} concepts to look at",
                found="more",
                text="La composición pide revisar demasiados conceptos.",
            )


def _own_code(held: CodeSystem | None, code: str) -> str:
    """A code as its system spells it."""
    found = held.find(code) if held else None
    return found.code if found else code

"""A code system: its concepts, how they stand to each other, and since when each one counts."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, Final

from ayni.vocabulary.spelling import folded
from ayni.vocabulary.terminology.effective import ALWAYS, Effective, Standing
from ayni.vocabulary.terminology.errors import CyclicDefinition, InvalidDefinition, TooCostly

CONCEPTS_MAX: Final = 300_000
"""LOINC has about 105,000 codes and CIE-10 about 14,000; SNOMED CT needs a terminology server of its own."""

_NO_WORD: Final = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Designation:
    """Another name of a concept; `use` is empty for its usual one in a language, else e.g. SHORTNAME."""

    value: str
    language: str = ""
    use: str = ""


@dataclass(frozen=True, slots=True)
class Property:
    """`kind` is the element FHIR holds it in, e.g. `valueCode`; `value` what stands there."""

    code: str
    kind: str
    value: Any

    @property
    def text(self) -> str:
        """As a filter writes it."""
        if isinstance(self.value, bool):
            return "true" if self.value else "false"
        return str(self.value.get("code", "")) if isinstance(self.value, dict) else str(self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Concept:
    """One code. `is_retired`: it counts no more and nobody said since when."""

    code: str
    display: str = ""
    definition: str = ""
    designations: tuple[Designation, ...] = ()
    properties: tuple[Property, ...] = ()
    parents: tuple[str, ...] = ()
    effective: Effective = ALWAYS
    is_retired: bool = False
    is_selectable: bool = True

    def standing(self, on: date) -> Standing:
        """Whether the code counts on a day."""
        return Standing.RETIRED if self.is_retired else self.effective.standing(on)

    def names(self) -> Iterator[str]:
        """The display, then every designation."""
        yield self.display
        yield from (each.value for each in self.designations)

    def called(self, language: str) -> str:
        """Its name in a language (BCP 47): of the region, else of the language, else the display."""
        for wanted in (language, language.partition("-")[0]) if language else ():
            for each in self.designations:
                if each.language.casefold() == wanted.casefold() and each.use in ("", "display"):
                    return each.value
        return self.display

    def is_called(self, display: str) -> bool:
        """Whether a display is one of its names, in capitals or not, with accents or not."""
        wanted = folded(display)
        return any(folded(name) == wanted for name in self.names())


@dataclass(frozen=True, kw_only=True)
class CodeSystem:
    """One version. `value_set` is the address of the value set of all its codes, "" for none.

    `is_complete` is false for a fragment: a code it lacks may still exist.
    Raises `CyclicDefinition`, `InvalidDefinition` (an unknown parent) or `TooCostly`.
    """

    url: str
    version: str = ""
    name: str = ""
    title: str = ""
    published: date | None = None
    effective: Effective = ALWAYS
    value_set: str = ""
    is_complete: bool = True
    is_case_sensitive: bool = True
    concepts: Mapping[str, Concept] = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.concepts) > CONCEPTS_MAX:
            raise TooCostly(
                place=self.canonical,
                expected=f"at most {CONCEPTS_MAX} concepts",
                found=str(len(self.concepts)),
                text=f"El sistema de códigos tiene más de {CONCEPTS_MAX} conceptos.",
            )
        self._check_parents()

    @property
    def canonical(self) -> str:
        """`url|version`, as a reference names this version."""
        return f"{self.url}|{self.version}" if self.version else self.url

    def find(self, code: str) -> Concept | None:
        """The concept of a code; None when this system lacks it."""
        found = self.concepts.get(code)
        if found is None and not self.is_case_sensitive:
            return self._by_folded_code.get(code.casefold())
        return found

    def children(self, code: str) -> tuple[str, ...]:
        return self._children.get(code, ())

    def descends(self, code: str, ancestor: str) -> bool:
        """Whether `code` stands below `ancestor`; not for the code itself."""
        return ancestor in self.ancestors(code)

    def ancestors(self, code: str) -> set[str]:
        """Every code above one."""
        found: set[str] = set()
        waiting = list(self.concepts[code].parents)
        while waiting:
            parent = waiting.pop()
            if parent not in found:
                found.add(parent)
                waiting += self.concepts[parent].parents
        return found

    @cached_property
    def search_texts(self) -> Mapping[str, str]:
        """Per code, its code and names as blank-led folded words: ` a01 0 fiebre tifoidea`."""
        return {
            code: " " + " ".join(_NO_WORD.sub(" ", folded(text)).strip() for text in (code, *concept.names()))
            for code, concept in self.concepts.items()
        }

    @cached_property
    def _by_folded_code(self) -> Mapping[str, Concept]:
        return {code.casefold(): concept for code, concept in self.concepts.items()}

    @cached_property
    def _children(self) -> Mapping[str, tuple[str, ...]]:
        below: dict[str, list[str]] = {}
        for concept in self.concepts.values():
            for parent in concept.parents:
                below.setdefault(parent, []).append(concept.code)
        return {code: tuple(children) for code, children in below.items()}

    def _check_parents(self) -> None:
        """Takes the roots away, then what became a root, and so on: what cannot be taken goes round."""
        above = {code: len(concept.parents) for code, concept in self.concepts.items()}
        for concept in self.concepts.values():
            for parent in concept.parents:
                if parent not in self.concepts:
                    raise _unknown_parent(self.canonical, concept.code, parent)
        ready = [code for code, count in above.items() if not count]
        while ready:
            for child in self.children(ready.pop()):
                above[child] -= 1
                if not above[child]:
                    ready.append(child)
        going_round = [code for code, count in above.items() if count]
        if going_round:
            raise _cycle(self.canonical, going_round[0])


def _unknown_parent(place: str, code: str, parent: str) -> InvalidDefinition:
    return InvalidDefinition(
        place=place,
        expected=f"a parent of {code} that the system has",
        found=parent,
        text=f"El código {code} depende de {parent}, que no existe.",
    )


def _cycle(place: str, code: str) -> CyclicDefinition:
    return CyclicDefinition(
        place=place,
        expected="a hierarchy without a way back",
        found=f"{code} below itself",
        text=f"La jerarquía vuelve sobre sí misma en {code}.",
    )

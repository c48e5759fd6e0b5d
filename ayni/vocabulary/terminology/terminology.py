"""What is known: every version of every code system, value set and concept map, and which one is in force."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Protocol, TypeVar

from ayni.vocabulary.terminology.code_system import CodeSystem
from ayni.vocabulary.terminology.concept_map import ConceptMap
from ayni.vocabulary.terminology.effective import Effective, Standing
from ayni.vocabulary.terminology.errors import InvalidDefinition, NotHere
from ayni.vocabulary.terminology.value_set import Clause, ValueSet

Definition = CodeSystem | ValueSet | ConceptMap


class _Versioned(Protocol):
    @property
    def url(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def published(self) -> date | None: ...
    @property
    def effective(self) -> Effective: ...


Part = TypeVar("Part", bound=_Versioned)
_Shelf = Mapping[str, Sequence[Part]]

_PIECES: Final = re.compile(r"[0-9]+|[^0-9]+", re.ASCII)
"""Of a version: `2.10` is higher than `2.9`."""

KIND: Final = {
    CodeSystem: "el sistema de códigos",
    ValueSet: "el conjunto de valores",
    ConceptMap: "el mapa de códigos",
}


@dataclass(frozen=True)
class Terminology:
    """Immutable; `having` gives one that knows more. Raises `InvalidDefinition` for a repeated version."""

    definitions: tuple[Definition, ...] = ()
    _systems: _Shelf[CodeSystem] = field(init=False, repr=False)
    _value_sets: _Shelf[ValueSet] = field(init=False, repr=False)
    _maps: _Shelf[ConceptMap] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        systems = [each for each in self.definitions if isinstance(each, CodeSystem)]
        value_sets = [each for each in self.definitions if isinstance(each, ValueSet)]
        implied = [_all_codes_of(each) for each in systems if each.value_set]
        stated = {each.url for each in value_sets}
        object.__setattr__(self, "_systems", _shelf(systems))
        object.__setattr__(
            self, "_value_sets", _shelf([*value_sets, *(each for each in implied if each.url not in stated)])
        )
        object.__setattr__(
            self, "_maps", _shelf([each for each in self.definitions if isinstance(each, ConceptMap)])
        )

    def having(self, *more: Definition) -> "Terminology":
        """One that also knows these."""
        return Terminology((*self.definitions, *more))

    def code_system(self, canonical: str, *, on: date, version: str = "") -> CodeSystem:
        """The version asked for (`url|version` or `version`), else the one in force; raises `NotHere`."""
        return _choose(self._systems, canonical, version, on, KIND[CodeSystem])

    def value_set(self, canonical: str, *, on: date, version: str = "") -> ValueSet:
        """As `code_system`."""
        return _choose(self._value_sets, canonical, version, on, KIND[ValueSet])

    def concept_map(self, canonical: str, *, on: date, version: str = "") -> ConceptMap:
        """As `code_system`."""
        return _choose(self._maps, canonical, version, on, KIND[ConceptMap])

    def has_code_system(self, url: str) -> bool:
        """Whether any version of a code system is held."""
        return url in self._systems

    def maps_between(self, source: str, target: str, *, on: date) -> Iterator[ConceptMap]:
        """The maps in force that lead from one system to the other; "" stands for any target."""
        for url, versions in self._maps.items():
            found = _in_force(versions, on)
            if found and any(
                group.source == source and target in ("", group.target) for group in found.groups
            ):
                yield self.concept_map(url, on=on)


def _all_codes_of(system: CodeSystem) -> ValueSet:
    """The value set that a code system names as all of its codes (CodeSystem.valueSet)."""
    return ValueSet(
        url=system.value_set,
        version=system.version,
        name=system.name,
        title=system.title,
        published=system.published,
        effective=system.effective,
        include=(Clause(system=system.url, version=system.version),),
    )


def _shelf(parts: Iterable[Part]) -> dict[str, list[Part]]:
    shelf: dict[str, list[Part]] = {}
    for part in parts:
        versions = shelf.setdefault(part.url, [])
        if any(each.version == part.version for each in versions):
            raise InvalidDefinition(
                place=part.url,
                expected="each version once",
                found=f"version {part.version or '(none)'} twice",
                text=f"La versión {part.version} de {part.url} está repetida.",
            )
        versions.append(part)
    return shelf


def _choose(shelf: _Shelf[Part], canonical: str, version: str, on: date, kind: str) -> Part:
    url, _, named = canonical.partition("|")
    version = version or named
    versions = shelf.get(url)
    if versions is None:
        raise NotHere(
            place=url, expected="a known address", found="none of it", text=f"No se conoce {kind} {url}."
        )
    chosen = _named(versions, version) if version else _in_force(versions, on)
    if chosen is None:
        raise NotHere(
            place=url,
            expected=f"version {version}" if version else f"a version in force on {on}",
            found="versions " + ", ".join(each.version or "(none)" for each in versions),
            text=f"No se tiene {kind} {url} {'en la versión ' + version if version else f'vigente el {on}'}.",
        )
    return chosen


def _named(versions: Sequence[Part], version: str) -> Part | None:
    return next((each for each in versions if each.version == version), None)


def _in_force(versions: Sequence[Part], on: date) -> Part | None:
    """The latest begun of those whose effective period has the day.

    A version without a period begins when it was published; where none has begun by then, the oldest of those
    without a period answers: nothing says that its content was another before. Of two that began together the
    whole list goes before a part of it, then the higher version.
    """
    possible = [each for each in versions if each.effective.standing(on) is Standing.CURRENT]
    begun = [each for each in possible if _begin(each) <= on]
    return max(begun, key=_rank) if begun else min(possible, key=_rank, default=None)


def _rank(part: _Versioned) -> tuple[date, bool, list[tuple[int, str]]]:
    is_whole = not isinstance(part, CodeSystem) or part.is_complete
    numbered = [(int(piece) if piece.isdigit() else 0, piece) for piece in _PIECES.findall(part.version)]
    return _begin(part), is_whole, numbered


def _begin(part: _Versioned) -> date:
    return part.effective.since or part.published or date.min

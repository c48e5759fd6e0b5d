"""Whether a code may be in a value set, as far as the definitions at hand say.

A validation has no day and seldom all of a terminology: it refuses only what cannot be in. What *is* in a
value set on a day, and whether that can be said at all, is for `vocabulary.terminology` to answer.
Source: FHIR R4, section 4.9.5 (value set composition) and 4.9.8 (expansion).
"""

from collections.abc import Callable, Iterable, Iterator
from functools import cache, lru_cache, reduce
from typing import Any, Final, NamedTuple

from ayni.vocabulary.fhir.definitions import Table, definition
from ayni.vocabulary.fhir.listed import objects

Json = dict[str, Any]
Find = Callable[[Table, str], Json | None]
"""The definition (`code_systems` or `value_sets`, canonical URL), None when nobody has it."""
Pairs = frozenset[tuple[str, str]]
"""(system, code)."""

INCLUDED_DEPTH_MAX: Final = 16
"""Value sets made of value sets: R4's own are three deep; one that includes itself must end."""
_REMEMBERED: Final = 512  # value sets: R4 binds elements of type code to some 300
CONCEPTS_DEPTH_MAX: Final = 64
"""Concepts below concepts: v3's own are 14 deep."""


class Codes(NamedTuple):
    """What a value set may have: pairs, and every code of systems whose content is not known here."""

    pairs: Pairs
    open_systems: frozenset[str] = frozenset()

    def may_have(self, system: str, code: str) -> bool:
        return (system, code) in self.pairs or system in self.open_systems

    def both(self, other: "Codes") -> "Codes":
        """What may be in this and in another value set."""
        mine = {pair for pair in self.pairs if other.may_have(*pair)}
        theirs = {pair for pair in other.pairs if self.may_have(*pair)}
        return Codes(frozenset(mine | theirs), self.open_systems & other.open_systems)


@lru_cache(_REMEMBERED)
def without_systems(codes: Codes) -> frozenset[str]:
    """The codes of the pairs, for elements that do not say a system. Asked once for each of many elements."""
    return frozenset(code for _, code in codes.pairs)


class _Unknown(Exception):
    """A part of the value set is not known at all, so nothing can be refused."""


@cache
def codes_of(value_set: str) -> Codes | None:
    """What one of R4's own value sets (canonical URL) may have, None when that is not known."""
    return expand(value_set, definition)


def expand(value_set: str | Json, find: Find) -> Codes | None:
    """What a value set (or one by its canonical URL) may have; its parts are looked up by `find`."""
    try:
        return _expanded(value_set, find, 0) if isinstance(value_set, str) else _of(value_set, find, 0)
    except _Unknown:
        return None


def concepts_of(code_system: Json) -> Iterator[tuple[Json, tuple[str, ...]]]:
    """Every concept of a code system with the codes above it, the nearest first."""
    waiting: list[tuple[Json, tuple[str, ...]]] = [(each, ()) for each in objects(code_system, "concept")]
    while waiting:
        concept, above = waiting.pop()
        yield concept, above
        if len(above) < CONCEPTS_DEPTH_MAX:
            waiting += [(each, (_text(concept, "code"), *above)) for each in objects(concept, "concept")]


def _expanded(url: str, find: Find, depth: int) -> Codes:
    found = find("value_sets", url.partition("|")[0])
    if found is None or depth > INCLUDED_DEPTH_MAX:
        raise _Unknown
    return _of(found, find, depth)


def _of(value_set: Json, find: Find, depth: int) -> Codes:
    compose = value_set.get("compose")
    if not isinstance(compose, dict) or not compose.get("include"):
        return _listed(value_set)
    parts = [_part(each, find, depth) for each in objects(compose, "include")]
    excluded = [_part(each, find, depth) for each in objects(compose, "exclude")]
    pairs: Pairs = frozenset().union(*(each.pairs for each in parts))
    gone: Pairs = frozenset().union(*(each.pairs for each in excluded if not each.open_systems))
    return Codes(pairs - gone, frozenset().union(*(each.open_systems for each in parts)))


def _listed(value_set: Json) -> Codes:
    """The codes of a value set that only says what it expands to."""
    contains = value_set.get("expansion", {}).get("contains")
    if not contains:
        raise _Unknown
    pairs = set()
    for entry, _ in concepts_of({"concept": _as_concepts(contains)}):
        if not entry.get("abstract"):
            pairs.add((entry.get("system", ""), entry.get("code", "")))
    return Codes(frozenset(pairs))


def _as_concepts(contains: list[Json]) -> list[Json]:
    return [{**each, "concept": each.get("contains", [])} for each in contains if isinstance(each, dict)]


def _part(part: Json, find: Find, depth: int) -> Codes:
    """All that one `include` or `exclude` names: the codes that its system and every value set have."""
    sets = [_expanded(url, find, depth + 1) for url in _urls(part)]
    if "system" in part:
        sets.append(_of_system(part, find))
    if not sets:
        raise _Unknown
    return reduce(Codes.both, sets)


def _of_system(part: Json, find: Find) -> Codes:
    system = part["system"]
    if "concept" in part:
        return Codes(frozenset((system, _text(each, "code")) for each in objects(part, "concept")))
    code_system = find("code_systems", system)
    filters = [_filter(each) for each in objects(part, "filter")]
    if code_system is None or code_system.get("content") != "complete" or None in filters:
        return Codes(frozenset(), frozenset({system}))
    known = [each for each in filters if each is not None]
    return Codes(
        frozenset(
            (system, _text(concept, "code"))
            for concept, above in concepts_of(code_system)
            if all(keeps(concept, above) for keeps in known)
        )
    )


def _filter(rule: Json) -> Callable[[Json, tuple[str, ...]], bool] | None:
    """A filter of R4, section 4.9.6, that a code system's own content can answer; None for another."""
    operation, name, value = (_text(rule, key) for key in ("op", "property", "value"))
    hierarchy = {
        "is-a": lambda concept, above: value == concept.get("code") or value in above,
        "descendent-of": lambda concept, above: value in above,
        "is-not-a": lambda concept, above: value != concept.get("code") and value not in above,
    }
    if operation in hierarchy and name in ("concept", "code"):
        return hierarchy[operation]
    if operation == "=":
        return lambda concept, above: value in _properties(concept, name)
    return None


def _properties(concept: Json, name: str) -> Iterable[str]:
    for each in objects(concept, "property"):
        if each.get("code") == name:
            found = next((each[key] for key in each if key.startswith("value")), None)
            yield str(found).lower() if isinstance(found, bool) else str(found)


def _urls(part: Json) -> list[str]:
    found = part.get("valueSet")
    return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []


def _text(holder: Json, name: str) -> str:
    found = holder.get(name)
    return found if isinstance(found, str) else ""

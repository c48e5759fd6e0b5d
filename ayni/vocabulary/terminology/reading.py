"""Reads FHIR R4 CodeSystem, ValueSet and ConceptMap resources.

Dates of a concept come from the standard concept properties `effectiveDate` and `retirementDate`
(http://hl7.org/fhir/concept-properties) and, without a date, from `inactive` or `status` = `retired`. Dates
of a resource come from the extension `resource-effectivePeriod` of R4.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, Final, cast, get_args

import msgspec

from ayni.vocabulary.terminology.code_system import CodeSystem, Concept, Designation, Property
from ayni.vocabulary.terminology.concept_map import (
    AskOtherMap,
    ConceptMap,
    Equivalence,
    Fixed,
    Group,
    KeepSource,
    Policy,
    Refuse,
    Target,
)
from ayni.vocabulary.terminology.effective import ALWAYS, Effective
from ayni.vocabulary.terminology.errors import InvalidDefinition, TooCostly
from ayni.vocabulary.terminology.resources import (
    AnyDefinition,
    ClauseElement,
    CodeSystemResource,
    ConceptElement,
    ContainsElement,
    GroupElement,
    Resource,
    TargetElement,
    UnmappedElement,
    ValueSetResource,
    day,
    value_of,
)
from ayni.vocabulary.terminology.terminology import Definition
from ayni.vocabulary.terminology.value_set import Clause, Filter, ValueSet

DEFINITION_BYTES_MAX: Final = 64 << 20
"""LOINC as one CodeSystem is about 60 MB of JSON; more is refused before it is read."""

HISTORY: Final = frozenset({"effectiveDate", "retirementDate", "inactive"})
"""Properties that become a concept's days and are written from them again."""
EFFECTIVE_PERIOD: Final = "http://hl7.org/fhir/StructureDefinition/resource-effectivePeriod"
_EQUIVALENCES: Final = frozenset(get_args(Equivalence))
_decoder: Final[msgspec.json.Decoder[AnyDefinition]] = msgspec.json.Decoder(AnyDefinition)
_RETIRED: Final = frozenset({"retired", "inactive", "withdrawn"})
"""Of the concept property `status`; a deprecated concept is discouraged and still counts."""
_USABLE: Final = frozenset({"complete", "fragment", "example"})


def read_definition(source: bytes | dict[str, Any]) -> Definition:
    """One resource, as JSON bytes or already a dict; raises `InvalidDefinition` or `TooCostly`."""
    resource = _resource(source)
    if not resource.url:
        raise _invalid(f"{_kind(resource)}.url", "an address", "none")
    if isinstance(resource, CodeSystemResource):
        return _code_system(resource)
    if isinstance(resource, ValueSetResource):
        return _value_set(resource)
    return ConceptMap(**_what_all_have(resource), groups=tuple(_groups(resource.group)))


def read_value_set(source: bytes | dict[str, Any]) -> ValueSet:
    """A value set that somebody sends to be asked about; it may lack an address."""
    resource = _resource(source)
    if not isinstance(resource, ValueSetResource):
        raise _invalid("resourceType", "ValueSet", _kind(resource))
    return _value_set(resource)


def _kind(resource: Resource) -> str:
    return str(resource.__struct_config__.tag)


def _resource(source: bytes | dict[str, Any]) -> AnyDefinition:
    try:
        if isinstance(source, bytes):
            if len(source) > DEFINITION_BYTES_MAX:
                raise _too_long(len(source))
            return _decoder.decode(source)
        converted: AnyDefinition = msgspec.convert(source, type=AnyDefinition)
        return converted
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        what, _, path = str(error).partition(" - at ")
        raise _invalid(path.strip("`").replace("$", "", 1) or "(whole)", "FHIR R4 JSON", what) from error


def _what_all_have(resource: Resource) -> dict[str, Any]:
    periods = (each.value_period for each in resource.extension if each.url == EFFECTIVE_PERIOD)
    period = next((each for each in periods if each), None)
    return {
        "url": resource.url,
        "version": resource.version,
        "name": resource.name,
        "title": resource.title,
        "published": day(resource.date),
        "effective": Effective.period(day(period.start), day(period.end)) if period else ALWAYS,
    }


def _code_system(resource: CodeSystemResource) -> CodeSystem:
    if resource.content not in _USABLE:
        raise _invalid("CodeSystem.content", "complete or fragment", resource.content)
    return CodeSystem(
        **_what_all_have(resource),
        value_set=resource.value_set,
        is_complete=resource.content == "complete",
        is_case_sensitive=resource.case_sensitive,
        concepts=_concepts(resource.concept),
    )


def _concepts(elements: list[ConceptElement]) -> dict[str, Concept]:
    """All concepts by code, in reading order; those nested in another have it as parent."""
    parents = _named_parents(elements)
    concepts: dict[str, Concept] = {}
    for element, parent in _flat(elements):
        if element.code in concepts:
            raise _invalid(f"CodeSystem.concept({element.code})", "each code once", "it twice")
        above = dict.fromkeys([*([parent] if parent else []), *parents.get(element.code, [])])
        concepts[element.code] = _concept(element, tuple(above))
    return concepts


def _flat(elements: list[ConceptElement]) -> Iterator[tuple[ConceptElement, str]]:
    """Every concept with the code of the one it is nested in, parents first, in reading order."""
    waiting = [(element, "") for element in reversed(elements)]
    while waiting:
        element, parent = waiting.pop()
        yield element, parent
        waiting += [(child, element.code) for child in reversed(element.concept)]


def _named_parents(elements: list[ConceptElement]) -> dict[str, list[str]]:
    """What the properties `parent` and `child` say."""
    parents: dict[str, list[str]] = {}
    for element, _ in _flat(elements):
        for each in element.property:
            value = value_of(each)[1]
            if each.code == "parent" and isinstance(value, str):
                parents.setdefault(element.code, []).append(value)
            elif each.code == "child" and isinstance(value, str):
                parents.setdefault(value, []).append(element.code)
    return parents


def _concept(element: ConceptElement, parents: tuple[str, ...]) -> Concept:
    properties = tuple(_properties(element))
    said = {each.code: each for each in properties}
    since, until = _date_in(said, "effectiveDate"), _date_in(said, "retirementDate")
    return Concept(
        code=element.code,
        display=element.display,
        definition=element.definition,
        designations=tuple(
            Designation(each.value, each.language, each.use.code if each.use else "")
            for each in element.designation
        ),
        properties=tuple(each for each in properties if each.code not in HISTORY),
        parents=parents,
        effective=Effective(since, until) if since or until else ALWAYS,
        is_retired=until is None and _is_retired(said),
        is_selectable=said["notSelectable"].text != "true" if "notSelectable" in said else True,
    )


def _properties(element: ConceptElement) -> Iterator[Property]:
    for each in element.property:
        kind, value = value_of(each)
        if kind and each.code not in ("parent", "child"):
            yield Property(each.code, kind, value)


def _date_in(said: dict[str, Property], code: str) -> date | None:
    if code not in said:
        return None
    found = day(said[code].text)
    if found is None:
        raise _invalid(f"CodeSystem.concept.property({code})", "a date", said[code].text)
    return found


def _is_retired(said: dict[str, Property]) -> bool:
    return ("inactive" in said and said["inactive"].text == "true") or (
        "status" in said and said["status"].text in _RETIRED
    )


def _value_set(resource: ValueSetResource) -> ValueSet:
    if resource.compose is None:
        if resource.expansion is None:
            raise _invalid("ValueSet", "compose or expansion", "neither")
        return ValueSet(
            **_what_all_have(resource), with_retired=True, include=_as_expanded(resource.expansion.contains)
        )
    return ValueSet(
        **_what_all_have(resource),
        with_retired=resource.compose.inactive,
        include=tuple(_clauses(resource.compose.include)),
        exclude=tuple(_clauses(resource.compose.exclude)),
    )


def _clauses(elements: Iterable[ClauseElement]) -> Iterator[Clause]:
    for each in elements:
        if not each.system and not each.value_set:
            raise _invalid("ValueSet.compose.include", "a system or a value set", "neither")
        if not each.system and (each.concept or each.filter):
            raise _invalid("ValueSet.compose.include", "a system for its codes or filters", "none")
        yield Clause(
            system=each.system,
            version=each.version,
            listed={concept.code: concept.display for concept in each.concept} if each.concept else None,
            filters=tuple(Filter(f.property, f.op, f.value) for f in each.filter),
            value_sets=tuple(each.value_set),
        )


def _as_expanded(contains: list[ContainsElement]) -> tuple[Clause, ...]:
    """A value set that is published as its expansion only: a list per system."""
    listed: dict[tuple[str, str], dict[str, str]] = {}
    waiting = list(reversed(contains))
    while waiting:
        each = waiting.pop()
        waiting += reversed(each.contains)
        if each.code and not each.abstract:
            listed.setdefault((each.system, each.version), {})[each.code] = each.display
    return tuple(
        Clause(system=system, version=version, listed=codes) for (system, version), codes in listed.items()
    )


def _groups(elements: list[GroupElement]) -> Iterator[Group]:
    row = 0
    for group in elements:
        rows: dict[str, list[Target]] = {}
        for element in group.element:
            # R4 lets a row have no code: it says nothing to translate.
            for target in element.target or [TargetElement()]:
                row += 1
                if element.code:
                    rows.setdefault(element.code, []).append(_target(row, target))
        yield Group(
            source=group.source,
            source_version=group.source_version,
            target=group.target,
            target_version=group.target_version,
            rows={code: tuple(targets) for code, targets in rows.items()},
            unmapped=_policy(group.unmapped),
        )


def _target(row: int, element: TargetElement) -> Target:
    if element.equivalence not in _EQUIVALENCES:
        raise _invalid("ConceptMap.group.element.target.equivalence", "an equivalence", element.equivalence)
    equivalence = cast("Equivalence", element.equivalence if element.code else "unmatched")
    return Target(
        row=row,
        code=element.code,
        display=element.display,
        equivalence=equivalence,
        comment=element.comment,
    )


def _policy(element: UnmappedElement | None) -> Policy:
    if element is None:
        return Refuse()
    if element.mode == "provided":
        return KeepSource()
    if element.mode == "fixed" and element.code:
        return Fixed(code=element.code, display=element.display)
    if element.mode == "other-map" and element.url:
        return AskOtherMap(element.url)
    raise _invalid(
        "ConceptMap.group.unmapped", "provided, fixed with a code, other-map with a url", element.mode
    )


def _invalid(place: str, expected: str, found: str) -> InvalidDefinition:
    return InvalidDefinition(
        place=place, expected=expected, found=found, text=f"La definición no se puede usar ({place})."
    )


def _too_long(size: int) -> TooCostly:
    return TooCostly(
        place="(whole)",
        expected=f"at most {DEFINITION_BYTES_MAX} bytes",
        found=str(size),
        text="La definición es demasiado grande.",
    )

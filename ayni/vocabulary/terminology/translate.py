"""`ConceptMap/$translate` (FHIR R4, operation of ConceptMap), with where each translation comes from.

An accredited record must be able to say of every translated code by what it was translated (Directiva
373-MINSA/OGTI, N0INFREG): a `Translation` names map, version, row, policy and day.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, Literal

from ayni.vocabulary.fhir.systems import BASE
from ayni.vocabulary.terminology.concept_map import (
    NO_TRANSLATION,
    AskOtherMap,
    ConceptMap,
    Equivalence,
    Fixed,
    Group,
    KeepSource,
    Target,
)
from ayni.vocabulary.terminology.errors import CyclicDefinition, NotHere, TooCostly, Unmapped
from ayni.vocabulary.terminology.parameters import Json, coding, parameters, value
from ayni.vocabulary.terminology.terminology import Terminology

ROW: Final = f"{BASE}/StructureDefinition/translation-row"
"""Our extension on `match`: the row of the map, counted from 1; absent when a policy answered."""

OTHER_MAPS_MAX: Final = 20
"""Maps that hand a code on, one behind the other; real ones have one or two."""

By = Literal["row", "fixed", "source-kept"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation:
    """One code that another stands for, and where that comes from.

    `concept_map` is `url|version`; `row` is None when an unmapped policy answered (`by` says which).
    """

    from_system: str
    source_code: str
    to_system: str
    target_version: str
    code: str
    display: str
    equivalence: Equivalence
    concept_map: str
    row: int | None
    by: By
    on: date
    comment: str = ""

    def provenance(self) -> dict[str, Any]:
        """Flat, for an audit event."""
        return {
            "from": f"{self.from_system}#{self.source_code}",
            "to": f"{self.to_system}#{self.code}",
            "equivalence": self.equivalence,
            "map": self.concept_map,
            "row": self.row,
            "by": self.by,
            "on": self.on.isoformat(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is to be translated. `concept_map` or the systems say by which map; `reverse` reads it back."""

    system: str
    code: str
    on: date
    concept_map: str = ""
    version: str = ""
    to_system: str = ""
    reverse: bool = False


def translations(terminology: Terminology, question: Question) -> list[Translation]:
    """Every translation of a code; empty when the map says that there is none.

    Raises `Unmapped` where the map has no row and its policy is to refuse, `NotHere` for the map, and
    `CyclicDefinition` or `TooCostly` for maps that ask one another in a circle or without end.
    """
    asking = _Asking(terminology, question)
    found: list[Translation] = []
    is_asked = False
    for concept_map in _maps(terminology, question):
        for group in _groups(concept_map, question):
            is_asked = True
            found += _by_group(asking, concept_map, group, ())
    if not is_asked:
        raise NotHere(
            place=question.concept_map or question.system,
            expected=f"a map from {question.system} to {question.to_system or 'any system'}",
            found="none in force",
            text="No hay un mapa vigente para traducir ese código.",
        )
    return found


def translate(terminology: Terminology, question: Question) -> Json:
    """The same as Parameters; a refusal is a result of false with its message. Raises `NotHere`."""
    try:
        found = translations(terminology, question)
    except Unmapped as error:
        return parameters(
            [{"name": "result", "valueBoolean": False}, *value("message", "valueString", error.text)]
        )
    none = (
        [] if found else value("message", "valueString", f"El código {question.code} no tiene equivalente.")
    )
    matches = [_match(each) for each in found]
    return parameters([{"name": "result", "valueBoolean": bool(found)}, *none, *matches])


def _maps(terminology: Terminology, question: Question) -> Iterator[ConceptMap]:
    if question.concept_map:
        yield terminology.concept_map(question.concept_map, on=question.on, version=question.version)
    elif question.reverse and question.to_system:
        yield from terminology.maps_between(question.to_system, question.system, on=question.on)
    else:
        yield from terminology.maps_between(question.system, question.to_system, on=question.on)


def _groups(concept_map: ConceptMap, question: Question) -> Iterator[Group]:
    for group in concept_map.groups:
        ends = (group.target, group.source) if question.reverse else (group.source, group.target)
        if ends[0] == question.system and question.to_system in ("", ends[1]):
            yield group


@dataclass(slots=True)
class _Asking:
    """One question, and the other maps that were asked because of it: each is asked once."""

    terminology: Terminology
    question: Question
    others: set[str] = field(default_factory=set)


def _by_group(
    asking: _Asking, concept_map: ConceptMap, group: Group, way: tuple[str, ...]
) -> list[Translation]:
    question = asking.question
    rows = (group.turned if question.reverse else group.rows).get(question.code)
    if rows is not None:
        return [
            _translation(question, concept_map, group, row, by="row")
            for row in rows
            if row.equivalence not in NO_TRANSLATION
        ]
    policy = group.unmapped
    if question.reverse:
        raise _unmapped(question, concept_map)
    if isinstance(policy, Fixed):
        fixed = Target(row=0, code=policy.code, display=policy.display, equivalence="inexact")
        return [_translation(question, concept_map, group, fixed, by="fixed")]
    if isinstance(policy, KeepSource):
        kept = Target(row=0, code=question.code, equivalence="equal")
        return [_translation(question, concept_map, group, kept, by="source-kept")]
    if isinstance(policy, AskOtherMap):
        return _by_other_map(asking, policy.url, (*way, concept_map.canonical))
    raise _unmapped(question, concept_map)


def _by_other_map(asking: _Asking, url: str, way: tuple[str, ...]) -> list[Translation]:
    other = asking.terminology.concept_map(url, on=asking.question.on)
    if other.canonical in way:
        raise CyclicDefinition(
            place=other.canonical,
            expected="maps that do not ask one another in a circle",
            found=" > ".join((*way, other.canonical)),
            text="Los mapas se preguntan en círculo.",
        )
    if len(way) > OTHER_MAPS_MAX:
        raise TooCostly(
            place=other.canonical,
            expected=f"at most {OTHER_MAPS_MAX} maps that ask one another",
            found="more",
            text="Demasiados mapas se preguntan uno a otro.",
        )
    if other.canonical in asking.others:
        return []
    asking.others.add(other.canonical)
    return [
        each for group in _groups(other, asking.question) for each in _by_group(asking, other, group, way)
    ]


def _translation(
    question: Question, concept_map: ConceptMap, group: Group, target: Target, *, by: By
) -> Translation:
    system, version = (
        (group.source, group.source_version) if question.reverse else (group.target, group.target_version)
    )
    return Translation(
        from_system=question.system,
        source_code=question.code,
        to_system=system,
        target_version=version,
        code=target.code,
        display=target.display,
        equivalence=target.equivalence,
        concept_map=concept_map.canonical,
        row=target.row or None,
        by=by,
        on=question.on,
        comment=target.comment,
    )


def _match(found: Translation) -> Json:
    concept = coding(found.to_system, found.target_version, found.code, found.display)
    said: Json = {
        "name": "match",
        "part": [
            {"name": "equivalence", "valueCode": found.equivalence},
            {"name": "concept", "valueCoding": concept},
            {"name": "source", "valueUri": found.concept_map},
        ],
    }
    return said | ({"extension": [{"url": ROW, "valuePositiveInt": found.row}]} if found.row else {})


def _unmapped(question: Question, concept_map: ConceptMap) -> Unmapped:
    return Unmapped(
        place=concept_map.canonical,
        expected="a code that the map has",
        found=question.code,
        text=f"El código {question.code} no tiene traducción en el mapa {concept_map.url}.",
    )

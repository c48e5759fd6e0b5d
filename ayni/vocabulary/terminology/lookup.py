"""`CodeSystem/$lookup` and `CodeSystem/$subsumes` (FHIR R4, operations of CodeSystem)."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Literal

from ayni.vocabulary.terminology.code_system import CodeSystem, Concept
from ayni.vocabulary.terminology.effective import Standing
from ayni.vocabulary.terminology.errors import NotHere
from ayni.vocabulary.terminology.parameters import Json, parameters, parts, value
from ayni.vocabulary.terminology.terminology import Terminology
from ayni.vocabulary.terminology.writing import history

Subsumption = Literal["equivalent", "subsumes", "subsumed-by", "not-subsumed"]


def lookup(
    terminology: Terminology,
    *,
    system: str,
    code: str,
    on: date,
    version: str = "",
    properties: Iterable[str] = (),
    language: str = "",
) -> Json:
    """What is said about a code on a day, as Parameters; `properties` narrows them, none means all.

    A retired code is found, too, with `inactive` true. Raises `NotHere` for the system, version or code.
    """
    held = terminology.code_system(system, on=on, version=version)
    concept = find(held, code)
    asked = set(properties)
    said = [
        *value("name", "valueString", held.name or held.title or held.url),
        *value("version", "valueString", held.version),
        *value("display", "valueString", concept.called(language)),
        *_designations(concept),
        *(each for each in _properties(held, concept, on) if not asked or _name_of(each) in asked),
    ]
    return parameters(said)


def subsumes(
    terminology: Terminology, *, system: str, code_a: str, code_b: str, on: date, version: str = ""
) -> Subsumption:
    """How two codes of one system stand to each other; raises `NotHere`."""
    held = terminology.code_system(system, on=on, version=version)
    a, b = find(held, code_a).code, find(held, code_b).code
    if a == b:
        return "equivalent"
    if held.descends(b, a):
        return "subsumes"
    return "subsumed-by" if held.descends(a, b) else "not-subsumed"


def find(held: CodeSystem, code: str) -> Concept:
    """The concept of a code; raises `NotHere`."""
    concept = held.find(code)
    if concept is None:
        what = "a code of the system" if held.is_complete else "a code of the part that is held"
        raise NotHere(
            place=held.canonical, expected=what, found=code, text=f"El código {code} no está en {held.url}."
        )
    return concept


def _designations(concept: Concept) -> Iterator[Json]:
    for each in concept.designations:
        said = value("language", "valueCode", each.language) + value("value", "valueString", each.value)
        yield parts("designation", said)


def _properties(held: CodeSystem, concept: Concept, on: date) -> Iterator[Json]:
    is_retired = concept.standing(on) is Standing.RETIRED
    yield _property("inactive", "valueBoolean", is_retired)
    for parent in concept.parents:
        yield _property("parent", "valueCode", parent)
    for child in held.children(concept.code):
        yield _property("child", "valueCode", child)
    for code, day in history(concept):
        if day:
            yield _property(code, "valueDateTime", day.isoformat())
    for each in concept.properties:
        yield _property(each.code, each.kind, each.value)
    if concept.definition:
        yield _property("definition", "valueString", concept.definition)


def _property(code: str, kind: str, content: object) -> Json:
    return parts("property", [*value("code", "valueCode", code), *value("value", kind, content)])


def _name_of(said: Json) -> str:
    return str(said["part"][0]["valueCode"])

"""A small world of codes: a tree of illnesses with a history, a flat list, sets of both, maps between."""

from datetime import date

import pytest
from hypothesis import settings

from ayni.vocabulary.terminology import Terminology, read_definition

settings.register_profile("unhurried", deadline=None)  # a deadline would measure the neighbours of a core
settings.load_profile("unhurried")

ILLNESS = "https://ayni.example/test/illness"
COLOUR = "https://ayni.example/test/colour"
ON = date(2026, 11, 25)


def concept(code, display="", *children, **properties):
    """A CodeSystem.concept; a bool becomes valueBoolean, text valueString, a date valueDateTime."""
    kinds = {bool: "valueBoolean", str: "valueString", date: "valueDateTime"}
    said = [
        {"code": name, kinds[type(value)]: value.isoformat() if isinstance(value, date) else value}
        for name, value in properties.items()
    ]
    return {"code": code, "display": display or code, "property": said, "concept": list(children)}


def code_system(url, *concepts, version="1", **more):
    return {
        "resourceType": "CodeSystem",
        "url": url,
        "version": version,
        "content": "complete",
        "concept": list(concepts),
    } | more


def value_set(url, *include, exclude=(), version="1", **compose):
    said = {"include": list(include)} | ({"exclude": list(exclude)} if exclude else {}) | compose
    return {"resourceType": "ValueSet", "url": url, "version": version, "compose": said}


def concept_map(url, *groups, version="1", **more):
    said = {"resourceType": "ConceptMap", "url": url, "version": version, "group": list(groups)}
    return said | more


ILLNESSES = code_system(
    ILLNESS,
    concept(
        "A",
        "Infecciones",
        concept("A1", "Fiebre tifoidea", severity="high"),
        concept("A2", "Cólera", concept("A2.1", "Cólera clásico"), severity="high"),
        concept("A3", "Dengue", retirementDate=date(2024, 1, 1)),
        concept("A4", "Fiebre nueva", effectiveDate=date(2025, 6, 1)),
        notSelectable=True,
    ),
    concept("B", "Heridas", concept("B1", "Corte", severity="low"), concept("B2", "Golpe", inactive=True)),
    valueSet=f"{ILLNESS}/all",
)


@pytest.fixture(scope="session")
def terminology():
    return Terminology(
        (read_definition(ILLNESSES), read_definition(code_system(COLOUR, concept("red"), concept("blue"))))
    )


def codes_of(expanded):
    return [each["code"] for each in expanded["expansion"]["contains"]]


def said(answer):
    """The plain parameters of a Parameters resource, by name."""
    return {
        each["name"]: next(value for name, value in each.items() if name.startswith("value"))
        for each in answer["parameter"]
        if any(name.startswith("value") for name in each)
    }

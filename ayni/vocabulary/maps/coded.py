"""Coded values: HL7 v2 CE/CWE (`code^text^table`) and FHIR Coding, through one table of system names.

HL7 v2 table 0396 names code systems; a local table is `99xxx` and in FHIR a CodeSystem of ours.
"""

from collections.abc import Mapping

from ayni.vocabulary.fhir import Resource, systems
from ayni.vocabulary.hl7 import Segment

Fields = dict[int | str, str]

FHIR_SYSTEM = {
    "99STA": systems.REQUEST_STATE,
    "99RSN": systems.STATE_REASON,
    "99SYM": systems.SYMPTOM,
    "99RFL": systems.RED_FLAG,
    "99ORI": systems.ORIENTATION_LEVEL,
    "99SVC": systems.SERVICE,
    "I10": systems.ICD10,
    "LN": systems.LOINC,
}
V2_TABLE = {uri: table for table, uri in FHIR_SYSTEM.items()}


def ce(field: int, *codings: tuple[str, str, str]) -> Fields:
    """The components of a CE or CWE from (code, text, table) triples: the code and its alternate."""
    fields: Fields = {}
    for number, (code, text, table) in enumerate(codings):
        first = number * 3 + 1
        fields |= {f"{field}.{first}": code, f"{field}.{first + 1}": text, f"{field}.{first + 2}": table}
    return fields


def put(segment: Segment, fields: Fields) -> None:
    """Writes what has a value; an empty value leaves its place untouched."""
    for place, value in fields.items():
        if value:
            segment[place] = value


def triples(concept: Mapping[str, object]) -> list[tuple[str, str, str]]:
    """The codings of a CodeableConcept that v2 has a table name for, in their order."""
    codings = concept.get("coding")
    return [
        (coding.get("code", ""), coding.get("display", ""), V2_TABLE[coding["system"]])
        for coding in (codings if isinstance(codings, list) else [])
        if coding.get("system") in V2_TABLE
    ]


def concept(*given: tuple[str, str, str]) -> Resource:
    """A CodeableConcept of (code, text, table) triples; without code or known table left out."""
    codings = [
        {"system": FHIR_SYSTEM[table], "code": code} | ({"display": text} if text else {})
        for code, text, table in given
        if code and table in FHIR_SYSTEM
    ]
    return {"coding": codings} if codings else {}


MINUTES = ("min", "minuto", "UCUM")
VISIT_MINUTES = 15
"""The length of a visit in the exercise's schedules."""
ROUTINE = ("ROUTINE", "Routine appointment", "HL70276")
NORMAL = ("Normal", "Routine schedule request", "HL70277")
CLINIC = ("C", "Clinic", "HL70305")

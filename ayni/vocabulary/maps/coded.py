"""Coded values: HL7 v2 CE/CWE (`code^text^table`) and FHIR Coding, through one table of system names.

HL7 v2 table 0396 names code systems; a local table is `99xxx` and in FHIR a CodeSystem of ours.
"""

from collections.abc import Mapping

from ayni.vocabulary.fhir import FhirError, Resource, systems
from ayni.vocabulary.hl7 import Hl7Error, Message, Segment

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


def ce(field: int | str, *codings: tuple[str, str, str]) -> Fields:
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


def known_triples(concept: Mapping[str, object], expression: str) -> list[tuple[str, str, str]]:
    """The codings a CE can hold, one and its alternate; raises FhirError with the place for none."""
    known = [triple for triple in triples(concept) if triple[0]]
    if not known:
        raise FhirError("code-invalid", "Falta un código de un sistema conocido.", expression=expression)
    return known[:2]


def concept(*given: tuple[str, str, str]) -> Resource:
    """A CodeableConcept of (code, text, table) triples; without code or known table left out."""
    codings = [
        {"system": FHIR_SYSTEM[table], "code": code} | ({"display": text} if text else {})
        for code, text, table in given
        if code and table in FHIR_SYSTEM
    ]
    return {"coding": codings} if codings else {}


def observed(message: Message, *codes: str) -> list[tuple[Segment, str]]:
    """The OBX of these codes (OBX-3.1), each with its place (`OBX^5`): OBX-1 is the sender's to fill."""
    numbered = enumerate(message.segments("OBX"), start=1)
    return [(obx, f"OBX^{number}") for number, obx in numbered if obx["3.1"] in codes]


def concept_in(segment: Segment, field: int, place: str) -> Resource:
    """The CodeableConcept of the CE in a field of the segment at `place` (`OBX^5`).

    Raises Hl7Error for a field that repeats (102: the others would be lost) or has no code of a known
    table (103).
    """
    location = f"{place}^{field}"
    if len(segment.repetitions(field)) > 1:
        raise Hl7Error("expected one value", code=102, location=location, text="Se espera un solo valor.")
    code, text, table, *alternate = (segment[f"{field}.{component}"] for component in range(1, 7))
    found = concept((code, text, table), (alternate[0], alternate[1], alternate[2]))
    if not found:
        raise Hl7Error(
            "expected a code of a known table",
            code=103,
            location=location,
            text="Falta un código de una tabla conocida.",
        )
    return found


MINUTES = ("min", "minuto", "UCUM")
VISIT_MINUTES = 15
"""The length of a visit in the exercise's schedules."""
ROUTINE = ("ROUTINE", "Routine appointment", "HL70276")
NORMAL = ("Normal", "Routine schedule request", "HL70277")
CLINIC = ("C", "Clinic", "HL70305")

# NTE-4, table 0364: who reads a note finds by it what it is
PATIENT_INSTRUCTIONS = ("PI", "Patient Instructions", "HL70364")
ALTERNATIVE = ("GI", "General Instructions", "HL70364")
"""Where else the citizen of a rejected request can go."""
REMARK = ("RE", "Remark", "HL70364")

"""Peru's code lists and crosswalks as terminology: HIS-MINSA, REFCON, SIS, UBIGEO, and small parts of larger
lists.

`data/terms/` holds them as FHIR resources, one row a line. Sources: a public copy of the HIS-MINSA code
tables (June 2026); MINSA's guide HL7.FHIR.PE.COREPE 0.1 for the codes of the FHIR side; REFCON and SIS as
public clients use them. What a source does not say has no row, and the map refuses it.
"""

from collections.abc import Iterator
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Final

from ayni.vocabulary.fhir.systems import BASE
from ayni.vocabulary.peru.districts import District, districts
from ayni.vocabulary.peru.facilities import facilities
from ayni.vocabulary.terminology import (
    CodeSystem,
    Concept,
    ConceptMap,
    Group,
    Property,
    Question,
    Target,
    Terminology,
    Translation,
    read_definition,
    translations,
)
from ayni.vocabulary.terminology.loading import LAYOUTS, load

_DATA: Final = files("ayni.vocabulary.peru") / "data"

UBIGEO_INEI: Final = f"{BASE}/CodeSystem/ubigeo-inei"
UBIGEO_RENIEC: Final = f"{BASE}/CodeSystem/ubigeo-reniec"
UBIGEO_VERSION: Final = "2021-cajamarca"
"""The districts of Cajamarca as of the year of the source; a fragment of the national list."""


@cache
def peru_terminology() -> Terminology:
    """Everything this project ships; a user's own lists are added with `having`."""
    resources = sorted((_DATA / "terms").iterdir(), key=lambda file: file.name)
    return Terminology(
        (
            *(read_definition(file.read_bytes()) for file in resources),
            *_ubigeo(),
            _facilities(),
            _common_diagnoses(),
        )
    )


def cross(crosswalk: str, code: str, *, on: date, reverse: bool = False) -> list[Translation]:
    """A code by one of our crosswalks, named as its file: `cross("document-type-to-sis", "ce", on=today)`.

    `reverse` reads it from target to source, which may give several. Raises `Unmapped` and `NotHere`.
    """
    terminology = peru_terminology()
    url = f"{BASE}/ConceptMap/{crosswalk}"
    (group,) = terminology.concept_map(url, on=on).groups
    system = group.target if reverse else group.source
    question = Question(system=system, code=code, on=on, concept_map=url, reverse=reverse)
    return translations(terminology, question)


def _ubigeo() -> Iterator[CodeSystem | ConceptMap]:
    """Both schemes and the way between them, as `ubigeo-inei-to-reniec`."""
    rows = {
        district.inei: (Target(row=row, code=district.reniec, display=district.name),)
        for row, district in enumerate(districts(), start=1)
    }
    yield _scheme(UBIGEO_INEI, {district.inei: district for district in districts()})
    yield _scheme(UBIGEO_RENIEC, {district.reniec: district for district in districts()})
    yield ConceptMap(
        url=f"{BASE}/ConceptMap/ubigeo-inei-to-reniec",
        version=UBIGEO_VERSION,
        title="UBIGEO: de INEI a RENIEC",
        groups=(Group(source=UBIGEO_INEI, target=UBIGEO_RENIEC, rows=rows),),
    )


def _scheme(url: str, by_code: dict[str, District]) -> CodeSystem:
    return CodeSystem(
        url=url,
        version=UBIGEO_VERSION,
        title=f"UBIGEO de Cajamarca ({url.rpartition('-')[2].upper()})",
        is_complete=False,
        concepts={
            code: Concept(
                code=code,
                display=district.name,
                properties=(Property("province", "valueString", district.province),),
            )
            for code, district in by_code.items()
        },
    )


def _facilities() -> CodeSystem:
    """San Miguel's part of RENIPRESS; the user's register, loaded, has another version and is complete."""
    return CodeSystem(
        url=LAYOUTS["renipress"].url,
        version="2025-san-miguel",
        title=LAYOUTS["renipress"].title,
        is_complete=False,
        concepts={
            each.code: Concept(
                code=each.code,
                display=each.name,
                properties=(
                    Property("ubigeo", "valueCode", each.district_inei),
                    Property("category", "valueString", each.category),
                    Property("district", "valueString", each.district),
                ),
            )
            for each in facilities()
        },
    )


def _common_diagnoses() -> CodeSystem:
    """Common diagnoses of the first level, in words of our own; the text of CIE-10 is WHO's and PAHO's."""
    file = _DATA / "cie10_subset.csv"
    loaded = load(
        file.read_bytes(), LAYOUTS["cie10"], file=file.name, version="2010-comunes", is_complete=False
    )
    return loaded.code_system

"""MINSA's guide "Interoperabilidad de Historia Clínica", HL7.FHIR.PE.COREPE 0.1, draft of 2024-12-04.

`resources.json` holds its profiles, extensions, code systems and value sets as published (NOTICE names the
source); they have no snapshots, which are made here. The guide is a draft with known defects: `defects` names
each, and mends those that would refuse what is right.
"""

from functools import cache
from pathlib import Path
from typing import Final

from ayni.vocabulary.fhir.extensions import extensions
from ayni.vocabulary.fhir.json import Resource, loads
from ayni.vocabulary.fhir.pe_core.defects import DEFECTS, Defect
from ayni.vocabulary.fhir.validation.registry import Registry

__all__ = ["DEFECTS", "ROOT", "Defect", "pe_core", "published"]

ROOT: Final = "https://www.gob.pe/minsa/RENHICE/fhir"
"""The canonical root of the guide: `{ROOT}/StructureDefinition/PacientePe`."""

_FILE: Final = Path(__file__).with_name("resources.json")


@cache
def published() -> dict[str, Resource]:
    """Every resource of the guide by canonical URL, as published. It is shared: nobody changes it."""
    listed = f'{{"resourceType":"Parameters","parameter":{_FILE.read_text("utf-8")}}}'
    return {resource["url"]: resource for resource in loads(listed)["parameter"]}


@cache
def pe_core() -> Registry:
    """R4, the guide with its defects mended, and this project's extensions."""
    guide = published()
    for defect in DEFECTS:
        guide = defect.mended(guide)
    return Registry([*guide.values(), *extensions().values()])

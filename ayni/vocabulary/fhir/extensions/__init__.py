"""The extensions that this project writes: definitions as FHIR has them, for `validate` and for partners.

All are ours but one of HL7's guide Structured Data Capture, which marks a form as adaptive.

`resources.json` is written by hand; a definition without a snapshot gets one where it is read.
"""

from functools import cache
from pathlib import Path
from typing import Final

from ayni.vocabulary.fhir.json import Resource, loads

__all__ = ["extensions"]

_FILE: Final = Path(__file__).with_name("resources.json")


@cache
def extensions() -> dict[str, Resource]:
    """Every StructureDefinition by canonical URL. It is shared: nobody changes it."""
    bundle = loads(_FILE.read_bytes())
    return {entry["resource"]["url"]: entry["resource"] for entry in bundle["entry"]}

"""What FHIR R4 4.0.1 defines: types, profiles, extensions, code systems, value sets, search parameters.

`definitions.zip` is written by `generate.py`; `later_codes.json` and `later_extensions.txt` are what HL7 has
published since. NOTICE names the sources. A table is inflated when the first of
its definitions is asked for, a definition is decoded when it is asked for itself: nothing happens at import.
What a function returns is shared: nobody changes it.
"""

import zipfile
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

FHIR_ROOT: Final = "http://hl7.org/fhir/StructureDefinition/"

_FHIRPATH: Final = "http://hl7.org/fhirpath/System."
_ARCHIVE: Final = Path(__file__).with_name("definitions.zip")
_LATER_CODES: Final = Path(__file__).with_name("later_codes.json")
_LATER_EXTENSIONS: Final = Path(__file__).with_name("later_extensions.txt")

Table = Literal["types", "profiles", "code_systems", "value_sets", "search_parameters"]


class _Type(msgspec.Struct, frozen=True):
    name: str
    kind: str
    abstract: bool = False


@cache
def definition(table: Table, url: str) -> dict[str, Any] | None:
    """The definition with this canonical URL (without `|version`), None when R4 has none."""
    raw = _table(table).get(url)
    return None if raw is None else msgspec.json.decode(raw)


def type_definition(name: str) -> dict[str, Any] | None:
    """The StructureDefinition of a resource or datatype by its name: `Patient`, `HumanName`, `code`."""
    return definition("types", FHIR_ROOT + name)


def type_name(element: dict[str, Any], code: str) -> str:
    """The type of an element by a code of its `type`: ids and URLs are declared as FHIRPath's own strings."""
    if not code.startswith(_FHIRPATH):
        return code
    if element["path"].endswith(".url"):
        return "uri"
    return "id" if element.get("base", {}).get("path") == "Resource.id" else "string"


def urls(table: Table) -> tuple[str, ...]:
    """Every canonical URL of a table."""
    return tuple(_table(table))


@cache
def resource_types() -> frozenset[str]:
    """The names of all resources that can be sent."""
    types = msgspec.json.decode(_read("types"), type=dict[str, _Type])
    return frozenset(each.name for each in types.values() if each.kind == "resource" and not each.abstract)


@cache
def later_codes() -> dict[str, dict[str, str]]:
    """By code system of R4: the codes HL7 added since, and those it calls otherwise, with their displays."""
    return msgspec.json.decode(_LATER_CODES.read_bytes(), type=dict[str, dict[str, str]])


@cache
def later_extensions() -> frozenset[str]:
    """The canonical URLs of extensions that HL7 has defined for any version after R4."""
    return frozenset(FHIR_ROOT + name for name in _LATER_EXTENSIONS.read_text("utf-8").splitlines())


@cache
def source() -> dict[str, str]:
    """Where the definitions come from: `fhirVersion`, `package`, `sha256` of the package."""
    return msgspec.json.decode(_read("source"), type=dict[str, str])


@cache
def _table(table: Table) -> dict[str, msgspec.Raw]:
    return msgspec.json.decode(_read(table), type=dict[str, msgspec.Raw])


def _read(name: str) -> bytes:
    with zipfile.ZipFile(_ARCHIVE) as archive:
        return archive.read(f"{name}.json")

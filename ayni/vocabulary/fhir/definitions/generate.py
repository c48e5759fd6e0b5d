"""Writes `definitions.zip`: what FHIR R4 4.0.1 defines, without its prose. For maintainers.

Run by `make definitions`; the argument is the packed npm package `hl7.fhir.r4.examples`, in which HL7
publishes every definition and example of R4 under CC0. Of each definition only what a program checks is kept:
no description, narrative, mapping or XPath.
"""

import hashlib
import json
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

TARGET: Final = Path(__file__).with_name("definitions.zip")
FHIR_VERSION: Final = "4.0.1"

Json = dict[str, Any]

_WANTED: Final = ("StructureDefinition", "CodeSystem", "ValueSet", "SearchParameter")

# Said again by every element in a snapshot, though each datatype says them once of itself.
_SAID_BY_THE_TYPE: Final = frozenset({"ele-1", "ext-1"})
_ELEMENT_PROSE: Final = frozenset(
    {
        "alias",
        "comment",
        "condition",
        "definition",
        "example",
        "extension",
        "isModifierReason",
        "isSummary",
        "mapping",
        "meaningWhenMissing",
        "mustSupport",
        "orderMeaning",
        "representation",
        "requirements",
        "short",
    }
)
_STRUCTURE: Final = (
    "url",
    "version",
    "name",
    "status",
    "kind",
    "abstract",
    "context",
    "contextInvariant",
    "type",
    "baseDefinition",
    "derivation",
)
_CODE_SYSTEM: Final = (
    "url",
    "version",
    "status",
    "caseSensitive",
    "valueSet",
    "hierarchyMeaning",
    "content",
    "filter",
    "property",
)
_SEARCH: Final = ("url", "code", "base", "type", "expression", "target", "component")


def main(package: Path) -> None:
    """Writes the archive anew; the same package gives the same bytes."""
    found = {kind: [*_resources(package, kind)] for kind in _WANTED}
    structures = [each for each in found["StructureDefinition"] if _is_of_r4(each)]
    types = [each for each in structures if each.get("derivation") != "constraint"]
    profiles = [each for each in structures if each.get("derivation") == "constraint"]
    tables: dict[str, Any] = {
        "source": _source(package),
        "types": _by_url(map(_structure, types)),
        "profiles": _by_url(map(_structure, profiles)),
        "code_systems": _by_url(map(_code_system, found["CodeSystem"])),
        "value_sets": _by_url(map(_value_set, found["ValueSet"])),
        "search_parameters": _by_url(_kept(each, _SEARCH) for each in found["SearchParameter"]),
    }
    with zipfile.ZipFile(TARGET, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, table in tables.items():
            content = json.dumps(table, ensure_ascii=False, separators=(",", ":"))
            archive.writestr(_member(f"{name}.json"), content)


def _member(name: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name)
    member.compress_type = zipfile.ZIP_DEFLATED
    return member


def _source(package: Path) -> Json:
    about = json.loads(next(_files(package, "package")))
    return {
        "fhirVersion": FHIR_VERSION,
        "package": f"{about['name']}@{about['version']}",
        "sha256": hashlib.sha256(package.read_bytes()).hexdigest(),
    }


def _files(package: Path, start: str) -> Iterator[bytes]:
    """The JSON files whose name begins so, in the order of their names."""
    with tarfile.open(package) as archive:
        for member in sorted(archive.getmembers(), key=lambda each: each.name):
            name = Path(member.name).name
            file = archive.extractfile(member) if name.startswith(start) and name.endswith(".json") else None
            if file is not None:
                yield file.read()


def _resources(package: Path, kind: str) -> Iterator[Json]:
    for raw in _files(package, f"{kind}-"):
        resource = json.loads(raw)
        if resource.get("resourceType") == kind and "url" in resource:
            yield resource


def _is_of_r4(structure: Json) -> bool:
    """Not an example of a profile, nor a logical model: nobody sends those."""
    return (
        structure.get("fhirVersion") == FHIR_VERSION
        and structure["kind"] != "logical"
        and structure["url"].startswith("http://hl7.org/fhir/StructureDefinition/")
    )


def _by_url(resources: Iterator[Json]) -> dict[str, Json]:
    return {resource["url"]: resource for resource in resources}


def _kept(resource: Json, names: tuple[str, ...]) -> Json:
    return {name: resource[name] for name in names if name in resource}


def _structure(structure: Json) -> Json:
    elements = [_element(each) for each in structure["snapshot"]["element"]]
    return {
        "resourceType": "StructureDefinition",
        **_kept(structure, _STRUCTURE),
        "snapshot": {"element": elements},
    }


def _element(element: Json) -> Json:
    kept = {name: value for name, value in element.items() if name not in _ELEMENT_PROSE}
    if "constraint" in kept:
        kept["constraint"] = [
            {name: value for name, value in each.items() if name not in ("xpath", "source", "requirements")}
            for each in kept["constraint"]
            if "." not in element["path"] or each["key"] not in _SAID_BY_THE_TYPE
        ]
    if "binding" in kept:
        kept["binding"] = _kept(kept["binding"], ("strength", "valueSet", "extension"))
    if "slicing" in kept:
        kept["slicing"].pop("description", None)
    return {name: value for name, value in kept.items() if value is not False and value != []}


def _code_system(system: Json) -> Json:
    kept = {"resourceType": "CodeSystem", **_kept(system, _CODE_SYSTEM)}
    for each in kept.get("property", ()):
        each.pop("description", None)
    if "concept" in system:
        kept["concept"] = [_concept(each) for each in system["concept"]]
    return kept


def _concept(concept: Json) -> Json:
    kept = _kept(concept, ("code", "display", "property"))
    if "concept" in concept:
        kept["concept"] = [_concept(each) for each in concept["concept"]]
    return kept


def _value_set(value_set: Json) -> Json:
    kept = {"resourceType": "ValueSet", **_kept(value_set, ("url", "version", "status", "compose"))}
    for part in ("include", "exclude"):
        for each in kept.get("compose", {}).get(part, ()):
            each.pop("extension", None)
            if "concept" in each:
                each["concept"] = [_kept(concept, ("code", "display")) for concept in each["concept"]]
    return kept


if __name__ == "__main__":
    main(Path(sys.argv[1]))

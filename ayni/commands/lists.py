"""The user's own code lists: a folder of FHIR resources, one file each."""

import os
import re
from pathlib import Path

from ayni.vocabulary.fhir import dumps
from ayni.vocabulary.peru.terms import peru_terminology
from ayni.vocabulary.terminology import (
    CodeSystem,
    InvalidDefinition,
    Terminology,
    code_system_resource,
    read_definition,
)

_SAFE = re.compile(r"[^A-Za-z0-9.-]+")


def terminology_in(folder: Path) -> Terminology:
    """What the project ships and what the folder holds; a folder that is not there holds nothing.

    Raises `TerminologyError` that names the file.
    """
    found = []
    for path in sorted(folder.glob("*.json")):
        try:
            found.append(read_definition(path.read_bytes()))
        except InvalidDefinition as error:
            raise InvalidDefinition(
                place=f"{path} {error.place}", expected=error.expected, found=error.found, text=error.text
            ) from error
    return peru_terminology().having(*found)


def keep(folder: Path, system: CodeSystem) -> Path:
    """Writes a code system into the folder, in the place of the same version; the path it has there."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{_SAFE.sub('-', f'{system.name}-{system.version}')}.json"
    written = path.with_suffix(".part")
    with written.open("wb") as file:
        file.write(dumps(code_system_resource(system)))
        file.flush()
        os.fsync(file.fileno())
    written.replace(path)
    return path

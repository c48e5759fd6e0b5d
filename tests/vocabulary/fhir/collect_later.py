"""Writes what HL7 has published since R4. For maintainers.

The arguments are checkouts of github.com/HL7/UTG and github.com/HL7/fhir-extensions, both CC0. Kept are the
codes that a code system of R4 lacks and the displays it has otherwise (`later_codes.json`), and the names of
extensions that R4 does not have (`later_extensions.txt`).
"""

import json
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

from ayni.vocabulary.fhir import definitions
from ayni.vocabulary.fhir.definitions import FHIR_ROOT, definition
from ayni.vocabulary.fhir.membership import concepts_of

TARGET: Final = Path(definitions.__file__).parent

_FHIR: Final = "{http://hl7.org/fhir}"


def main(terminology: Path, extensions: Path) -> None:
    codes = json.dumps(dict(sorted(later_codes(terminology))), ensure_ascii=False, indent=0)
    (TARGET / "later_codes.json").write_text(codes + "\n", "utf-8")
    (TARGET / "later_extensions.txt").write_text("\n".join(sorted(later_extensions(extensions))) + "\n")


def later_codes(checkout: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """The later codes with their displays, by code system."""
    for root in _roots(checkout, "input/sourceOfTruth/*/**/codeSystems/**/*.xml"):
        system = _text(root, "url")
        known = definition("code_systems", system) if root.tag == f"{_FHIR}CodeSystem" else None
        if known is not None and known.get("content") == "complete":
            mine = {each["code"]: each.get("display", "") for each, _ in concepts_of(known)}
            found = {code: display for code, display in _concepts(root) if mine.get(code) != display}
            if found:
                yield system, dict(sorted(found.items()))


def later_extensions(checkout: Path) -> Iterator[str]:
    for root in _roots(checkout, "input/definitions/**/StructureDefinition-*.xml"):
        url = _text(root, "url")
        if url.startswith(FHIR_ROOT) and definition("profiles", url) is None:
            yield url.removeprefix(FHIR_ROOT)


def _roots(checkout: Path, files: str) -> Iterator[ElementTree.Element]:
    for file in sorted(checkout.glob(files)):
        with suppress(ElementTree.ParseError):  # a definition that was withdrawn is one comment
            yield ElementTree.parse(file).getroot()


def _concepts(root: ElementTree.Element) -> Iterator[tuple[str, str]]:
    for concept in root.iter(f"{_FHIR}concept"):
        yield _text(concept, "code"), _text(concept, "display")


def _text(holder: ElementTree.Element, name: str) -> str:
    found = holder.find(_FHIR + name)
    return "" if found is None else found.get("value", "")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))

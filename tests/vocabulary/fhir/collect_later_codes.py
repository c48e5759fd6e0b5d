"""Writes `later_codes.json`: what HL7's code systems have gained since R4. For maintainers.

The argument is a checkout of github.com/HL7/UTG, where HL7 governs its terminology, under CC0. Kept are the
codes that a code system of R4 lacks, and the displays it has otherwise.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

from ayni.vocabulary.fhir import definitions
from ayni.vocabulary.fhir.expansion import concepts_of

TARGET: Final = Path(definitions.__file__).with_name("later_codes.json")

_FHIR: Final = "{http://hl7.org/fhir}"


def main(checkout: Path) -> None:
    later = {}
    for file in sorted(checkout.glob("input/sourceOfTruth/*/**/codeSystems/**/*.xml")):
        root = ElementTree.parse(file).getroot()
        system = _text(root, "url")
        known = definitions.definition("code_systems", system) if root.tag == f"{_FHIR}CodeSystem" else None
        if known is not None and known.get("content") == "complete":
            mine = {each["code"]: each.get("display", "") for each, _ in concepts_of(known)}
            found = {code: display for code, display in _concepts(root) if mine.get(code) != display}
            later |= {system: dict(sorted(found.items()))} if found else {}
    content = json.dumps(dict(sorted(later.items())), ensure_ascii=False, indent=0)
    TARGET.write_text(content + "\n", "utf-8")


def _concepts(root: ElementTree.Element) -> Iterator[tuple[str, str]]:
    for concept in root.iter(f"{_FHIR}concept"):
        yield _text(concept, "code"), _text(concept, "display")


def _text(holder: ElementTree.Element, name: str) -> str:
    found = holder.find(_FHIR + name)
    return "" if found is None else found.get("value", "")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

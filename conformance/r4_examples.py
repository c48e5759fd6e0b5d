"""The official examples of R4, read and written again.

One is right when its text is the same once insignificant white space is removed: the same keys in the same
order, the same digits. They are part of this repository (CC0).
"""

import re
import tarfile
from pathlib import Path
from typing import Final

from ayni.vocabulary.fhir import FhirError, dumps, loads
from conformance.score import Score

ARCHIVE: Final = Path(__file__).parent.parent / "tests/vocabulary/fhir/r4_examples.tar.xz"

_TEXT_OR_SPACE: Final = re.compile(rb'("(?:[^"\\]|\\.)*")|\s+')


def examples() -> dict[str, bytes]:
    """The JSON text of each example by file name."""
    with tarfile.open(ARCHIVE) as archive:
        files = ((member.name, archive.extractfile(member)) for member in archive)
        return {name: file.read() for name, file in files if file is not None}


def score(data: Path) -> Score:
    found = examples()
    changed = tuple(("written otherwise", name) for name, raw in found.items() if not keeps_its_text(raw))
    return Score("r4_examples", len(found), len(found) - len(changed), failures=changed)


def keeps_its_text(raw: bytes) -> bool:
    try:
        written = dumps(loads(raw))
    except FhirError:
        return False
    return written == _TEXT_OR_SPACE.sub(lambda found: found[1] or b"", raw)

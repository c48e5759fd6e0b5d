"""HL7 v2 messages of other projects, read and written again.

One is right when its bytes come back, but for the two repairs that `parse` names: a byte order mark goes, and
segments end in CR. The folder `hl7v2-samples` holds messages of github.com/microsoft/FHIR-Converter.
"""

from pathlib import Path
from typing import Final

from ayni.vocabulary.hl7 import Hl7Error, parse
from conformance.score import NoData, Score

_MARK: Final = b"\xef\xbb\xbf"
_REPAIRS: Final = frozenset({"byte order mark removed", "segments ended in LF", "segments ended in CRLF"})


def score(data: Path) -> Score:
    """Raises NoData when the folder has no messages."""
    samples = sorted((data / "hl7v2-samples").glob("*.hl7"))
    if not samples:
        raise NoData(str(data / "hl7v2-samples"))
    failures = tuple((why, each.name) for each in samples if (why := _difference(each.read_bytes())))
    return Score("v2_round_trip", len(samples), len(samples) - len(failures), failures=failures)


def _difference(raw: bytes) -> str:
    """Why a message does not come back, "" when it does."""
    try:
        message = parse(raw)
    except Hl7Error as error:
        return error.text
    expected = raw.removeprefix(_MARK).replace(b"\r\n", b"\r").replace(b"\n", b"\r")
    if not set(message.repairs) <= _REPAIRS:
        return f"repaired: {', '.join(message.repairs)}"
    return "" if message.encode() == expected else "written otherwise"

"""Strangers' bytes for the frame reader and the HL7 parser, and what must hold whatever they are.

The same checks are driven by Hypothesis in the short form and by coverage in the long one (`python -m chaos
fuzz`, where atheris is installed).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from ayni.engine.connectors.contract import Arrived
from ayni.engine.errors import CONTENT_ERRORS
from ayni.engine.formats import Hl7Format
from ayni.vocabulary.hl7 import Hl7Error, parse
from ayni.wire.clock import LIMA
from ayni.wire.mllp import END, FRAME_BYTES_MAX, START, FrameReader, frame
from ayni.wire.mllp.arrivals import Arrivals
from ayni.wire.mllp.frames import Unfit

ROOT = Path(__file__).resolve().parents[1]
AT = datetime(2026, 11, 23, 9, 30, 15, tzinfo=LIMA)
MARKS = (
    START,
    END,
    b"\x1c",
    b"\r",
    b"\n",
    b"|",
    b"^",
    b"~",
    b"\\",
    b"&",
    b"\0",
    b"\xff",
    b"MSH|^~\\&|",
    b"\\X1C\\",
)
"""What bytes near a message are most likely to go wrong with."""


def corpus() -> list[bytes]:
    """The HL7 v2 messages of this repository."""
    folders = (ROOT / "channels", ROOT / "tests" / "vocabulary" / "hl7" / "samples")
    return [path.read_bytes() for folder in folders for path in sorted(folder.rglob("*.hl7"))]


def framing_holds(pieces: Sequence[bytes]) -> None:
    """The frames found do not depend on how the bytes are cut, hold no end mark, and are bounded."""
    whole = _found([b"".join(pieces)])
    assert _found(pieces) == whole
    messages, _ = whole
    assert not [each for each in messages if END in each or len(each) > FRAME_BYTES_MAX]


def _found(pieces: Iterable[bytes]) -> tuple[list[bytes], str]:
    reader, messages = FrameReader(), list[bytes]()
    for piece in pieces:
        try:
            messages += reader.feed(piece)
        except Unfit as unfit:
            return messages + unfit.before, unfit.reason
    assert reader.byte_count <= FRAME_BYTES_MAX + len(START) + len(END)
    return messages, ""


def arrivals_hold(data: bytes) -> None:
    """A listener's queue takes whatever comes, and what it hands on is what the frames held."""
    arrivals = Arrivals()
    arrivals.feed(data)
    while arrivals:
        arrivals.take()
    arrivals.settle()
    assert arrivals.byte_count >= 0


def reading_holds(raw: bytes) -> None:
    """A message is read, or refused with a place, and its sender gets an answer that can be sent."""
    spoken = Hl7Format()
    try:
        reading = spoken.read(Arrived(raw=raw), processing_id="T")
        answer = spoken.accept(reading, AT)
        assert parse(answer)["MSA-1"] == "AA"
        assert parse(answer)["MSA-2"] == reading.control_id
    except CONTENT_ERRORS as error:
        answer = spoken.refuse(raw, error, AT)
        assert parse(answer)["MSA-1"] in ("AE", "AR", "CE", "CR")
    frame(answer)


def encoding_holds(raw: bytes) -> None:
    """What is read without repair is written as it came; what is written is read as it was."""
    try:
        message = parse(raw)
    except Hl7Error:
        return
    assert message.raw == raw
    if not message.repairs:
        assert message.encode() == raw
    again = parse(message.encode())
    assert again.encode() == message.encode()
    assert again.control_id == message.control_id

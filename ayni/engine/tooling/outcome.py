"""What becomes of a sample: read, filtered, translated, answered and handed over as the engine does it.

No server, no network and no store: a channel's functions and its source's format are all it takes.
"""

import traceback
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from ayni.engine.channel import Channel, Destination
from ayni.engine.connectors.contract import Arrived
from ayni.engine.errors import CONTENT_ERRORS, code_of, place_of
from ayni.engine.formats import FORMATS, Reading
from ayni.engine.pipeline import copy
from ayni.engine.tooling.sample import ANSWER, GIVEN, HANDOVER, OUT, RESPONSE, Sample, SampleError, content_of
from ayni.engine.tooling.time_limit import TooLong
from ayni.vocabulary.hl7 import parse
from ayni.wire.clock import LIMA, TEST_TRAFFIC

AT = datetime(2026, 1, 1, tzinfo=LIMA)
"""When samples arrive, so that an answer is the same every time."""
ANSWER_CONTROL_ID = "1"
"""Stands for the new one of every answer, for the same reason."""


def outcome_of(channel: Channel, sample: Sample) -> dict[str, bytes]:
    """Contents by the slots of the files that would hold them; raises SampleError where a function breaks."""
    try:
        taken = _taken(channel, content_of(sample.given[GIVEN])) if GIVEN in sample.given else {}
        return taken | dict(_handovers(channel, sample))
    except (Exception, TooLong) as error:
        place = _place_of(error, sample.folder.parent)
        raise SampleError(f"{sample.name}: {place}{type(error).__name__}: {error}") from error


def _taken(channel: Channel, raw: bytes) -> dict[str, bytes]:
    spoken = FORMATS[channel.source.format]
    try:
        reading = spoken.read(Arrived(raw=raw), processing_id=TEST_TRAFFIC)
        if reason := channel.filter(reading.document):
            answer = spoken.filtered(reading, reason, AT)
            return {"filtered": f"{reason}\n".encode(), ANSWER: _named(answer)}
        made = dict(_translated(channel, reading))
        return (made or {OUT: b""}) | {ANSWER: _named(spoken.accept(reading, AT))}
    except CONTENT_ERRORS as error:
        said = f"{code_of(error)} {place_of(error)}".rstrip()
        return {"error": f"{said}\n".encode(), ANSWER: _named(spoken.refuse(raw, error, AT))}


def _translated(channel: Channel, reading: Reading) -> Iterator[tuple[str, bytes]]:
    for destination in channel.receivers:
        outgoing = destination.transform(copy(reading.document))
        if outgoing is None:
            continue
        if not (outgoing.control_id and outgoing.keys and all(outgoing.keys)):
            raise ValueError(f"what goes to {destination.partner} needs a control id and a key")
        yield _slot(channel, destination, OUT), outgoing.content


def _handovers(channel: Channel, sample: Sample) -> Iterator[tuple[str, bytes]]:
    for destination in channel.receivers:
        response = sample.given.get(_slot(channel, destination, RESPONSE))
        handover = destination.handover(content_of(response)) if response else None
        if handover is not None:
            yield f"{_slot(channel, destination, HANDOVER)}.{handover.channel}", handover.content


def _slot(channel: Channel, destination: Destination, kind: str) -> str:
    return kind if len(channel.receivers) == 1 else f"{destination.partner}.{kind}"


def _named(answer: bytes) -> bytes:
    """An HL7 v2 answer under a control id that is not new each time."""
    if not answer.startswith(b"MSH"):
        return answer
    message = parse(answer)
    message["MSH-10"] = ANSWER_CONTROL_ID
    return message.encode()


def _place_of(error: BaseException, folder: Path) -> str:
    """The last line of the channel's own code that led to it."""
    trace = traceback.extract_tb(error.__traceback__)
    own = [each for each in trace if Path(each.filename).resolve().parent == folder.resolve()]
    return f"{Path(own[-1].filename).name}, line {own[-1].lineno} ({own[-1].name}): " if own else ""

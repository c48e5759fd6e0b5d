"""Trying a channel on its samples: what comes in beside what must go out, as files a person can review.

`01-cough.in.json` stands beside `01-cough.out.hl7`, or beside `01-cough.error.txt` when the message must
be refused: its code and its place, such as `103 SCH^1^6^1^1`.
"""

from dataclasses import dataclass
from pathlib import Path

from ayni.engine.channel import Channel
from ayni.engine.errors import code_of, place_of
from ayni.engine.reading import read
from ayni.vocabulary.fhir import FhirError, loads
from ayni.vocabulary.hl7 import Hl7Error
from ayni.wire.clock import TEST_TRAFFIC

GIVEN = ".in."
ERROR_SUFFIX = ".error.txt"


@dataclass(frozen=True, slots=True)
class Sample:
    """One message and what must become of it."""

    given: Path
    expected: Path

    def __str__(self) -> str:
        return self.given.name.partition(GIVEN)[0]


class SampleError(AssertionError):
    """A sample has nothing beside it, or something else became of it than what stands there."""


def samples(folder: Path) -> list[Sample]:
    """The samples of a folder, by name; raises SampleError when there is none or one has no pair."""
    found = [Sample(given, _expected(given)) for given in sorted(folder.glob(f"*{GIVEN}*"))]
    if not found:
        raise SampleError(f"{folder} holds no sample: put a pair such as 01-name.in.json, 01-name.out.hl7")
    return found


def run_sample(channel: Channel, sample: Sample) -> None:
    """Sends a sample through a channel of one destination; raises SampleError with both sides."""
    found, expected = _outcome(channel, sample.given.read_bytes()), sample.expected.read_bytes()
    if _comparable(found) != _comparable(expected):
        raise SampleError(f"{sample}: expected\n{_text(expected)}\nfound\n{_text(found)}")


def _expected(given: Path) -> Path:
    stem = given.name.partition(GIVEN)[0]
    pairs = [*given.parent.glob(f"{stem}.out.*"), *given.parent.glob(f"{stem}{ERROR_SUFFIX}")]
    if len(pairs) != 1:
        raise SampleError(f"{given.name}: expected one {stem}.out.* or {stem}{ERROR_SUFFIX}")
    return pairs[0]


def _outcome(channel: Channel, raw: bytes) -> bytes:
    (destination,) = channel.destinations
    try:
        reading = read(channel.source, raw, processing_id=TEST_TRAFFIC)
        return destination.transform(reading.document).content
    except (FhirError, Hl7Error) as error:
        return f"{code_of(error)} {place_of(error)}\n".encode()


def _comparable(content: bytes) -> object:
    """JSON by its values, since a sample is indented for its readers; everything else byte by byte."""
    return loads(content) if content.startswith(b"{") else content


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace").replace("\r", "\n")

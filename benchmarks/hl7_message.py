"""How fast one ADT is read and changed: parse, 10 reads, 5 writes, encode; ours beside the `hl7` library.

Run: python benchmarks/hl7_message.py. The ratio matters; microseconds depend on the machine.
"""

import sys
import timeit
from collections.abc import Callable
from pathlib import Path

import hl7 as library

from ayni.vocabulary.hl7 import parse

SAMPLE = Path(__file__).parent.parent / "tests/vocabulary/hl7/samples/adt_a08.hl7"
ADT = SAMPLE.read_bytes()

READS = [
    "MSH-7",
    "MSH-9.1",
    "MSH-9.2",
    "MSH-10",
    "PID-3.1",
    "PID-5.1",
    "PID-5.2",
    "PID-6.1",
    "PID-7",
    "PV1-3.4",
]
WRITES = {
    "MSH-3": "AYNI",
    "MSH-5": "DESTINO",
    "PID-5.2": "ELENA",
    "PID-11.3": "LLAPA",
    "PV1-3.4": "00004577",
}


def ours() -> bytes:
    message = parse(ADT)
    for place in READS:
        message[place]
    for place, value in WRITES.items():
        message[place] = value
    return message.encode()


def theirs() -> bytes:
    message = library.parse(ADT)
    for place in THEIR_READS:
        message.extract_field(*place)
    for place, value in THEIR_WRITES:
        message.assign_field(value, *place)
    return str(message).encode()


def _their_place(path: str) -> tuple[str | int, ...]:
    name, _, place = path.partition("-")
    field, _, component = place.partition(".")
    # The library fails to assign a component to a field that it read as plain text.
    return (name, 1, int(field), 1, int(component)) if component else (name, 1, int(field))


THEIR_READS = [_their_place(path) for path in READS]
THEIR_WRITES = [(_their_place(path), value) for path, value in WRITES.items()]


def microseconds(work: Callable[[], bytes], count: int) -> float:
    """The best of five runs: the one least disturbed by the rest of the machine."""
    return min(timeit.repeat(work, number=count, repeat=5)) / count * 1e6


def main() -> None:
    our_time, their_time = microseconds(ours, 4000), microseconds(theirs, 200)
    sys.stdout.write(
        f"{len(ADT)} bytes, {len(READS)} reads, {len(WRITES)} writes\n"
        f"ayni.vocabulary.hl7  {our_time:8.1f} µs\n"
        f"hl7 {library.__version__:<16} {their_time:8.1f} µs\n"
        f"ratio                {their_time / our_time:8.1f}\n"
    )


if __name__ == "__main__":
    main()

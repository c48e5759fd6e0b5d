"""How fast messages are read, changed and answered: ours, and beside it the `hl7` library where it can.

Run: python benchmarks/hl7_message.py. Each figure is the best of many short runs, the one least disturbed by
the rest of the machine. The ratio matters; microseconds depend on the machine.
"""

import platform
import subprocess
import sys
import timeit
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from os import cpu_count
from pathlib import Path

import hl7 as library

from ayni.vocabulary.hl7 import Message, acknowledge, parse

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "tests/vocabulary/hl7/samples/adt_a08.hl7"
ADT = (SAMPLE.read_bytes() + b"ZBX|").ljust(749, b"x") + b"\r"
AT = datetime(2026, 11, 23, 9, 30, 15, tzinfo=timezone(timedelta(hours=-5)))

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

RECEIVED = parse(ADT)
ANSWER = acknowledge(RECEIVED, "AA", control_id="ACK-1", at=AT).encode()


def answer() -> bytes:
    return acknowledge(RECEIVED, "AA", control_id="ACK-1", at=AT).encode()


def read_answer() -> str:
    message = parse(ANSWER)
    return message["MSA-1"] + message["MSA-2"]


def name_it() -> str:
    return RECEIVED.type + RECEIVED.control_id + RECEIVED.processing_id


def copy() -> Message:
    return RECEIVED.copy()


def microseconds(work: Callable[[], object], count: int = 20) -> float:
    return min(timeit.repeat(work, number=count, repeat=40_000 // count)) / count * 1e6


def commit() -> str:
    command = ["git", "describe", "--always", "--dirty"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def main() -> None:
    our_time, their_time = microseconds(ours), microseconds(theirs, 200)
    sys.stdout.write(
        f"{platform.processor() or platform.machine()}, {cpu_count()} cores, "
        f"Python {platform.python_version()}, commit {commit()}\n"
        f"parse, {len(READS)} reads, {len(WRITES)} writes, encode; ADT of {len(ADT)} bytes\n"
        f"    ayni.vocabulary.hl7                 {our_time:8.1f} µs\n"
        f"    hl7 {library.__version__:<31} {their_time:8.1f} µs\n"
        f"    ratio                               {their_time / our_time:8.1f}\n"
        f"parse alone                             {microseconds(lambda: parse(ADT)):8.1f} µs\n"
        f"acknowledge with AA, encode             {microseconds(answer):8.1f} µs\n"
        f"parse an ACK, read MSA-1 and MSA-2      {microseconds(read_answer):8.1f} µs\n"
        f"type, control id and processing id      {microseconds(name_it):8.1f} µs\n"
        f"copy of a message that was read         {microseconds(copy):8.1f} µs\n"
    )


if __name__ == "__main__":
    main()

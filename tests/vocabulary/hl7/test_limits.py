"""No input makes the readers hang, recurse without bound or use much more memory than it has bytes."""

import sys
import time
import tracemalloc
from contextlib import contextmanager, suppress

import pytest

from ayni.vocabulary.hl7 import (
    MESSAGE_BYTES_MAX,
    Hl7Error,
    acknowledge_unreadable,
    dump,
    parse,
    split_batch,
    validate,
)

SECONDS_MAX = 10
"""Of the processor: far above what each takes (one or two), far below a reader that goes back (minutes)."""
MULTIPLE_MAX = 30
"""Bytes of memory for a byte of input: a field of two letters is an object of sixty bytes."""
SIZE = MESSAGE_BYTES_MAX // 4  # large enough to tell, four times sooner

HEAD = b"MSH|^~\\&|A|B|C|D|20261123||ORU^R01^ORU_R01|1|T|2.5.1||||||{}\r"
ORU = HEAD.replace(b"{}", b"UNICODE UTF-8")


def full(head: bytes, part: bytes) -> bytes:
    """The head and then the same again and again."""
    return head + part * ((SIZE - len(head)) // len(part))


HOSTILE = {
    "segments without fields": full(ORU, b"OBX\r"),
    "short segments": full(ORU, b"OBX|1|ST|X||a||||||F\r"),
    "empty fields": full(ORU + b"PID", b"|"),
    "short fields": full(ORU + b"PID", b"|ab"),
    "fields of the header": full(ORU[:-1], b"|"),
    "repetitions": full(ORU + b"PID|1||", b"~"),
    "short repetitions": full(ORU + b"PID|1||", b"ab~"),
    "components": full(ORU + b"PID|1||", b"^"),
    "subcomponents": full(ORU + b"PID|1||", b"a&"),
    "an open hexadecimal sequence": full(ORU + b"NTE|1||\\X", b"00"),
    "hexadecimal sequences": full(ORU + b"NTE|1||", b"\\X00\\"),
    "hexadecimal sequences cut short": full(ORU + b"NTE|1||", b"\\X00\\X"),
    "escape marks": full(ORU + b"NTE|1||", b"\\"),
    "unknown sequences": full(ORU + b"NTE|1||", b"\\Zab\\"),
    "an open sequence": full(ORU + b"NTE|1||\\", b"a"),
    "wide letters": full(ORU + b"NTE|1||", "😀".encode()),
    "carriage returns": full(ORU, b"\r"),
    "line feeds": full(ORU, b"\n") + b"x",
    "line feeds and a segment": full(ORU, b"\n\n\nPID"),
    "line feeds and carriage returns": full(ORU, b"\n\r"),
    "lines that are no segment": full(ORU, b"x\r"),
    "headers": full(ORU, b"MSH|\r"),
    "separators": full(b"MSH", b"|"),
    "character sets": full(ORU[:-1], b"~A"),
    "bytes that are no text": full(ORU, b"\xff"),
    "digits of a number": full(ORU + b"OBX|1|NM|X||", b"1") + b"x",
    "digits of a version": full(ORU.partition(b"2.5.1")[0], b"1"),
    "one control byte": b"\x00" * SIZE,
}


@pytest.fixture(autouse=True, scope="module")
def _definitions_are_read() -> None:
    """They stay in memory, and are no part of any message."""
    validate(parse(ORU))


@contextmanager
def within(size: int):
    """At most `SECONDS_MAX`, `MULTIPLE_MAX` bytes for each byte, and a few calls deep."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(_depth() + 60)
    tracemalloc.start()
    started = time.process_time()
    try:
        yield
        seconds = time.process_time() - started
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        sys.setrecursionlimit(limit)
    assert seconds < SECONDS_MAX
    assert peak < MULTIPLE_MAX * size


def _depth() -> int:
    frame, depth = sys._getframe(), 0
    while frame := frame.f_back:
        depth += 1
    return depth


def read_all(raw: bytes) -> None:
    message = parse(raw)
    for segment in message.segments():
        for number in (1, 3, 5, 99):
            assert isinstance(segment[f"{number}[9].2.2"], str)
            assert all(repetition["1"] is not None for repetition in segment.repetitions(number))
    message["PID-3[2].4"] = "x"
    message["NTE-3"] = message["NTE-3"]
    del message["PID-3[1]"]
    message.copy().encode()


def answer_unreadable(raw: bytes, at) -> None:
    error = Hl7Error("x", code=100, text="x")
    assert acknowledge_unreadable(raw, error, control_id="1", at=at).encode()


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize("use", [read_all, lambda raw: validate(parse(raw)), split_batch])
def test_hostile_input_is_read_soon_and_in_little_memory(kind, use):
    raw = HOSTILE[kind]
    with within(len(raw)), suppress(Hl7Error):
        use(raw)


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_input_is_answered_soon_and_in_little_memory(kind, at):
    raw = HOSTILE[kind]
    with within(len(raw)):
        answer_unreadable(raw, at)


@pytest.mark.parametrize("kind", ["repetitions", "short segments", "an open hexadecimal sequence"])
def test_hostile_input_is_shown_soon(kind):
    started = time.process_time()
    assert dump(parse(HOSTILE[kind])).startswith("MSH")
    assert time.process_time() - started < SECONDS_MAX


@pytest.mark.parametrize("piece", [b"BHS\r", b"MSH|^~\\&|A\r", b"\r\n", b"MSHX|\r", b"BHS|\rBTS|\r"])
def test_a_hostile_batch_is_split_soon_and_in_little_memory(piece):
    raw = full(b"FHS|^~\\&\r", piece)
    with within(len(raw)), suppress(Hl7Error):
        split_batch(raw).findings()

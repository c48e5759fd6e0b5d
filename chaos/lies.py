"""How a destination may answer other than with the truth, each as data: what it writes, waits and cuts off.

`means` is what the engine may make of it: `yes` only where the answer says yes to this message and to no
other. `keeps`: whether the destination took the message all the same.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from chaos.load import END, START

CLOSE, RESET, DEAF = "close", "reset", "deaf"
"""Ends the connection in order; ends it with a reset; reads nothing more for a while."""
Step = bytes | float | str
"""Bytes to write, seconds to wait, or one of the three above."""
LATE_SECONDS = 1.5
"""Longer than the engine waits for an answer in the runs that lie."""
HUGE_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class Answer:
    """What a destination does after one message. `is_early`: before the whole message has come."""

    steps: Callable[[bytes], Sequence[Step]]
    means: Literal["yes", "no", "nonsense"]
    keeps: bool = True
    is_early: bool = False


def framed(content: bytes) -> bytes:
    """One frame."""
    return START + content + END


def _said(old: bytes, new: bytes) -> Callable[[bytes], Sequence[Step]]:
    """The true answer with one thing changed."""
    return lambda answer: [framed(answer.replace(old, new, 1))]


def _other_id(answer: bytes) -> Sequence[Step]:
    head, _, _ = answer.rpartition(b"|")
    return [framed(head + b"|SOMEBODY-ELSE\r")]


def _no_id(answer: bytes) -> Sequence[Step]:
    head, _, _ = answer.partition(b"\rMSA|AA|")
    return [framed(head + b"\rMSA|AA|\r")]


def _code(code: bytes, reason: bytes = b"") -> Callable[[bytes], Sequence[Step]]:
    def say(answer: bytes) -> Sequence[Step]:
        error = b"ERR|||" + reason + b"^^HL70357|E\r" if reason else b""
        return [framed(answer.replace(b"MSA|AA|", b"MSA|" + code + b"|").partition(b"ZHO|")[0] + error)]

    return say


def _written(*steps: Step) -> Callable[[bytes], Sequence[Step]]:
    return lambda _: steps


def _with(make: Callable[[bytes], bytes]) -> Callable[[bytes], Sequence[Step]]:
    return lambda answer: [make(answer)]


def _bytewise(answer: bytes) -> Sequence[Step]:
    """Rests only now and then: a busy machine rests longer than it is told, and this must not come late."""
    pieces = (bytes([byte]) for byte in framed(answer))
    return [
        step for number, piece in enumerate(pieces) for step in (piece, *((0.0005,) * (number % 16 == 0)))
    ]


TRUTH = Answer(lambda answer: [framed(answer)], "yes")

LIES: dict[str, Answer] = {
    "never answers": Answer(_written(LATE_SECONDS * 2), "nonsense"),
    "answers late": Answer(lambda answer: [LATE_SECONDS, framed(answer)], "nonsense"),
    "reads nothing more": Answer(_written(DEAF), "nonsense"),
    "closes instead": Answer(_written(CLOSE), "nonsense"),
    "resets instead": Answer(_written(RESET), "nonsense"),
    "answers, then resets": Answer(lambda answer: [framed(answer), 0.05, RESET], "yes"),
    "closes in the middle of its answer": Answer(lambda answer: [framed(answer)[:40], CLOSE], "nonsense"),
    "answers before the message is complete": Answer(
        lambda answer: [framed(answer)], "nonsense", keeps=False, is_early=True
    ),
    "another control id": Answer(_other_id, "nonsense"),
    "no control id": Answer(_no_id, "nonsense"),
    "no MSA": Answer(_with(lambda answer: framed(answer.partition(b"\rMSA")[0] + b"\r")), "nonsense"),
    "no MSH": Answer(_with(lambda answer: framed(b"MSA" + answer.partition(b"\rMSA")[2])), "nonsense"),
    "two answers in one frame": Answer(_with(lambda answer: framed(answer + answer)), "nonsense"),
    "yes and no in one answer": Answer(_with(lambda answer: framed(answer + b"MSA|AE|X\r")), "nonsense"),
    "yes twice": Answer(_with(lambda answer: framed(answer) * 2), "yes"),
    "yes, then no": Answer(lambda answer: [framed(answer), *_code(b"AE")(answer)], "yes"),
    "a code of no table": Answer(_said(b"MSA|AA|", b"MSA|AX|"), "nonsense"),
    "AE": Answer(_code(b"AE"), "no", keeps=False),
    "AR": Answer(_code(b"AR"), "no", keeps=False),
    "CE": Answer(_code(b"CE"), "no", keeps=False),
    "CR": Answer(_code(b"CR"), "no", keeps=False),
    "AE 207, try later": Answer(_code(b"AE", b"207"), "nonsense", keeps=False),
    "AR 206, locked": Answer(_code(b"AR", b"206"), "nonsense", keeps=False),
    "CA, which takes responsibility": Answer(_code(b"CA"), "yes"),
    "no 0x1C": Answer(_with(lambda answer: START + answer + b"\r"), "nonsense"),
    "0x1C without 0x0D": Answer(_with(lambda answer: START + answer + b"\x1c"), "nonsense"),
    "0x0B in the control id": Answer(_said(b"MSA|AA|", b"MSA|AA|\x0b"), "nonsense"),
    "byte by byte": Answer(_bytewise, "yes"),
    "a byte order mark": Answer(_with(lambda answer: framed(b"\xef\xbb\xbf" + answer)), "yes"),
    "segments that end in LF": Answer(_with(lambda answer: framed(answer.replace(b"\r", b"\n"))), "yes"),
    "UTF-16": Answer(_with(lambda answer: framed(answer.decode().encode("utf-16"))), "nonsense"),
    "NUL bytes": Answer(_written(framed(b"\0" * 60)), "nonsense"),
    "an empty frame": Answer(_written(framed(b"")), "nonsense"),
    "XML": Answer(_written(framed(b"<ACK><MSA.1>AA</MSA.1></ACK>")), "nonsense"),
    "HTTP": Answer(_written(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", CLOSE), "nonsense"),
    "a TLS alert": Answer(_written(b"\x15\x03\x03\x00\x02\x02\x28"), "nonsense"),
    "four megabytes": Answer(_with(lambda answer: START + answer.ljust(HUGE_BYTES, b"x")), "nonsense"),
}

"""The messages of a run: what senders send, what each destination is owed for it, and what it answers.

Their people are invented: DNI in the test block, surname PRUEBA.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

AT = "20261123093015-0500"
DNI_FIRST, DNI_LAST = 99000000, 99000999
KINDS = ("plain", "handover", "merge", "filtered", "broken", "real")
WEIGHTS = (70, 12, 6, 6, 3, 3)
"""In a hundred: most are plain; some the channel filters, cannot translate, or must not take."""
OWES_NOTHING = frozenset({"filtered", "broken", "real"})


@dataclass(frozen=True, slots=True)
class Message:
    """One message as its sender knows it. `kind` says what the engine shall make of it."""

    src: str
    number: int
    kind: str
    lanes: tuple[str, ...]
    padding: int = 0

    @property
    def src_id(self) -> str:
        """Its control id: unique over all senders of a run."""
        return f"{self.src}-{self.number}"

    @property
    def raw(self) -> bytes:
        """The bytes to send."""
        lane, other = (*self.lanes, "")[:2]
        processing_id = "P" if self.kind == "real" else "T"
        return (
            f"MSH|^~\\&|{self.src}|LAB|AYNI|ENGINE|{AT}||ADT^A08^ADT_A01|{self.src_id}|{processing_id}|2.5.1"
            f"||||||UNICODE UTF-8\rPID|1||{lane}^^^RENIEC||PRUEBA^ÑAUPARI\r"
            f"ZCH|{self.number}|{self.kind}|{other}|{'x' * self.padding}\r"
        ).encode()


def draw(src: str, numbers: Sequence[int], lanes: Sequence[str], chance: Random) -> Iterator[Message]:
    """Messages of one sender with the usual mixture of kinds."""
    for number in numbers:
        (kind,) = chance.choices(KINDS, WEIGHTS)
        count = 2 if kind == "merge" and len(lanes) > 1 else 1
        padding = chance.choice((0, 0, 0, 200, 5_000))
        yield Message(src, number, kind, tuple(sorted(chance.sample(lanes, count))), padding)


def lanes_of(count: int, first: int = 0) -> list[str]:
    """So many patients, each a lane."""
    return [str(DNI_FIRST + (first + number) % (DNI_LAST - DNI_FIRST + 1)) for number in range(count)]


def field_of(raw: bytes, segment: bytes, number: int) -> str:
    """One field, found without the engine's own parser; counted as in the standard, MSH too."""
    line = next((each for each in raw.split(b"\r") if each.startswith(segment + b"|")), b"")
    fields = line.split(b"|")
    index = number - 1 if segment == b"MSH" else number
    return fields[index].decode("utf-8", "replace") if len(fields) > index else ""


def answer_to(raw: bytes, who: str) -> bytes:
    """What a destination says yes with: the same bytes to the same message, a handover where it asks for
    one."""
    control_id = field_of(raw, b"MSH", 10)
    hands_over = field_of(raw, b"ZCH", 2) == "handover"
    name = handover_id(control_id) if hands_over else f"A{control_id}"
    lane = field_of(raw, b"PID", 3).partition("^")[0]
    said = (
        f"MSH|^~\\&|{who}|HOSPITAL|AYNI|ENGINE|{AT}||ACK^A08^ACK|{name}|T|2.5.1||||||UNICODE UTF-8\r"
        f"MSA|AA|{control_id}\r"
    )
    return (said + (f"ZHO|{lane}\r" if hands_over else "")).encode()


def handover_id(control_id: str) -> str:
    """The control id of the message that an answer becomes."""
    return f"H{control_id}"

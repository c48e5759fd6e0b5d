"""Batches: many messages in one file or one transmission.

Source: HL7 v2.5.1, chapters 2.10.3 (batch protocol) and 2.15 (BHS, BTS, FHS, FTS).
A file is `[FHS] { [BHS] { messages } [BTS] } [FTS]`. Its pieces stay the bytes they were: a message that
cannot be parsed does not spoil the others, and what was split encodes to the same bytes.
"""

import re
from codecs import BOM_UTF8
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice, pairwise
from typing import Final

from ayni.vocabulary.hl7.dates import format_timestamp
from ayni.vocabulary.hl7.encoding import STANDARD, Encoding, encoding
from ayni.vocabulary.hl7.errors import Hl7Error
from ayni.vocabulary.hl7.finding import Finding, Location, at_most
from ayni.vocabulary.hl7.message import Message
from ayni.vocabulary.hl7.segment import Segment

BATCH_BYTES_MAX: Final = 64 << 20  # a night of one hospital's messages; it is held in memory whole

BATCH_PIECES_MAX: Final = 200_000  # messages, headers and trailers: each costs memory beside its bytes

_NEXT: Final = re.compile(rb"[\r\n](?=(?:FHS|BHS|MSH|BTS|FTS)(?![A-Za-z0-9]))")


@dataclass(frozen=True, slots=True)
class Batch:
    """The messages between one BHS and its BTS; either may be absent, and is then empty."""

    messages: tuple[bytes, ...]
    header: bytes = b""
    trailer: bytes = b""

    @property
    def envelope(self) -> Message:
        """BHS and BTS to read, e.g. `envelope["BHS-11"]`."""
        return _envelope(self.header, self.trailer)

    def encode(self) -> bytes:
        return b"".join([self.header, *self.messages, self.trailer])


@dataclass(frozen=True, slots=True)
class BatchFile:
    """The batches between one FHS and its FTS; either may be absent, and is then empty."""

    batches: tuple[Batch, ...]
    header: bytes = b""
    trailer: bytes = b""

    @property
    def envelope(self) -> Message:
        """FHS and FTS to read, e.g. `envelope["FHS-9"]`."""
        return _envelope(self.header, self.trailer)

    @property
    def messages(self) -> list[bytes]:
        """The messages of all batches in order, each ready for `parse`."""
        return [message for batch in self.batches for message in batch.messages]

    def encode(self) -> bytes:
        """The same bytes that were split."""
        return b"".join([self.header, *(batch.encode() for batch in self.batches), self.trailer])

    def findings(self) -> list[Finding]:
        """Trailers that are missing, and counts (BTS-1, FTS-1) other than what was found.

        Either may mean that the end was lost on the way. At most `FINDINGS_MAX`.
        """
        return at_most(self._findings(), Location("FHS", (1,)))

    def _findings(self) -> Iterator[Finding]:
        yield from _check(Location("FTS", (1,)), self.header, self.trailer, self.envelope, len(self.batches))
        for number, batch in enumerate(self.batches, start=1):
            where = Location("BTS", (number,))
            yield from _check(where, batch.header, batch.trailer, batch.envelope, len(batch.messages))


def split_batch(raw: bytes) -> BatchFile:
    """Split a batch into its messages. One that is no more than messages in a row is read as a batch too.

    Raises `Hl7Error`: 100 for what does not begin with FHS, BHS or MSH or holds them in an impossible order,
    104 above `BATCH_BYTES_MAX` or `BATCH_PIECES_MAX`.
    """
    if len(raw) > BATCH_BYTES_MAX:
        raise _too_large(f"expected at most {BATCH_BYTES_MAX} bytes, found {len(raw)}")
    pieces = _pieces(raw)
    header = pieces.pop(0) if _name(pieces[0]) == b"FHS" else b""
    trailer = pieces.pop() if pieces and _name(pieces[-1]) == b"FTS" else b""
    return BatchFile(tuple(_batches(pieces)), header, trailer)


def new_batch(
    messages: Sequence[bytes],
    *,
    control_id: str,
    at: datetime,
    sender: tuple[str, str],
    receiver: tuple[str, str],
) -> BatchFile:
    """One batch in one file, with its counts; `encode` gives the bytes to send.

    `sender` and `receiver` are (application, facility). Raises ValueError for a time without a zone.
    """
    fields = dict(enumerate((*sender, *receiver, format_timestamp(at)), start=3)) | {11: control_id}
    header, trailer = _segment("BHS", fields), f"BTS|{len(messages)}\r".encode()
    batch = Batch(tuple(map(_ended, messages)), header, trailer)
    return BatchFile((batch,), _segment("FHS", fields), b"FTS|1\r")


def _segment(name: str, fields: dict[int, str]) -> bytes:
    segment = Segment(f"{name}|^~\\&", STANDARD)
    for number, text in fields.items():
        segment[number] = text
    return f"{segment.encode()}\r".encode()


def _ended(message: bytes) -> bytes:
    return message if message.endswith((b"\r", b"\n")) else message + b"\r"


def _pieces(raw: bytes) -> list[bytes]:
    """Each header, trailer and message; together they are `raw`."""
    if _name(raw) not in (b"FHS", b"BHS", b"MSH"):
        reason = "expected FHS, BHS or MSH first, found something else"
        raise Hl7Error(reason, code=100, text="El lote no empieza con FHS, BHS ni MSH.")
    starts = [0, *(found.end() for found in islice(_NEXT.finditer(raw), BATCH_PIECES_MAX))]
    if len(starts) > BATCH_PIECES_MAX:
        raise _too_large(f"expected at most {BATCH_PIECES_MAX} messages, headers and trailers, found more")
    return [raw[start:end] for start, end in pairwise([*starts, len(raw)])]


def _name(piece: bytes) -> bytes:
    """The first piece may begin with the mark of an editor, which stays in it."""
    return piece[: len(BOM_UTF8) + 3].removeprefix(BOM_UTF8)[:3]


def _too_large(reason: str) -> Hl7Error:
    return Hl7Error(reason, code=104, text="El lote es demasiado grande.")


def _batches(pieces: list[bytes]) -> Iterator[Batch]:
    header, messages, is_open = b"", list[bytes](), False
    for piece in pieces:
        name = _name(piece)
        if name == b"MSH":
            messages.append(piece)
        elif name == b"BHS":
            if is_open:
                yield Batch(tuple(messages), header)
            header, messages = piece, []
        elif name == b"BTS" and is_open:
            yield Batch(tuple(messages), header, piece)
            header, messages = b"", []
        else:
            raise _out_of_place(name.decode())
        is_open = name != b"BTS"
    if is_open:
        yield Batch(tuple(messages), header)


def _out_of_place(name: str) -> Hl7Error:
    return Hl7Error(
        f"found {name} out of place", code=100, text=f"El segmento {name} del lote está fuera de lugar."
    )


def _envelope(header: bytes, trailer: bytes) -> Message:
    written = _separators(header)
    lines = [_line(header), _line(trailer)]
    return Message([line for line in lines if line], written)


def _separators(header: bytes) -> Encoding:
    line = _line(header)
    try:
        return encoding(line[3:4] + line[4:].partition(line[3:4])[0], STANDARD.codec)
    except (Hl7Error, ValueError):
        return STANDARD  # no header, or one whose separators cannot be told apart


def _line(piece: bytes) -> str:
    """The segment itself. It names no character set; bytes that are not UTF-8 are shown as unreadable."""
    return re.split(rb"[\r\n]", piece.removeprefix(BOM_UTF8), maxsplit=1)[0].decode("utf_8", "replace")


def _check(
    where: Location, header: bytes, trailer: bytes, envelope: Message, count: int
) -> Iterator[Finding]:
    if header and not trailer:
        yield where.finding(
            100, "Falta el segmento {}: el lote puede estar incompleto.", "expected {}, found none"
        )
    stated = envelope[f"{where.segment}-1"].strip()
    if stated and not stated.isdecimal():
        yield where.inside(1).finding(102, "El número de {} no es válido.", "expected a whole number in {}")
    elif stated and stated.lstrip("0") != str(count).lstrip("0"):
        # Compared as text: nobody has to turn a number of a million digits into an integer.
        reason = f"the number in {{}} is not that of what was found, {count}"
        yield where.inside(1).finding(100, f"El lote anuncia otra cantidad; se encontraron {count}.", reason)

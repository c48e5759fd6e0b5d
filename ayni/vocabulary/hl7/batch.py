"""Batches: many messages in one file or one transmission.

Source: HL7 v2.5.1, chapters 2.10.3 (batch protocol) and 2.15 (BHS, BTS, FHS, FTS).
A file is `[FHS] { [BHS] { messages } [BTS] } [FTS]`. Its pieces stay the bytes they were: a message that
cannot be parsed does not spoil the others, and what was split encodes to the same bytes.
"""

import re
from codecs import BOM_UTF8
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ayni.vocabulary.hl7.encoding import STANDARD, Encoding, encoding
from ayni.vocabulary.hl7.errors import Hl7Error
from ayni.vocabulary.hl7.finding import Finding, Location
from ayni.vocabulary.hl7.message import Message
from ayni.vocabulary.hl7.segment import Segment

BATCH_BYTES_MAX: Final = 64 << 20  # a night of one hospital's messages; it is held in memory whole

_START: Final = re.compile(rb"(?:\A|(?<=[\r\n]))(?:FHS|BHS|MSH|BTS|FTS)(?![A-Za-z0-9])")


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

        Either may mean that the end was lost on the way.
        """
        found = [*_check(Location("FTS", (1,)), self.header, self.trailer, self.envelope, len(self.batches))]
        for number, batch in enumerate(self.batches, start=1):
            where = Location("BTS", (number,))
            found += _check(where, batch.header, batch.trailer, batch.envelope, len(batch.messages))
        return found


def split_batch(raw: bytes) -> BatchFile:
    """Split a batch into its messages. One that is no more than messages in a row is read as a batch too.

    Raises `Hl7Error`: 100 for what does not begin with FHS, BHS or MSH or holds them in an impossible order,
    104 above `BATCH_BYTES_MAX`.
    """
    if len(raw) > BATCH_BYTES_MAX:
        reason = f"expected at most {BATCH_BYTES_MAX} bytes, found {len(raw)}"
        raise Hl7Error(reason, code=104, text="El lote es demasiado grande.")
    pieces = _pieces(raw)
    header = pieces.pop(0)[1] if pieces[0][0] == b"FHS" else b""
    trailer = pieces.pop()[1] if pieces and pieces[-1][0] == b"FTS" else b""
    return BatchFile(tuple(_batches(pieces)), header, trailer)


def _pieces(raw: bytes) -> list[tuple[bytes, bytes]]:
    """The name and the bytes of each header, trailer and message; together they are `raw`."""
    body = raw.removeprefix(BOM_UTF8)
    starts = [found.start() + len(raw) - len(body) for found in _START.finditer(body)]
    if not starts or not body.startswith((b"FHS", b"BHS", b"MSH")):
        reason = "expected FHS, BHS or MSH first, found something else"
        raise Hl7Error(reason, code=100, text="El lote no empieza con FHS, BHS ni MSH.")
    # The mark of an editor, if any, belongs to the first piece.
    ends = [*starts[1:], len(raw)]
    names = [raw[start : start + 3] for start in starts]
    return list(zip(names, map(raw.__getitem__, map(slice, [0, *starts[1:]], ends)), strict=True))


def _batches(pieces: list[tuple[bytes, bytes]]) -> Iterator[Batch]:
    header, messages, is_open = b"", list[bytes](), False
    for name, piece in pieces:
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
    return Message([Segment(line, written) for line in lines if line], written)


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

"""From bytes to a `Message`. Fields are not looked at here: a segment splits itself when it is read."""

import re
from codecs import BOM_UTF8
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from ayni.vocabulary.hl7.encoding import Encoding, encoding, encoding_of, location_of_end
from ayni.vocabulary.hl7.errors import Hl7Error, data_type_error
from ayni.vocabulary.hl7.message import Message
from ayni.vocabulary.hl7.segment import Segment

MESSAGE_BYTES_MAX: Final = 1 << 20  # a megabyte: room for a scanned referral, far below memory


def parse(raw: bytes) -> Message:
    """Read a message. What had to be repaired to do so is named in its `repairs`.

    Raises `Hl7Error`: 100 without MSH or with a line that is no segment, 102 for separators, a character
    set or bytes that cannot be read, 104 above `MESSAGE_BYTES_MAX`.
    """
    if len(raw) > MESSAGE_BYTES_MAX:
        reason = f"expected at most {MESSAGE_BYTES_MAX} bytes, found {len(raw)}"
        raise Hl7Error(reason, code=104, text="El mensaje es demasiado grande.")
    repairs: list[str] = []
    body = _without_mark(raw, repairs)
    body = _with_cr(body, repairs) if b"\n" in body else body
    written = _encoding_of(body, repairs)
    text = _decoded(body, written)
    _check_names(text, written.field)
    lines = text.split("\r")
    terminator = "" if lines[-1] else "\r"
    if terminator:
        lines.pop()
    if "" in lines:
        lines = [line for line in lines if line]
        repairs.append("empty segments removed")
    segments = [Segment(line, written) for line in lines]
    return Message(segments, written, raw=raw, repairs=tuple(repairs), terminator=terminator)


def _without_mark(raw: bytes, repairs: list[str]) -> bytes:
    """From `MSH` on: files saved by editors begin with a UTF-8 byte order mark."""
    body = raw.removeprefix(BOM_UTF8)
    if not body.startswith(b"MSH"):
        reason = "expected MSH first, found something else"
        raise Hl7Error(reason, code=100, text="El mensaje no empieza con el segmento MSH.")
    if body is not raw:
        repairs.append("byte order mark removed")
    return body


def _with_cr(raw: bytes, repairs: list[str]) -> bytes:
    """Line feeds that end a segment become CR; those inside the text of a field stay."""
    if b"\r" not in raw:
        repairs.append("segments ended in LF")
        return raw.replace(b"\n", b"\r")
    body = raw.replace(b"\r\n", b"\r")
    if body != raw:
        repairs.append("segments ended in CRLF")
    mixed = re.sub(rb"\n+(?=[A-Z][A-Z0-9]{2}%b|\Z)" % re.escape(raw[3:4]), b"\r", body)
    if mixed != body:
        repairs.append("some segments ended in LF")
    return mixed


def _encoding_of(body: bytes, repairs: list[str]) -> Encoding:
    header, _, _ = body.partition(b"\r")
    declared = encoding_of(header)
    if declared.codec != "ascii" or body.isascii():
        return declared
    # UTF-8 is never met by accident; any other reading of an undeclared set would be a guess at names.
    repairs.append("MSH-18 said ASCII, read as UTF-8")
    return encoding(declared.separators, "utf_8")


def _decoded(body: bytes, written: Encoding) -> str:
    try:
        return body.decode(written.codec)
    except UnicodeDecodeError as error:
        raise data_type_error(
            f"expected {written.codec} text, found byte {error.start} that is none",
            location_of_end(body[: error.start].decode("latin_1"), written),
            "El texto no corresponde al juego de caracteres de MSH-18.",
        ) from error


def _check_names(text: str, field: str) -> None:
    found = _stray_line(field)(text)
    if found is None:
        return
    number = 1 + sum(map(bool, text[: found.start()].split("\r")))
    reason = f"line {number}: expected a segment name of three characters other than MSH"
    raise Hl7Error(reason, code=100, text=f"La línea {number} no es un segmento válido.")


@lru_cache(maxsize=64)
def _stray_line(field: str) -> Callable[[str], re.Match[str] | None]:
    """Finds a line, after the first, that is neither empty nor a segment; one search is cheaper than many."""
    return re.compile(rf"\r(?!(?!MSH)[A-Z][A-Z0-9]{{2}}(?:{re.escape(field)}|\r|\Z)|\r|\Z)").search

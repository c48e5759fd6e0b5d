"""From bytes to a `Message`. Fields are not looked at here: a segment splits itself when it is read."""

import re
from codecs import BOM_UTF8
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from ayni.vocabulary.hl7.encoding import Encoding, encoding, encoding_of, location_of_end
from ayni.vocabulary.hl7.errors import Hl7Error, data_type_error
from ayni.vocabulary.hl7.message import Message

_MARK_LOST: Final = "^~&"

MESSAGE_BYTES_MAX: Final = 1 << 20  # a megabyte: room for a scanned referral, far below memory
SEGMENTS_MAX: Final = 50_000  # twice what a megabyte of short results holds; each costs memory of its own


def parse(raw: bytes) -> Message:
    """Read a message. What had to be repaired to do so is named in its `repairs`.

    Raises `Hl7Error`: 100 without MSH or with a line that is no segment, 102 for separators, a character
    set or bytes that cannot be read, 104 above `MESSAGE_BYTES_MAX` or `SEGMENTS_MAX`.
    """
    if not isinstance(raw, bytes):
        raise TypeError(f"expected bytes, found {type(raw).__name__}")
    if len(raw) > MESSAGE_BYTES_MAX:
        raise _too_large(f"expected at most {MESSAGE_BYTES_MAX} bytes, found {len(raw)}")
    repairs: list[str] = []
    body = raw if raw.startswith(b"MSH") else _without_mark(raw, repairs)
    if body.find(b"\n") >= 0:
        body = _with_cr(body, repairs)
    written = _encoding_of(body, repairs)
    text = _decoded(body, written)
    if written.separators[1:] == _MARK_LOST:
        written, text = _with_escape_mark(written, text, repairs)
    lines, names = _segments(text, written.field, repairs)
    terminator = "\r" if text.endswith("\r") else ""
    return Message(lines, written, names=names, raw=raw, repairs=tuple(repairs), terminator=terminator)


def _segments(text: str, field: str, repairs: list[str]) -> tuple[list[str], list[str]]:
    """The text and the name of each segment."""
    lines = text.split("\r")
    if not lines[-1]:
        lines.pop()
    if len(lines) > SEGMENTS_MAX:
        raise _too_large(f"expected at most {SEGMENTS_MAX} segments, found {len(lines)}")
    names = ["MSH", *_names_after_first(field)(text)]
    if len(names) < len(lines):
        lines = _without_empty(lines, repairs)
    if len(names) < len(lines) or names.count("MSH") > 1:
        raise _stray_line(lines, field)
    return lines, names


def _too_large(reason: str) -> Hl7Error:
    return Hl7Error(reason, code=104, text="El mensaje es demasiado grande.")


def _without_mark(raw: bytes, repairs: list[str]) -> bytes:
    """From `MSH` on: files saved by editors begin with a UTF-8 byte order mark."""
    body = raw.removeprefix(BOM_UTF8)
    if not body.startswith(b"MSH"):
        reason = "expected MSH first, found something else"
        raise Hl7Error(reason, code=100, text="El mensaje no empieza con el segmento MSH.")
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
    elif raw.count(b"\n\r") == raw.count(b"\r"):
        body = raw.replace(b"\n\r", b"\r")
        repairs.append("segments ended in LFCR")
    mixed = re.sub(rb"(?<!\n)\n++(?=[A-Z][A-Z0-9]{2}%b|\Z)" % re.escape(raw[3:4]), b"\r", body)
    if mixed != body:
        repairs.append("some segments ended in LF")
    return mixed


def _encoding_of(body: bytes, repairs: list[str]) -> Encoding:
    header, _, _ = body.partition(b"\r")
    declared, repair = encoding_of(header)
    if repair:
        repairs.append(repair)
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


def _with_escape_mark(written: Encoding, text: str, repairs: list[str]) -> tuple[Encoding, str]:
    """Programs that read `\\` in a string as an escape of their own lose it from MSH-2."""
    repairs.append(rf"MSH-2 said {_MARK_LOST}, read as ^~\&")
    separators = f"{written.field}^~\\&"
    return encoding(separators, written.codec), f"MSH{separators}{text[7:]}"


def _without_empty(lines: list[str], repairs: list[str]) -> list[str]:
    if "" not in lines:
        return lines
    repairs.append("empty segments removed")
    return [line for line in lines if line]


@lru_cache(maxsize=64)
def _names_after_first(field: str) -> Callable[[str], list[str]]:
    """Finds the names of the segments; one search over the text is cheaper than a look at each line."""
    return re.compile(rf"\r([A-Z][A-Z0-9]{{2}})(?![^{re.escape(field)}\r])").findall


def _stray_line(lines: list[str], field: str) -> Hl7Error:
    """The first line behind the header that is no segment, or a second header."""
    names_of = _names_after_first(field)
    strays = (number for number, line in enumerate(lines, 1) if names_of("\r" + line) in ([], ["MSH"]))
    number = next(number for number in strays if number > 1)
    reason = f"line {number}: expected a segment name of three characters other than MSH"
    return Hl7Error(reason, code=100, text=f"La línea {number} no es un segmento válido.")

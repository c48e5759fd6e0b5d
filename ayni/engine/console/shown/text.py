"""Content as text: in its own character set, and back to bytes when a person has changed it."""

import codecs
import json

from ayni.vocabulary.hl7 import Hl7Error, parse

HL7_START = "MSH"


def charset_of(raw: bytes) -> str:
    """The character set the bytes are written in, "" when they are no text."""
    if raw.startswith(b"MSH"):
        try:
            return codecs.lookup(parse(raw).encoding.codec).name
        except Hl7Error:
            pass
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return ""
    return "utf-8"


def text_of(raw: bytes) -> str:
    """The text; bytes that are none are shown as replacement characters."""
    return raw.decode(charset_of(raw) or "utf-8", "replace")


def readable(text: str) -> str:
    """For a person's eyes: HL7 v2 one segment a line, JSON indented."""
    if text.startswith(HL7_START):
        return text.replace("\r\n", "\n").replace("\r", "\n").rstrip()
    try:
        return json.dumps(json.loads(text, parse_float=str), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        return text


def bytes_of(text: str, charset: str) -> bytes:
    """What a person wrote, as bytes; line ends of HL7 v2 become carriage returns.

    Raises UnicodeEncodeError.
    """
    if text.startswith(HL7_START):
        lines = text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n").split("\n")
        text = "".join(f"{line}\r" for line in lines)
    return text.encode(charset)

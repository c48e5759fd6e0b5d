"""How one message is written: its separators, its character set, its escape sequences.

Source: HL7 v2.5.1, chapters 2.5.4 (delimiters), 2.7 (escape sequences), 2.15.9.18 (MSH-18) and table 0211;
the truncation character and `\\P\\` come from v2.7.
"""

import re
import string
from functools import cached_property, lru_cache
from typing import Final

from ayni.vocabulary.hl7.errors import data_type_error
from ayni.vocabulary.hl7.path import is_segment_name

CODECS: Final = {
    "": "ascii",
    "ASCII": "ascii",
    "8859/1": "iso8859_1",
    "8859/15": "iso8859_15",
    "UNICODE": "utf_8",
    "UNICODE UTF-8": "utf_8",
}

_OTHER_SPELLINGS: Final = {
    **{name: name for name in CODECS},
    **dict.fromkeys(["US-ASCII"], "ASCII"),
    **dict.fromkeys(["ISO-8859-1", "ISO8859-1", "ISO 8859/1", "8859-1"], "8859/1"),
    **dict.fromkeys(["ISO-8859-15", "ISO8859-15", "ISO 8859/15", "8859-15"], "8859/15"),
    **dict.fromkeys(["UTF-8", "UTF8", "UNICODE UTF8", "UNICODE-UTF-8"], "UNICODE UTF-8"),
}
"""What senders write, in either case, for a name of table 0211."""

_CHARSETS_BYTES_MAX: Final = 200  # of MSH-18; a name that is cut is an unknown one

# Letters, digits and the dot spell the escape sequences themselves; as separators they would be ambiguous.
_SEPARATORS_ALLOWED: Final = frozenset(string.punctuation) - {"."}

ABSENT: Final = "\ud801\ud802"
"""Stand for an escape mark and a subcomponent separator that MSH-2 leaves out: no decoded text has these."""


class Encoding:
    """The separators of MSH-1 and MSH-2 and the Python codec that MSH-18 stands for."""

    def __init__(self, separators: str, codec: str) -> None:
        """`separators` is MSH-1 followed by MSH-2, e.g. `|^~\\&` or, since v2.7, `|^~\\&#`.

        Raises `Hl7Error` 102 at MSH-1 or MSH-2 when they cannot be told apart.
        """
        _require_distinct(separators)
        self.separators = separators
        self.codec = codec
        marks = separators[:5] + ABSENT[len(separators) - 3 :]
        self.field, self.component, self.repetition, self.escape_mark, self.subcomponent = [*marks]
        self._special = re.compile(f"[{re.escape(separators)}\x00-\x1f\x7f]")

    def escape(self, text: str) -> str:
        """Plain text as it may stand in a field."""
        return self._special.sub(lambda found: self._sequence_of[found[0]], text)

    def unescape(self, text: str) -> str:
        """The plain text of a leaf. Sequences without a plain meaning stay as they are."""
        if self.escape_mark not in text:
            return text
        return self._sequences.sub(self._meaning, text)

    def _meaning(self, found: re.Match[str]) -> str:
        if found["hex"] is None:
            return self._text_of.get(found["word"], found[0])
        digits = found["hex"].replace(self.escape_mark, "").replace("X", "")
        try:
            return bytes.fromhex(digits).decode(self.codec)
        except UnicodeDecodeError:
            return found[0]

    @cached_property
    def _sequences(self) -> re.Pattern[str]:
        mark = re.escape(self.escape_mark)
        # A run of \X..\ is read as one: senders split a UTF-8 character over two sequences.
        run = f"(?P<hex>(?:{mark}X(?:[0-9A-Fa-f]{{2}})++{mark})++)"
        # Only what can spell a sequence, so that a stray mark in prose does not swallow the next sequence.
        signs = re.escape("+-".replace(self.escape_mark, ""))
        return re.compile(f"{run}|{mark}(?P<word>[A-Za-z0-9.{signs}]++){mark}")

    @cached_property
    def _delimiter_of(self) -> dict[str, str]:
        return dict(zip("FSRETP", self.separators, strict=False))

    @cached_property
    def _text_of(self) -> dict[str, str]:
        return {".br": "\n", "H": "", "N": "", **self._delimiter_of}

    @cached_property
    def _sequence_of(self) -> dict[str, str]:
        mark = self.escape_mark
        controls = {chr(code): f"{mark}X{code:02X}{mark}" for code in (*range(32), 127)}
        delimiters = {delimiter: f"{mark}{letter}{mark}" for letter, delimiter in self._delimiter_of.items()}
        return controls | delimiters | {"\n": f"{mark}.br{mark}"}


@lru_cache(maxsize=64)
def encoding(separators: str, codec: str) -> Encoding:
    """The one `Encoding` of this pair: its tables are built once. Raises as `Encoding` does."""
    return Encoding(separators, codec)


def _require_distinct(separators: str) -> None:
    if separators[:1] not in _SEPARATORS_ALLOWED:
        raise data_type_error(
            "MSH-1: expected one punctuation mark", "MSH^1^1", "El separador de campos (MSH-1) no es válido."
        )
    if len(separators) not in range(3, 7) or not _SEPARATORS_ALLOWED.issuperset(separators):
        raise data_type_error(
            "MSH-2: expected 2 to 5 punctuation marks",
            "MSH^1^2",
            "Los caracteres de codificación (MSH-2) no son válidos.",
        )
    if len(set(separators)) < len(separators):
        raise data_type_error(
            "MSH-1, MSH-2: expected marks that differ from each other",
            "MSH^1^2",
            "Los caracteres de codificación (MSH-2) se repiten.",
        )


STANDARD: Final = encoding("|^~\\&", "utf_8")


def encoding_of(header: bytes) -> tuple[Encoding, str]:
    """The `Encoding` an MSH segment declares, and what had to be repaired to understand it, if anything.

    `header` begins with `MSH`. Raises `Hl7Error` 102 at MSH-1, MSH-2 or MSH-18.
    """
    separator = header[3:4]
    fields = header.split(separator, 18) if separator else []
    marks = fields[1] if len(fields) > 1 else b""
    charsets = fields[17] if len(fields) > 17 else b""
    return _declared(separator + marks, charsets[:_CHARSETS_BYTES_MAX])


def in_charset(written: Encoding, charsets: str) -> Encoding:
    """The same separators in the character set that a new MSH-18 names. Raises as `encoding_of` does."""
    declared, _ = _declared(written.separators.encode(), charsets.encode("utf_8", "replace"))
    return declared


@lru_cache(maxsize=64)
def _declared(separators: bytes, charsets: bytes) -> tuple[Encoding, str]:
    """Senders repeat themselves: what was understood once is not taken apart again."""
    written = encoding(separators.decode("latin_1"), "ascii")
    said = [written.unescape(name).strip() for name in charsets.decode("latin_1").split(written.repetition)]
    first, *others = [_OTHER_SPELLINGS.get(name.upper(), name) for name in said]
    written = encoding(written.separators, CODECS.get(first, "ascii"))
    # The message starts in the first set. Another one is met behind an ISO 2022 sequence, which is not read
    # here; in UTF-8 there is no need for it.
    if first not in CODECS or (written.codec != "utf_8" and not CODECS.keys() >= set(others)):
        raise data_type_error(
            f"MSH-18: expected one of {', '.join(filter(None, CODECS))}; found another character set",
            "MSH^1^18",
            "No se admite el juego de caracteres de MSH-18. Use UNICODE UTF-8.",
        )
    return written, f"MSH-18 said {said[0]}, read as {first}" if first != said[0] else ""


def escape(text: str, written: Encoding = STANDARD) -> str:
    """Plain text as it may stand in a field of a message written that way."""
    return written.escape(text)


def unescape(text: str, written: Encoding = STANDARD) -> str:
    """The plain text of one leaf (a field, component or subcomponent without separators)."""
    return written.unescape(text)


def location_of_end(text: str, written: Encoding) -> str:
    """The ERR-2 location (segment, sequence, field) at which `text`, the beginning of a message, stops.

    "" in a line that is no segment: its beginning may be anything.
    """
    lines = text.split("\r")
    name = lines[-1][:3]
    if not is_segment_name(name):
        return ""
    sequence = sum(line[:3] == name for line in lines)
    field = lines[-1].count(written.field) + (name == "MSH")
    return f"{name}^{sequence}^{field}"

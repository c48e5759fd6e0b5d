"""Telling what is certainly not ER7 by its first bytes, so that no second parser is ever asked.

Nothing is read here: a format is named, for one log line, and its bytes are let go.
"""

HEAD_BYTES = 64
"""More than the longest beginning below, with the white space a sender may put before it."""

_BLANK = b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n"
"""Byte order marks, filling and white space."""

_METHODS = (b"GET", b"POST", b"PUT", b"PATCH", b"HEAD", b"DELETE", b"OPTIONS", b"TRACE", b"CONNECT", b"PRI")

_BEGINNINGS: tuple[tuple[str, tuple[bytes, ...]], ...] = (
    ("xml", (b"<",)),
    ("json", (b"{", b"[")),
    ("http", (b"HTTP/", *(method + b" " for method in _METHODS))),
    ("tls", (b"\x16\x03", b"\x15\x03")),
    ("zip", (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")),
)


def stranger(head: bytes) -> str:
    """`xml`, `json`, `http`, `tls` or `zip` for bytes that begin so, empty for all others."""
    begun = head[:HEAD_BYTES].lstrip(_BLANK)
    return next((name for name, beginnings in _BEGINNINGS if begun.startswith(beginnings)), "")

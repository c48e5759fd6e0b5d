"""What HL7 v2.3 to v2.8 define: segments, data types, message structures and the codes of tables.

`definitions.zip` holds one JSON file per version, written by `generate.py`; NOTICE names its sources. A
version is read when it is first asked for, never at import.
"""

import zipfile
from functools import lru_cache
from pathlib import Path
from typing import Final

import msgspec

VERSIONS: Final = ("2.3", "2.3.1", "2.4", "2.5", "2.5.1", "2.6", "2.7", "2.8")

_OURS: Final = "2.5.1"
_ARCHIVE: Final = Path(__file__).with_name("definitions.zip")


class Element(msgspec.Struct, frozen=True, array_like=True):
    """A field of a segment or a component of a data type."""

    name: str
    type: str  # a data type, `varies`, or `WD` for withdrawn
    required: bool
    most: int  # how often it may repeat; 0: any number
    length: int  # in characters; 0: the version sets no limit
    table: str  # its number, such as 0001; "" when it has none


class SegmentDefinition(msgspec.Struct, frozen=True, array_like=True):
    name: str
    fields: tuple[Element, ...]


class Part(msgspec.Struct, frozen=True, array_like=True):
    """A segment or, when it has `parts`, a group of a message structure."""

    name: str
    least: int
    most: int  # 0: any number
    parts: tuple["Part", ...] = ()
    choice: bool = False  # one of the parts, not all of them


class Definitions(msgspec.Struct, frozen=True):
    """One version of the standard."""

    segments: dict[str, SegmentDefinition]
    types: dict[str, tuple[Element, ...]]
    structures: dict[str, tuple[Part, ...]]
    tables: dict[str, frozenset[str]]
    """By number; a table whose values are not all known, such as one with a pattern in it, is not here."""


def nearest(version: str) -> str:
    """The version described here that comes closest: itself, else the last before it, else the first.

    What is no version at all, such as an absent one, is read as the one this project speaks.
    """
    wanted = _numbers(version)
    if not wanted:
        return _OURS
    return max((known for known in VERSIONS if _numbers(known) <= wanted), key=_numbers, default=VERSIONS[0])


@lru_cache(maxsize=len(VERSIONS))
def definitions(version: str) -> Definitions:
    """What `version` (one of `VERSIONS`) defines; some 5 ms the first time. Raises ValueError for another."""
    if version not in VERSIONS:
        raise ValueError(f"expected one of {', '.join(VERSIONS)}, found {version!r}")
    with zipfile.ZipFile(_ARCHIVE) as archive:
        return msgspec.json.decode(archive.read(f"{version}.json"), type=Definitions, strict=False)


def _numbers(version: str) -> tuple[int, ...]:
    """`2.5.1` as numbers that compare; () for what is no version."""
    parts = version.split(".")
    return tuple(map(int, parts)) if all(part.isdecimal() and len(part) < 4 for part in parts) else ()

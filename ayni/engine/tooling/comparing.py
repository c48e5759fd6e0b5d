"""Comparing what came of a sample with the file beside it, in the words of its format."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import takewhile
from pathlib import Path
from typing import Any

import msgspec

from ayni.engine.tooling.difference import Difference, FileDifference, Items, paired
from ayni.engine.tooling.hl7_difference import hl7_differences
from ayni.engine.tooling.json_difference import json_differences
from ayni.engine.tooling.sample import ANSWER, Sample, content_of
from ayni.vocabulary.hl7 import Hl7Error, Message, parse

AROUND = 20
"""Bytes shown on both sides of a place that has no other name."""

_decoder = msgspec.json.Decoder(float_hook=Decimal)


def differences(expected: bytes, found: bytes) -> tuple[Difference, ...]:
    """Where two contents differ, nowhere when they say the same.

    JSON is compared by its values and digits, since a sample is indented for its readers; everything else
    byte by byte.
    """
    if expected == found:
        return ()
    ours, theirs = _json(expected), _json(found)
    if ours is not None and theirs is not None:
        return tuple(json_differences(ours, theirs))
    message, other = _hl7(expected), _hl7(found)
    if message is not None and other is not None:
        return tuple(hl7_differences(message, other)) or (_first_byte(expected, found),)
    return tuple(_lines(expected, found)) or (_first_byte(expected, found),)


def _json(content: bytes) -> Any:
    """The document, None for what is no object and no array."""
    if content.lstrip()[:1] not in (b"{", b"["):
        return None
    try:
        return _decoder.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _hl7(content: bytes) -> Message | None:
    try:
        return parse(content) if content.startswith(b"MSH") else None
    except Hl7Error:
        return None


def _lines(expected: bytes, found: bytes) -> Iterator[Difference]:
    ours, theirs = (content.decode("utf-8", "replace").splitlines() for content in (expected, found))
    for one, other in paired(Items(ours, ["line"] * len(ours)), Items(theirs, ["line"] * len(theirs))):
        line = one if one is not None else other
        yield Difference(
            f"line {(line or 0) + 1}",
            None if one is None else ours[one],
            None if other is None else theirs[other],
        )


def _first_byte(expected: bytes, found: bytes) -> Difference:
    """What differs in a place without a name of its own: a line end, an empty component."""
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(expected, found, strict=False)))
    around = slice(max(0, same - AROUND), same + AROUND)
    return Difference(f"byte {same}", *(repr(content[around])[2:-1] for content in (expected, found)))


def compared(sample: Sample, outcome: Mapping[str, bytes]) -> tuple[FileDifference, ...]:
    """The files of a sample that are not as expected, and those nobody expected or nothing became of."""
    expected = sample.expected
    slots = [*expected, *(slot for slot in outcome if slot not in (*expected, ANSWER))]
    found = (_file(sample, slot, expected.get(slot), outcome.get(slot)) for slot in slots)
    return tuple(each for each in found if each is not None)


def _file(sample: Sample, slot: str, path: Path | None, content: bytes | None) -> FileDifference | None:
    if path is None:
        nobody = (Difference("", None, _text(content or b"")),)
        return FileDifference(f"{sample.name}.{slot}", slot, nobody)
    if content is None:
        return FileDifference(path.name, slot, (Difference("", _text(content_of(path)), None),))
    places = differences(content_of(path), content)
    return FileDifference(path.name, slot, places) if places else None


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace").rstrip()

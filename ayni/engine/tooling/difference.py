"""A place at which something is not as expected. Never for logs: it shows content."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

SHOWN_MAX = 20
"""Places of one file that a person reads before looking at the file itself."""
VALUE_LENGTH_MAX = 200
NOTHING = "(nothing)"


@dataclass(frozen=True, slots=True)
class Difference:
    """What stands at one place and what should; None where there is nothing at all.

    `name` is what the standard calls the place.
    """

    place: str
    expected: str | None
    found: str | None
    name: str = ""


@dataclass(frozen=True, slots=True)
class FileDifference:
    """The differences of one file of a sample; `slot` is what stands between its name and its ending."""

    file: str
    slot: str
    differences: tuple[Difference, ...]

    def __str__(self) -> str:
        shown = [line for each in self.differences[:SHOWN_MAX] for line in _lines(each)]
        if (more := len(self.differences) - SHOWN_MAX) > 0:
            shown.append(f"  … and {more} more places")
        return "\n".join([self.file, *shown])


def _lines(difference: Difference) -> Iterator[str]:
    if difference.place:
        yield f"  {difference.place}  {difference.name}".rstrip()
    yield f"      expected  {_short(difference.expected)}"
    yield f"      found     {_short(difference.found)}"


def _short(value: str | None) -> str:
    if value is None:
        return NOTHING
    shown = "".join(sign if sign.isprintable() else f"\\x{ord(sign):02x}" for sign in value)
    return (
        shown if len(shown) <= VALUE_LENGTH_MAX else f"{shown[:VALUE_LENGTH_MAX]}… ({len(shown)} characters)"
    )


@dataclass(frozen=True, slots=True)
class Items:
    """A sequence to be laid beside another: what each item says, and of what kind it is."""

    texts: Sequence[str]
    kinds: Sequence[str]

    def slice(self, start: int, end: int) -> Sequence[str]:
        """The kinds of a stretch."""
        return self.kinds[start:end]


def paired(expected: Items, found: Items) -> Iterator[tuple[int | None, int | None]]:
    """The indices of items that are not equal, side by side where they are of one kind, in their order.

    An item that came or went in the middle does not move the others.
    """
    outer = SequenceMatcher(None, expected.texts, found.texts, autojunk=False)
    for tag, start, end, other_start, other_end in outer.get_opcodes():
        if tag != "equal":
            inner = (expected.slice(start, end), found.slice(other_start, other_end))
            for one, other in _of_one_kind(*inner):
                yield _moved(one, start), _moved(other, other_start)


def _of_one_kind(expected: Sequence[str], found: Sequence[str]) -> Iterator[tuple[int | None, int | None]]:
    matcher = SequenceMatcher(None, expected, found, autojunk=False)
    for tag, start, end, other_start, other_end in matcher.get_opcodes():
        if tag == "equal":
            yield from zip(range(start, end), range(other_start, other_end), strict=True)
        else:
            yield from ((index, None) for index in range(start, end))
            yield from ((None, index) for index in range(other_start, other_end))


def _moved(index: int | None, by: int) -> int | None:
    return None if index is None else index + by

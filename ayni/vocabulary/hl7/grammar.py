"""The order of segments: a message structure walked segment by segment.

A reader of one pass: it never goes back, so a message of any length costs the same per segment. What a
sender left out is passed over and named, and the walk goes on behind it.
"""

from collections.abc import Sequence
from functools import lru_cache

from ayni.vocabulary.hl7.definitions import Part, definitions


class Rule:
    """A part of a structure: a segment, or a group with the segments that may begin it or stand in it."""

    def __init__(self, part: Part) -> None:
        self.name = part.name
        self.least = part.least
        self.most = part.most
        self.choice = part.choice
        self.parts = [Rule(inner) for inner in part.parts]
        self.segments: frozenset[str] = frozenset() if self.parts else frozenset({part.name})
        self.segments = self.segments.union(*(inner.segments for inner in self.parts))
        self.starts = frozenset(self._starts())

    @property
    def optional(self) -> bool:
        """Nothing is missing where it is absent; so too a group of which every part is optional."""
        whole = any if self.choice else all
        return not self.least or (bool(self.parts) and whole(inner.optional for inner in self.parts))

    @property
    def lead(self) -> str:
        """The segment whose absence shows that this is absent."""
        if not self.parts:
            return self.name
        return next((inner for inner in self.parts if not inner.optional), self.parts[0]).lead

    def _starts(self) -> set[str]:
        if not self.parts:
            return {self.name}
        found: set[str] = set()
        for inner in self.parts:
            found |= inner.starts
            if not (self.choice or inner.optional):
                break
        return found


@lru_cache(maxsize=64)
def rule(version: str, structure: str) -> Rule:
    """The structure of that name. Raises KeyError when the version has none."""
    return Rule(Part(structure, 1, 1, definitions(version).structures[structure]))


class _Spot:
    """How far one group has been walked: the part it is at, and how often that part has been met."""

    def __init__(self, group: Rule) -> None:
        self.group = group
        self.index = 0
        self.count = 0

    def find(self, segment: str, *, beginning: bool) -> int | None:
        """The part from here on that the segment begins or, in lack of that, merely belongs to."""
        parts = self.group.parts
        chosen = self.group.choice and self.count
        for index in range(self.index, self.index + 1 if chosen else len(parts)):
            part, met = parts[index], self.count if index == self.index else 0
            if part.most and met >= part.most:
                continue
            if segment in part.starts if beginning else not met and segment in part.segments:
                return index
        return None

    def go_to(self, index: int) -> list[Rule]:
        """Meet the part at `index`; what had to come before it and did not."""
        missing = self._lacking(index) if index > self.index else []
        self.count = self.count + 1 if index == self.index else 1
        self.index = index
        return missing

    def leave(self) -> list[Rule]:
        return self._lacking(len(self.group.parts))

    def _lacking(self, end: int) -> list[Rule]:
        if self.group.choice:
            return []
        later = self.group.parts[self.index + bool(self.count) : end]
        return [part for part in later if not part.optional]


class Walk:
    """One message on its way through a structure."""

    def __init__(self, structure: Rule) -> None:
        self._path = [_Spot(structure)]

    def step(self, segment: str) -> Sequence[Rule] | None:
        """What is missing before this segment; None when it cannot stand here, and then nothing has moved.

        Innermost groups are asked first, and a group that the segment properly begins before one that it
        could only continue.
        """
        for beginning in (True, False):
            for depth in reversed(range(len(self._path))):
                index = self._path[depth].find(segment, beginning=beginning)
                if index is not None:
                    return self._leave(depth + 1) + self._enter(self._path[depth], index, segment)
        return None

    def end(self) -> Sequence[Rule]:
        """What is missing when nothing more comes."""
        return self._leave(0)

    def _leave(self, depth: int) -> list[Rule]:
        left = self._path[depth:]
        del self._path[depth:]
        return [part for spot in reversed(left) for part in spot.leave()]

    def _enter(self, spot: _Spot, index: int, segment: str) -> list[Rule]:
        missing = spot.go_to(index)
        while (group := spot.group.parts[index]).parts:
            spot = _Spot(group)
            self._path.append(spot)
            found = spot.find(segment, beginning=True)
            index = found if found is not None else spot.find(segment, beginning=False) or 0
            missing += spot.go_to(index)
        return missing

r"""Regular expressions of value set filters, matched in time linear in the text.

A filter's pattern is a stranger's: with a backtracking matcher `(a+)+b` against thirty letters takes minutes.
Here a pattern is a set of places read all at once (Thompson's construction), and each step is remembered.
Known: literals, `.`, `[a-z]`, `[^a-z]`, `\d \w \s` and their opposites, groups, `|`, `* + ? {m,n}`. The whole
text must match (FHIR R4, FilterOperator `regex`); `^` at the start and `$` at the end change nothing.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from ayni.vocabulary.terminology.errors import InvalidDefinition, TooCostly

PLACES_MAX: Final = 2_000
"""Places of a pattern once its repetitions are written out: far above any list of codes needs."""
NESTING_MAX: Final = 50

_CLASSES: Final[dict[str, Callable[[str], bool]]] = {
    "d": lambda sign: "0" <= sign <= "9",
    "w": lambda sign: sign == "_" or sign.isalnum(),
    "s": str.isspace,
}
_REPEAT: Final = re.compile(r"\{([0-9]{1,4})(,?)([0-9]{0,4})\}")

Test = Callable[[str], bool]


@dataclass(slots=True)
class _Place:
    """Somewhere in a pattern: what the next sign must be (None: go on freely) and where that leads."""

    test: Test | None = None
    after: list[int] = field(default_factory=list)


class Pattern:
    """A compiled pattern. Raises `InvalidDefinition` for what cannot be read, `TooCostly` for a long one."""

    def __init__(self, text: str) -> None:
        self._places: list[_Place] = []
        reading = _Reading(text, self._places)
        start, ends = reading.choice(0)
        if reading.at < len(text):
            raise reading.fault("the end of the pattern")
        self._end = reading.place()
        for end in ends:
            self._places[end].after.append(self._end)
        self._start = self._closure({start})
        self._steps: dict[tuple[frozenset[int], str], frozenset[int]] = {}

    def matches(self, text: str) -> bool:
        """Whether the whole text is one of the pattern's."""
        here = self._start
        for sign in text:
            here = self._step(here, sign)
            if not here:
                return False
        return self._end in here

    def _step(self, here: frozenset[int], sign: str) -> frozenset[int]:
        known = self._steps.get((here, sign))
        if known is None:
            reached: set[int] = set()
            for number in here:
                place = self._places[number]
                if place.test is not None and place.test(sign):
                    reached.update(place.after)
            known = self._steps[here, sign] = self._closure(reached)
        return known

    def _closure(self, places: set[int]) -> frozenset[int]:
        """These places and every one reached from them without reading a sign."""
        waiting = list(places)
        while waiting:
            place = self._places[waiting.pop()]
            if place.test is None:
                waiting += [each for each in place.after if each not in places]
                places.update(place.after)
        return frozenset(places)


_Part = tuple[int, list[int]]
"""Where a part of a pattern begins, and the places that lead out of it."""


class _Reading:
    """Reads a pattern from the left, writing its places; `at` is the sign it looks at."""

    def __init__(self, text: str, places: list[_Place]) -> None:
        self.text = text
        self.at = 0
        self._places = places

    def place(self, test: Test | None = None) -> int:
        if len(self._places) >= PLACES_MAX:
            raise TooCostly(
                place=f"character {self.at + 1}",
                expected=f"a pattern of at most {PLACES_MAX} places",
                found="a longer one",
                text="La expresión del filtro es demasiado larga.",
            )
        self._places.append(_Place(test))
        return len(self._places) - 1

    def fault(self, expected: str) -> InvalidDefinition:
        found = repr(self.text[self.at]) if self.at < len(self.text) else "the end"
        return InvalidDefinition(
            place=f"character {self.at + 1}",
            expected=expected,
            found=found,
            text=f"La expresión del filtro no se entiende en el carácter {self.at + 1}.",
        )

    def choice(self, depth: int) -> _Part:
        """`a|b`."""
        if depth > NESTING_MAX:
            raise self.fault(f"at most {NESTING_MAX} groups in one another")
        begin, ends = self._sequence(depth)
        if not self._takes("|"):
            return begin, ends
        branches = [(begin, ends)]
        while True:
            branches.append(self._sequence(depth))
            if not self._takes("|"):
                break
        fork = self.place()
        self._places[fork].after = [begin for begin, _ in branches]
        return fork, [end for _, ends in branches for end in ends]

    def _sequence(self, depth: int) -> _Part:
        begin = self.place()
        ends = [begin]
        while self.at < len(self.text) and self.text[self.at] not in "|)":
            next_begin, next_ends = self._repeated(depth)
            self._join(ends, next_begin)
            ends = next_ends
        return begin, ends

    def _join(self, ends: list[int], begin: int) -> None:
        for end in ends:
            self._places[end].after.append(begin)

    def _repeated(self, depth: int) -> _Part:
        """One piece with its `*`, `+`, `?` or `{m,n}`: read again for every time it is written out."""
        start = self.at
        piece = self._piece(depth)
        least, most = self._times()
        if (least, most) == (1, 1):
            return piece
        begin = self.place()
        ends = [begin]
        after_times = self.at
        for number in range(max(least, 1 if most is None else most)):
            self.at = start
            piece = self._piece(depth) if number else piece
            ends = self._one_more(ends, piece, optional=number >= least)
        if most is None:
            # The last copy may come again; the place before it is where it does.
            self._join(piece[1], piece[0])
        self.at = after_times
        return begin, ends

    def _one_more(self, ends: list[int], piece: _Part, *, optional: bool) -> list[int]:
        self._join(ends, piece[0])
        return [*ends, *piece[1]] if optional else piece[1]

    def _times(self) -> tuple[int, int | None]:
        for sign, times in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self._takes(sign):
                return times
        found = _REPEAT.match(self.text, self.at)
        if found is None:
            return 1, 1
        self.at = found.end()
        least = int(found[1])
        most = least if not found[2] else int(found[3]) if found[3] else None
        if most is not None and most < least:
            raise self.fault(f"at least {least} times")
        return least, most

    def _piece(self, depth: int) -> _Part:
        sign = self.text[self.at]
        if sign == "(":
            return self._group(depth)
        if sign in "*+?{":
            raise self.fault("something to repeat")
        if sign in "^$":
            self._anchor(sign)
        number = self.place(None if sign in "^$" else self._test())
        return number, [number]

    def _anchor(self, sign: str) -> None:
        if self.at != (0 if sign == "^" else len(self.text) - 1):
            raise self.fault("^ at the start or $ at the end only")
        self.at += 1

    def _group(self, depth: int) -> _Part:
        self.at += 3 if self.text.startswith("(?:", self.at) else 1
        if self.at < len(self.text) and self.text[self.at] == "?":
            raise self.fault("a plain group")
        part = self.choice(depth + 1)
        if not self._takes(")"):
            raise self.fault("a closing parenthesis")
        return part

    def _test(self) -> Test:
        sign = self.text[self.at]
        if sign == "[":
            return self._set()
        self.at += 1
        if sign == ".":
            return lambda _: True
        if sign == "\\":
            return self._escaped()
        return lambda found: found == sign

    def _escaped(self) -> Test:
        if self.at >= len(self.text):
            raise self.fault("a sign after the backslash")
        sign = self.text[self.at]
        known = _CLASSES.get(sign.lower())
        if known is not None:
            self.at += 1
            return known if sign.islower() else lambda found: not known(found)
        if sign.isalnum():
            raise self.fault(r"\d, \w, \s or a sign to be taken as it is")
        self.at += 1
        return lambda found: found == sign

    def _set(self) -> Test:
        """`[a-z_]`, `[^0-9]`."""
        self.at += 1
        is_negated = self._takes("^")
        tests = [self._set_item()]
        while not self._takes("]"):
            tests.append(self._set_item())
        return lambda sign: any(test(sign) for test in tests) is not is_negated

    def _set_item(self) -> Test:
        first = self._set_sign()
        if isinstance(first, str) and self._is_range():
            self.at += 1
            last = self._set_sign()
            if not isinstance(last, str) or last < first:
                raise self.fault("the end of a range")
            return lambda sign: first <= sign <= last
        return (lambda sign: sign == first) if isinstance(first, str) else first

    def _is_range(self) -> bool:
        return self.text[self.at : self.at + 1] == "-" and self.text[self.at + 1 : self.at + 2] not in (
            "]",
            "",
        )

    def _set_sign(self) -> str | Test:
        if self.at >= len(self.text):
            raise self.fault("a closing bracket")
        sign = self.text[self.at]
        self.at += 1
        if sign != "\\":
            return sign
        if self.text[self.at : self.at + 1].lower() in ("d", "w", "s"):
            return self._escaped()
        self.at += 1
        if self.at > len(self.text):
            raise self.fault("a sign after the backslash")
        return self.text[self.at - 1]

    def _takes(self, sign: str) -> bool:
        if self.text[self.at : self.at + 1] != sign:
            return False
        self.at += 1
        return True

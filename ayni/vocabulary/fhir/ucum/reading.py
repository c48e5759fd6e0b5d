"""Reads a UCUM code into what it measures and how much of it."""

import re
from fractions import Fraction
from functools import lru_cache
from typing import Final, NamedTuple

from ayni.vocabulary.fhir.ucum.symbols import prefixes, symbols

UCUM: Final = "http://unitsofmeasure.org"
"""The code system."""
CODE_CHARACTERS_MAX: Final = 256
"""The longest code that R4 lists has 33 characters; a longer one is no unit that anybody measured."""
POWER_MAX: Final = 99
"""Beyond it lies no quantity, and a number of a million digits."""
NESTING_MAX: Final = 16
"""Parentheses inside each other."""
_REMEMBERED: Final = 2048  # codes; a system meets a few dozen

_SYMBOL: Final = re.compile(r"10[*^]|(?:\[[!-Z^-~]+\]|[!-'*,:-<>-Z^-z|~])+")
_POWER: Final = re.compile(r"[+-]?[0-9]+")
_NUMBER: Final = re.compile(r"[0-9]+")
_ANNOTATION: Final = re.compile(r"\{[ -z|~]*\}")


class UcumError(ValueError):
    """A code that is no unit. `at` is the sign where reading ended, from 0; the code is not quoted."""

    def __init__(self, at: int, expected: str) -> None:
        super().__init__(f"at {at}: expected {expected}")
        self.at = at
        self.expected = expected


class Unit(NamedTuple):
    """`size` times the base units with their powers: `cm2` is 1/10000 of `{("m", 2)}`."""

    size: Fraction
    dimension: frozenset[tuple[str, int]]

    def times(self, other: "Unit", power: int) -> "Unit":
        """This unit by another one to a power, -1 to divide by it."""
        powers = dict(self.dimension)
        for base, each in other.dimension:
            powers[base] = powers.get(base, 0) + each * power
        held = frozenset((base, each) for base, each in powers.items() if each)
        return Unit(self.size * other.size**power, held)


_ONE: Final = Unit(Fraction(1), frozenset())


@lru_cache(_REMEMBERED)
def read_unit(code: str) -> Unit:
    """The unit that a code names; raises UcumError with the place of what is no UCUM."""
    if not 0 < len(code) <= CODE_CHARACTERS_MAX:
        raise UcumError(0, f"1 to {CODE_CHARACTERS_MAX} characters")
    return _Reader(code).whole()


def is_unit(code: str) -> bool:
    """Whether a code is one of UCUM."""
    try:
        read_unit(code)
    except UcumError:
        return False
    return True


def ratio(one: str, other: str) -> Fraction | None:
    """How many of the other unit one makes: 1000 of `km` and `m`; None when they do not compare.

    Raises UcumError for a code that is no unit.
    """
    a, b = read_unit(one), read_unit(other)
    return a.size / b.size if a.dimension == b.dimension else None


class _Reader:
    """Reads one code from left to right."""

    def __init__(self, code: str) -> None:
        self._code = code
        self._at = 0

    def whole(self) -> Unit:
        unit = self._term(0)
        if self._at < len(self._code):
            raise UcumError(self._at, "the end of the code")
        return unit

    def _term(self, depth: int) -> Unit:
        """Components with `.` and `/` between them; a `/` may stand first."""
        unit = _ONE
        power = -1 if self._takes("/") else 1
        while True:
            unit = unit.times(self._component(depth), power)
            if not (self._takes(".") or self._sees("/")):
                return unit
            power = -1 if self._takes("/") else 1

    def _component(self, depth: int) -> Unit:
        if self._match(_ANNOTATION):
            return _ONE
        unit = self._inside(depth) if self._takes("(") else self._symbol() or self._number()
        self._match(_ANNOTATION)
        return unit

    def _inside(self, depth: int) -> Unit:
        if depth >= NESTING_MAX:
            raise UcumError(self._at, f"at most {NESTING_MAX} parentheses inside each other")
        unit = self._term(depth + 1)
        if not self._takes(")"):
            raise UcumError(self._at, "a closing parenthesis")
        return unit

    def _symbol(self) -> Unit | None:
        at, symbol = self._at, self._match(_SYMBOL)
        if not symbol:
            return None
        unit = _of_symbol(symbol)
        if unit is None:
            raise UcumError(at, "the symbol of a unit")
        return _ONE.times(unit, self._power())

    def _power(self) -> int:
        at, power = self._at, self._match(_POWER) or "1"
        if len(power) > len(f"-{POWER_MAX}") or abs(int(power)) > POWER_MAX:
            raise UcumError(at, f"a power of at most {POWER_MAX}")
        return int(power)

    def _number(self) -> Unit:
        number = self._match(_NUMBER)
        if not number or not int(number):
            raise UcumError(self._at, "a unit or a number")
        return Unit(Fraction(int(number)), frozenset())

    def _match(self, what: re.Pattern[str]) -> str:
        found = what.match(self._code, self._at)
        if found is None:
            return ""
        self._at = found.end()
        return found[0]

    def _sees(self, sign: str) -> bool:
        return self._code.startswith(sign, self._at)

    def _takes(self, sign: str) -> bool:
        if not self._sees(sign):
            return False
        self._at += 1
        return True


@lru_cache(_REMEMBERED)
def _of_symbol(symbol: str) -> Unit | None:
    """A symbol with or without its prefix, None for neither. Whole ones go first: `cd` is no day."""
    if symbol in symbols():
        return _of_whole(symbol)
    for length in (2, 1):
        prefix, rest = prefixes().get(symbol[:length]), symbols().get(symbol[length:])
        if prefix is not None and rest is not None and rest.takes_prefix:
            unit = _of_whole(symbol[length:])
            return Unit(unit.size * prefix, unit.dimension)
    return None


def _of_whole(symbol: str) -> Unit:
    said = symbols()[symbol]
    if said.number is None:
        return Unit(Fraction(1), frozenset({(symbol, 1)}))
    unit = read_unit(said.unit)
    return Unit(unit.size * said.number, unit.dimension)

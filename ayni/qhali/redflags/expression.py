"""The language of the rules: conditions in three values.

    fever and 2 of (stiff-neck, confusion, severe headache) and not age < 2m

An expression reads left to right, `and` binds closer than `or`. `@name` stands for a definition of the table.
What a condition looks at:

| condition | holds when |
|---|---|
| `fever` | the symptom or sign is there |
| `severe dyspnea` | it is there and was called strong |
| `cough for 15d` | it has lasted so long; days (`d`), as said |
| `seizure within 1d` | it is there and is not known to be older |
| `age < 5y`, `age >= 30y`, `age < 2m` | the age; years or months |
| `temperature >= 38.5` | measured: temperature, spo2, glucose, breaths, haemoglobin, systolic, diastolic |
| `weeks < 37`, `altitude < 2000` | weeks of pregnancy, metres above the sea |
| `unknown weeks` | nobody has said it |
| `sex is male` | as registered |
| `any-symptom` | anything at all is there |
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from ayni.qhali.redflags.kleene import Truth, all_hold, count_holds, negated

_TOKEN = re.compile(
    r"\s*(?:(?P<mark>[(),])|(?P<count>\d+) of\b|(?P<word>@?[a-z][a-z0-9-]*|<=|>=|<|>|\d+(?:\.\d+)?[a-z]?))"
)
COMPARISONS = ("<", "<=", ">", ">=")
WORDS = ("and", "or", "not", "for", "within", "is", "severe", "unknown")


class InvalidExpression(Exception):
    """A condition that cannot be read; says what and where."""


class Witness(Protocol):
    """What is known about one person."""

    def says(self, atom: "Atom") -> Truth:
        """Whether a condition holds."""


@dataclass(frozen=True, slots=True)
class Atom:
    """One condition. `kind` is `has`, `severe`, `for`, `within`, `compare`, `unknown` or `is`."""

    kind: str
    name: str
    comparison: str = ""
    amount: float = 0.0
    unit: str = ""

    def holds(self, witness: Witness) -> Truth:
        """What the witness says."""
        return witness.says(self)

    def atoms(self) -> Iterator["Atom"]:
        """Itself."""
        yield self

    def undecided(self, witness: Witness) -> Iterator["Atom"]:
        """Itself, while nobody has said."""
        if witness.says(self) is None:
            yield self


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of an expression."""

    part: "Expression"

    def holds(self, witness: Witness) -> Truth:
        """The opposite; unknown stays unknown."""
        return negated(self.part.holds(witness))

    def atoms(self) -> Iterator[Atom]:
        """Every condition in it."""
        return self.part.atoms()

    def undecided(self, witness: Witness) -> Iterator[Atom]:
        """The conditions that could still change it."""
        return self.part.undecided(witness)


@dataclass(frozen=True, slots=True)
class AtLeast:
    """So many of the parts: 1 is "or", all of them is "and"."""

    least: int
    parts: tuple["Expression", ...]

    def holds(self, witness: Witness) -> Truth:
        """Kleene's value."""
        values = [part.holds(witness) for part in self.parts]
        return all_hold(values) if self.least == len(values) else count_holds(values, self.least)

    def atoms(self) -> Iterator[Atom]:
        """Every condition in it, in the order of the text."""
        for part in self.parts:
            yield from part.atoms()

    def undecided(self, witness: Witness) -> Iterator[Atom]:
        """The conditions that could still change it; none once it is decided."""
        if self.holds(witness) is None:
            for part in self.parts:
                yield from part.undecided(witness)


Expression = Atom | Not | AtLeast


def parse(text: str, definitions: Mapping[str, str] | None = None) -> Expression:
    """The expression of a text. Raises InvalidExpression."""
    reader = _Reader(_tokens(text), definitions or {}, text)
    expression = reader.any_of()
    if reader.next is not None:
        raise InvalidExpression(f"{reader.next!r} does not belong here: {text}")
    return expression


def _tokens(text: str) -> list[str]:
    tokens, at = [], 0
    text = text.rstrip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise InvalidExpression(f"cannot read {text[at:]!r}")
        tokens.append(f"{found['count']} of" if found["count"] else found["mark"] or found["word"])
        at = found.end()
    return tokens


class _Reader:
    """Recursive descent over the tokens of one expression."""

    def __init__(self, tokens: list[str], definitions: Mapping[str, str], text: str) -> None:
        self._tokens, self._definitions, self._text = tokens[::-1], definitions, text

    @property
    def next(self) -> str | None:
        return self._tokens[-1] if self._tokens else None

    def _take(self, expected: str | None = None) -> str:
        if self.next is None or (expected is not None and self.next != expected):
            raise InvalidExpression(
                f"{expected or 'something'} is missing before {self.next!r}: {self._text}"
            )
        return self._tokens.pop()

    def any_of(self) -> Expression:
        parts = [self._all_of()]
        while self.next == "or":
            self._take()
            parts.append(self._all_of())
        return parts[0] if len(parts) == 1 else AtLeast(1, tuple(parts))

    def _all_of(self) -> Expression:
        parts = [self._one()]
        while self.next == "and":
            self._take()
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else AtLeast(len(parts), tuple(parts))

    def _one(self) -> Expression:
        first = self._take()
        if first == "not":
            return Not(self._one())
        if first == "(":
            inside = self.any_of()
            self._take(")")
            return inside
        if first.endswith(" of"):
            return self._count(int(first.removesuffix(" of")))
        if first.startswith("@"):
            return self._definition(first.removeprefix("@"))
        return self._atom(first)

    def _count(self, least: int) -> Expression:
        self._take("(")
        parts = [self.any_of()]
        while self.next == ",":
            self._take()
            parts.append(self.any_of())
        self._take(")")
        if not 1 <= least <= len(parts):
            raise InvalidExpression(f"{least} of {len(parts)}: {self._text}")
        return AtLeast(least, tuple(parts))

    def _definition(self, name: str) -> Expression:
        if name not in self._definitions:
            raise InvalidExpression(f"nothing is defined as @{name}: {self._text}")
        return parse(self._definitions[name])

    def _atom(self, token: str) -> Atom:
        if token in ("severe", "unknown"):
            return Atom(token, self._take())
        if token in WORDS or not token[0].isalpha():
            raise InvalidExpression(f"{token!r} is no condition: {self._text}")
        if self.next in ("for", "within"):
            return Atom(self._take(), token, amount=self._amount()[0])
        if self.next == "is":
            self._take()
            return Atom("is", token, comparison=self._take())
        if self.next in COMPARISONS:
            comparison = self._take()
            amount, unit = self._amount()
            return Atom("compare", token, comparison, amount, unit)
        return Atom("has", token)

    def _amount(self) -> tuple[float, str]:
        found = re.fullmatch(r"(\d+(?:\.\d+)?)([dmy]?)", self._take())
        if found is None:
            raise InvalidExpression(f"a number is missing: {self._text}")
        return float(found[1]), found[2]

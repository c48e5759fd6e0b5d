"""The red-flag rules as data, and what each says about the evidence."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from ayni.qhali.redflags.evidence import Evidence, Persona, all_hold, atom, count_holds

__all__ = ["VERSION", "Evidence", "Persona", "Rule", "rules"]

VERSION = "2026.11"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One red flag at one level. Every group of `groups` needs one condition that holds;
    and, of the conditions in `of`, at least `at_least`."""

    id: str
    level: str
    sign: str
    source: str
    advice: str
    groups: tuple[tuple[str, ...], ...]
    of: tuple[str, ...] = ()
    at_least: int = 0

    def holds(self, evidence: Evidence) -> bool | None:
        """True: it fires. False: it cannot. None: something it needs is unknown."""
        groups = [count_holds(map(evidence.holds, group), 1) for group in self.groups]
        return all_hold([*groups, count_holds(map(evidence.holds, self.of), self.at_least)])

    @property
    def conditions(self) -> tuple[str, ...]:
        """Every condition it looks at, in the order of its text."""
        return (*(condition for group in self.groups for condition in group), *self.of)

    @property
    def concepts(self) -> frozenset[str]:
        """The concepts (and `age`) it looks at."""
        return frozenset(atom(condition).name for condition in self.conditions)


@cache
def rules() -> tuple[Rule, ...]:
    """Every rule, read and checked once; ValueError or KeyError for a condition that cannot be."""
    text = files("ayni.qhali.redflags").joinpath("data", "rules.toml").read_text("utf-8")
    return tuple(_rule(row) for row in tomllib.loads(text)["rule"])


def _rule(row: dict[str, Any]) -> Rule:
    groups = tuple((each,) if isinstance(each, str) else tuple(each) for each in row.pop("all"))
    rule = Rule(groups=groups, of=tuple(row.pop("of", ())), at_least=row.pop("at_least", 0), **row)
    for condition in rule.conditions:
        atom(condition)
    return rule

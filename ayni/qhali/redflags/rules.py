"""The red-flag rules as data, and what each says about the evidence."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

from ayni.qhali.redflags.evidence import Evidence, Persona, check
from ayni.qhali.redflags.expression import AtLeast, Atom, Expression, parse
from ayni.qhali.redflags.kleene import Truth

__all__ = ["LEVELS", "VERSION", "Evidence", "Persona", "Rule", "floors", "rules"]

LEVELS = ("I", "II", "III", "IV")
"""Most urgent first (emergency priorities of NTS 042-MINSA)."""


OF_PERSON = frozenset({"age", "weeks", "altitude", "sex", "pregnancy", "postpartum"})


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One red flag at one level. A red flag with an escalation stands twice: the second time more urgent."""

    id: str
    group: str
    level: str
    sign: str
    source: str
    advice: str
    when: Expression

    def holds(self, evidence: Evidence) -> Truth:
        """True: it fires. False: it cannot. None: something it needs is unknown."""
        return self.when.holds(evidence)

    def undecided(self, evidence: Evidence) -> tuple[Atom, ...]:
        """The conditions whose answer could still make it fire; none once it is decided."""
        return tuple(dict.fromkeys(self.when.undecided(evidence)))

    @cached_property
    def triggers(self) -> frozenset[str]:
        """What it looks at beside the person: without one of these it cannot fire."""
        return self.concepts - OF_PERSON

    @cached_property
    def concepts(self) -> frozenset[str]:
        """The concepts (and `age`, `weeks`…) it looks at."""
        return frozenset(atom.name for atom in self.when.atoms())

    @property
    def waits_for_a_clinician(self) -> bool:
        """Whether its source is marked K: no reviewed document settles it."""
        return (
            "K" in self.source.replace("[", " ").replace("]", " ").replace("(", " ").replace(",", " ").split()
        )


def _table(name: str) -> dict[str, Any]:
    return tomllib.loads(files("ayni.qhali.redflags").joinpath("data", name).read_text("utf-8"))


VERSION: str = _table("rules.toml")["version"]


@cache
def rules() -> tuple[Rule, ...]:
    """Every red flag, read and checked once. InvalidExpression or KeyError for a condition that cannot be."""
    return tuple(_rules(_table("rules.toml")))


@cache
def floors() -> tuple[Rule, ...]:
    """The floors of this project beside the red flags, in the same form."""
    return tuple(_rules(_table("floors.toml")))


def _rules(table: dict[str, Any]) -> Iterator[Rule]:
    definitions = table.get("define", {})
    for row in table["rule"]:
        escalations = row.pop("escalation", ())
        base = _rule(row, parse(row["when"], definitions))
        yield base
        for escalation in escalations:
            more = parse(escalation["when"], definitions)
            when = more if escalation.get("alone") else AtLeast(2, (base.when, more))
            yield _rule({**row, "level": escalation["level"]}, when)


def _rule(row: dict[str, Any], when: Expression) -> Rule:
    for atom in when.atoms():
        check(atom)
    return Rule(
        group=row.get("group", "P"),
        when=when,
        **{key: row[key] for key in ("id", "level", "sign", "source", "advice")},
    )

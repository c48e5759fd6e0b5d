"""What an answer is worth: how far it could raise the level, and how many further answers that would take.

For each red flag still open: the fewest unknown conditions that would make it fire, and which they are
(three-valued logic: unknown is not absent). One answer that alone makes a level I is worth more than
two that make it together, or than one that makes a level II; how likely it is weighs as much (candidates.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from ayni.qhali.redflags import LEVELS, Evidence, Rule, floors, rules
from ayni.qhali.redflags.expression import AtLeast, Atom, Expression, Not

WORTH = dict(zip(LEVELS, (100.0, 40.0, 4.0, 0.0), strict=True))
FURTHER_ANSWER = 0.1
"""What each further unknown condition leaves of the worth."""

NEVER = 99
Steps = tuple[int, frozenset[str]]
"""How many answers are missing, and the names of the conditions among them; NEVER when none can help."""

DONE: Steps = (0, frozenset())
IMPOSSIBLE: Steps = (NEVER, frozenset())


@dataclass(frozen=True)
class Missing:
    """What is missing to one person's rules."""

    evidence: Evidence
    _atoms: dict[Atom, Steps] = field(default_factory=dict)

    def to(self, expression: Expression) -> Steps:
        """The fewest answers that make an expression hold."""
        if isinstance(expression, Atom):
            if expression not in self._atoms:
                self._atoms[expression] = self._to_atom(expression)
            return self._atoms[expression]
        if isinstance(expression, Not):
            return self._to_not(expression)
        return self._to_at_least(expression)

    def _to_atom(self, atom: Atom) -> Steps:
        holds = self.evidence.says(atom)
        if holds is not None:
            return DONE if holds else IMPOSSIBLE
        if atom.kind == "severe":
            if self.evidence.fact(atom.name) is None:
                return 2, frozenset((atom.name,))
            return 1, frozenset((f"severe {atom.name}",))
        return 1, frozenset((atom.name,))

    def _to_not(self, expression: Not) -> Steps:
        holds = expression.holds(self.evidence)
        if holds is None:
            return 1, frozenset(atom.name for atom in expression.undecided(self.evidence))
        return DONE if holds else IMPOSSIBLE

    def _to_at_least(self, expression: AtLeast) -> Steps:
        parts = sorted((self.to(part) for part in expression.parts), key=lambda steps: steps[0])
        needed = parts[: expression.least]
        dearest = needed[-1][0]
        if dearest >= NEVER:
            return IMPOSSIBLE
        names = frozenset().union(*(names for steps, names in parts if steps <= dearest))
        return sum(steps for steps, _ in needed), names


@cache
def _raising(level: str) -> tuple[Rule, ...]:
    """The rules that are more urgent than a level."""
    return tuple(rule for rule in (*rules(), *floors()) if LEVELS.index(rule.level) < LEVELS.index(level))


def worths(evidence: Evidence, level: str, thought_of: frozenset[str]) -> Mapping[str, float]:
    """The worth of knowing each condition, by its name (`severe <concept>` for how strong it is).

    A rule that looks at something present gives worth to all it lacks; any other rule only to the concepts
    that the complaint makes one think of.
    """
    missing, worth = Missing(evidence), dict[str, float]()
    for rule in _raising(level):
        is_near = not evidence.affirmed.isdisjoint(rule.triggers)
        if not is_near and thought_of.isdisjoint(rule.triggers):
            continue
        steps, names = missing.to(rule.when)
        if 0 < steps < NEVER:
            value = WORTH[rule.level] * FURTHER_ANSWER ** (steps - 1)
            for name in names if is_near else names & thought_of:
                worth[name] = max(worth.get(name, 0.0), value)
    return worth

"""The exact binomial bound of Clopper and Pearson (Biometrika 26:404-413, 1934)."""

from math import comb

CONFIDENCE = 0.95
BISECTIONS = 60
"""Halves [0, 1] down to the last bit of a double."""


def lower_bound(successes: int, trials: int) -> float:
    """The one-sided 95 % lower bound of a rate; 0.0 without trials."""
    if not trials or not successes:
        return 0.0
    low, high = 0.0, 1.0
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        if _at_least(successes, trials, middle) < 1 - CONFIDENCE:
            low = middle
        else:
            high = middle
    return low


def _at_least(successes: int, trials: int, rate: float) -> float:
    """The chance of so many successes or more at this rate."""
    return sum(
        comb(trials, count) * rate**count * (1 - rate) ** (trials - count)
        for count in range(successes, trials + 1)
    )

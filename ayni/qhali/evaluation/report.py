"""The figures for people."""

from collections.abc import Iterator
from typing import Any

from ayni.qhali.evaluation.scores import Figures

HONESTY = (
    "The cases are invented. Until a clinician and speakers from Cajamarca have reviewed rules and cases, "
    "these figures are no clinical evidence."
)


def lines(figures: Figures, *, with_errors: bool) -> Iterator[str]:
    """One paragraph per set; errors below their set."""
    for name, score in figures.scores.items():
        yield name
        yield from (f"  {key:<28}{value}" for key, value in _flat(score.figures))
        if with_errors:
            yield from (f"  ! {error}" for error in score.errors)
    times = figures.ms_per_turn
    yield f"ms per turn: p50 {times['p50']:.2f}, p95 {times['p95']:.2f}"
    yield HONESTY


def _flat(figures: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Every figure there is; a rate of nothing is none."""
    for key, value in figures.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key} ")
        elif value is not None:
            yield f"{prefix}{key}", f"{value:.3f}" if isinstance(value, float) else str(value)

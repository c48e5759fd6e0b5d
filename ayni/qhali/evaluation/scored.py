"""A case beside its prediction, and the score of a set."""

from dataclasses import dataclass
from typing import Any

from ayni.qhali.evaluation.cases import Case
from ayni.qhali.evaluation.predictions import Prediction


@dataclass(frozen=True, slots=True)
class Judged:
    """One case and what the assistant made of it."""

    case: Case
    prediction: Prediction

    def error(self, what: str) -> str:
        """One line for the reader of the errors."""
        said = " // ".join(self.case.turns) or str(self.case.expected["opening"])
        return f"{self.case.id} {what} | {said[:300]}"


@dataclass(frozen=True, slots=True)
class Score:
    """The figures of one set (rates as fractions of 1) and its errors, one line each."""

    figures: dict[str, Any]
    errors: list[str]


def rate(part: int, whole: int) -> float | None:
    """A fraction of 1; None of nothing."""
    return part / whole if whole else None

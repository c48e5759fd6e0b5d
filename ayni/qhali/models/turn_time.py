"""The time of one turn: all questions to a model that one answer leads to share it."""

from collections.abc import Callable
from time import monotonic
from typing import Any

from ayni.qhali.models.language_model import LanguageModel, NoAnswer

TURN_SECONDS = 4.0
"""How long a citizen may wait for a model in all; then the rules answer."""

LEAST_SECONDS = 0.1
"""With less left no server is asked: it could not answer."""


class TurnTime:
    """A language model as one turn sees it, from its making, or from `begin`, until its time is up."""

    def __init__(self, model: LanguageModel, clock: Callable[[], float] = monotonic) -> None:
        self._model, self._clock = model, clock
        self.name = model.name
        self.begin()

    def begin(self) -> None:
        """Another turn, with all of its time."""
        self._ends = self._clock() + TURN_SECONDS

    def ask(self, schema: str, *, instructions: str, said: str, seconds: float) -> Any:
        """An answer within `seconds` and what the turn has left. NoAnswer when there is none in time."""
        left = self._ends - self._clock()
        if left < LEAST_SECONDS:
            raise NoAnswer("late")
        return self._model.ask(schema, instructions=instructions, said=said, seconds=min(seconds, left))

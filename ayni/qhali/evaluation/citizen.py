"""A citizen played from a case: tells the complaint, then only what is asked, and "no sé" to the rest."""

from collections.abc import Iterable, Sequence
from typing import Any

UNKNOWN = "no sé"


class SimulatedCitizen:
    """Answers by topic (CHAT-ES)."""

    def __init__(self, expected: dict[str, Any]) -> None:
        self.opening = str(expected["opening"])
        self._answers = {row["about"]: row["says"] for row in expected["answers"]}

    def answers(self, asked: Sequence[Sequence[str]]) -> str:
        """What is said to a question, given the topics of each thing it asks; to a list, by its numbers."""
        if len(asked) == 1:
            return self._says(asked[0])
        return "\n".join(f"{number}. {self._says(topics)}" for number, topics in enumerate(asked, start=1))

    def _says(self, topics: Iterable[str]) -> str:
        said = [self._answers[topic] for topic in topics if topic in self._answers]
        return ". ".join(dict.fromkeys(said)) or UNKNOWN

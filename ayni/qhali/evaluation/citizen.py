"""A citizen played from a case: tells the complaint, then only what is asked, and "no sé" to the rest."""

from collections.abc import Iterable
from typing import Any

UNKNOWN = "no sé"


class SimulatedCitizen:
    """Answers by topic (CHAT-ES)."""

    def __init__(self, expected: dict[str, Any]) -> None:
        self.opening = str(expected["opening"])
        self._answers = {row["about"]: row["says"] for row in expected["answers"]}

    def answers(self, topics: Iterable[str]) -> str:
        """What is said to a question about these topics, in one message."""
        said = [self._answers[topic] for topic in topics if topic in self._answers]
        return ". ".join(dict.fromkeys(said)) or UNKNOWN

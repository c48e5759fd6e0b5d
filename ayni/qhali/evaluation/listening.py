"""A language model under evaluation: how often it had a part in what was heard, and what it made up."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

from ayni.qhali.models import Extractor, Heard


class Listening:
    """An extractor that is counted while it listens."""

    def __init__(self, extractor: Extractor) -> None:
        self._extractor = extractor
        self._turns: Counter[str] = Counter()
        self._added = self._discarded = 0

    def __call__(self, text: str, *, turn: int, asked: str | None, today: date) -> Heard:
        """What the extractor hears, unchanged."""
        heard = self._extractor(text, turn=turn, asked=asked, today=today)
        if heard.beside is not None:
            self._turns[heard.beside.silence or "answered"] += 1
            self._added += len(heard.beside.added)
            self._discarded += heard.beside.discarded
        return heard

    def figures(self) -> dict[str, Any]:
        """Turns by what came of them; facts added to the rules'; statements without words for them."""
        return {"turns": dict(self._turns), "added": self._added, "discarded": self._discarded}

    def lines(self) -> Iterator[str]:
        """The same for people."""
        turns = ", ".join(f"{count} {outcome}" for outcome, count in self._turns.most_common())
        yield f"model: turns {turns or 'none'}; {self._added} facts added, {self._discarded} dropped"

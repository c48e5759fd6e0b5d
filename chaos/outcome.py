"""What a campaign did and found."""

import math
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from chaos.checker import Finding


def silent(_: str) -> None:
    """Says nothing."""


@dataclass
class Outcome:
    """Counts what was done and keeps what was found; `say` hears how far it is.

    `seconds_max`: what is drawn is not begun any more after this time.
    """

    say: Callable[[str], None] = silent
    seconds_max: float = math.inf
    counts: Counter[str] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)
    started: float = field(default_factory=time.monotonic)

    @property
    def is_clean(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    @property
    def seconds(self) -> float:
        """How long it has gone on."""
        return round(time.monotonic() - self.started, 1)

    @property
    def is_over(self) -> bool:
        """Whether its time is up; counted, so that nobody takes a part for the whole."""
        if self.seconds <= self.seconds_max:
            return False
        self.counts["stopped by the time"] = 1
        return True

    def find(self, where: Path | str, found: Iterable[Finding | str]) -> None:
        """Keeps what was found, with the place where its history lies."""
        for each in found:
            self.findings.append(f"{where}: {each}")
            self.say(f"FOUND {self.findings[-1]}")

    def did(self, *names: str) -> None:
        """Counts each of these once."""
        self.counts.update(names)

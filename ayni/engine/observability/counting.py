"""Counting hops in plain lists: one look-up and three additions for a message, no lock.

Each figure has one writer thread. Whoever reads copies first; a figure that is one behind harms nobody.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping
from typing import TypeVar

from ayni.engine.connectors.contract import VerdictState
from ayni.engine.store.contract import Claim, MessageState, NewMessage, Settlement

BOUNDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds: from a commit on a good disk to a sender's patience."""

STATES: Mapping[MessageState, VerdictState] = {
    "accepted": "stored",
    "filtered": "filtered",
    "refused": "refused",
}

Names = tuple[str, str]
"""(channel, outcome) or (destination, outcome)."""


class Histogram:
    """How often each length of time was measured; `counts` has one place more than BOUNDS."""

    __slots__ = ("counts", "seconds")

    def __init__(self) -> None:
        self.counts = [0] * (len(BOUNDS) + 1)
        self.seconds = 0.0

    def add(self, seconds: float) -> None:
        """One more of this length."""
        self.counts[bisect_left(BOUNDS, seconds)] += 1
        self.seconds += seconds

    @property
    def count(self) -> int:
        """How many there were."""
        return sum(self.counts)


class _Histograms(dict[Names, Histogram]):
    def __missing__(self, names: Names) -> Histogram:
        self[names] = made = Histogram()
        return made


K = TypeVar("K")


class _Counts(dict[K, int]):
    def __missing__(self, name: K) -> int:
        return 0


class Counting:
    """A meter that counts. Everything is since the process began."""

    def __init__(self) -> None:
        self._received, self._attempted = _Histograms(), _Histograms()
        self._not_kept, self._reused, self._not_bound = _Counts[str](), _Counts[str](), _Counts[str]()
        self._made = _Counts[Names]()
        self.commits = Histogram()
        self.change_count = 0

    def received(
        self, message: NewMessage, message_id: int, outcome: VerdictState, started: float, ended: float
    ) -> None:
        self._received[message.channel, outcome].add(ended - started)

    def made(self, message: NewMessage) -> None:
        self._made[message.channel, STATES[message.state]] += 1

    def not_kept(self, channel: str) -> None:
        self._not_kept[channel] += 1

    def reused(self, channel: str) -> None:
        self._reused[channel] += 1

    def not_bound(self, channel: str) -> None:
        self._not_bound[channel] += 1

    def attempted(self, claim: Claim, settlement: Settlement) -> None:
        self._attempted[claim.destination, settlement.outcome].add(settlement.ms / 1000)

    def committed(self, seconds: float, change_count: int) -> None:
        self.commits.add(seconds)
        self.change_count += change_count

    @property
    def acknowledgements(self) -> Mapping[Names, Histogram]:
        """By channel and outcome: from the first look at a message to its answer."""
        return self._received.copy()

    @property
    def attempts(self) -> Mapping[Names, Histogram]:
        """By destination and outcome: what attempts took."""
        return self._attempted.copy()

    @property
    def reused_counts(self) -> Mapping[str, int]:
        """By channel."""
        return self._reused.copy()

    @property
    def not_bound_counts(self) -> Mapping[str, int]:
        """By channel."""
        return self._not_bound.copy()

    @property
    def received_counts(self) -> Counter[Names]:
        """By channel and outcome: all that came, from outside and from inside, also what was not kept."""
        found = Counter({names: each.count for names, each in self._received.copy().items()})
        found.update(self._made.copy())
        found.update({(channel, "not-kept"): count for channel, count in self._not_kept.copy().items()})
        return found

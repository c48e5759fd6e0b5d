"""Sign-ins that fail slow down whoever tries: by name and address together, and by address alone.

Not by name alone: then anybody could lock an engineer out at 3 a.m. by typing that engineer's name.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

FREE_OF_PAIR, FREE_OF_ADDRESS = 5, 20
"""Failures that cost nothing: a person mistypes, and an office shares one address."""
FIRST_SECONDS, SECONDS_MAX = 10.0, 900.0
FORGET_SECONDS = 1800.0
"""Longer than the longest pause: who waits it out is not a stranger again at once."""
KEYS_MAX = 10_000
"""An attacker with many addresses fills no memory: the oldest are forgotten."""

Key = tuple[str, str]


@dataclass(slots=True)
class Failures:
    """How often a key has failed, and when last."""

    count: int
    last: float


class Throttle:
    """Counts in memory: a restart forgets, and ends the guesser's connections too."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: dict[Key, Failures] = {}

    def wait_seconds(self, name: str, address: str) -> float:
        """How long this one has to wait before the next try; 0 when not at all."""
        pair = self._wait((name, address), FREE_OF_PAIR)
        return max(pair, self._wait(("", address), FREE_OF_ADDRESS))

    def failed(self, name: str, address: str) -> None:
        """Notes a sign-in that failed."""
        now = self._clock()
        for key in ((name, address), ("", address)):
            earlier = self._failures.pop(key, None)
            is_fresh = earlier is not None and now - earlier.last < FORGET_SECONDS
            self._failures[key] = Failures((earlier.count if earlier and is_fresh else 0) + 1, now)
        while len(self._failures) > KEYS_MAX:
            del self._failures[next(iter(self._failures))]

    def succeeded(self, name: str, address: str) -> None:
        """Who knows the password had only mistyped; the address keeps its count."""
        self._failures.pop((name, address), None)

    def _wait(self, key: Key, free: int) -> float:
        failures = self._failures.get(key)
        if failures is None or failures.count < free:
            return 0.0
        pause = min(SECONDS_MAX, FIRST_SECONDS * 2.0 ** min(failures.count - free, 10))
        return max(0.0, failures.last + pause - self._clock())

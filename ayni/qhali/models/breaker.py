"""A circuit breaker: a server that fails is left alone for a while, so that nobody waits for it in vain."""

from collections.abc import Callable
from time import monotonic

FAILURES_MAX = 3
"""One slow answer is bad luck; three in a row are a server that is down."""

PAUSE_SECONDS = 30.0
"""Then one call tries it again; the others go on without it until that one has succeeded."""


class Breaker:
    """Counts failures in a row. Used from one thread only: the loop's."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._failures = 0
        self._closed_again_at = 0.0

    def allows(self) -> bool:
        """Whether a call may be made now. A yes after the pause is given once for each pause."""
        if self._failures < FAILURES_MAX:
            return True
        if self._clock() < self._closed_again_at:
            return False
        self._closed_again_at = self._clock() + PAUSE_SECONDS
        return True

    def succeeded(self) -> None:
        """The server answered."""
        self._failures = 0

    def failed(self) -> None:
        """The server did not answer, or with nothing of use."""
        self._failures += 1
        self._closed_again_at = self._clock() + PAUSE_SECONDS

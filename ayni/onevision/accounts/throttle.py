"""Slows down whoever guesses passwords. One process serves the pages, so memory is enough."""

from collections import OrderedDict
from datetime import datetime, timedelta

FAILURE_COUNT_MAX = 5
PAUSE = timedelta(minutes=5)
NAMES_MAX = 10_000
"""A guesser who invents names must not fill the memory: the oldest are forgotten."""


class Throttle:
    """Counts failed sign-ins per name and address; after five the next five minutes are refused."""

    def __init__(self) -> None:
        self._failures: OrderedDict[tuple[str, str], tuple[int, datetime]] = OrderedDict()

    def is_paused(self, username: str, address: str, now: datetime) -> bool:
        """Whether this name from this address has to wait."""
        count, last = self._failures.get((username, address), (0, now))
        return count >= FAILURE_COUNT_MAX and now - last < PAUSE

    def failed(self, username: str, address: str, now: datetime) -> None:
        """One more failure; an old series starts anew."""
        count, last = self._failures.pop((username, address), (0, now))
        self._failures[username, address] = (count + 1 if now - last < PAUSE else 1, now)
        if len(self._failures) > NAMES_MAX:
            self._failures.popitem(last=False)

    def succeeded(self, username: str, address: str) -> None:
        """The right password: the series is forgotten."""
        self._failures.pop((username, address), None)

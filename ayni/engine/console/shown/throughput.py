"""How many messages each channel took in each of the last sixty seconds, from the store's own tallies."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping

import structlog

from ayni.engine.store.contract import Row
from ayni.wire.logging import where

log = structlog.get_logger()

SECONDS = 60
LOOK_SECONDS = 1.0

Totals = Mapping[str, int]
"""Messages a channel has taken since the store began."""


class Throughput:
    """Looks once a second while the engine runs; begins with the first request, be it for its health."""

    def __init__(self, totals: Callable[[], Totals]) -> None:
        self._totals = totals
        self._seconds: dict[str, deque[int]] = {}
        self._last: tuple[float, Totals] | None = None
        self._looking: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Looks from now on, if it does not yet; on the engine's loop."""
        if self._looking is None or self._looking.done():
            self._last = None
            self._looking = asyncio.create_task(self._look())

    async def close(self) -> None:
        """Looks no more."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)

    def of(self, channel: str) -> list[int]:
        """The last sixty seconds of a channel, oldest first; nothing is known of those before the start."""
        known = self._seconds.get(channel, ())
        return [0] * (SECONDS - len(known)) + list(known)

    def note(self, at: float, totals: Totals) -> None:
        """A look at the totals: what came since the last one belongs to the seconds between."""
        if self._last is not None:
            before, earlier = self._last
            seconds = max(1, round(at - before))
            for channel, total in totals.items():
                came = max(0, total - earlier.get(channel, 0))
                line = self._seconds.setdefault(channel, deque(maxlen=SECONDS))
                line.extend(_spread(came, min(seconds, SECONDS)))
        self._last = at, totals

    async def _look(self) -> None:
        try:
            while True:
                totals = await asyncio.to_thread(self._totals)
                self.note(time.monotonic(), totals)
                await asyncio.sleep(LOOK_SECONDS)
        except Exception as error:  # figures for people: the next request begins anew
            log.warning("throughput not measured", **where(error))


def _spread(count: int, seconds: int) -> Iterator[int]:
    """The count over the seconds, evenly; the rest in the last ones."""
    each, rest = divmod(count, seconds)
    return (each + (second >= seconds - rest) for second in range(seconds))


def totals_of(counts: list[Row]) -> Totals:
    """Messages by channel, from the store's tallies."""
    totals: dict[str, int] = {}
    for row in counts:
        if not row["destination"]:
            totals[row["channel"]] = totals.get(row["channel"], 0) + row["count"]
    return totals

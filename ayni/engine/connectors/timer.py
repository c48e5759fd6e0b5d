"""A clock as a source: a message at each tick, for channels that ask or report at their time."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import ClassVar

import msgspec

from ayni.engine.connectors.contract import Arrived, Source, World
from ayni.engine.connectors.polling import PollingSource
from ayni.engine.errors import ContentError
from ayni.wire.clock import Now
from ayni.wire.failure import CannotStart

LOOK_SECONDS_MAX = 1.0
"""How late a tick may be; the clock may jump, so it is looked at and not slept until."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """Ticks every so many seconds, counted from a midnight, or daily at a time; both by the engine's clock.

    The message is `{"tick": "<time>"}` and its control id the tick's time: two ticks are never the same, and
    an engine that starts again does not repeat one. Ticks missed while nothing could be kept are one tick.
    """

    every_seconds: float = 0.0
    daily_at: time | None = None
    format: str = "json"
    is_shared: ClassVar[bool] = True
    """Two channels may tick at the same time."""

    def open(self, world: World, channel: str) -> Source:
        """See SourceDeclaration."""
        if (self.every_seconds > 0) == (self.daily_at is not None):
            raise CannotStart("declare a timer's every_seconds above 0, or its daily_at")
        look_seconds = min(LOOK_SECONDS_MAX, self.every_seconds / 4 or LOOK_SECONDS_MAX)
        return PollingSource(_Ticks(self, world.now), every_seconds=look_seconds, channel=channel)

    def tick_after(self, at: datetime) -> datetime:
        """The first tick later than this."""
        if self.daily_at is not None:
            today = datetime.combine(at, self.daily_at, at.tzinfo)
            return today if today > at else today + timedelta(days=1)
        start, period = datetime(1970, 1, 1, tzinfo=at.tzinfo), timedelta(seconds=self.every_seconds)
        return start + ((at - start) // period + 1) * period


class _Ticks:
    """The next tick (see `polling.Place`)."""

    def __init__(self, declared: Timer, now: Now) -> None:
        self._declared, self._now = declared, now
        self._next = declared.tick_after(now())

    async def look(self) -> AsyncGenerator[Arrived, None]:
        if self._next <= self._now():
            tick = self._next.isoformat()
            yield Arrived(raw=msgspec.json.encode({"tick": tick}), control_id=tick)

    async def taken(self, arrived: Arrived) -> None:
        self._next = self._declared.tick_after(max(self._next, self._now()))

    async def refused(self, arrived: Arrived, error: ContentError | None) -> None:
        await self.taken(arrived)

    async def close(self) -> None:
        """Nothing is held."""

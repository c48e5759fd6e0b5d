"""Channels and their destinations as they are now, counted from the store's tallies."""

import time
from collections.abc import Callable
from datetime import datetime

from ayni.engine.channel import Channel
from ayni.engine.console.shown.resources import (
    ChannelList,
    ChannelState,
    DestinationState,
    ShownChannel,
    ShownDestination,
)
from ayni.engine.console.shown.throughput import Throughput
from ayni.engine.runtime import Runtime

COST_SHARE = 20
"""Looking for the oldest delivery of a long queue is dear: it may take a twentieth of one core, not more."""
OLD_SECONDS_MAX = 60.0

COUNTED = ("pending", "refused", "stalled", "delivered")

Tallies = dict[tuple[str, str, str], int]


class Oldest:
    """Since when the oldest delivery of each destination waits; looked up the less often the longer it takes.

    Called from several threads: two lookups at once cost twice and harm nobody.
    """

    def __init__(self, runtime: Runtime, clock: Callable[[], float] = time.monotonic) -> None:
        self._runtime, self._clock = runtime, clock
        self._known: dict[str, datetime | None] = {}
        self._until = 0.0

    def by_destination(self) -> dict[str, datetime | None]:
        """The times by partner."""
        started = self._clock()
        if started >= self._until:
            self._known = {
                row["destination"]: row["oldest"] for row in self._runtime.pipeline.store.waiting()
            }
            took = self._clock() - started
            self._until = self._clock() + min(OLD_SECONDS_MAX, took * COST_SHARE)
        return self._known


class ChannelFigures:
    """Reads what the overview shows. Call from a thread."""

    def __init__(self, runtime: Runtime, throughput: Throughput) -> None:
        self._runtime, self._throughput = runtime, throughput
        self._oldest = Oldest(runtime)

    def all(self) -> ChannelList:
        """Every channel that is deployed."""
        counts = self._runtime.pipeline.store.counts()
        tallies = {(row["channel"], row["destination"], row["state"]): row["count"] for row in counts}
        channels = [self._channel(each, tallies) for each in list(self._runtime.channels.values())]
        return ChannelList(at=self._runtime.pipeline.now(), channels=channels)

    def one(self, name: str) -> ShownChannel | None:
        """One channel, None when there is none of that name."""
        return next((each for each in self.all().channels if each.name == name), None)

    def _channel(self, channel: Channel, tallies: Tallies) -> ShownChannel:
        name = channel.name
        came = {state: tallies.get((name, "", state), 0) for state in ("accepted", "filtered", "refused")}
        destinations = [self._destination(name, each.partner, tallies) for each in channel.destinations]
        queued = sum(each.queued for each in destinations)
        oldest = min((each.oldest for each in destinations if each.oldest), default=None)
        per_second = self._throughput.of(name)
        return ShownChannel(
            name=name,
            title=channel.title,
            revision=channel.revision,
            state=self._state(name, queued),
            is_started=self._runtime.is_started(name),
            hindrance=self._runtime.room.hindrance,
            received=sum(came.values()),
            filtered=came["filtered"],
            refused=came["refused"],
            last=self._runtime.pipeline.store.last_received(name),
            last_minute=sum(per_second),
            per_second=per_second,
            queued=queued,
            stopped=sum(each.refused + each.stalled for each in destinations),
            oldest=oldest,
            oldest_seconds=self._age(oldest),
            destinations=destinations,
        )

    def _destination(self, channel: str, partner: str, tallies: Tallies) -> ShownDestination:
        deliverer = self._runtime.deliverers.get(partner)  # none yet while its channel is being deployed
        is_down, is_paused = (deliverer.is_link_down, deliverer.is_paused) if deliverer else (False, False)
        count = {state: tallies.get((channel, partner, state), 0) for state in COUNTED}
        stopped = count["refused"] + count["stalled"]
        oldest = self._oldest.by_destination().get(partner) if count["pending"] + stopped else None
        return ShownDestination(
            partner=partner,
            state=_destination_state(is_down=is_down, is_paused=is_paused),
            is_down=is_down,
            is_paused=is_paused,
            queued=count["pending"],
            refused=count["refused"],
            stalled=count["stalled"],
            delivered=count["delivered"],
            in_hand=deliverer.in_hand_count if deliverer else 0,
            oldest=oldest,
            oldest_seconds=self._age(oldest),
        )

    def _state(self, name: str, queued: int) -> ChannelState:
        if self._runtime.is_started(name):
            return "started"
        return "draining" if queued else "stopped"

    def _age(self, since: datetime | None) -> float | None:
        if since is None:
            return None
        return round(max(0.0, (self._runtime.pipeline.now() - since).total_seconds()), 1)


def _destination_state(*, is_down: bool, is_paused: bool) -> DestinationState:
    if is_paused:
        return "paused"
    return "down" if is_down else "up"

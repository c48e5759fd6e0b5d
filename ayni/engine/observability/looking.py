"""Looking at a running engine: its tallies, its deliverers, its disk, its certificates.

What is dear (the oldest of a long queue, a recount of every row) is looked at the less often the longer it
takes. A look runs in a thread and asks nothing of the event loop.
"""

import shutil
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import structlog

from ayni.engine.channel import Channel
from ayni.engine.observability.counting import Counting
from ayni.engine.observability.sight import ChannelSight, DestinationSight, Sight
from ayni.engine.runtime import Runtime
from ayni.engine.store.contract import Balance, Row
from ayni.wire.failure import CannotStart
from ayni.wire.logging import where
from ayni.wire.tls import days_left

log = structlog.get_logger()

T = TypeVar("T")

WAITING_SECONDS = 5.0
WAITING_SHARE = 20
"""Looking for the oldest of a long queue may take a twentieth of one core."""
RECOUNT_SECONDS = 3600.0
RECOUNT_SHARE = 200
"""A recount reads every row and keeps the log from being shortened meanwhile: rare, and rarer when it is
long."""
CERTIFICATE_SECONDS = 60.0


class Seldom(Generic[T]):
    """A value that is made anew after `seconds`, or after `share` times what making it took."""

    def __init__(
        self,
        make: Callable[[], T],
        *,
        seconds: float,
        share: int = 1,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._make, self._seconds, self._share, self._clock = make, seconds, share, clock
        self._until = 0.0
        self._is_made = False
        self._value: T
        self._lock = threading.Lock()

    def value(self) -> T:
        """The value, perhaps an old one; raises what making it raises."""
        with self._lock:
            started = self._clock()
            if not self._is_made or started >= self._until:
                self._value = self._make()
                self._is_made = True
                took = self._clock() - started
                self._until = started + max(self._seconds, took * self._share)
            return self._value


class HasTls(Protocol):
    """A declaration of TLS files, as `connectors.tls` makes them."""

    certificate: str
    ca: str


class Look:
    """Looks at one engine. `expand` fills in the settings of a declared path."""

    def __init__(self, runtime: Runtime, counting: Counting, *, data: Path, expand: Callable[[str], str]) -> None:
        self._runtime, self._counting, self._data, self._expand = runtime, counting, data, expand
        store = runtime.pipeline.store
        self._waiting = Seldom(store.waiting, seconds=WAITING_SECONDS, share=WAITING_SHARE)
        self._balance = Seldom(lambda: contradictions_in(store.balance()), seconds=RECOUNT_SECONDS, share=RECOUNT_SHARE)
        self._certificates = Seldom(self._days_left, seconds=CERTIFICATE_SECONDS)

    def now(self, *, recount: bool = True) -> Sight:
        """The engine now. Without `recount` the store is not counted anew."""
        return Sight(
            at=self._runtime.pipeline.now(),
            channels={name: self._channel(name) for name in list(self._runtime.channels)},
            destinations=self._destinations(),
            certificates=self._certificates.value(),
            disk_free_bytes=shutil.disk_usage(self._data).free,
            contradictions=self._balance.value() if recount else None,
        )

    def tallies(self) -> list[Row]:
        """The store's counts."""
        return self._runtime.pipeline.store.counts()

    def _channel(self, name: str) -> ChannelSight:
        received, refused = self._counting.received_of(name)
        return ChannelSight(
            received=received,
            refused=refused,
            not_kept=self._counting.not_kept_counts.get(name, 0),
            reused=self._counting.reused_counts.get(name, 0),
            last=self._runtime.pipeline.store.last_received(name),
            is_started=self._runtime.is_started(name),
        )

    def _destinations(self) -> dict[str, DestinationSight]:
        waiting = {row["destination"]: row for row in self._waiting.value()}
        tallied = tallied_by_destination(self.tallies())
        return {name: self._destination(name, waiting.get(name, {}), tallied[name]) for name in list(self._runtime.deliverers)}

    def _destination(self, name: str, waiting: Row, tallied: Counter[str]) -> DestinationSight:
        deliverer = self._runtime.deliverers[name]
        held = waiting.get("held", 0)
        return DestinationSight(
            pending=tallied["pending"],
            held=held,
            passed=max(0, tallied["refused"] + tallied["stalled"] - held),
            in_hand=deliverer.in_hand_count,
            oldest=waiting.get("oldest"),
            is_down=deliverer.is_link_down,
            is_paused=deliverer.is_paused,
        )

    def _days_left(self) -> dict[str, float | None]:
        now = self._runtime.pipeline.now()
        found: dict[str, float | None] = {}
        for template in {each for channel in list(self._runtime.channels.values()) for each in certificates_of(channel)}:
            path = Path(self._expand(template)).resolve()
            try:
                found[path.name] = days_left(path, now)
            except CannotStart as error:
                log.warning("certificate not readable", file=path.name, **where(error))
                found[path.name] = None
        return found


class Tallied(dict[str, Counter[str]]):
    """Counts by destination, then by state."""

    def __missing__(self, name: str) -> Counter[str]:
        return Counter()


def tallied_by_destination(rows: list[Row]) -> Tallied:
    """The store's tallies of deliveries, over all channels."""
    found = Tallied()
    for row in rows:
        if row["destination"]:
            found.setdefault(row["destination"], Counter())[row["state"]] += row["count"]
    return found


def contradictions_in(balance: Balance) -> int:
    """How many figures differ between tallies and rows, and how many rows contradict each other."""
    counted, recounted = _figures(balance.counts), _figures(balance.recount)
    names = counted.keys() | recounted.keys()
    differing = sum(counted[each] != recounted[each] for each in names)
    return differing + len(balance.strays)


def _figures(rows: list[Row]) -> Counter[tuple[Any, ...]]:
    return Counter({(row["channel"], row["destination"], row["state"]): row["count"] for row in rows})


def certificates_of(channel: Channel) -> Iterator[str]:
    """The certificate files a channel declares, as it writes them."""
    declared = (channel.source, *(each.connector for each in channel.destinations))
    for connector in declared:
        for field in ("tls", "partner_tls"):
            tls: HasTls | None = getattr(connector, field, None)
            if tls is not None:
                yield from (each for each in (tls.certificate, tls.ca) if each)

"""Looking at a running engine: its tallies, its deliverers, its disk, its certificates.

What is dear (the oldest of a long queue, a recount of every row) is looked at the less often the longer it
takes. A look runs in a thread and asks nothing of the event loop.
"""

import shutil
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import structlog

from ayni.engine.channel import Channel
from ayni.engine.connectors.tls import ServerTls
from ayni.engine.delivery import Deliverer
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
"""A recount reads every row, and the log cannot be shortened meanwhile: rare, and rarer when it is long."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """What is dear to know of a destination; see DestinationSight."""

    held: int = 0
    passed: int = 0
    oldest: datetime | None = None


NO_QUEUE = Queue()


class Look:
    """Looks at one engine. `expand` fills in the settings of a declared path."""

    def __init__(
        self,
        runtime: Runtime,
        counting: Counting,
        *,
        data: Path,
        expand: Callable[[str], str],
        recounted: Callable[[Balance], None] = lambda _: None,
    ) -> None:
        """`recounted` hears of each recount."""
        self._runtime, self._counting, self._data, self._expand = runtime, counting, data, expand
        self._waiting = Seldom(self._look_at_queues, seconds=WAITING_SECONDS, share=WAITING_SHARE)
        self._certificates = Seldom(partial(self._days_left, certificates_of), seconds=CERTIFICATE_SECONDS)
        self._revocations = Seldom(partial(self._days_left, revocations_of), seconds=CERTIFICATE_SECONDS)
        self._recounted = recounted
        self._contradictions: int | None = None
        self._started_at = runtime.pipeline.now()

    def now(self) -> Sight:
        """The engine now."""
        store = self._runtime.pipeline.store
        counts = store.counts()
        return Sight(
            at=self._runtime.pipeline.now(),
            started_at=self._started_at,
            counts=counts,
            channels=self._channels(),
            destinations=self._destinations(tallied_by_destination(counts)),
            certificates=self._certificates.value(),
            revocations=self._revocations.value(),
            disk_free_bytes=shutil.disk_usage(self._data).free,
            hindrance=self._runtime.room.hindrance,
            contradictions=self._contradictions,
        )

    def recount(self) -> None:
        """Counts the store anew; the next looks tell what differed."""
        balance = self._runtime.pipeline.store.balance()
        self._contradictions = contradictions_in(balance)
        self._recounted(balance)

    def _channels(self) -> dict[str, ChannelSight]:
        counts = self._counting.received_counts
        return {
            name: self._channel(
                name, {outcome: count for (channel, outcome), count in counts.items() if channel == name}
            )
            for name in list(self._runtime.channels)
        }

    def _channel(self, name: str, counts: Mapping[str, int]) -> ChannelSight:
        return ChannelSight(
            received=sum(counts.values()),
            refused=counts.get("refused", 0),
            not_kept=counts.get("not-kept", 0),
            reused=self._counting.reused_counts.get(name, 0),
            not_bound=self._counting.not_bound_counts.get(name, 0),
            last=self._runtime.pipeline.store.last_received(name),
            is_started=self._runtime.is_started(name),
        )

    def _destinations(self, tallied: "Tallied") -> dict[str, DestinationSight]:
        queues = self._waiting.value()
        return {
            name: _destination(deliverer, queues.get(name, NO_QUEUE), tallied[name])
            for name, deliverer in list(self._runtime.deliverers.items())
        }

    def _look_at_queues(self) -> dict[str, Queue]:
        """What holds its lane and what let it pass, of one moment: what a look in between changed is out."""
        store = self._runtime.pipeline.store
        before = tallied_by_destination(store.counts())
        waiting = {row["destination"]: row for row in store.waiting()}
        after = tallied_by_destination(store.counts())
        return {
            name: Queue(
                held=(held := waiting.get(name, {}).get("held", 0)),
                passed=max(0, min(stopped_in(before[name]), stopped_in(after[name])) - held),
                oldest=waiting.get(name, {}).get("oldest"),
            )
            for name in before.keys() | waiting.keys()
        }

    def _days_left(self, files_of: Callable[[Channel], Iterable[str]]) -> dict[str, float | None]:
        channels = list(self._runtime.channels.values())
        files = {self._expand(template) for channel in channels for template in files_of(channel)}
        return {file: self._days_left_of(Path(file)) for file in sorted(files)}

    def _days_left_of(self, file: Path) -> float | None:
        try:
            return days_left(file.resolve(), self._runtime.pipeline.now())
        except CannotStart as error:
            log.warning("certificate not readable", file=file.name, **where(error))
            return None


def _destination(deliverer: Deliverer, queue: Queue, tallied: Counter[str]) -> DestinationSight:
    return DestinationSight(
        pending=tallied["pending"],
        held=queue.held,
        passed=queue.passed,
        in_hand=deliverer.in_hand_count,
        oldest=queue.oldest,
        is_down=deliverer.is_link_down,
        is_paused=deliverer.is_paused,
    )


def stopped_in(tallied: Counter[str]) -> int:
    """Stopped deliveries of a destination, whether they hold their lanes or not."""
    return tallied["refused"] + tallied["stalled"]


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
    for tls in _tls_of(channel):
        yield from (each for each in (tls.certificate, tls.ca) if each)


def revocations_of(channel: Channel) -> Iterator[str]:
    """The same of its lists of revoked certificates."""
    yield from (tls.crl for tls in _tls_of(channel) if isinstance(tls, ServerTls) and tls.crl)


def _tls_of(channel: Channel) -> Iterator[HasTls]:
    declared = (channel.source, *(each.connector for each in channel.destinations))
    found = (getattr(each, field, None) for each in declared for field in ("tls", "partner_tls"))
    return (tls for tls in found if tls is not None)

"""Conservation as a person reads it: of what was received how much is where, and whether sums come out."""

import threading
from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct

from ayni.engine.console.problems import Problem
from ayni.engine.store.account import account_of
from ayni.engine.store.conservation import conserved
from ayni.engine.store.contract import Row, Store
from ayni.engine.store.sql import SqlStore
from ayni.wire.clock import Now

BEGINNING = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


class DestinationAccount(Struct, frozen=True, kw_only=True):
    """owed = delivered + set_aside + stopped + queued. `stopped`: refused and stalled, a person decides."""

    destination: str
    owed: int
    delivered: int
    set_aside: int
    stopped: int
    queued: int


class ChannelAccount(Struct, frozen=True, kw_only=True):
    """received = accepted + filtered + refused, and what the accepted ones owe to each destination."""

    channel: str
    received: int
    accepted: int
    filtered: int
    refused: int
    destinations: list[DestinationAccount]


class ConservationReport(Struct, frozen=True, kw_only=True):
    """Whether everything that was received is somewhere.

    `is_kept` and `findings` are about the whole store: what was noted as it happened against what the rows
    show and what was deleted in its time. `channels` are of the span asked for; without one, since the store
    began.
    """

    at: datetime
    since: datetime | None
    until: datetime | None
    is_kept: bool
    findings: list[str]
    channels: list[ChannelAccount]


class Accounting:
    """Counts every row, so one count at a time. Call from a thread."""

    def __init__(self, store: Store, now: Now) -> None:
        self._store, self._now = store, now
        self._turn = threading.Lock()

    def report(self, channel: str, since: datetime | None, until: datetime | None) -> ConservationReport:
        """Counts now; raises Problem while another count is under way."""
        if not self._turn.acquire(blocking=False):
            raise Problem("counting-already", 429)
        try:
            return self._report(channel, since, until)
        finally:
            self._turn.release()

    def _report(self, channel: str, since: datetime | None, until: datetime | None) -> ConservationReport:
        at, balance = self._now(), self._store.balance()
        found, names = conserved(balance), {row["channel"] for row in balance.counts}
        rows = balance.recount
        if since or until:
            rows = [row for each in sorted(names) for row in self._span(each, since, until or at)]
        return ConservationReport(
            at=at,
            since=since,
            until=until,
            is_kept=found.is_kept,
            findings=list(found.findings),
            channels=[each for each in accounts_of(rows) if channel in ("", each.channel)],
        )

    def _span(self, channel: str, since: datetime | None, until: datetime) -> list[Row]:
        assert isinstance(self._store, SqlStore)
        return account_of(self._store.books, channel, since or BEGINNING, until)


def accounts_of(rows: Iterable[Row]) -> list[ChannelAccount]:
    """The rows of a count as accounts, by channel."""
    counts: Counter[tuple[str, str, str]] = Counter()
    for row in rows:
        counts[row["channel"], row["destination"], row["state"]] += row["count"]
    places = sorted({(channel, to) for channel, to, _ in counts})
    return [
        ChannelAccount(
            channel=name,
            received=_sum(counts, name, ""),
            accepted=counts[name, "", "accepted"],
            filtered=counts[name, "", "filtered"],
            refused=counts[name, "", "refused"],
            destinations=[_destination(counts, name, to) for channel, to in places if to and channel == name],
        )
        for name in sorted({channel for channel, _ in places})
    ]


def _destination(counts: Counter[tuple[str, str, str]], channel: str, to: str) -> DestinationAccount:
    count = {state: counts[channel, to, state] for _, _, state in list(counts)}
    return DestinationAccount(
        destination=to,
        owed=_sum(counts, channel, to),
        delivered=count.get("delivered", 0),
        set_aside=count.get("set-aside", 0),
        stopped=count.get("refused", 0) + count.get("stalled", 0),
        queued=count.get("pending", 0),
    )


def _sum(counts: Counter[tuple[str, str, str]], channel: str, to: str) -> int:
    return sum(count for (of, for_, _), count in counts.items() if (of, for_) == (channel, to))

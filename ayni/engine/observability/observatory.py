"""All that watches one engine, put together: the meter it calls, the alerts and metrics its console shows."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ayni.engine.connectors.contract import World
from ayni.engine.observability.counting import Counting
from ayni.engine.observability.looking import Look
from ayni.engine.observability.meter import Both, Meter
from ayni.engine.observability.rules import Rules
from ayni.engine.observability.rules_file import read_rules
from ayni.engine.observability.tracing import Tracing
from ayni.engine.observability.watch import LogSink, Sink, Watch
from ayni.engine.observability.wording import Language
from ayni.engine.runtime import Runtime, partners
from ayni.engine.store.contract import Balance, Row

if TYPE_CHECKING:
    from starlette.routing import Route


@dataclass(frozen=True, slots=True)
class Shown:
    """What the console shows: alerts, and the route of the metrics, made when it asks for it."""

    alerts: Callable[[Language], list[Row]]
    metrics: "Callable[[], Route]"


class Measured(Protocol):
    """A writer that calls a meter at each commit."""

    meter: Meter

    @property
    def waiting_count(self) -> int:
        """Changes that wait for the next commit."""
        ...


class Observatory:
    """Watches one engine. `meter` is for its pipeline, before it begins to work."""

    def __init__(self, tracing: Tracing | None = None) -> None:
        self._counting, self._tracing = Counting(), tracing
        self.meter: Meter = Both(self._counting, tracing) if tracing else self._counting
        self._queued_changes: Callable[[], int] = lambda: 0

    def measure(self, writer: Measured) -> None:
        """Counts the commits of the store's writer, before it begins to work."""
        writer.meter = self.meter
        self._queued_changes = lambda: writer.waiting_count

    @asynccontextmanager
    async def watching(
        self,
        runtime: Runtime,
        world: World,
        channels_folder: Path,
        *,
        recounted: Callable[[Balance], None] = lambda _: None,
    ) -> AsyncIterator[Shown]:
        """Watches while the block lasts; raises CannotStart when alerts.toml cannot be used.

        `recounted` hears of each recount of the store.
        """
        channels = runtime.channels
        rules = read_rules(channels_folder, channels=channels, destinations=tuple(partners(channels)))
        look = Look(runtime, self._counting, data=world.data, expand=world.text, recounted=recounted)
        async with _sinks(rules, world) as sinks:
            watch = Watch(look, rules, world.data / "alerts.json", sinks)
            watch.start()
            try:
                yield Shown(watch.rows, partial(self._metrics, look, watch))
            finally:
                await watch.close()
                if self._tracing is not None:
                    self._tracing.close()

    def _metrics(self, look: Look, watch: Watch) -> "Route":
        # imported here, because channels listen before anybody can look at the engine
        from ayni.engine.observability.metrics import Figures, metrics_route, open_registry

        figures = Figures(
            self._counting,
            look.now,
            queued_changes=self._queued_changes,
            alert_count=lambda: len(watch.ledger.active),
            looked_at=lambda: watch.looked_at.timestamp() if watch.looked_at else 0.0,
        )
        return metrics_route(open_registry(figures))


@asynccontextmanager
async def _sinks(rules: Rules, world: World) -> AsyncIterator[Sequence[Sink]]:
    """The log, and e-mail where it is declared."""
    if rules.mail is None:
        yield (LogSink(),)
        return
    from ayni.engine.observability.mailing import mailing  # needs the extra only where mail is declared

    async with mailing(rules.mail, world) as mail:
        yield (LogSink(), mail)

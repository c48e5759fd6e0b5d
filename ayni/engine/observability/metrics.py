"""`GET /metrics` for Prometheus: what the meter counted, what the store and the deliverers say now.

Labels are channel, destination and outcome, never an id or anything a message says. Whoever watches pays: a
scrape makes the figures, a message only adds one.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from ipaddress import ip_address
from itertools import accumulate

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from ayni.engine.console.access.doorkeeper import SignedIn
from ayni.engine.console.access.roles import Role
from ayni.engine.observability.counting import BOUNDS, Counting, Histogram, Names
from ayni.engine.observability.sight import DestinationSight, Sight

FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")
"""Headers by which a proxy of this machine says that it asks for somebody else."""

MESSAGE_STATES = ("accepted", "filtered", "refused")

Allows = Callable[[Request], bool]


class Figures(Collector):
    """The engine's metrics, made anew for each scrape."""

    def __init__(
        self,
        counting: Counting,
        look: Callable[[], Sight],
        *,
        queued_changes: Callable[[], int],
        alert_count: Callable[[], int],
        looked_at: Callable[[], float],
    ) -> None:
        self._counting, self._look = counting, look
        self._queued_changes, self._alert_count, self._looked_at = queued_changes, alert_count, looked_at

    def describe(self) -> Iterable[Metric]:
        """Nothing: registering must not look at the store."""
        return ()

    def collect(self) -> Iterator[Metric]:
        sight = self._look()
        yield from _counted(self._counting)
        yield _stored(sight)
        yield _deliveries(sight)
        yield from _destinations(sight)
        yield from self._engine(sight)

    def _engine(self, sight: Sight) -> Iterator[Metric]:
        yield _gauge("ayni_writer_queue", "Changes that wait for the next commit", self._queued_changes())
        yield _gauge("ayni_alerts", "Alerts that need a person now", self._alert_count())
        yield _gauge("ayni_alerts_looked_timestamp_seconds", "When rules were last judged", self._looked_at())
        yield _gauge("ayni_disk_free_bytes", "Free space where the store is", sight.disk_free_bytes or 0)
        yield _gauge("ayni_intake_stopped", "Whether nothing new is taken", bool(sight.hindrance))
        left = [days for days in sight.certificates.values() if days is not None]
        if left:
            seconds = min(left) * 86_400
            yield _gauge("ayni_certificate_seconds", "Time until the first certificate ends", seconds)
        started = GaugeMetricFamily("ayni_channel_up", "Whether a channel takes messages", labels=["channel"])
        for name, channel in sight.channels.items():
            started.add_metric([name], channel.is_started)
        yield started


def _counted(counting: Counting) -> Iterator[Metric]:
    received = CounterMetricFamily(
        "ayni_received", "Messages by what became of them, since the start", labels=["channel", "outcome"]
    )
    for names, count in counting.received_counts.items():
        received.add_metric(names, count)
    yield received
    text = "Control ids that came again with other content"
    yield _by_channel("ayni_control_id_reused", text, counting.reused_counts)
    text = "Messages that the sender's certificate does not allow"
    yield _by_channel("ayni_sender_not_bound", text, counting.not_bound_counts)
    yield _by("channel", "ayni_acknowledgement", "From first look to answer", counting.acknowledgements)
    yield _by("destination", "ayni_attempt", "Attempts to deliver", counting.attempts)
    commits = HistogramMetricFamily("ayni_commit_seconds", "Syncing one group of changes")
    commits.add_metric([], *_buckets(counting.commits))
    yield commits
    changes = CounterMetricFamily("ayni_committed_changes", "Changes that were synced")
    changes.add_metric([], counting.change_count)
    yield changes


def _by_channel(name: str, text: str, counts: Mapping[str, int]) -> Metric:
    family = CounterMetricFamily(name, text, labels=["channel"])
    for channel, count in counts.items():
        family.add_metric([channel], count)
    return family


def _by(label: str, name: str, text: str, histograms: Mapping[Names, Histogram]) -> Metric:
    family = HistogramMetricFamily(f"{name}_seconds", text, labels=[label, "outcome"])
    for names, histogram in histograms.items():
        family.add_metric(names, *_buckets(histogram))
    return family


def _buckets(histogram: Histogram) -> tuple[list[tuple[str, float]], float]:
    """Cumulative counts by upper bound, from one copy: a scrape in the middle of a message still adds up."""
    counts, seconds = list(histogram.counts), histogram.seconds
    bounds = [*(str(bound) for bound in BOUNDS), "+Inf"]
    return list(zip(bounds, map(float, accumulate(counts)), strict=True)), seconds


def _stored(sight: Sight) -> Metric:
    family = CounterMetricFamily(
        "ayni_messages", "Messages in the store's tallies", labels=["channel", "outcome"]
    )
    for row in sight.counts:
        if not row["destination"]:
            family.add_metric([row["channel"], row["state"]], row["count"])
    return family


def _deliveries(sight: Sight) -> Metric:
    labels = ["channel", "destination", "outcome"]
    family = GaugeMetricFamily("ayni_deliveries", "Deliveries by where they stand", labels=labels)
    for row in sight.counts:
        if row["destination"]:
            family.add_metric([row["channel"], row["destination"], row["state"]], row["count"])
    return family


def _destinations(sight: Sight) -> Iterator[Metric]:
    def age(each: DestinationSight) -> float:
        return max(0.0, (sight.at - each.oldest).total_seconds()) if each.oldest else 0.0

    figures: list[tuple[str, str, Callable[[DestinationSight], float]]] = [
        ("ayni_queue_deliveries", "Deliveries still to be sent", lambda each: each.pending),
        ("ayni_queue_oldest_seconds", "Age of the oldest that waits or holds its lane", age),
        ("ayni_queue_held", "Stopped deliveries that hold their lanes", lambda each: each.held),
        ("ayni_in_hand", "Deliveries being sent now", lambda each: each.in_hand),
        ("ayni_link_up", "Whether somebody answered at the address", lambda each: not each.is_down),
        ("ayni_paused", "Whether a person paused it", lambda each: each.is_paused),
    ]
    for name, text, value in figures:
        family = GaugeMetricFamily(name, text, labels=["destination"])
        for destination, each in sight.destinations.items():
            family.add_metric([destination], value(each))
        yield family


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, text, value=value)


def open_registry(figures: Figures) -> CollectorRegistry:
    """The engine's figures with the memory and open files of its process."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(figures)
    ProcessCollector(registry=registry)
    return registry


def may_scrape(request: Request) -> bool:
    """Programs of this machine, and whoever is signed in at the console as a viewer or more."""
    user = request.scope.get("user")
    return is_this_machine(request) or (isinstance(user, SignedIn) and user.may(Role.VIEWER))


def is_this_machine(request: Request) -> bool:
    """Whether the request comes from a program of this machine that asks for itself."""
    host = request.client.host if request.client else ""
    try:
        is_loopback = ip_address(host).is_loopback
    except ValueError:
        is_loopback = False
    return is_loopback and not any(name in request.headers for name in FORWARDED)


def metrics_route(registry: CollectorRegistry, allows: Allows = may_scrape) -> Route:
    """`/metrics` for whom `allows` lets in; everybody else hears 403."""

    async def metrics(request: Request) -> Response:
        if not allows(request):
            return PlainTextResponse("Solo desde esta máquina, o con el papel de lectura.", 403)
        text = await run_in_threadpool(generate_latest, registry)
        return Response(text, media_type=CONTENT_TYPE_LATEST)

    return Route("/metrics", metrics)

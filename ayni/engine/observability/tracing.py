"""OpenTelemetry spans of each hop, an optional extra: not imported, and nothing done, without an endpoint.

HL7 v2 carries no trace context. Every hop of a request therefore computes its trace from the correlation id,
which messages and deliveries keep beside their control id (MSH-10): whoever knows one finds the other in the
store, after a restart and in another process too. Without a correlation id the message's number in the store
stands in. Spans are made after the fact from what the meter hears, and hold names and outcomes, no content.
"""

import hashlib
import time
from typing import TYPE_CHECKING

from ayni.engine.connectors.contract import VerdictState
from ayni.engine.observability.meter import Silent
from ayni.engine.store.contract import Claim, NewMessage, Settlement
from ayni.wire.failure import CannotStart

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import SpanKind

NANOSECONDS = 1_000_000_000
MILLISECONDS = 1_000_000
WELL = ("stored", "filtered", "repeated", "delivered")
SYSTEM = "ayni"


class Tracing(Silent):
    """A meter that makes spans. `share` of the hops that went well are kept, and all of the others."""

    def __init__(self, provider: "TracerProvider", *, share: float = 1.0) -> None:
        from opentelemetry.trace import SpanKind, Status, StatusCode  # the extra is there

        self._provider, self._tracer = provider, provider.get_tracer("ayni.engine")
        self._error = Status(StatusCode.ERROR)
        self._receiving, self._sending = SpanKind.SERVER, SpanKind.CLIENT
        self._kept_below = int(share * (1 << 64))

    def received(
        self, message: NewMessage, message_id: int, outcome: VerdictState, started: float, ended: float
    ) -> None:
        end = time.time_ns() - int((time.perf_counter() - ended) * NANOSECONDS)
        self._span(
            f"receive {message.channel}",
            self._receiving,
            _trace(message.correlation_id, message_id, message.control_id),
            (end - int((ended - started) * NANOSECONDS), end),
            outcome,
            {
                "messaging.operation.type": "receive",
                "ayni.channel": message.channel,
                "ayni.correlation_id": message.correlation_id,
                "ayni.control_id": message.control_id,
                "ayni.message_id": message_id,
            },
        )

    def attempted(self, claim: Claim, settlement: Settlement) -> None:
        start = int(settlement.started_at.timestamp() * NANOSECONDS)
        self._span(
            f"deliver {claim.destination}",
            self._sending,
            _trace(claim.correlation_id, claim.message_id, claim.control_id),
            (start, start + int(settlement.ms * MILLISECONDS)),
            settlement.outcome,
            {
                "messaging.operation.type": "send",
                "ayni.channel": claim.channel,
                "ayni.destination": claim.destination,
                "ayni.correlation_id": claim.correlation_id,
                "ayni.control_id": claim.control_id,
                "ayni.message_id": claim.message_id,
                "ayni.attempt": claim.attempt_count + 1,
            },
        )

    def close(self) -> None:
        """Sends what waits, for a few seconds at most."""
        self._provider.shutdown()

    def _span(
        self,
        name: str,
        kind: "SpanKind",
        trace: int,
        times: tuple[int, int],
        outcome: str,
        attributes: dict[str, str | int],
    ) -> None:
        is_well = outcome in WELL
        if is_well and trace & ((1 << 64) - 1) >= self._kept_below:
            return
        attributes = {each: _plain(value) for each, value in attributes.items()}
        attributes |= {"messaging.system": SYSTEM, "ayni.outcome": outcome}
        span = self._tracer.start_span(
            name, context=_within(trace), kind=kind, attributes=attributes, start_time=times[0]
        )
        if not is_well:
            span.set_status(self._error)
        span.end(end_time=times[1])


def _plain(value: str | int) -> str | int:
    """A control id may hold what is no text; one that cannot be encoded would cost a whole batch of spans."""
    return value.encode(errors="replace").decode() if isinstance(value, str) else value


def _trace(correlation_id: str, message_id: int, control_id: str) -> int:
    """The trace of a request, the same at each hop."""
    name = correlation_id or (f"message {message_id}" if message_id else f"control id {control_id}")
    return int.from_bytes(hashlib.sha256(name.encode(errors="replace")).digest()[:16], "big") or 1


def _within(trace: int) -> "Context":
    """The context of a trace whose root is nobody's span: every hop hangs below the same name."""
    from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, set_span_in_context

    root = SpanContext(trace, trace >> 64 or 1, is_remote=True, trace_flags=TraceFlags(TraceFlags.SAMPLED))
    return set_span_in_context(NonRecordingSpan(root))


def open_tracing(
    endpoint: str, *, share: float = 1.0, exporter: "SpanExporter | None" = None
) -> Tracing | None:
    """What makes spans and sends them to an OTLP/HTTP endpoint, None without one; raises CannotStart."""
    if not endpoint:
        return None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ModuleNotFoundError as error:
        raise CannotStart(
            "AYNI_OTLP_ENDPOINT is set: install the extra, ayni[tracing], or unset it"
        ) from error
    provider = TracerProvider(
        resource=Resource.create({"service.name": "ayni-engine"}), shutdown_on_exit=False
    )
    provider.add_span_processor(BatchSpanProcessor(exporter or OTLPSpanExporter(endpoint=endpoint)))
    return Tracing(provider, share=share)

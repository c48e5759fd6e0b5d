"""Spans: one trace for a request at every hop, names and outcomes only, nothing without an endpoint."""

import subprocess
import sys
from datetime import datetime

import pytest

from ayni.engine.observability.tracing import Tracing, open_tracing
from ayni.engine.store.contract import Claim, DeliveryState, NewMessage, Settlement
from ayni.wire.clock import LIMA
from ayni.wire.failure import CannotStart

pytest.importorskip("opentelemetry.sdk")

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=LIMA)


@pytest.fixture
def exported():
    return InMemorySpanExporter()


@pytest.fixture
def new_tracing(exported):
    def new(share=1.0):
        provider = TracerProvider(shutdown_on_exit=False)
        provider.add_span_processor(SimpleSpanProcessor(exported))
        return Tracing(provider, share=share)

    return new


def message(**fields):
    return NewMessage(
        **{
            "channel": "orders",
            "revision": "r1",
            "source": "hl7",
            "sender": "HIS|CAX",
            "control_id": "M1",
            "correlation_id": "QH-7M3K9XBT4D",
            "document": "99000017",
            "kind": "ORM^O01",
            "raw": b"PID|1||99000017||PRUEBA",
            "content_hash": b"",
            "received_at": NOW,
            "ms": 0.5,
            "state": "accepted",
            "is_keyed": True,
            "answer": b"MSA|AA|M1",
        }
        | fields
    )


def claim(**fields):
    return Claim(
        **{
            "delivery_id": 1,
            "message_id": 7,
            "channel": "orders",
            "destination": "laboratory",
            "correlation_id": "QH-7M3K9XBT4D",
            "control_id": "E1",
            "key": "99000017",
            "content": b"PID|1||99000017||PRUEBA",
            "attempt_count": 0,
            "places": (),
            "tokens": (),
        }
        | fields
    )


def settlement(outcome="delivered"):
    return Settlement(
        state=DeliveryState.DELIVERED,
        started_at=NOW,
        ms=12.5,
        outcome=outcome,
        reason="PRUEBA said no",
        answer=b"PRUEBA",
        due_at=NOW,
    )


def test_every_hop_of_a_request_is_in_one_trace_also_in_another_process(new_tracing, exported):
    new_tracing().received(message(), 7, "stored", 10.0, 10.25)
    new_tracing().attempted(claim(), settlement())
    received, delivered = exported.get_finished_spans()
    assert (received.name, delivered.name) == ("receive orders", "deliver laboratory")
    assert received.context.trace_id == delivered.context.trace_id
    assert received.context.span_id != delivered.context.span_id


def test_a_message_without_correlation_id_keeps_its_trace_by_its_number(new_tracing, exported):
    tracing = new_tracing()
    tracing.received(message(correlation_id=""), 7, "stored", 0, 1)
    tracing.attempted(claim(correlation_id=""), settlement())
    tracing.attempted(claim(correlation_id="", message_id=8), settlement())
    one, same, other = (each.context.trace_id for each in exported.get_finished_spans())
    assert one == same != other


def test_a_span_says_the_control_id_beside_the_trace_and_how_long_it_took(new_tracing, exported):
    new_tracing().attempted(claim(), settlement())
    (span,) = exported.get_finished_spans()
    assert span.attributes["ayni.control_id"] == "E1"
    assert span.attributes["ayni.correlation_id"] == "QH-7M3K9XBT4D"
    assert span.end_time - span.start_time == 12_500_000


def test_a_span_holds_no_content_and_no_lane_key(new_tracing, exported):
    tracing = new_tracing()
    tracing.received(message(), 7, "refused", 0, 1)
    tracing.attempted(claim(), settlement("refused"))
    text = "".join(each.to_json() for each in exported.get_finished_spans())
    assert len(exported.get_finished_spans()) == 2
    assert not any(word in text for word in ("PRUEBA", "99000017"))


@pytest.mark.parametrize(("outcome", "count"), [("delivered", 0), ("refused", 1), ("unknown", 1)])
def test_a_share_drops_what_went_well_and_keeps_all_that_failed(new_tracing, exported, outcome, count):
    new_tracing(share=0.0).attempted(claim(), settlement(outcome))
    assert len(exported.get_finished_spans()) == count


def test_a_control_id_that_is_no_text_costs_no_span(new_tracing, exported):
    new_tracing().received(message(control_id="M\udcff", correlation_id=""), 0, "stored", 0, 1)
    (span,) = exported.get_finished_spans()
    assert span.attributes["ayni.control_id"] == "M?"


def test_spans_reach_the_exporter_of_an_endpoint(exported):
    tracing = open_tracing("http://127.0.0.1:1/v1/traces", exporter=exported)
    tracing.attempted(claim(), settlement())
    tracing.close()
    assert len(exported.get_finished_spans()) == 1


def test_without_an_endpoint_nothing_is_imported():
    program = (
        "import sys; from ayni.engine.observability.observatory import Observatory;"
        "from ayni.engine.observability.tracing import open_tracing;"
        "assert open_tracing('') is None; Observatory();"
        "sys.exit(any(name.startswith('opentelemetry') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_an_endpoint_without_the_extra_is_said_in_one_line(monkeypatch):
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    with pytest.raises(CannotStart, match=r"ayni\[tracing\]"):
        open_tracing("http://127.0.0.1:1/v1/traces")

"""S-24: nothing a person said, is called or suffers appears where engineers look: log, metrics, spans.

An engine in a process of its own gets messages of every kind: good, repeated, refused, broken, such on which
a channel fails, such that a partner refuses while it quotes them, or leaves unanswered. Each carries the
words below.
"""

import json
import re
import shutil

import pytest

from ayni.wire.failure import LinkError

from ..conftest import CHANNELS, until
from .own_process import Collector, OwnProcess

pytest.importorskip("opentelemetry.sdk")

SAID = re.compile(
    r"prueba|ñaupari|maría|elena|julia|calquis|respira|fiebre|flema|(?<!\d)(?<!\d\.)990000\d\d(?!\d)"
)
"""In small letters. The DNIs of invented people begin with 990000; a figure with such digits names nobody."""
QUOTE = "PRUEBA MARÍA ELENA 99000017 no respira"
FAILS = f"""    if "PANTOJA" in message.encode().decode():
        raise ValueError("{QUOTE}", message.encode())
    event ="""
JUNK = (
    f"MSH|^~\\&|{QUOTE}|{QUOTE}|{QUOTE}||20261123||{QUOTE}|C1|T|2.5.1\rPID|{QUOTE}\r",
    f"MSH|^~\\&|A|B|||{QUOTE}||SIU^S12^SIU_S12|C2|{QUOTE}|{QUOTE}\r",
    f"MSH|^~\\&|A|B|||20261123||ZZZ^Z99|C3|T|2.5.1\rPID|1||99000017||{QUOTE}\r",
    f"MSH|{QUOTE}\r",
    f"PID|1||99000017||{QUOTE}\r",
)


@pytest.fixture
async def collector():
    made = Collector()
    await made.up()
    yield made
    await made.down()


@pytest.fixture
async def own(tmp_path, record, qhali, collector):
    """An engine whose channel to QHALI fails on one name, and quotes it."""
    channels = shutil.copytree(CHANNELS, tmp_path / "channels")
    code = channels / "state_to_qhali" / "channel.py"
    assert "    event =" in code.read_text()
    code.write_text(code.read_text().replace("    event =", FAILS, 1))
    made = OwnProcess(
        tmp_path,
        {
            "AYNI_CHANNELS": str(channels),
            "AYNI_ONEVISION_MLLP": f"127.0.0.1:{record.port}",
            "AYNI_QHALI_FHIR_URL": f"http://127.0.0.1:{qhali.port}",
            "AYNI_LINK_PROBE_SECONDS": "0.05",
            "AYNI_LINK_PROBE_SECONDS_MAX": "0.1",
            "AYNI_OTLP_ENDPOINT": collector.url,
        },
    )
    await made.start()
    yield made
    await made.stop()


async def test_no_log_line_metric_span_or_alert_quotes_a_person(
    own, record, qhali, collector, booked, intake
):
    record.script += [("AR", QUOTE), ("AE", QUOTE), ("lost", "")]
    qhali.script += [(422, QUOTE.encode()), (500, QUOTE.encode()), (0, None)]
    await _send_everything(own, booked, intake)
    alerts = await _alerts(own)
    async with own.http.get(own.console_url + "/metrics") as answer:
        metrics = await answer.text()
    await own.stop()
    spans = b"".join(collector.taken).decode("utf-8", "replace")
    seen = {
        "log": own.log.read_text("utf-8"),
        "metrics": metrics,
        "spans": spans,
        "alerts": json.dumps(alerts, ensure_ascii=False),
        "file": (own.folder / "engine" / "alerts.json").read_text("utf-8"),
    }
    _expect_signs_of_life(seen)
    found = [(where, word) for where, text in seen.items() for word in SAID.findall(text.casefold())]
    assert found == []


async def _send_everything(own, booked, intake):
    """Each sample twice, then what breaks, then what no sender should send."""
    for path in sorted(CHANNELS.glob("state_to_qhali/samples/*.in.hl7")) * 2:
        await own.send(path.read_bytes())
    for path in sorted(CHANNELS.glob("intake_to_ehr/samples/*.in.json")) * 2:
        await own.post(path.read_bytes())
    await own.send(booked("QH-0000000001").replace(b"CALQUIS", b"PANTOJA"))
    await own.send(booked().replace(b"CALQUIS", b"CALQUIS ALTO"))  # the same control id, other content
    await own.post(intake()[:-40])
    await own.post(QUOTE.encode())
    for junk in JUNK:
        try:
            await own.record.send(junk.encode())
        except LinkError:  # hung up on without an answer
            own.record.drop()


async def _alerts(own):
    """The console's list, once so much was refused that it rings."""
    found = []

    async def rings():
        found[:] = (await own.api("/api/v1/alerts"))["alerts"]
        return {"error-rate:state_to_qhali", "control-id-reused:state_to_qhali"} <= {
            each["id"] for each in found
        }

    await until(rings)
    return found


def _expect_signs_of_life(seen):
    """A canary in an empty mine proves nothing."""
    events = {json.loads(line)["event"] for line in seen["log"].splitlines()}
    assert {"message refused", "channel failed", "delivery attempted", "alerts changed"} <= events
    assert 'outcome="refused"' in seen["metrics"]
    assert all(
        word in seen["spans"] for word in ("receive state_to_qhali", "deliver qhali", "ayni.control_id")
    )
    assert "error-rate" in seen["file"]

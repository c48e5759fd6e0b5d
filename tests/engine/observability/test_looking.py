"""Looking at a running engine: which certificates it declares, and how long they last."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from ayni.engine.channel import Channel, Destination, Outgoing
from ayni.engine.connectors.http import HttpListener, HttpSender
from ayni.engine.connectors.tls import ClientTls, ServerTls
from ayni.engine.observability.counting import Counting
from ayni.engine.observability.looking import Look, certificates_of

from ..connectors.certificates import Authority


def channel_with(certificate):
    return Channel(
        name="orders",
        title="Pedidos",
        source=HttpListener(
            path="/orders",
            port="1",
            format="json",
            tls=ServerTls(certificate=certificate, key="${KEY}", ca="ca.pem"),
        ),
        destinations=(
            Destination(
                partner="laboratory",
                connector=HttpSender(url="https://laboratory.example", tls=ClientTls()),
                transform=lambda _: Outgoing(content=b"", control_id="1", key="1"),
            ),
        ),
    )


@pytest.fixture
def look(tmp_path):
    files = Authority(tmp_path).certifies("engine")
    channel = channel_with("${CERTIFICATE}")
    runtime = SimpleNamespace(
        channels={"orders": channel},
        pipeline=SimpleNamespace(now=lambda: datetime.now(UTC), store=SimpleNamespace()),
    )
    places = {"${CERTIFICATE}": str(files.certificate), "ca.pem": str(tmp_path / "gone.pem")}
    return Look(runtime, Counting(), data=tmp_path, expand=lambda template: places[template])


def test_certificates_of_sources_and_destinations_are_found_and_no_key():
    assert list(certificates_of(channel_with("${CERTIFICATE}"))) == ["${CERTIFICATE}", "ca.pem"]


def test_a_certificate_tells_its_days_and_one_that_is_gone_tells_none(look, tmp_path, capture_lines):
    days = look._days_left()
    assert days[str(tmp_path / "gone.pem")] is None
    assert days[str(tmp_path / "engine.pem")] > 0
    assert [each["event"] for each in capture_lines] == ["certificate not readable"]

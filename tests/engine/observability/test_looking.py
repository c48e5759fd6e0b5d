"""Looking at a running engine: which certificates it declares, and how long they last."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from ayni.engine.channel import Channel, Destination, Outgoing
from ayni.engine.connectors.channel_link import FromChannels
from ayni.engine.connectors.fhir import FhirListener, FhirSender
from ayni.engine.connectors.fhir_query import FhirQueryListener
from ayni.engine.connectors.fhir_rest import FhirTransactionSender
from ayni.engine.connectors.http import HttpListener, HttpSender
from ayni.engine.connectors.mllp import MllpListener, MllpSender
from ayni.engine.connectors.tls import ClientTls, ServerTls
from ayni.engine.observability.counting import Counting
from ayni.engine.observability.looking import Look, certificates_of, revocations_of

from ..conftest import until
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
    days = look._days_left(certificates_of)
    assert days[str(tmp_path / "gone.pem")] is None
    assert days[str(tmp_path / "engine.pem")] > 0
    assert [each["event"] for each in capture_lines] == ["certificate not readable"]


SERVER = ServerTls(certificate="own.pem", key="own.key", ca="partners.pem", crl="revoked.pem")
CLIENT = ClientTls(certificate="own.pem", key="own.key", ca="partners.pem")


@pytest.mark.parametrize(
    "source",
    [
        MllpListener(port="1", tls=SERVER),
        HttpListener(path="/x", port="1", format="json", tls=SERVER),
        FhirListener(port="1", token_file="token", tls=SERVER),
        FhirQueryListener(port="1", url="https://x", searches=(), tls=SERVER),
    ],
    ids=lambda declared: type(declared).__name__,
)
def test_the_certificates_of_every_listener_that_speaks_tls_are_watched(source):
    channel = Channel(name="orders", title="Pedidos", source=source, destinations=())
    assert list(certificates_of(channel)) == ["own.pem", "partners.pem"]
    assert list(revocations_of(channel)) == ["revoked.pem"]


@pytest.mark.parametrize(
    "connector",
    [
        MllpSender(address="x:1", tls=CLIENT),
        HttpSender(url="https://x", tls=CLIENT),
        FhirSender(url="https://x", token_file="token", tls=CLIENT),
        FhirTransactionSender(url="https://x", tls=CLIENT),
    ],
    ids=lambda declared: type(declared).__name__,
)
def test_the_certificates_of_every_sender_that_speaks_tls_are_watched(connector):
    to = Destination(partner="laboratory", connector=connector, transform=lambda _: None)
    channel = Channel(name="orders", title="Pedidos", source=FromChannels(format="json"), destinations=(to,))
    assert list(certificates_of(channel)) == ["own.pem", "partners.pem"]


async def test_an_engine_whose_mllp_certificate_ends_soon_says_so_before_its_partners_do(
    new_engine, tmp_path
):
    files = Authority(tmp_path).certifies("engine")
    folder = tmp_path / "channels" / "orders"
    folder.mkdir(parents=True)
    (folder / "channel.py").write_text(
        f"""
from ayni.engine import Channel, Destination
from ayni.engine.connectors.mllp import MllpListener, MllpSender
from ayni.engine.connectors.tls import ServerTls

tls = ServerTls(certificate="{files.certificate}", key="{files.key}")
source = MllpListener(port="${{AYNI_ENGINE_MLLP_PORT}}", tls=tls)
laboratory = Destination(
    partner="laboratory", connector=MllpSender(address="127.0.0.1:9"), transform=lambda message: None
)
channel = Channel(name="orders", title="Pedidos", source=source, destinations=(laboratory,))
"""
    )
    engine = new_engine(AYNI_CHANNELS=str(folder.parent))
    await engine.start()

    async def rings():
        return bool((await engine.api("/api/v1/alerts"))["alerts"])

    await until(rings)
    alerts = [
        each for each in (await engine.api("/api/v1/alerts"))["alerts"] if each["kind"] == "certificate"
    ]
    assert {each["severity"] for each in alerts} == {"warning", "critical"}
    assert {each["text"] for each in alerts} == {"El certificado engine.pem vence en 0 días."}

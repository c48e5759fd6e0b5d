"""TLS on listeners and links, with certificates made here; and what is said when a file cannot be used."""

import asyncio
import os
import shutil
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import uvloop
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from ayni.wire.failure import LinkError, NotConnected, OutcomeUnknown
from ayni.wire.mllp import END, START, Handler, MllpClient, MllpServer, Peer, PerPeer, frame, server
from ayni.wire.serve import bind
from ayni.wire.tls import TlsFiles, UnusableTls, days_left
from ayni.wire.tls_validity import NotACertificate, valid_until

CURVE = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
DAYS, DAYS_LONG = 30, 20_000

pytestmark = pytest.mark.filterwarnings("ignore:Overriding the .event_loop_policy:DeprecationWarning")


@pytest.fixture(params=[asyncio.DefaultEventLoopPolicy, uvloop.EventLoopPolicy], ids=["asyncio", "uvloop"])
def event_loop_policy(request: pytest.FixtureRequest) -> asyncio.AbstractEventLoopPolicy:
    policy: asyncio.AbstractEventLoopPolicy = request.param()
    return policy


@dataclass(frozen=True)
class Certificates:
    """A folder with two authorities, `ours` and `theirs`, and what they signed."""

    folder: Path

    def __post_init__(self) -> None:
        for authority in ("ours", "theirs"):
            self._make(authority, "-days", "100")
        self.sign("engine", by="ours")
        self.sign("laboratory", by="ours")
        self.sign("stranger", by="theirs")

    def sign(self, name: str, *, by: str, days: int = DAYS) -> None:
        names = f"subjectAltName=DNS:{name}.example,DNS:{name}-2.example,IP:127.0.0.1"
        signer = ("-CA", f"{by}.pem", "-CAkey", f"{by}.key", "-addext", "basicConstraints=CA:FALSE")
        self._make(name, "-days", str(days), "-addext", names, *signer)

    def of(self, name: str, authority: str = "ours", *, is_required: bool = False) -> TlsFiles:
        return TlsFiles(
            certificate=self.folder / f"{name}.pem",
            key=self.folder / f"{name}.key",
            authority=self.folder / f"{authority}.pem",
            is_client_certificate_required=is_required,
        )

    def only(self, authority: str) -> TlsFiles:
        return TlsFiles(authority=self.folder / f"{authority}.pem")

    def _make(self, name: str, *options: str) -> None:
        files = ("-keyout", f"{name}.key", "-out", f"{name}.pem", "-subj", f"/O=Prueba/CN={name}")
        command = ("openssl", "req", "-x509", *CURVE, *files, *options)
        subprocess.run(command, cwd=self.folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    if shutil.which("openssl") is None and not os.environ.get("CI"):
        pytest.skip("makes certificates with the openssl command")
    return Certificates(tmp_path_factory.mktemp("certificates"))


def _now() -> datetime:
    return datetime.now(UTC)


async def _echo(message: bytes) -> bytes:
    return b"answer " + message


@asynccontextmanager
async def _server(
    files: TlsFiles | None, handler: Handler | PerPeer = _echo, **terms: Any
) -> AsyncIterator[int]:
    listener, tls = bind("127.0.0.1", 0), files.for_listener(_now()) if files else None
    async with MllpServer(handler, lambda head: head[:3], tls=tls, **terms).listening(listener):
        yield listener.getsockname()[1]


def _client(port: int, files: TlsFiles | None, **options: Any) -> MllpClient:
    tls = files.for_link(_now()) if files else None
    return MllpClient("127.0.0.1", port, answer_seconds=2, tls=tls, **options)


async def test_messages_travel_over_tls_and_the_handler_knows_whose_they_are(
    certificates: Certificates,
) -> None:
    peers: list[Peer] = []

    def handler_for(peer: Peer) -> Handler:
        peers.append(peer)
        return _echo

    files = certificates.of("engine", is_required=True)
    async with _server(files, PerPeer(handler_for)) as port:
        client = _client(port, certificates.of("laboratory"))
        for size in (1, 1000, 1_000_000, 1):
            answer = await client.exchange(b"M" * size)
            assert (answer.content, answer.is_early) == (b"answer " + b"M" * size, False)
        client.drop()
    names = ("laboratory.example", "laboratory-2.example")
    assert peers == [Peer(address="127.0.0.1", common_name="laboratory", dns_names=names)]


async def test_a_certificate_can_be_bound_to_the_sender_it_may_name(certificates: Certificates) -> None:
    def handler_for(peer: Peer) -> Handler:
        async def handler(message: bytes) -> bytes:
            return b"AA" if message.split(b"|")[2] == peer.common_name.encode() else b"AR"

        return handler

    files = certificates.of("engine", is_required=True)
    async with _server(files, PerPeer(handler_for)) as port:
        client = _client(port, certificates.of("laboratory"))
        assert await client.send(b"MSH|^~\\&|laboratory|") == b"AA"
        assert await client.send(b"MSH|^~\\&|pharmacy|") == b"AR"
        client.drop()


@pytest.mark.parametrize("name", ["stranger", None])
async def test_without_a_certificate_of_our_authority_nobody_is_heard(
    certificates: Certificates, name: str | None
) -> None:
    taken: list[bytes] = []

    async def handler(message: bytes) -> bytes:
        taken.append(message)
        return message

    files = certificates.of("engine", is_required=True)
    with capture_logs() as logs:
        async with _server(files, handler) as port:
            with pytest.raises(LinkError):
                await _client(port, certificates.of(name) if name else certificates.only("ours")).send(b"x")
    assert (taken, [line["event"] for line in logs]) == ([], ["mllp peer could not be greeted"])


async def test_a_listener_that_does_not_require_a_certificate_knows_who_has_one(
    certificates: Certificates,
) -> None:
    peers: list[str] = []

    def handler_for(peer: Peer) -> Handler:
        peers.append(peer.common_name)
        return _echo

    async with _server(certificates.of("engine"), PerPeer(handler_for)) as port:
        for files in (certificates.of("laboratory"), certificates.only("ours")):
            client = _client(port, files)
            assert await client.send(b"x") == b"answer x"
            client.drop()
    assert peers == ["laboratory", ""]


async def test_a_certificate_turned_down_by_an_alert_means_not_taken(certificates: Certificates) -> None:
    """Version 1.3 lets us send before the other end has looked at our certificate."""
    listener = bind("127.0.0.1", 0)
    context = certificates.of("engine", is_required=True).for_listener(_now())
    turning_down = asyncio.create_task(asyncio.to_thread(_turn_down, listener, context))
    with pytest.raises(NotConnected, match="ALERT"):
        await _client(listener.getsockname()[1], certificates.only("ours")).send(b"x" * 100)
    await turning_down


def _turn_down(listener: socket.socket, context: ssl.SSLContext) -> None:
    listener.settimeout(5)
    with listener, listener.accept()[0] as peer:
        peer.settimeout(5)
        raw = peer.dup()
        with pytest.raises(ssl.SSLError):
            context.wrap_socket(peer, server_side=True)
        while raw.recv(1000):
            pass
        raw.close()


@pytest.mark.parametrize(
    ("authority", "server_name", "found"),
    [
        ("theirs", None, "CERTIFICATE_VERIFY_FAILED"),
        ("ours", "pharmacy.example", "CERTIFICATE_VERIFY_FAILED"),
        ("ours", "engine.example", ""),
    ],
)
async def test_a_link_talks_only_to_whom_its_authority_names(
    certificates: Certificates, authority: str, server_name: str | None, found: str
) -> None:
    async with _server(certificates.of("engine")) as port:
        client = _client(port, certificates.of("laboratory", authority), server_name=server_name)
        if found:
            with pytest.raises(NotConnected, match=found):
                await client.send(b"x")
        else:
            assert await client.send(b"x") == b"answer x"
        client.drop()


async def test_another_certificate_after_a_reconnection_is_not_spoken_to(certificates: Certificates) -> None:
    async with _server(certificates.of("engine")) as port:
        client = _client(port, certificates.only("ours"))
        assert await client.send(b"x") == b"answer x"
    impostor, taken = bind("127.0.0.1", port), []

    async def handler(message: bytes) -> bytes:
        taken.append(message)
        return message

    tls = certificates.of("stranger").for_listener(_now())
    async with MllpServer(handler, lambda head: head, tls=tls).listening(impostor):
        with pytest.raises(NotConnected):
            await client.send(b"x")
    assert taken == []


async def test_plain_and_tls_do_not_mix(certificates: Certificates) -> None:
    taken: list[bytes] = []

    async def handler(message: bytes) -> bytes:
        taken.append(message)
        return message

    with capture_logs() as logs:
        async with _server(certificates.of("engine"), handler) as port:
            with pytest.raises(OutcomeUnknown):
                await _client(port, None).send(b"MSH|secret|" * 10)
        async with _server(None, handler) as port:
            with pytest.raises(NotConnected):
                await _client(port, certificates.of("laboratory")).send(b"MSH|secret|" * 10)
    assert [line["event"] for line in logs] == ["mllp peer could not be greeted", "mllp peer refused"]
    assert "secret" not in str(logs)
    assert taken == []


async def test_a_handshake_has_its_time_and_its_place(
    certificates: Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "CONNECTIONS_MAX", 2)
    monkeypatch.setattr(server, "HANDSHAKE_SECONDS", 0.3)
    async with _server(certificates.of("engine")) as port:
        silent = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
        assert await asyncio.wait_for(silent[2][0].read(), 0.2) == b""
        for reader, _ in silent[:2]:
            assert await asyncio.wait_for(reader.read(), 5) == b""
        client = _client(port, certificates.of("laboratory"))
        assert await client.send(b"x") == b"answer x"
        client.drop()
        for _, writer in silent:
            writer.close()


async def test_messages_sent_at_once_over_tls_are_slowed_and_answered_in_their_order(
    certificates: Certificates,
) -> None:
    is_full = True

    async with _server(certificates.of("engine"), is_full=lambda: is_full) as port:
        context = certificates.of("laboratory").for_link(_now())
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, limit=1 << 20)
        sent = [b"%d" % number + b"M" * 200_000 for number in range(100)]
        writer.write(b"".join(map(frame, sent)))
        await asyncio.sleep(0.2)
        assert writer.transport.get_extra_info("sslcontext") is context
        is_full = False
        for each in sent:
            assert await reader.readuntil(END) == frame(b"answer " + each)
        writer.close()


async def test_a_message_too_long_is_answered_over_tls_too(certificates: Certificates) -> None:
    async with _server(certificates.of("engine")) as port:
        context = certificates.of("laboratory").for_link(_now())
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
        writer.write(START + b"M" * 2_000_000)
        assert await asyncio.wait_for(reader.readuntil(END), 5) == frame(b"MMM")
        writer.close()


async def test_a_certificate_is_renewed_without_a_connection_lost(certificates: Certificates) -> None:
    certificates.sign("engine-renewed", by="ours")
    context = certificates.of("engine").for_listener(_now())
    listener = bind("127.0.0.1", 0)
    async with MllpServer(_echo, lambda head: head, tls=context).listening(listener):
        port = listener.getsockname()[1]
        before = _client(port, certificates.only("ours"), server_name="engine.example")
        await before.send(b"x")
        certificates.of("engine-renewed").renew(context, _now())
        after = _client(port, certificates.only("ours"), server_name="engine-renewed.example")
        assert [await client.send(b"x") for client in (after, before)] == [b"answer x"] * 2
        after.drop()
        before.drop()


def test_nothing_older_than_tls_1_2_is_spoken(certificates: Certificates) -> None:
    ours, nameless = certificates.of("engine"), certificates.only("ours")
    for context in (ours.for_listener(_now()), ours.for_link(_now()), nameless.for_link(_now())):
        assert context.minimum_version == ssl.TLSVersion.TLSv1_2


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            {"certificate": "absent.pem"},
            "certificate {}/absent.pem: No such file or directory; give a PEM file",
        ),
        ({"certificate": "engine.key"}, "certificate {}/engine.key: expected PEM certificates, found none"),
        (
            {"certificate": "broken.pem"},
            "certificate {}/broken.pem: expected PEM certificates, found something",
        ),
        ({"certificate": None}, "a file for the certificate: give its path"),
        ({"key": "absent.key"}, "key {}/absent.key: No such file or directory; give a PEM file"),
        ({"key": "laboratory.key"}, "key {}/laboratory.key is not the one of {}/engine.pem: give the pair"),
        ({"key": "engine.pem"}, "key {}/engine.pem: expected a PEM key without password"),
        ({"key": "locked.key"}, "key {}/locked.key: expected a PEM key without password"),
        ({"key": None}, "a file for the key: give its path"),
        ({"authority": "absent.pem"}, "authority {}/absent.pem: No such file or directory; give a PEM file"),
        ({"authority": "engine.key"}, "authority {}/engine.key: expected PEM certificates, found none"),
        ({"authority": None}, "a file for the authority: give its path"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_in_one_line(
    certificates: Certificates, change: dict[str, str | None], says: str
) -> None:
    folder = certificates.folder
    lock = ("openssl", "pkey", "-aes256", "-passout", "pass:x", "-in", "engine.key", "-out", "locked.key")
    subprocess.run(lock, cwd=folder, check=True, capture_output=True)
    broken = (folder / "engine.pem").read_text().replace("MII", "MIIA")
    (folder / "broken.pem").write_text(broken)
    paths: dict[str, Any] = {name: folder / value if value else None for name, value in change.items()}
    files = replace(certificates.of("engine", is_required=True), **paths)
    with pytest.raises(UnusableTls) as error:
        files.for_listener(_now())
    assert says.replace("{}", str(folder)) in str(error.value)
    assert "\n" not in str(error.value)


def test_an_expired_certificate_keeps_a_listener_from_starting(certificates: Certificates) -> None:
    with pytest.raises(UnusableTls, match="has expired: renew it"):
        certificates.of("engine").for_listener(_now() + timedelta(days=DAYS + 1))


@pytest.mark.parametrize("days", [1, DAYS, DAYS_LONG])
def test_the_days_a_certificate_has_left_are_counted_to_its_end(
    certificates: Certificates, days: int
) -> None:
    """Years from 2050 on are written in another form."""
    certificates.sign(f"for-{days}", by="ours", days=days)
    left = days_left(certificates.folder / f"for-{days}.pem", _now())
    assert left == pytest.approx(days, abs=0.01)


def test_the_first_certificate_of_a_file_to_end_counts(certificates: Certificates) -> None:
    chain = certificates.folder / "chain.pem"
    parts = [(certificates.folder / f"{name}.pem").read_text() for name in ("ours", "engine")]
    chain.write_text("".join(parts))
    assert days_left(chain, _now()) == pytest.approx(DAYS, abs=0.01)


def test_a_certificate_cut_short_has_no_end(certificates: Certificates) -> None:
    der = ssl.PEM_cert_to_DER_cert((certificates.folder / "engine.pem").read_text())
    with pytest.raises(NotACertificate):
        valid_until(ssl.DER_cert_to_PEM_cert(der[:-1]))


@given(st.data())
def test_a_certificate_that_breaks_off_or_is_altered_never_breaks_the_reader(
    certificates: Certificates, data: st.DataObject
) -> None:
    der = bytearray(ssl.PEM_cert_to_DER_cert((certificates.folder / "engine.pem").read_text()))
    der[data.draw(st.integers(0, len(der) - 1))] = data.draw(st.integers(0, 255))
    text = ssl.DER_cert_to_PEM_cert(bytes(der[: data.draw(st.integers(0, len(der)))]))
    with suppress(NotACertificate):
        assert valid_until(text).tzinfo is not None

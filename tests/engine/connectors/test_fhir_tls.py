"""FHIR messages with TLS between our own two ends: a certificate and a token, each of them needed."""

from pathlib import Path

import pytest

from ayni.engine.connectors.contract import Parcel, Sender, Source, World
from ayni.engine.connectors.fhir import FhirListener, FhirSender
from ayni.engine.connectors.tls import ClientTls, ServerTls
from ayni.wire.failure import CannotStart, LinkError, NotConnected, NotTaken

from .certificates import Authority
from .conftest import Ports
from .test_fhir import CHANNEL, FhirDesk, message

PARCEL = Parcel(content=message("done", 1), control_id="R001", key="k", message_id=1)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def port(ports: Ports) -> int:
    return ports.free()


@pytest.fixture
def token(tmp_path: Path) -> str:
    (tmp_path / "token").write_text("one secret for this test")
    return str(tmp_path / "token")


@pytest.fixture
def source(world: World, authority: Authority, port: int, token: str) -> Source:
    own = authority.certifies("engine")
    tls = ServerTls(certificate=str(own.certificate), key=str(own.key), ca=str(authority.file))
    return FhirListener(port=str(port), token_file=token, tls=tls, senders=("assistant",)).open(
        world, CHANNEL
    )


def sender(world: World, port: int, token: str, tls: ClientTls | None) -> Sender:
    url = f"https://127.0.0.1:{port}/channels/{CHANNEL}"
    return FhirSender(url=url, token_file=token, tls=tls).open(world, "engine")


def shown(authority: Authority, name: str) -> ClientTls:
    own = authority.certifies(name)
    return ClientTls(ca=str(authority.file), certificate=str(own.certificate), key=str(own.key))


async def test_the_certificate_and_the_token_of_a_sender_let_it_in(
    world: World, source: Source, authority: Authority, port: int, token: str
) -> None:
    desk = FhirDesk()
    async with source.running(desk.receive):
        await sender(world, port, token, shown(authority, "assistant")).send(PARCEL)
    assert [each.raw for each in desk.arrived] == [PARCEL.content]


async def test_another_name_or_another_token_is_a_stranger(
    world: World, source: Source, authority: Authority, port: int, token: str, tmp_path: Path
) -> None:
    (tmp_path / "other").write_text("another secret for this test")
    desk = FhirDesk()
    async with source.running(desk.receive):
        for name, secret in (("imaging", token), ("assistant", str(tmp_path / "other"))):
            with pytest.raises(NotTaken, match="401"):
                await sender(world, port, secret, shown(authority, name)).send(PARCEL)
    assert desk.arrived == []


async def test_without_a_certificate_nothing_arrives(
    world: World, source: Source, authority: Authority, port: int, token: str
) -> None:
    desk = FhirDesk()
    async with source.running(desk.receive):
        with pytest.raises(LinkError):
            await sender(world, port, token, ClientTls(ca=str(authority.file))).send(PARCEL)
    assert desk.arrived == []


async def test_a_server_nobody_vouches_for_gets_nothing(
    world: World, source: Source, port: int, token: str
) -> None:
    desk = FhirDesk()
    async with source.running(desk.receive):
        with pytest.raises(NotConnected):
            await sender(world, port, token, None).send(PARCEL)
    assert desk.arrived == []


def test_senders_without_certificates_bind_nobody(world: World, port: int, token: str) -> None:
    with pytest.raises(CannotStart, match="ca"):
        FhirListener(port=str(port), token_file=token, senders=("assistant",)).open(world, CHANNEL)

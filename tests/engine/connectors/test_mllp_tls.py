"""S-21: MLLP with TLS between our own two ends, and a certificate bound to who may speak with it."""

from pathlib import Path

import pytest

from ayni.engine.connectors.contract import Parcel, Sender, Source, World
from ayni.engine.connectors.mllp import MllpListener, MllpSender
from ayni.engine.connectors.tls import ClientTls, ServerTls
from ayni.wire.failure import CannotStart, LinkError, Refused

from .certificates import Authority
from .conftest import Ports
from .test_mllp import Hl7Desk, message


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def port(ports: Ports) -> int:
    return ports.free()


@pytest.fixture
def source(world: World, authority: Authority, port: int) -> Source:
    own = authority.certifies("engine")
    tls = ServerTls(certificate=str(own.certificate), key=str(own.key), ca=str(authority.file))
    senders = (("lab", "LAB|POSTA"),)
    return MllpListener(port=str(port), tls=tls, senders=senders).open(world, "results")


def sender(world: World, authority: Authority, port: int, name: str) -> Sender:
    own = authority.certifies(name)
    tls = ClientTls(ca=str(authority.file), certificate=str(own.certificate), key=str(own.key))
    return MllpSender(address=f"127.0.0.1:{port}", tls=tls).open(world, "engine")


def parcel(control_id: str) -> Parcel:
    return Parcel(content=message("done", control_id), control_id=control_id, key="k", message_id=1)


async def test_a_bound_certificate_speaks(
    world: World, source: Source, authority: Authority, port: int
) -> None:
    desk = Hl7Desk()
    async with source.running(desk.receive):
        lab = sender(world, authority, port, "lab")
        await lab.send(parcel("L1"))
        await lab.close()
    assert [each.peer for each in desk.arrived] == ["lab"]


async def test_a_certificate_of_another_is_refused_and_nothing_arrives(
    world: World, source: Source, authority: Authority, port: int
) -> None:
    desk = Hl7Desk()
    async with source.running(desk.receive):
        pharmacy = sender(world, authority, port, "pharmacy")
        with pytest.raises(Refused, match="AE 103"):
            await pharmacy.send(parcel("P1"))
        await pharmacy.close()
    assert desk.arrived == []


async def test_without_a_certificate_nothing_arrives(
    world: World, source: Source, authority: Authority, port: int
) -> None:
    desk = Hl7Desk()
    async with source.running(desk.receive):
        stranger = MllpSender(address=f"127.0.0.1:{port}", tls=ClientTls(ca=str(authority.file)))
        opened = stranger.open(world, "engine")
        with pytest.raises(LinkError):
            await opened.send(parcel("S1"))
        await opened.close()
    assert desk.arrived == []


def test_senders_without_certificates_bind_nobody(world: World) -> None:
    with pytest.raises(CannotStart, match="ca"):
        MllpListener(port="2", senders=(("lab", "LAB|POSTA"),)).open(world, "results")

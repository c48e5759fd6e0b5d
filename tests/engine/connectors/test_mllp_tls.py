"""S-21: MLLP with TLS between our own two ends, and a certificate bound to who may speak with it."""

import asyncio
import ssl
from pathlib import Path

import pytest

from ayni.engine.connectors.bound_sender import BoundSender, not_allowed
from ayni.engine.connectors.contract import Parcel, Sender, Source, World
from ayni.engine.connectors.mllp import MllpListener, MllpSender
from ayni.engine.connectors.tls import ClientTls, ServerTls
from ayni.vocabulary.hl7 import parse
from ayni.wire.failure import CannotStart, LinkError

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
    senders = (BoundSender(certificate="lab", sender="LAB|POSTA"),)
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
    assert [(each.peer, each.refusal) for each in desk.arrived] == [("lab", None)]


async def test_a_certificate_of_another_arrives_with_what_it_is_refused_for(
    world: World, source: Source, authority: Authority, port: int
) -> None:
    """What the engine does with it: `safety/test_senders.py`."""
    desk = Hl7Desk()
    async with source.running(desk.receive):
        pharmacy = sender(world, authority, port, "pharmacy")
        await pharmacy.send(parcel("P1"))
        await pharmacy.close()
    (arrived,) = desk.arrived
    assert arrived.peer == "pharmacy"
    assert arrived.refusal is not None
    assert (arrived.refusal.answer, arrived.refusal.location) == ("AR", "MSH^1^3")


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
        MllpListener(port="2", senders=(BOUND,)).open(world, "results")


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated")
async def test_old_protocols_are_not_spoken(source: Source, authority: Authority, port: int) -> None:
    own = authority.certifies("lab")
    context = ssl.create_default_context(cafile=authority.file)
    context.load_cert_chain(own.certificate, own.key)
    desk = Hl7Desk()
    async with source.running(desk.receive):
        _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
        writer.close()
        context.maximum_version = ssl.TLSVersion.TLSv1_1
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await asyncio.open_connection("127.0.0.1", port, ssl=context)


BOUND = BoundSender(certificate="lab", sender="LAB|POSTA")


@pytest.mark.parametrize(
    "unusable",
    [
        BoundSender(certificate="lab", sender="LAB"),
        BoundSender(certificate="lab", sender=""),
        BoundSender(certificate="lab", sender="LAB|POSTA|RED"),
        BoundSender(certificate="lab", sender="LAB|POSTA", receiver="AYNI"),
    ],
)
def test_a_binding_that_nothing_can_meet_is_said_before_anybody_is_turned_away(
    unusable: BoundSender, world: World, authority: Authority
) -> None:
    own = authority.certifies("engine")
    tls = ServerTls(certificate=str(own.certificate), key=str(own.key), ca=str(authority.file))
    with pytest.raises(CannotStart, match=r"lab: write sender and receiver like HIS\|HOSPITAL"):
        MllpListener(port="2", tls=tls, senders=(BOUND, unusable)).open(world, "results")


def place_of(header: str, *bound: BoundSender) -> str:
    found = not_allowed(bound, parse(f"MSH|^~\\&|{header}|1|T|2.5.1\r".encode()))
    return found.location if found else ""


HEADER = "LAB|POSTA|AYNI|RED|20261125100000-0500||ORU^R01^ORU_R01"
TO_RED = BoundSender(certificate="lab", sender="LAB|POSTA", receiver="AYNI|RED", types=("ORU^R01",))
TO_HIS = BoundSender(certificate="lab", sender="LAB|POSTA", receiver="HIS|RED", types=("ORU", "ACK"))


@pytest.mark.parametrize(
    ("header", "place"),
    [
        (HEADER, ""),
        (HEADER.replace("LAB|POSTA", "LAB^1.2.604^ISO|POSTA^9^L"), ""),
        (HEADER.replace("LAB|POSTA", "POSTA|LAB"), "MSH^1^3"),
        (HEADER.replace("LAB|POSTA", "lab|posta"), "MSH^1^3"),
        (HEADER.replace("LAB|POSTA", r"LAB\F\POSTA|"), "MSH^1^3"),
        (HEADER.replace("LAB|POSTA", "LAB2|POSTA"), "MSH^1^3"),
        (HEADER.replace("LAB|POSTA", "|"), "MSH^1^3"),
        (HEADER.replace("AYNI|RED", "|"), "MSH^1^5"),
        (HEADER.replace("AYNI|RED", "AYNI|HIS"), "MSH^1^5"),
        (HEADER.replace("R01^", "R30^"), "MSH^1^9"),
        (HEADER.replace("ORU^R01^ORU_R01", "ACK"), "MSH^1^9"),
        (HEADER.replace("AYNI|RED", "HIS|RED").replace("R01^", "R30^"), ""),
        (HEADER.replace("AYNI|RED", "HIS|RED").replace("ORU^R01^ORU_R01", "ACK"), ""),
        (HEADER.replace("AYNI|RED", "HIS|RED").replace("ORU^R01", "ADT^A08"), "MSH^1^9"),
    ],
)
def test_one_line_of_a_certificate_has_to_allow_all_of_a_message(header: str, place: str) -> None:
    assert place_of(header, TO_RED, TO_HIS) == place


def test_a_certificate_without_a_line_may_say_nothing() -> None:
    assert place_of(HEADER) == "MSH^1^3"

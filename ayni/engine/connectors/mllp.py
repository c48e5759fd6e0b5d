"""HL7 v2 over MLLP: a listener and a sender."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal
from zlib import crc32

import structlog

from ayni.engine.connectors.contract import Arrived, Parcel, Receive, World
from ayni.engine.connectors.port import port_in
from ayni.engine.connectors.tls import ClientTls, ServerTls
from ayni.engine.formats import new_control_id
from ayni.vocabulary.hl7 import Hl7Error, acknowledge_unreadable, parse
from ayni.wire.failure import CannotStart
from ayni.wire.hl7_link import Hl7Link
from ayni.wire.mllp import Handler, MllpClient, MllpServer, Peer, PerPeer
from ayni.wire.settings import tcp_address

log = structlog.get_logger()

LANES_OF_A_CONNECTION = 8
"""One is on its way; the others are being leased or settled, in commits as long as several answers take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MllpListener:
    """Takes HL7 v2 on a port of this host.

    `acknowledgement`: original mode answers AA once the message is stored; enhanced mode answers CA as MSH-15
    asks, and what MSH-16 asks for goes by the channel's `application_acknowledgements`. With `tls` and its
    `ca` each sender shows a certificate, and `senders` binds the name in it to the application and facility
    it may speak as: `("his.hospital.pe", "HIS|HOSPITAL")` (MSH-3|MSH-4).
    """

    port: str
    acknowledgement: Literal["original", "enhanced"] = "original"
    tls: ServerTls | None = None
    senders: tuple[tuple[str, str], ...] = ()

    @property
    def format(self) -> str:
        return "hl7" if self.acknowledgement == "original" else "hl7-enhanced"

    def open(self, world: World, channel: str) -> "MllpSource":
        return MllpSource(self, world)


class MllpSource:
    """A listener on its bound port."""

    def __init__(self, declared: MllpListener, world: World) -> None:
        self._world = world
        self._port = port_in(world, declared.port)
        if declared.senders and not (declared.tls and declared.tls.ca):
            raise CannotStart("senders need tls with a ca: only a certificate proves who somebody is")
        self._tls = declared.tls.open(world).context if declared.tls else None
        self._senders = declared.senders
        self._speaks_enhanced = declared.acknowledgement == "enhanced"

    @asynccontextmanager
    async def running(self, receive: Receive) -> AsyncIterator[None]:
        def handler(peer: Peer) -> Handler:
            names = {*peer.dns_names, peer.common_name} - {""}

            async def handle(raw: bytes) -> bytes:
                if self._senders and not self._may_speak(names, raw):
                    log.warning("sender is not bound to its certificate", names=sorted(names))
                    return self._refusal(raw, _not_bound())
                return (await receive(Arrived(raw=raw, peer=peer.common_name))).answer

            return handle

        server = MllpServer(
            PerPeer(handler),
            self._too_long,
            not_hl7=self._not_hl7,
            tls=self._tls,
            is_full=self._world.is_full,
        )
        async with server.listening(self._world.bound(self._port)):
            yield

    def _may_speak(self, names: set[str], raw: bytes) -> bool:
        """Whether one of a certificate's names is bound to the sender that the message names."""
        try:
            message = parse(raw)
        except Hl7Error:
            return True  # nobody is named; the pipeline keeps it as refused
        said = f"{message['MSH-3.1']}|{message['MSH-4.1']}"
        return any(name in names and sender == said for name, sender in self._senders)

    def _too_long(self, head: bytes) -> bytes:
        error = Hl7Error("message above the limit", code=104, text="El mensaje supera un megabyte.")
        return self._refusal(head, error)

    def _not_hl7(self, head: bytes) -> bytes:
        error = Hl7Error("not ER7", code=200, location="MSH", text="Solo se recibe HL7 v2 en ER7.")
        return self._refusal(head, error)

    def _refusal(self, head: bytes, error: Hl7Error) -> bytes:
        return acknowledge_unreadable(
            head,
            error,
            control_id=new_control_id(),
            at=self._world.now(),
            speaks_enhanced=self._speaks_enhanced,
        ).encode()


def _not_bound() -> Hl7Error:
    return Hl7Error(
        "certificate of another sender",
        code=103,
        location="MSH^1^3",
        text="El certificado no es de este remitente.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class MllpSender:
    """Sends HL7 v2 to `address` (host:port) and judges the acknowledgement.

    The deliveries of one lane always take the same of its `connections`: an old connection cannot overtake.
    """

    address: str
    connections: int = 4
    tls: ClientTls | None = None

    def open(self, world: World, partner: str) -> "MllpLinks":
        host, port = tcp_address(world.text(self.address), self.address)
        seconds = world.environment.seconds("AYNI_ANSWER_SECONDS")
        tls = self.tls.open(world) if self.tls else None
        clients = [MllpClient(host, port, answer_seconds=seconds, tls=tls) for _ in range(self.connections)]
        return MllpLinks(clients)


class MllpLinks:
    """A few connections to one partner."""

    def __init__(self, clients: list[MllpClient]) -> None:
        self.lanes_at_once = LANES_OF_A_CONNECTION * len(clients)
        self._clients = clients
        self._links = [Hl7Link(client) for client in clients]

    async def send(self, parcel: Parcel) -> bytes:
        link = self._links[crc32(parcel.key.encode()) % len(self._links)]
        return await link.send(parcel.content, parcel.control_id, begin_by=parcel.begin_by)

    async def close(self) -> None:
        for client in self._clients:
            client.drop()

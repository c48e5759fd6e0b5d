"""HL7 v2 over MLLP: a listener and a sender."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal
from zlib import crc32

import structlog

from ayni.engine.connectors.bound_sender import BoundSender, not_allowed
from ayni.engine.connectors.contract import Arrived, Parcel, Receive, World
from ayni.engine.connectors.port import port_in
from ayni.engine.connectors.tls import ClientTls, ServerTls
from ayni.engine.errors import SenderNotBound
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
    `ca` each sender shows a certificate, and `senders` binds each to what its holder may say. What it may not
    say hears AR and is kept as refused.
    """

    port: str
    acknowledgement: Literal["original", "enhanced"] = "original"
    tls: ServerTls | None = None
    senders: tuple[BoundSender, ...] = ()

    @property
    def format(self) -> str:
        return "hl7" if self.acknowledgement == "original" else "hl7-enhanced"

    def open(self, world: World, channel: str) -> "MllpSource":
        return MllpSource(self, world, channel)


class MllpSource:
    """A listener on its bound port."""

    def __init__(self, declared: MllpListener, world: World, channel: str) -> None:
        self._world, self._channel = world, channel
        self._port = port_in(world, declared.port)
        if declared.senders and not (declared.tls and declared.tls.ca):
            raise CannotStart("senders need tls with a ca: only a certificate proves who somebody is")
        for each in declared.senders:
            each.require_usable()
        self._tls = declared.tls.open(world).context if declared.tls else None
        self._senders = declared.senders
        self._speaks_enhanced = declared.acknowledgement == "enhanced"

    @asynccontextmanager
    async def running(self, receive: Receive) -> AsyncIterator[None]:
        def handler(peer: Peer) -> Handler:
            bound = [each for each in self._senders if each.certificate in names_of(peer)]

            async def handle(raw: bytes) -> bytes:
                return (await receive(Arrived(raw=raw, peer=peer.common_name))).answer

            async def handle_bound(raw: bytes) -> bytes:
                refusal = self._not_bound(bound, raw, peer)
                return (await receive(Arrived(raw=raw, peer=peer.common_name, refusal=refusal))).answer

            return handle_bound if self._senders else handle

        server = MllpServer(
            PerPeer(handler),
            self._too_long,
            not_hl7=self._not_hl7,
            tls=self._tls,
            is_full=self._world.is_full,
        )
        async with server.listening(self._world.bound(self._port)):
            yield

    def _not_bound(self, bound: Sequence[BoundSender], raw: bytes, peer: Peer) -> SenderNotBound | None:
        """What of a message its certificate does not allow, also in the log; what MSH claims is not."""
        try:
            message = parse(raw)
        except Hl7Error:
            return None  # nobody is named; the pipeline keeps it as refused
        found = not_allowed(bound, message)
        if found is not None:
            log.warning(
                "sender not bound to its certificate",
                channel=self._channel,
                address=peer.address,
                names=sorted(names_of(peer)),
                place=found.location,
            )
        return found

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


def names_of(peer: Peer) -> set[str]:
    """The names in a peer's certificate, none without one."""
    return {*peer.dns_names, peer.common_name} - {""}


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

"""HL7 v2 over MLLP: a listener and a sender."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal
from zlib import crc32

from ayni.engine.connectors.contract import Arrived, Parcel, Receive, World
from ayni.engine.connectors.port import port_in
from ayni.engine.formats import new_control_id
from ayni.vocabulary.hl7 import Hl7Error, acknowledge_unreadable
from ayni.wire.hl7_link import Hl7Link
from ayni.wire.mllp import MllpClient, MllpServer
from ayni.wire.settings import tcp_address


@dataclass(frozen=True, slots=True, kw_only=True)
class MllpListener:
    """Takes HL7 v2 on a port of this host.

    `acknowledgement`: original mode answers AA once the message is stored; enhanced mode answers as
    MSH-15/16 ask.
    """

    port: str
    acknowledgement: Literal["original", "enhanced"] = "original"

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

    @asynccontextmanager
    async def running(self, receive: Receive) -> AsyncIterator[None]:
        async def handle(raw: bytes) -> bytes:
            return (await receive(Arrived(raw=raw))).answer

        server = MllpServer(handle, self._too_long, not_hl7=self._not_hl7)
        async with server.listening(self._world.bound(self._port)):
            yield

    def _too_long(self, head: bytes) -> bytes:
        error = Hl7Error("message above the limit", code=104, text="El mensaje supera un megabyte.")
        return self._refusal(head, error)

    def _not_hl7(self, head: bytes) -> bytes:
        error = Hl7Error("not ER7", code=200, location="MSH", text="Solo se recibe HL7 v2 en ER7.")
        return self._refusal(head, error)

    def _refusal(self, head: bytes, error: Hl7Error) -> bytes:
        return acknowledge_unreadable(head, error, control_id=new_control_id(), at=self._world.now()).encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class MllpSender:
    """Sends HL7 v2 to `address` (host:port) and judges the acknowledgement.

    The deliveries of one lane always take the same of its `connections`: an old connection cannot overtake.
    """

    address: str
    connections: int = 4

    def open(self, world: World, partner: str) -> "MllpLinks":
        host, port = tcp_address(world.text(self.address), self.address)
        seconds = world.environment.seconds("AYNI_ANSWER_SECONDS")
        clients = [MllpClient(host, port, answer_seconds=seconds) for _ in range(self.connections)]
        return MllpLinks(clients)


class MllpLinks:
    """A few connections to one partner."""

    def __init__(self, clients: list[MllpClient]) -> None:
        self._clients = clients
        self._links = [Hl7Link(client) for client in clients]

    async def send(self, parcel: Parcel) -> bytes:
        link = self._links[crc32(parcel.key.encode()) % len(self._links)]
        return await link.send(parcel.content, parcel.control_id)

    async def close(self) -> None:
        for client in self._clients:
            client.drop()

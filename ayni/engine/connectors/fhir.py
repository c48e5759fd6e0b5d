"""FHIR messages: `$process-message` taken and sent (FHIR R4, section 2.4)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from ayni.engine.connectors.contract import Arrived, Parcel, Receive, World
from ayni.engine.connectors.http_guard import open_guard
from ayni.engine.connectors.port import port_in
from ayni.engine.connectors.sends import Sends
from ayni.engine.connectors.tls import ClientTls, ServerTls
from ayni.vocabulary.fhir import FhirError
from ayni.wire.fhir_link import FhirLink
from ayni.wire.process_message import process_message_route
from ayni.wire.settings import web_address
from ayni.wire.tokens import read_or_create


@dataclass(frozen=True, slots=True, kw_only=True)
class FhirListener:
    """Takes message Bundles at `POST /channels/<channel>/fhir/$process-message` with a bearer token.

    With `tls` and its `ca` each sender shows a certificate as well, and only these `senders` are let in.
    """

    port: str
    token_file: str
    tls: ServerTls | None = None
    senders: tuple[str, ...] = ()
    format: str = "fhir"
    is_shared: bool = True
    """The channel's name is in the address, so channels share a port."""

    def open(self, world: World, channel: str) -> "FhirSource":
        return FhirSource(self, world, channel)


class FhirSource:
    """A route on the server of its port."""

    def __init__(self, declared: FhirListener, world: World, channel: str) -> None:
        self._world, self._channel = world, channel
        self._port = port_in(world, declared.port)
        self._token = read_or_create(world.path(declared.token_file))
        self._tls = declared.tls.open(world) if declared.tls else None
        self._guard = open_guard(
            world, token_file=declared.token_file, users_file="", tls=self._tls, senders=declared.senders
        )

    @asynccontextmanager
    async def running(self, receive: Receive) -> AsyncIterator[None]:
        async def take(raw: bytes) -> bytes:
            verdict = await receive(Arrived(raw=raw))
            if verdict.error is not None and not verdict.is_taken:
                raise _as_fhir(verdict.error)
            return verdict.answer

        route = process_message_route(
            f"/channels/{self._channel}",
            token=self._token,
            receive=take,
            admits=lambda request: self._guard.sender_of(request) is not None,
        )
        async with self._world.web.mounted(self._port, route, tls=self._tls):
            yield


def _as_fhir(error: Exception) -> FhirError:
    """What a function of the channel found with another standard's error."""
    if isinstance(error, FhirError):
        return error
    status = getattr(error, "http_status", 422)
    return FhirError("processing", str(getattr(error, "text", "")), http_status=status)


@dataclass(frozen=True, slots=True, kw_only=True)
class FhirSender:
    """Posts message Bundles to `url`/fhir/$process-message with a bearer token and judges the answer."""

    url: str
    token_file: str
    tls: ClientTls | None = None

    def open(self, world: World, partner: str) -> "FhirSending":
        seconds = world.environment.seconds("AYNI_ANSWER_SECONDS")
        url = web_address(world.text(self.url), self.url)
        token = read_or_create(world.path(self.token_file))
        tls = self.tls.open(world) if self.tls else None
        return FhirSending(FhirLink(world.http(), url, token, answer_seconds=seconds, tls=tls))


class FhirSending:
    """One partner's `$process-message`."""

    def __init__(self, link: FhirLink) -> None:
        self._link = link
        self._sends = Sends()

    async def send(self, parcel: Parcel) -> bytes:
        return await self._sends.run(self._link.send(parcel.content))

    async def close(self) -> None:
        """The connections are the engine's own pool."""
        await self._sends.close()

"""Content over HTTP: a listener, and a sender."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from ayni.engine.connectors.contract import Arrived, Parcel, Receive, Sender, Source, Verdict, World
from ayni.engine.connectors.http_answer import answer_for, dismissal, stranger
from ayni.engine.connectors.http_guard import open_guard
from ayni.engine.connectors.http_link import HttpLink, failure_of
from ayni.engine.connectors.http_request import BODY_BYTES_MAX, Dismissed, body_of, control_id_of
from ayni.engine.connectors.port import port_in
from ayni.engine.connectors.secret import bearer_of
from ayni.engine.connectors.sends import Sends
from ayni.engine.connectors.tls import ClientTls, ServerTls
from ayni.wire.failure import CannotStart, OutcomeUnknown
from ayni.wire.logging import where
from ayni.wire.settings import web_address

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpListener:
    """Takes content at `path` by POST or PUT; `Idempotency-Key` names it where its format does not.

    Senders prove who they are by a bearer token, a name and password, or a certificate (see `http_guard`).
    """

    path: str
    port: str
    format: Literal["json", "text", "hl7", "hl7-enhanced", "fhir"] = "json"
    token_file: str = ""
    users_file: str = ""
    tls: ServerTls | None = None
    senders: tuple[str, ...] = ()
    bytes_max: int = BODY_BYTES_MAX
    methods: tuple[Literal["POST", "PUT"], ...] = ("POST", "PUT")

    def open(self, world: World, channel: str) -> Source:
        """See SourceDeclaration."""
        if not self.path.startswith("/") or set("{}") & set(self.path):
            raise CannotStart(f"path {self.path!r}: write one that begins with / and has no braces")
        return _HttpSource(self, world, channel)


class _HttpSource:
    """One path on the server of its port."""

    def __init__(self, declared: HttpListener, world: World, channel: str) -> None:
        self._declared, self._channel = declared, channel
        self._port = port_in(world, declared.port)
        self._tls = declared.tls.open(world) if declared.tls else None
        self._guard = open_guard(
            world,
            token_file=declared.token_file,
            users_file=declared.users_file,
            tls=self._tls,
            senders=declared.senders,
        )
        self._web = world.web

    @asynccontextmanager
    async def running(self, receive: Receive) -> AsyncIterator[None]:
        async def take(request: Request) -> Response:
            return await self._take(request, receive)

        route = Route(self._declared.path, take, methods=self._declared.methods)
        async with self._web.mounted(self._port, route, tls=self._tls):
            yield

    async def _take(self, request: Request, receive: Receive) -> Response:
        sender = self._guard.sender_of(request)
        if sender is None:
            return stranger(self._guard.challenge)
        try:
            control_id = control_id_of(request)
            raw = await body_of(request, self._declared.bytes_max)
        except Dismissed as error:
            log.warning("http request dismissed", channel=self._channel, code=error.code)
            return dismissal(error)
        except ClientDisconnect:
            return Response(status_code=400)
        verdict = await self._ask(receive, Arrived(raw=raw, peer=sender, control_id=control_id))
        return answer_for(verdict, self._declared.format)

    async def _ask(self, receive: Receive, arrived: Arrived) -> Verdict:
        try:
            return await receive(arrived)
        except Exception as error:  # the sender must hear that nothing was kept, whatever broke
            log.error("message not kept", channel=self._channel, **where(error))
            return Verdict(state="not-kept")


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpSender:
    """Sends content to `url`; the control id goes as `Idempotency-Key`. `http_link` says what answers mean.

    `headers` are pairs of name and text. `token_file` holds the partner's bearer token.
    """

    url: str
    method: Literal["POST", "PUT"] = "POST"
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()
    token_file: str = ""
    tls: ClientTls | None = None

    def open(self, world: World, partner: str) -> Sender:
        """See DestinationDeclaration."""
        headers = {name: world.text(text) for name, text in self.headers}
        headers |= {"Content-Type": self.content_type, "Accept-Encoding": "identity"}
        link = HttpLink(
            world.http(),
            headers=headers | bearer_of(world, self.token_file),
            answer_seconds=world.environment.seconds("AYNI_ANSWER_SECONDS"),
            tls=self.tls.open(world) if self.tls else None,
        )
        return _HttpSending(link, self.method, web_address(world.text(self.url), self.url))


class _HttpSending:
    def __init__(self, link: HttpLink, method: str, url: str) -> None:
        self._link, self._method, self._url = link, method, url
        self._sends = Sends()

    async def send(self, parcel: Parcel) -> bytes:
        return await self._sends.run(self._send(parcel))

    async def close(self) -> None:
        """The connections belong to the engine's pool."""
        await self._sends.close()

    async def _send(self, parcel: Parcel) -> bytes:
        answer = await self._link.ask(self._method, self._url, parcel.content, control_id=parcel.control_id)
        if not answer.is_yes:
            raise failure_of(answer)
        if not answer.is_whole:
            raise OutcomeUnknown("the answer is too long")
        return answer.body

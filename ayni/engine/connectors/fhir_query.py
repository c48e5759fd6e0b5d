"""Searches read through to a partner's FHIR server: let through by name, noted, asked, streamed back."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar
from urllib.parse import parse_qsl, urlencode

import aiohttp
import structlog
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from yarl import URL

from ayni.engine.connectors.contract import Receive, Source, World
from ayni.engine.connectors.http_answer import Dismissal
from ayni.engine.connectors.http_guard import open_guard
from ayni.engine.connectors.port import port_in
from ayni.engine.connectors.secret import bearer_of
from ayni.engine.connectors.tls import ClientTls, ServerTls
from ayni.vocabulary.fhir import FhirError, dumps
from ayni.wire.failure import CONNECT_SECONDS
from ayni.wire.fhir_link import FHIR_JSON
from ayni.wire.logging import where
from ayni.wire.settings import web_address

log = structlog.get_logger()

PASSED_ON = frozenset({400, 404, 410, 422})
"""What the partner says about the search itself; about our credential it speaks to us."""
OUTCOME_BYTES_MAX = 1 << 16
CHUNK_BYTES = 1 << 16
QUERY_LENGTH_MAX = 4096
JSON_TYPES = (FHIR_JSON, "application/json")
HEADERS = {"Cache-Control": "no-store"}
QUERY_BYTES_MAX = 4 << 20
"""An answer to a search may hold many resources; a longer one asks for a narrower search."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FhirSearch:
    """One kind of search that is let through, with the names of the parameters it may have."""

    type: str
    parameters: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A search somebody made. What for may name a patient: that is for the audit, not for logs."""

    channel: str
    sender: str
    type: str
    at: datetime
    parameters: tuple[tuple[str, str], ...] = field(repr=False)


OnQuery = Callable[[Asked], Awaitable[None]]
"""Writes a search down before it is made; when it raises, nothing is searched."""


async def log_query(asked: Asked) -> None:
    """Says who searched for what kind of resource by which parameters, not for whom."""
    names = sorted({name for name, _ in asked.parameters})
    log.info("fhir search", channel=asked.channel, sender=asked.sender, type=asked.type, parameters=names)


@dataclass(frozen=True, slots=True, kw_only=True)
class FhirQueryListener:
    """Answers `GET /channels/<channel>/fhir/<Type>?…` at once with what a partner's FHIR server finds.

    Nothing is stored: a search is no message. Only `searches` are let through, each noted before by the
    engine's own `World.on_query` and by `on_query`.
    """

    port: str
    url: str
    searches: tuple[FhirSearch, ...]
    token_file: str = ""
    users_file: str = ""
    tls: ServerTls | None = None
    senders: tuple[str, ...] = ()
    partner_token_file: str = ""
    partner_tls: ClientTls | None = None
    bytes_max: int = QUERY_BYTES_MAX
    on_query: OnQuery = log_query
    format: str = "fhir"
    is_shared: ClassVar[bool] = True
    """The channel's name is in the address, so channels share a port."""
    takes_messages: ClassVar[bool] = False

    def open(self, world: World, channel: str) -> Source:
        """See SourceDeclaration."""
        return _QuerySource(self, world, channel)


class AnswerTooLong(Exception):
    """The connection breaks: a search result that ends too early must not look whole."""


class _QuerySource:
    """The searches of one channel on the server of its port."""

    def __init__(self, declared: FhirQueryListener, world: World, channel: str) -> None:
        self._declared, self._world, self._channel = declared, world, channel
        self._port = port_in(world, declared.port)
        self._tls = declared.tls.open(world) if declared.tls else None
        self._guard = open_guard(
            world,
            token_file=declared.token_file,
            users_file=declared.users_file,
            tls=self._tls,
            senders=declared.senders,
        )
        self._partner = _Partner(declared, world)
        self._allowed = {each.type: frozenset(each.parameters) for each in declared.searches}

    @asynccontextmanager
    async def running(self, receive: Receive) -> AsyncIterator[None]:
        route = Route(f"/channels/{self._channel}/fhir/{{type}}", self._answer, methods=["GET"])
        async with self._world.web.mounted(self._port, route, tls=self._tls):
            yield

    async def _answer(self, request: Request) -> Response:
        sender = self._guard.sender_of(request)
        if sender is None:
            error = FhirError("login", "Falta la credencial de este sentido.", http_status=401)
            return Dismissal(dumps(error.outcome()), 401, FHIR_JSON, challenge=self._guard.challenge)
        try:
            asked = self._asked(request, sender)
            await self._note(asked)
            return await self._partner.found(asked.type, asked.parameters)
        except FhirError as error:
            log.warning("fhir search failed", channel=self._channel, sender=sender, issue=error.issue)
            return Response(dumps(error.outcome()), error.http_status, HEADERS, media_type=FHIR_JSON)

    def _asked(self, request: Request, sender: str) -> Asked:
        kind, query = str(request.path_params["type"]), request.url.query
        allowed = self._allowed.get(kind)
        if allowed is None:
            raise FhirError("not-supported", "Esta búsqueda no está permitida.", http_status=404)
        if len(query) > QUERY_LENGTH_MAX:
            raise FhirError("too-long", "La búsqueda es demasiado larga.", http_status=414)
        parameters = tuple(parse_qsl(query, keep_blank_values=True))
        if not parameters or not {name for name, _ in parameters} <= allowed:
            names = ", ".join(sorted(allowed))
            raise FhirError("not-supported", f"Busque solo con: {names}.", http_status=400)
        return Asked(
            channel=self._channel, sender=sender, type=kind, at=self._world.now(), parameters=parameters
        )

    async def _note(self, asked: Asked) -> None:
        try:
            if self._world.on_query is not None:
                await self._world.on_query(asked)
            await self._declared.on_query(asked)
        except Exception as error:  # a look that nobody can trace is not given
            log.error("fhir search not noted", channel=self._channel, **where(error))
            raise FhirError("transient", "No se pudo registrar; intente de nuevo.", http_status=503) from None


class _Partner:
    """The FHIR server behind."""

    def __init__(self, declared: FhirQueryListener, world: World) -> None:
        self._url = web_address(world.text(declared.url), declared.url).rstrip("/")
        self._http, self._bytes_max = world.http(), declared.bytes_max
        self._headers = {"Accept": FHIR_JSON, "Accept-Encoding": "identity"}
        self._headers |= bearer_of(world, declared.partner_token_file)
        self._tls = declared.partner_tls.open(world) if declared.partner_tls else True
        seconds = world.environment.seconds("AYNI_ANSWER_SECONDS")
        self._timeout = aiohttp.ClientTimeout(total=seconds, sock_connect=CONNECT_SECONDS)

    async def found(self, kind: str, parameters: tuple[tuple[str, str], ...]) -> Response:
        """What the partner finds, on its way; raises FhirError 502 or 504."""
        try:
            answer = await self._http.get(
                URL(f"{self._url}/{kind}?{urlencode(parameters)}", encoded=True),
                headers=self._headers,
                timeout=self._timeout,
                allow_redirects=False,
                ssl=self._tls,
            )
            return await self._passed_on(answer)
        except TimeoutError:
            raise FhirError("timeout", "El otro sistema no responde.", http_status=504) from None
        except aiohttp.ClientError:
            raise _bad_answer() from None

    async def _passed_on(self, answer: aiohttp.ClientResponse) -> Response:
        is_json = answer.content_type in JSON_TYPES
        is_short = (answer.content_length or 0) <= self._bytes_max
        if answer.status == 200 and is_json and is_short:
            return StreamingResponse(_bounded(answer, self._bytes_max), 200, HEADERS, media_type=FHIR_JSON)
        try:
            if answer.status in PASSED_ON and is_json:
                body = await answer.content.read(OUTCOME_BYTES_MAX)
                return Response(body, answer.status, HEADERS, media_type=FHIR_JSON)
        finally:
            answer.close()
        if answer.status == 200 and is_json:
            raise FhirError("too-costly", "Hay demasiados resultados; busque algo más.", http_status=502)
        raise _bad_answer()


async def _bounded(answer: aiohttp.ClientResponse, bytes_max: int) -> AsyncIterator[bytes]:
    length = 0
    async with answer:
        async for chunk in answer.content.iter_chunked(CHUNK_BYTES):
            length += len(chunk)
            if length > bytes_max:
                answer.close()
                raise AnswerTooLong
            yield chunk


def _bad_answer() -> FhirError:
    return FhirError("exception", "El otro sistema no pudo responder.", http_status=502)

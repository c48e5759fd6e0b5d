"""The console: pages and a JSON interface over the same queries. All but /health is the operator's alone."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.authentication import requires
from starlette.concurrency import run_in_threadpool
from starlette.convertors import Convertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.authentication import AuthenticationMiddleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from ayni.engine import store
from ayni.engine.console import queries
from ayni.engine.console.account import OperatorAccounts
from ayni.engine.console.rendering import TEMPLATES, json_answer
from ayni.engine.console.security import SameOrigin, SecurityHeaders
from ayni.engine.delivery import Deliverer
from ayni.engine.pipeline import Pipeline
from ayni.wire.health import health_route
from ayni.wire.tokens import read_or_create

HERE = Path(__file__).parent
SESSION_SECONDS = 10 * 60 * 60
"""One shift."""
FORM_BYTES_MAX = 4096
"""A user name and a password, from a stranger."""
SEE_OTHER = 303

Decide = Callable[..., bool]
"""What a person decides about a refused delivery; False when it is not refused."""


class RowNumber(Convertor[int]):
    """A number that a row of the store can have; anything else in an address is not found."""

    regex = "[1-9][0-9]{0,17}"

    def convert(self, value: str) -> int:
        return int(value)

    def to_string(self, value: int) -> str:
        return str(value)


register_url_convertor("row", RowNumber())


class Console:
    """The handlers; each reads or decides one thing in one transaction."""

    def __init__(
        self, pipeline: Pipeline, deliverers: Mapping[str, Deliverer], accounts: OperatorAccounts
    ) -> None:
        self._pipeline, self._deliverers, self._accounts = pipeline, deliverers, accounts

    def health(self) -> dict[str, object]:
        """Figures without patient data for whoever starts the system."""
        with self._pipeline.database.reading() as tx:
            messages = tx.execute("select count(*) from message").get
        return {"channels": sorted(self._pipeline.channels), "messages": messages}

    async def sign_in(self, request: Request) -> Response:
        """The sign-in page, and what comes of it."""
        if request.method == "GET":
            return TEMPLATES.TemplateResponse(request, "sign_in.html")
        if int(request.headers.get("Content-Length", FORM_BYTES_MAX + 1)) > FORM_BYTES_MAX:
            raise HTTPException(413)
        form = await request.form()
        if not self._accounts.knows(str(form.get("username", "")), str(form.get("password", ""))):
            return TEMPLATES.TemplateResponse(request, "sign_in.html", {"failed": True}, status_code=403)
        self._accounts.sign_in(request)
        return RedirectResponse("/", SEE_OTHER)

    async def sign_out(self, request: Request) -> Response:
        self._accounts.sign_out(request)
        return RedirectResponse("/acceso", SEE_OTHER)

    @requires("operator", redirect="sign-in")
    async def overview(self, request: Request) -> Response:
        """The channels, what they carry and what waits."""
        return TEMPLATES.TemplateResponse(request, "overview.html", {"channels": await self._channels()})

    @requires("operator", redirect="sign-in")
    async def messages(self, request: Request) -> Response:
        """Messages by request or by state."""
        asked = _asked(request)
        found = await run_in_threadpool(self._messages, asked)
        return TEMPLATES.TemplateResponse(request, "messages.html", {"messages": found, **asked})

    @requires("operator", redirect="sign-in")
    async def message(self, request: Request) -> Response:
        """One message: as it came, what was made of it, every attempt and every answer."""
        found = await run_in_threadpool(self._message, request.path_params["id"])
        return TEMPLATES.TemplateResponse(request, "message.html", {"message": found})

    @requires("operator")
    async def channels_json(self, request: Request) -> Response:
        return json_answer({"channels": await self._channels()})

    @requires("operator")
    async def messages_json(self, request: Request) -> Response:
        return json_answer({"messages": await run_in_threadpool(self._messages, _asked(request))})

    @requires("operator")
    async def message_json(self, request: Request) -> Response:
        return json_answer(await run_in_threadpool(self._message, request.path_params["id"]))

    @requires("operator")
    async def send_again(self, request: Request) -> Response:
        """Tries a refused delivery again."""
        return await self._decided(request, store.send_again)

    @requires("operator")
    async def set_aside(self, request: Request) -> Response:
        """Lets the lane of a refused delivery go on without it."""
        return await self._decided(request, store.set_aside)

    async def _decided(self, request: Request, decide: Decide) -> Response:
        message_id, delivery_id = request.path_params["id"], request.path_params["delivery"]
        at = self._pipeline.now()
        if not await self._pipeline.writer.write(lambda tx: decide(tx, delivery_id, of=message_id, at=at)):
            raise HTTPException(409)
        self._pipeline.wake()
        return RedirectResponse(f"/mensajes/{message_id}", SEE_OTHER)

    async def _channels(self) -> list[dict[str, Any]]:
        counted = await run_in_threadpool(self._counted)
        return [
            {
                "name": channel.name,
                "title": channel.title,
                "revision": channel.revision,
                "received": 0,
                "refused": 0,
                "last": None,
                "waiting": [],
                "destinations": [
                    {"partner": each.partner, "is_down": self._deliverers[each.partner].is_link_down}
                    for each in channel.destinations
                ],
            }
            | counted.get(channel.name, {})
            for channel in self._pipeline.channels.values()
        ]

    def _counted(self) -> dict[str, queries.Row]:
        with self._pipeline.database.reading() as tx:
            return queries.channels(tx)

    def _messages(self, asked: Mapping[str, str]) -> list[queries.Row]:
        with self._pipeline.database.reading() as tx:
            return queries.messages(tx, correlation_id=asked["correlation_id"], state=asked["state"])

    def _message(self, message_id: int) -> queries.Row:
        with self._pipeline.database.reading() as tx:
            found = queries.message(tx, message_id)
        if found is None:
            raise HTTPException(404)
        return found


def console(
    pipeline: Pipeline, deliverers: Mapping[str, Deliverer], data_folder: Path, *, host: str
) -> Starlette:
    """The console of a running engine; its account and session secret live in the engine's data folder.

    `host` is the name it is reached by, besides this machine's own.
    """
    accounts = OperatorAccounts(data_folder)
    handlers = Console(pipeline, deliverers, accounts)
    delivery = "/mensajes/{id:row}/entregas/{delivery:row}"
    return Starlette(
        routes=[
            health_route("engine", handlers.health),
            Mount("/static", StaticFiles(directory=HERE / "static")),
            Route("/acceso", handlers.sign_in, methods=["GET", "POST"], name="sign-in"),
            Route("/salir", handlers.sign_out, methods=["POST"]),
            Route("/", handlers.overview),
            Route("/mensajes", handlers.messages),
            Route("/mensajes/{id:row}", handlers.message),
            Route(f"{delivery}/otra-vez", handlers.send_again, methods=["POST"]),
            Route(f"{delivery}/apartar", handlers.set_aside, methods=["POST"]),
            Route("/api/channels", handlers.channels_json),
            Route("/api/messages", handlers.messages_json),
            Route("/api/messages/{id:row}", handlers.message_json),
        ],
        middleware=[
            Middleware(SecurityHeaders),
            Middleware(SameOrigin),
            Middleware(TrustedHostMiddleware, allowed_hosts=sorted({host, "127.0.0.1", "localhost"})),
            Middleware(
                SessionMiddleware,
                secret_key=read_or_create(data_folder / "session-secret"),
                session_cookie="ayni_console",
                same_site="strict",
                max_age=SESSION_SECONDS,
            ),
            Middleware(AuthenticationMiddleware, backend=accounts),
        ],
    )


def _asked(request: Request) -> dict[str, str]:
    """Request ids name and never authorise, so they may stand in an address."""
    query = request.query_params
    return {"correlation_id": query.get("correlation_id", "").strip(), "state": query.get("state", "")}

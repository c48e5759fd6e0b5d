"""The console: pages and a JSON interface over the same data, for those whose role includes it."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import structlog
from starlette.applications import Starlette
from starlette.authentication import AuthenticationError
from starlette.convertors import Convertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.authentication import AuthenticationMiddleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles

from ayni.engine.console.access.accounts import Accounts
from ayni.engine.console.access.doorkeeper import SESSION_SECONDS, Doorkeeper, TooManyAttempts
from ayni.engine.console.actions.text_searches import TextSearches
from ayni.engine.console.answers import problem_answer
from ayni.engine.console.api.operation import route
from ayni.engine.console.api.operations import OPERATIONS
from ayni.engine.console.audit.audit import Audit
from ayni.engine.console.desk import Alerts, Desk
from ayni.engine.console.pages import deciding, holding, keeping, looking
from ayni.engine.console.pages.entrance import entrance_routes
from ayni.engine.console.pages.forms import page_route
from ayni.engine.console.pages.rendering import CONSOLE
from ayni.engine.console.problems import Problem, problem_of
from ayni.engine.console.security import Awake, SameOrigin, SecurityHeaders
from ayni.engine.console.shown.accounting import Accounting
from ayni.engine.console.shown.channels import ChannelFigures
from ayni.engine.console.shown.throughput import Throughput, totals_of
from ayni.engine.observability.wording import Language
from ayni.engine.runtime import Runtime
from ayni.engine.store.contract import Row
from ayni.wire.health import health_route
from ayni.wire.logging import where
from ayni.wire.tokens import read_or_create

log = structlog.get_logger()

PAGES = (*looking.PAGES, *deciding.PAGES, *holding.PAGES, *keeping.PAGES)


class RowNumber(Convertor[int]):
    """A number that a row of the store can have; anything else in an address is not found."""

    regex = "[1-9][0-9]{0,17}"

    def convert(self, value: str) -> int:
        return int(value)

    def to_string(self, value: int) -> str:
        return str(value)


register_url_convertor("row", RowNumber())


def no_alerts(_: Language) -> list[Row]:
    """Nobody watches the engine yet."""
    return []


def console(
    runtime: Runtime,
    data_folder: Path,
    audit: Audit,
    *,
    host: str,
    channels_folder: Path | None = None,
    alerts: Alerts = no_alerts,
    more: Sequence[BaseRoute] = (),
) -> Starlette:
    """The console of a running engine; its accounts and session secret live in the engine's data folder.

    `host` is the name it is reached by, besides this machine's own. `alerts` says what needs a person now.
    `more`: routes of other rooms, which guard themselves.
    """
    throughput = Throughput(lambda: totals_of(runtime.pipeline.store.counts()))
    desk = open_desk(runtime, data_folder, audit, throughput, alerts, channels_folder)
    return Starlette(
        routes=[*_routes(desk), *more],
        middleware=_middleware(desk, throughput, data_folder, host),
        exception_handlers={HTTPException: _not_routed},
        lifespan=lambda _: living(desk, throughput),
    )


@asynccontextmanager
async def living(desk: Desk, throughput: Throughput) -> AsyncIterator[None]:
    """The console's life: it measures from the start, and at the end nothing of it is left at work."""
    throughput.begin()
    yield
    await throughput.close()
    await desk.text_searches.close()


def open_desk(
    runtime: Runtime,
    data_folder: Path,
    audit: Audit,
    throughput: Throughput,
    alerts: Alerts,
    folder: Path | None,
) -> Desk:
    """The only place that chooses the console's parts."""
    accounts = Accounts(data_folder, runtime.pipeline.now)

    def failed(name: str, address: str) -> None:
        try:
            audit.append(who=name, role="", address=address, action="sign-in", outcome="failed")
        except Exception as error:  # nothing was opened; who knows the password is told that it is full
            log.error("audit not written", action="sign-in", **where(error))

    return Desk(
        runtime=runtime,
        accounts=accounts,
        doorkeeper=Doorkeeper(accounts, failed=failed),
        audit=audit,
        figures=ChannelFigures(runtime, throughput),
        text_searches=TextSearches(runtime.pipeline.store),
        accounting=Accounting(runtime.pipeline.store, runtime.pipeline.now),
        alerts=alerts,
        channels_folder=folder or Path(runtime._world.environment.text("AYNI_CHANNELS")),
    )


def _routes(desk: Desk) -> list[BaseRoute]:
    return [
        health_route("engine", _health(desk.runtime)),
        Mount("/static", StaticFiles(directory=CONSOLE / "static")),
        *entrance_routes(desk),
        *(page_route(desk, page) for page in PAGES),
        *(route(desk, operation) for operation in OPERATIONS),
    ]


def _middleware(desk: Desk, throughput: Throughput, data_folder: Path, host: str) -> list[Middleware]:
    return [
        Middleware(SecurityHeaders),
        Middleware(Awake, wake=throughput.begin),
        Middleware(SameOrigin),
        Middleware(TrustedHostMiddleware, allowed_hosts=sorted({host, "127.0.0.1", "localhost"})),
        Middleware(
            SessionMiddleware,
            secret_key=read_or_create(data_folder / "session-secret"),
            session_cookie="ayni_console",
            same_site="strict",
            max_age=SESSION_SECONDS,
        ),
        Middleware(AuthenticationMiddleware, backend=desk.doorkeeper, on_error=_made_to_wait),
    ]


def _health(runtime: Runtime) -> Callable[[], dict[str, object]]:
    """Figures without patient data for whoever starts the system."""

    def health() -> dict[str, object]:
        messages = sum(totals_of(runtime.pipeline.store.counts()).values())
        return {"channels": sorted(runtime.channels), "messages": messages}

    return health


def _made_to_wait(conn: HTTPConnection, error: AuthenticationError) -> Response:
    seconds = error.seconds if isinstance(error, TooManyAttempts) else 0
    problem = Problem("too-many-attempts", 429, seconds=seconds)
    return problem_answer(Request(conn.scope), problem, wait_seconds=seconds)


async def _not_routed(request: Request, error: Exception) -> Response:
    """Addresses that nothing answers, and methods that an address does not know."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    return problem_answer(request, problem_of(status))

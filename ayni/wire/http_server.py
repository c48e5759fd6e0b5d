"""The HTTP server of a system: uvicorn, told what it may do."""

import contextlib
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp

SHUTDOWN_SECONDS = 5
"""Requests in hand get this long at the end; open event streams are told to finish at once."""


class HttpServer(uvicorn.Server):
    """Leaves signals to `serve.start`: a system may have several listeners and they must all stop."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def server_of(app: ASGIApp) -> HttpServer:
    """A server of an ASGI app that has not begun."""
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # anybody may write X-Forwarded-For; throttles count by the address that is real
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        lifespan="off",
    )
    return HttpServer(config)

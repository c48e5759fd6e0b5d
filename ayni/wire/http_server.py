"""The HTTP server of a system: uvicorn, told what it may do."""

import uvicorn
from starlette.types import ASGIApp

from ayni.wire.prompt_server import PromptServer

SHUTDOWN_SECONDS = 5
"""Requests in hand get this long at the end; open event streams are told to finish at once."""


def server_of(app: ASGIApp) -> PromptServer:
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
    return PromptServer(config)

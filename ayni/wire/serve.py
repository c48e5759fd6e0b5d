"""Starting and running one system: its ports, its data folder, its listeners, a clean stop.

One worker and no reload, because listeners and the outbox sender live in the process.
"""

import asyncio
import contextlib
import errno
import signal
import socket
import sys
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import structlog
import uvloop

from ayni.wire.failure import CannotStart
from ayni.wire.folder_lock import hold
from ayni.wire.logging import start_logging, where
from ayni.wire.settings import Environment

if TYPE_CHECKING:
    from starlette.types import ASGIApp

log = structlog.get_logger()

Live = Callable[[Environment, Sequence[socket.socket], asyncio.Event], Coroutine[Any, Any, None]]
"""A system's life: opens its parts, serves on the bound sockets until the event is set, closes them."""


class PortTaken(CannotStart):
    """Another process listens there."""

    def __init__(self, host: str, port: int, setting: str = "") -> None:
        other = f"another one with {setting}" if setting else "another port"
        super().__init__(f"port {port} on {host} is taken: stop what uses it or choose {other}")
        self.port = port


def bind(host: str, port: int, setting: str = "") -> socket.socket:
    """A listening TCP socket; raises PortTaken, or CannotStart where the address is not this machine's.

    `setting` is the name of the one that chose the port, "" when a channel did.

    Binding first lets a system fail before it opens anything. It listens at once, because until one of them
    listens two sockets may be bound to one port.
    """
    # named, because asyncio lets only a socket that says TCP send at once; otherwise answers wait 40 ms
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen()
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(host, port, setting) from error
        raise CannotStart(
            f"cannot listen on {host}, port {port} ({error.strerror}): choose another AYNI_HOST or port"
        ) from error
    return listener


async def serve_http(app: "ASGIApp", listener: socket.socket, stop: asyncio.Event) -> None:
    """Serves an ASGI app on a bound socket until `stop` is set."""
    # a tenth of a second to import, which listeners of other protocols need not wait for
    from ayni.wire.http_server import server_of

    server = server_of(app)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    server.end()
    stopping.cancel()
    await serving


def start(system: str, ports: Sequence[str], live: Live, variables: Mapping[str, str]) -> None:
    """Runs one system in this process until SIGINT or SIGTERM; what keeps it from starting is one line.

    `ports` are the settings of its listeners. They are bound, and the data folder is held, before anything is
    opened.
    """
    start_logging(system)
    environment = Environment(variables)
    try:
        host = environment.text("AYNI_HOST")
        listeners = [bind(host, environment.port(port), port) for port in ports]
        with (
            hold(environment.folder(system)),
            asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
        ):
            runner.run(_until_signalled(live, environment, listeners))
    except CannotStart as error:
        sys.exit(f"ayni: {error}")
    except Exception as error:  # a traceback would quote what the system had in hand
        log.critical("system ended", **where(error))
        sys.exit(1)


async def _until_signalled(live: Live, environment: Environment, listeners: Sequence[socket.socket]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await live(environment, listeners, stop)


@contextlib.asynccontextmanager
async def in_background(*works: Coroutine[Any, Any, None]) -> Any:
    """Runs endless work beside the block; a work that fails ends the block with its error."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(work) for work in works]
        yield
        for task in tasks:
            task.cancel()

"""Real files, real sockets, and a clock that a test moves."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from ayni.wire import outbox, received
from ayni.wire.clock import LIMA, Now, real_now
from ayni.wire.database import Database
from ayni.wire.serve import bind, serve_http


@dataclass
class Clock:
    """A clock that stands still until a test moves it."""

    at: datetime = datetime(2026, 11, 23, 9, 30, 15, tzinfo=LIMA)

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **length: float) -> None:
        self.at += timedelta(**length)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "system.sqlite", outbox.SCHEMA, received.SCHEMA)
    yield database
    database.close()


@asynccontextmanager
async def _served(*routes: Route) -> AsyncIterator[str]:
    listener, stop = bind("127.0.0.1", 0), asyncio.Event()
    serving = asyncio.create_task(serve_http(Starlette(routes=routes), listener, stop))
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        stop.set()
        await serving


@pytest.fixture
def served() -> Callable[..., object]:
    """Serves routes on a free port: `async with served(route) as url`."""
    return _served


@pytest.fixture
def real_clock() -> Now:
    return real_now

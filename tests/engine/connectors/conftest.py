"""What connectors are made of in tests: a real world on this machine."""

import socket
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import aiohttp
import pytest

from ayni.engine.connectors.contract import Arrived, Verdict, World
from ayni.engine.connectors.web import WebServers
from ayni.wire.clock import Now, real_now
from ayni.wire.serve import bind
from ayni.wire.settings import Environment

pytest.register_assert_rewrite("tests.engine.connectors.contract", "tests.engine.connectors.sides")


class Ports:
    """Hands out the bound socket of a port, bound anew when the last one was closed."""

    def __init__(self) -> None:
        self._bound: dict[int, socket.socket] = {}

    def free(self) -> int:
        """A port nobody listens on."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return int(probe.getsockname()[1])

    def bound(self, port: int) -> socket.socket:
        known = self._bound.get(port)
        if known is None or known.fileno() < 0:
            known = self._bound[port] = bind("127.0.0.1", port)
        return known

    def close(self) -> None:
        for each in self._bound.values():
            each.close()


@pytest.fixture
def ports() -> Iterator[Ports]:
    made = Ports()
    yield made
    made.close()


@pytest.fixture
async def new_world(tmp_path: Path, ports: Ports) -> AsyncIterator[Callable[..., World]]:
    """Makes a world with these settings; an answer is waited for half a second."""
    async with aiohttp.ClientSession() as http:
        web = WebServers(ports.bound)

        def new(*, now: Now = real_now, **settings: str) -> World:
            folders = {"AYNI_VAR": str(tmp_path / "var"), "AYNI_ANSWER_SECONDS": "0.5"}
            return World(
                environment=Environment(folders | settings),
                http=lambda: http,
                data=tmp_path / "var" / "engine",
                now=now,
                bound=ports.bound,
                web=web,
                to_channel=to_no_channel,
            )

        yield new
        await web.close()


async def to_no_channel(channel: str, arrived: Arrived) -> Verdict:
    """The engine has no channel here."""
    raise LookupError(channel)


@pytest.fixture
def world(new_world: Callable[..., World]) -> World:
    return new_world()

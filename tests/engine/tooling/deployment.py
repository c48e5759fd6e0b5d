"""An engine whose channels are folders of a test, its runtime within reach, and partners over MLLP."""

import asyncio
import socket
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import aiohttp

from ayni.engine.channel import Channel
from ayni.engine.connectors.contract import Arrived, World
from ayni.engine.connectors.web import WebServers
from ayni.engine.loading import load_channels
from ayni.engine.pipeline import Pipeline
from ayni.engine.runtime import Runtime
from ayni.engine.store.contract import Question
from ayni.engine.store.sqlite import SqliteStore
from ayni.vocabulary.hl7 import acknowledge, parse
from ayni.wire.clock import real_now
from ayni.wire.mllp import MllpClient, MllpServer
from ayni.wire.serve import bind
from ayni.wire.settings import Environment

WAIT_SECONDS = 10

RELAY = """
from ayni.engine import Channel, Destination, Outgoing, Policy
from ayni.engine.connectors.mllp import MllpListener, MllpSender

def transform(message):
    message["MSH-5"] = "{mark}"
    return Outgoing(content=message.encode(), control_id=message.control_id, key=message["PID-3.1"])

channel = Channel(
    name="{name}",
    title="De prueba",
    source=MllpListener(port="{port}"),
    destinations=(
        Destination(partner="{partner}", connector=MllpSender(address="{address}"), transform=transform),
    ),
)
"""


def message_of(control_id: str, *, patient: str = "99000017") -> bytes:
    """An HL7 v2 message of an invented patient."""
    header = f"MSH|^~\\&|SENDER|CLINIC|AYNI|AYNI|20261123093000-0500||ADT^A08^ADT_A01|{control_id}|T|2.5.1"
    return f"{header}\rPID|1||{patient}^^^RENIEC^NI||PRUEBA^ANA\r".encode()


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def until(check: Callable[[], bool]) -> None:
    """Looks again until it is so."""
    async with asyncio.timeout(WAIT_SECONDS):
        while not check():  # noqa: ASYNC110 - what is looked at lies behind a socket
            await asyncio.sleep(0.01)


class Laboratory:
    """A partner over MLLP: keeps what it takes, says yes while its gate is open."""

    def __init__(self, serving: AsyncExitStack) -> None:
        self.port = free_port()
        self.taken: list[tuple[str, str]] = []
        """(control id, MSH-5) of each message, in order."""
        self.gate = asyncio.Event()
        self.gate.set()
        self._serving = serving

    async def up(self) -> None:
        listening = MllpServer(self._handle, lambda _: b"").listening(bind("127.0.0.1", self.port))
        await self._serving.enter_async_context(listening)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    async def receives(self, *expected: tuple[str, str]) -> None:
        """Returns once exactly these came, in this order."""
        await until(lambda: len(self.taken) >= len(expected))
        assert self.taken == list(expected)

    async def _handle(self, raw: bytes) -> bytes:
        message = parse(raw)
        self.taken.append((message.control_id, message["MSH-5"]))
        await self.gate.wait()
        return acknowledge(message, "AA", control_id=f"A{message.control_id}", at=real_now()).encode()


class Deployment:
    """A folder of channels and the engine that runs them; it may end and start again on the same data."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.channels = folder, folder / "channels"
        self.channels.mkdir()
        self.ports: dict[str, int] = {}
        self._running = AsyncExitStack()

    def write(self, name: str, laboratory: Laboratory, *, mark: str, **other: Any) -> Path:
        """Writes a channel that relays to a laboratory and puts `mark` in MSH-5; its folder."""
        words = {"partner": f"{name}_lab", "address": laboratory.address, "port": self._port_of(name)} | other
        return self.write_code(name, RELAY.format(name=name, mark=mark, **words))

    def write_code(self, name: str, code: str) -> Path:
        folder = self.channels / name
        folder.mkdir(exist_ok=True)
        (folder / "channel.py").write_text(code, "utf-8")
        return folder

    async def start(self) -> None:
        """As `ayni.engine.process` does, without a console."""
        stack, data = self._running, self.folder / "engine"
        data.mkdir(exist_ok=True)
        channels: dict[str, Channel] = load_channels(self.channels)
        self.store = SqliteStore(data / "messages.sqlite")
        stack.push_async_callback(self.store.close)
        web = WebServers(self._bound)
        stack.push_async_callback(web.close)
        http = await stack.enter_async_context(aiohttp.ClientSession())
        pipeline = Pipeline(
            store=self.store,
            channels=channels,
            processing_id="T",
            now=real_now,
            wake=lambda partner: self.runtime.wake(partner),
        )
        world = World(
            environment=self._environment(),
            http=lambda: http,
            data=data,
            now=real_now,
            bound=self._bound,
            web=web,
            to_channel=self._to_channel,
        )
        self.runtime = Runtime(pipeline, world, channels=channels, owner="test")
        await self.runtime.start()
        stack.push_async_callback(self.runtime.close)

    async def stop(self) -> None:
        await self._running.aclose()

    async def restart(self) -> None:
        await self.stop()
        await self.start()

    async def send(self, name: str, *control_ids: str) -> None:
        """Sends messages to a channel over one connection; each must be taken."""
        client = MllpClient("127.0.0.1", self._port_of(name), answer_seconds=WAIT_SECONDS)
        try:
            for control_id in control_ids:
                assert parse(await client.send(message_of(control_id)))["MSA-1"] == "AA"
        finally:
            client.drop()

    def messages(self, name: str) -> dict[str, Any]:
        """What the store holds of a channel, by control id."""
        return {row["control_id"]: row for row in self.store.search(Question(channel=name))}

    def _environment(self) -> Environment:
        return Environment(
            {
                "AYNI_VAR": str(self.folder),
                "AYNI_ANSWER_SECONDS": "5",
                "AYNI_LINK_PROBE_SECONDS": "0.05",
                "AYNI_LINK_PROBE_SECONDS_MAX": "0.1",
            }
        )

    def _port_of(self, name: str) -> int:
        return self.ports.setdefault(name, free_port())

    @staticmethod
    def _bound(port: int) -> socket.socket:
        return bind("127.0.0.1", port)

    async def _to_channel(self, name: str, arrived: Arrived) -> Any:
        return await self.runtime.receive(name, arrived)

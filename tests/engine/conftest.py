"""The engine under test: real doors on free ports, a real file, partners that speak the real protocols."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, suppress
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import aiohttp
import psycopg
import pytest
from aiohttp import web

from ayni.engine.process import PORTS, live
from ayni.vocabulary.fhir import answer_to, dumps, loads
from ayni.vocabulary.hl7 import Message, parse
from ayni.wire.clock import LIMA
from ayni.wire.mllp import MllpClient, MllpServer
from ayni.wire.serve import bind
from ayni.wire.settings import Environment
from chaos.postgresql import NoServer, postgresql_server

_rooms = count(1)
DROPS_MAX = 5

ROOT = Path(__file__).resolve().parents[2]
CHANNELS = ROOT / "channels"
REQUEST_ID = "QH-7M3K9XBT4D"
WAIT_SECONDS = 10
NOW = datetime(2026, 11, 23, 9, 30, 15, tzinfo=LIMA)

INTAKE = (CHANNELS / "intake_to_ehr" / "samples" / "01-cough-18-days.in.json").read_bytes()
RECEIVED = (CHANNELS / "intake_to_ehr" / "samples" / "01-cough-18-days.response.hl7").read_bytes()
BOOKED = (CHANNELS / "state_to_qhali" / "samples" / "01-booked.in.hl7").read_bytes()


def intake_of(request_id: str = REQUEST_ID) -> bytes:
    return INTAKE.replace(REQUEST_ID.encode(), request_id.encode())


def booked_of(request_id: str = REQUEST_ID, sequence: int = 4) -> bytes:
    """A booking as the record sends it: event R004, or another number of the same request."""
    raw = BOOKED.replace(REQUEST_ID.encode(), request_id.encode())
    return raw.replace(b".R004", f".R{sequence:03d}".encode())


async def until(check: Callable[[], Awaitable[bool]]) -> None:
    """Looks again until it is so."""
    async with asyncio.timeout(WAIT_SECONDS):
        while not await check():  # noqa: ASYNC110 - what is looked at lies behind a socket
            await asyncio.sleep(0.02)


class Partner:
    """Keeps what it is sent. Answers as `script` says, in turn, and yes once that has been said."""

    def __init__(self) -> None:
        with bind("127.0.0.1", 0) as free:
            self.port = int(free.getsockname()[1])
        self.taken: list[bytes] = []
        self.script: list[Any] = []
        self.gate = asyncio.Event()
        """Closed, it takes messages and says nothing."""
        self.gate.set()
        self._serving = AsyncExitStack()

    async def receives(self, count: int) -> list[bytes]:
        """What was taken, as soon as it is exactly so many."""
        await self.receives_at_least(count)
        assert len(self.taken) == count
        return self.taken

    async def receives_at_least(self, count: int) -> None:
        async def enough() -> bool:
            return len(self.taken) >= count

        await until(enough)

    async def down(self) -> None:
        """Nobody answers at the address."""
        await self._serving.aclose()

    async def _next(self, raw: bytes) -> Any:
        self.taken.append(raw)
        answer = self.script.pop(0) if self.script else None
        await self.gate.wait()
        return answer


class Record(Partner):
    """The regional record's listener. A script holds (MSA-1, ERR-3 code), or None for a lost answer."""

    YES = ("AA", "")

    async def up(self) -> None:
        server = MllpServer(self._handle, lambda _: b"")
        await self._serving.enter_async_context(server.listening(bind("127.0.0.1", self.port)))

    def loses_answers(self, count: int) -> None:
        self.script += [("lost", "")] * count

    async def _handle(self, raw: bytes) -> bytes:
        code, reason = await self._next(raw) or self.YES
        if code == "lost":
            raise ConnectionResetError
        message = parse(raw)
        request_id = (message["ARQ-1.1"] or message["SCH-1.1"]).encode()
        answer = RECEIVED.replace(REQUEST_ID.encode(), request_id)
        if code == "AA":
            return answer.replace(b"|" + request_id + b".Q001", f"|{message.control_id}".encode())
        header = answer.partition(b"\r")[0].replace(b"SRR^S01^SRR_S01", b"ACK^S01^ACK")
        return b"\r".join(
            [header, f"MSA|{code}|{message.control_id}".encode(), f"ERR|||{reason}^^HL70357|E".encode(), b""]
        )


class Qhali(Partner):
    """The citizen's assistant. A script holds (status, body), or a body None for a lost answer."""

    def __init__(self) -> None:
        super().__init__()
        self.tokens: set[str] = set()

    async def up(self) -> None:
        app = web.Application()
        app.router.add_post("/fhir/$process-message", self._handle)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        self._serving.push_async_callback(runner.cleanup)
        await web.SockSite(runner, bind("127.0.0.1", self.port)).start()

    def loses_answers(self, count: int) -> None:
        self.script += [(0, None)] * count

    def event_keys(self) -> list[str]:
        """The event keys taken, in order."""
        return [json.loads(raw)["identifier"]["value"] for raw in self.taken]

    async def hears(self, event_keys: set[str]) -> None:
        """Returns once all of these have come, however often."""

        async def all_came() -> bool:
            return event_keys <= set(self.event_keys())

        await until(all_came)

    async def _handle(self, request: web.Request) -> web.Response:
        self.tokens.add(request.headers["Authorization"])
        raw = await request.read()
        status, body = await self._next(raw) or (200, dumps(answer_to(loads(raw), source="QHALI", at=NOW)))
        if body is None and request.transport is not None:
            request.transport.abort()
        return web.Response(status=status or 500, body=body, content_type="application/fhir+json")


class Engine:
    """A whole engine in this loop: doors, store, deliveries and console."""

    def __init__(self, folder: Path, settings: dict[str, str]) -> None:
        self.folder = folder
        self._settings = {"AYNI_VAR": str(folder)} | settings
        self._running = AsyncExitStack()

    async def start(self) -> None:
        listeners = [bind("127.0.0.1", 0) for _ in range(3)]
        ports = console, fhir, self.mllp_port = [int(each.getsockname()[1]) for each in listeners]
        environment = Environment(dict(zip(PORTS, map(str, ports), strict=True)) | self._settings)
        self.console_url, self.fhir_url = f"http://127.0.0.1:{console}", f"http://127.0.0.1:{fhir}"
        stop = asyncio.Event()
        running = asyncio.create_task(live(environment, listeners, stop))
        self._running.push_async_callback(lambda: running)
        self._running.callback(stop.set)
        self.http = await self._running.enter_async_context(aiohttp.ClientSession())
        self.record = MllpClient("127.0.0.1", self.mllp_port, answer_seconds=WAIT_SECONDS)
        self._running.callback(self.record.drop)
        await until(lambda: self._is_healthy(running))

    async def stop(self) -> None:
        """Ends in good order; what is being sent stays written down as such."""
        await self._running.aclose()

    async def post(self, raw: bytes, *, token: str = "") -> tuple[int, Any]:
        """(status, resource) of a message at the FHIR door."""
        token = token or self.secret("tokens/qhali-to-engine")
        async with self.http.post(
            f"{self.fhir_url}/channels/intake_to_ehr/fhir/$process-message",
            data=raw,
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/fhir+json"},
        ) as answer:
            return answer.status, json.loads(await answer.read())

    async def send(self, raw: bytes) -> Message:
        """The acknowledgement of a message at the MLLP door."""
        return parse(await self.record.send(raw))

    async def messages(self, **query: str) -> list[dict[str, Any]]:
        """What the JSON interface lists."""
        found = await self.api("/api/messages", **query)
        return list(found["messages"])

    async def api(self, path: str, **query: str) -> Any:
        async with self.http.get(self.console_url + path, params=query, headers=self.operator) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def decide(self, delivery: dict[str, Any], message: dict[str, Any], decision: str) -> int:
        """The status of the operator's decision about a delivery."""
        address = f"{self.console_url}/mensajes/{message['id']}/entregas/{delivery['id']}/{decision}"
        async with self.http.post(address, headers=self.operator, allow_redirects=False) as answer:
            return answer.status

    async def reaches(self, *states: str, channel: str) -> list[dict[str, Any]]:
        """The messages of a channel, oldest first, once their deliveries are in these states."""

        async def as_said() -> bool:
            return [each["state"] for each in await self.deliveries(channel)] == list(states)

        await until(as_said)
        return await self.of(channel)

    async def finds(self, partner: str, *, down: bool) -> None:
        """Returns once the JSON interface says so of a partner's address."""

        async def as_said() -> bool:
            channels = (await self.api("/api/channels"))["channels"]
            found = [destination for each in channels for destination in each["destinations"]]
            return any(each["partner"] == partner and each["is_down"] is down for each in found)

        await until(as_said)

    async def of(self, channel: str) -> list[dict[str, Any]]:
        return [each for each in reversed(await self.messages()) if each["channel"] == channel]

    async def deliveries(self, channel: str) -> list[dict[str, Any]]:
        return [delivery for each in await self.of(channel) for delivery in each["deliveries"]]

    @property
    def operator(self) -> dict[str, str]:
        """The headers by which a program signs in as the operator."""
        password = self.secret("engine/operator-password")
        return {"Authorization": aiohttp.encode_basic_auth("operador", password)}

    def secret(self, name: str) -> str:
        return (self.folder / name).read_text("ascii").strip()

    async def _is_healthy(self, running: asyncio.Task[None]) -> bool:
        if running.done():
            await running
        try:
            async with self.http.get(self.console_url + "/health") as answer:
                return answer.status == 200
        except aiohttp.ClientConnectorError:
            return False


@pytest.fixture
async def record() -> AsyncIterator[Record]:
    partner = Record()
    await partner.up()
    yield partner
    partner.gate.set()
    await partner.down()


@pytest.fixture
async def qhali() -> AsyncIterator[Qhali]:
    partner = Qhali()
    await partner.up()
    yield partner
    partner.gate.set()
    await partner.down()


@pytest.fixture
async def new_engine(tmp_path: Path, record: Record, qhali: Qhali) -> AsyncIterator[Callable[..., Engine]]:
    """Makes an engine between the two partners; not yet started."""
    made: list[Engine] = []

    def new(**settings: str) -> Engine:
        addresses = {
            "AYNI_CHANNELS": str(CHANNELS),
            "AYNI_ONEVISION_MLLP": f"127.0.0.1:{record.port}",
            "AYNI_QHALI_FHIR_URL": f"http://127.0.0.1:{qhali.port}",
            "AYNI_LINK_PROBE_SECONDS": "0.05",
            "AYNI_LINK_PROBE_SECONDS_MAX": "0.2",
            "AYNI_ANSWER_SECONDS": "5",
        }
        made.append(Engine(tmp_path, addresses | settings))
        return made[-1]

    yield new
    for engine in made:
        await engine.stop()


@pytest.fixture
async def engine(new_engine: Callable[..., Engine]) -> Engine:
    made = new_engine()
    await made.start()
    return made


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """A PostgreSQL server for the whole run; skips at home when there can be none, fails in CI."""
    try:
        with postgresql_server() as server:
            yield server.url
    except NoServer as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"no PostgreSQL here: {error}")


def _drop(connection: psycopg.Connection, schema: str) -> None:
    """Drops a schema; a session of an engine just ended may still hold a table of it for a moment."""
    for _ in range(DROPS_MAX - 1):
        with suppress(psycopg.errors.DeadlockDetected):
            connection.execute(f"drop schema {schema} cascade")
            return
    connection.execute(f"drop schema {schema} cascade")


@pytest.fixture
def postgresql_url(server_url: str) -> Iterator[str]:
    """An empty schema, which ends with the test."""
    name = f"room_{next(_rooms)}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"create schema {name}")
        yield f"{server_url}?options=-csearch_path%3D{name}"
        _drop(connection, name)


@pytest.fixture
def intake() -> Callable[..., bytes]:
    """Makes intakes as QHALI sends them."""
    return intake_of


@pytest.fixture
def booked() -> Callable[..., bytes]:
    """Makes bookings as the record sends them."""
    return booked_of

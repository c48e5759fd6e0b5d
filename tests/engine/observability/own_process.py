"""An engine in a process of its own, as it is deployed, with its log in a file; and who takes its spans."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import aiohttp
from aiohttp import web

from ayni.wire.mllp import MllpClient
from ayni.wire.serve import bind

from ..conftest import WAIT_SECONDS, Engine

PROGRAM = "from ayni.engine.process import main; main()"
START_SECONDS = 60
"""A process of its own shares the machine with every other test."""
PORTS = ("AYNI_ENGINE_PORT", "AYNI_ENGINE_FHIR_PORT", "AYNI_ENGINE_MLLP_PORT")


class Collector:
    """Keeps what exporters post to it."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []

    async def up(self) -> None:
        app = web.Application()
        app.router.add_post("/v1/traces", self._take)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        listener = bind("127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1/traces"
        await web.SockSite(self._runner, listener).start()

    async def down(self) -> None:
        await self._runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        self.taken.append(await request.read())
        return web.Response()


class OwnProcess(Engine):
    """An engine started by a program of its own."""

    def __init__(self, folder: Path, settings: dict[str, str]) -> None:
        super().__init__(folder, settings)
        ports = [str(_free_port()) for _ in PORTS]
        self.settings = {"AYNI_VAR": str(folder)} | dict(zip(PORTS, ports, strict=True)) | settings
        self.console_url, self.fhir_url = (f"http://127.0.0.1:{port}" for port in ports[:2])
        self.mllp_port = int(ports[2])
        self.log = folder / "engine.log"

    async def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-c", PROGRAM, stderr=log, stdout=log, env=_variables() | self.settings
            )
        self.http = aiohttp.ClientSession()
        self.record = MllpClient("127.0.0.1", self.mllp_port, answer_seconds=WAIT_SECONDS)
        async with asyncio.timeout(START_SECONDS):
            while not await self._answers():  # noqa: ASYNC110 - it is another process
                await asyncio.sleep(0.05)

    async def stop(self) -> None:
        """Ends in good order."""
        if self._process.returncode is None:
            self.record.drop()
            await self.http.close()
            self._process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(START_SECONDS):
                await self._process.wait()

    async def _answers(self) -> bool:
        assert self._process.returncode is None, self.log.read_text()
        try:
            async with self.http.get(self.console_url + "/health") as answer:
                return answer.status == 200
        except aiohttp.ClientConnectorError:
            return False


def _free_port() -> int:
    with bind("127.0.0.1", 0) as free:
        return int(free.getsockname()[1])


def _variables() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("AYNI_", "OTEL_"))}

"""The record as the process it is: real sockets, real file, a partner that comes and goes."""

import asyncio
import json
import os
import signal
import socket
import sqlite3
import sys
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import datetime
from pathlib import Path

from mechanicalsoup import StatefulBrowser

from ayni.vocabulary.hl7 import Message, acknowledge, parse
from ayni.wire.clock import LIMA
from ayni.wire.mllp import MllpClient, MllpServer
from ayni.wire.serve import bind

REQUEST_ID = "QH-7M3K9XBT4D"
START_SECONDS = 30


def free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def healthy(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=2) as answer:
            return json.load(answer)["healthy"]
    except OSError:
        return False


@asynccontextmanager
async def running(
    folder: Path, ports: list[int], *, processing_id: str = "T"
) -> AsyncIterator[asyncio.subprocess.Process]:
    names = ("AYNI_ONEVISION_PORT", "AYNI_ONEVISION_MLLP_PORT", "AYNI_ENGINE_MLLP_PORT")
    settings = dict(zip(names, map(str, ports), strict=True))
    with (folder / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            "from ayni.onevision.process import main; main()",
            env=os.environ
            | settings
            | {
                "AYNI_VAR": str(folder),
                "AYNI_LINK_PROBE_SECONDS": "0.2",
                "AYNI_PROCESSING_ID": processing_id,
            },
            stderr=log,
        )
    try:
        async with asyncio.timeout(START_SECONDS):
            while not await asyncio.to_thread(healthy, ports[0]):
                assert process.returncode is None
                await asyncio.sleep(0.1)
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


class Engine:
    """A partner that keeps what it is sent and says yes."""

    def __init__(self) -> None:
        self._taken: asyncio.Queue[Message] = asyncio.Queue()

    async def handle(self, raw: bytes) -> bytes:
        message = parse(raw)
        self._taken.put_nowait(message)
        return acknowledge(
            message, "AA", control_id=f"E{message.control_id[-4:]}", at=datetime.now(LIMA)
        ).encode()

    async def take(self, count: int) -> list[Message]:
        """The first messages, as soon as so many have come."""
        async with asyncio.timeout(10):
            return [await self._taken.get() for _ in range(count)]


def nurse_books(port: int, password: str) -> str:
    """Signs in, opens the request, books the first free slot; gives the state the page then shows."""
    browser = StatefulBrowser(raise_on_404=True)
    browser.open(f"http://127.0.0.1:{port}/")
    browser.select_form("#login-form")
    browser["username"], browser["password"] = "enfermeria", password
    browser.submit_selected()
    browser.select_form(f"[data-request-id={REQUEST_ID}] .open-form")
    browser.submit_selected()
    browser.select_form("#accept-form")
    browser["slot"] = browser.page.select("#accept-form option")[1]["value"]
    browser.submit_selected()
    return browser.page.select_one("#state")["data-state"]


async def test_a_request_is_booked_and_its_events_wait_for_the_partner(tmp_path: Path, srm):
    ports = free_ports(3)
    async with running(tmp_path, ports) as process:
        client = MllpClient("127.0.0.1", ports[1], answer_seconds=10)
        assert b"MSA|AA|" in await client.send(srm())
        lines = (tmp_path / "onevision" / "demo-accounts.txt").read_text("utf-8").splitlines()
        password = next(line.split()[1] for line in lines if line.startswith("enfermeria"))
        assert await asyncio.to_thread(nurse_books, ports[0], password) == "booked"
        process.kill()
        await process.wait()
        client.drop()

    engine = Engine()
    async with (
        MllpServer(engine.handle, lambda _: b"").listening(bind("127.0.0.1", ports[2])),
        running(tmp_path, ports) as process,
    ):
        taken = await engine.take(3)
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 15) == 0
    assert [message.control_id[-4:] for message in taken] == ["R002", "R003", "R004"]
    assert [message["SCH-6.1"] for message in taken] == ["in-review", "accepted", "booked"]


ADD_ACCOUNT = """
from ayni.onevision.accounts.account import add_account
add_account("rosa.perez", "admision", ask=lambda _: "una clave larga")
"""


async def test_with_real_traffic_nothing_is_invented_and_the_first_account_is_made_at_the_terminal(
    tmp_path: Path,
):
    ports = free_ports(3)
    async with running(tmp_path, ports, processing_id="P"):
        assert b"account add NAME --role" in (tmp_path / "log").read_bytes()
        assert not (tmp_path / "onevision" / "demo-accounts.txt").exists()
        assert invented(tmp_path / "onevision" / "record.sqlite") == 0
        command = await asyncio.create_subprocess_exec(
            sys.executable, "-c", ADD_ACCOUNT, env=os.environ | {"AYNI_VAR": str(tmp_path)}
        )
        assert await command.wait() == 0
        assert "rosa.perez · Admisión" in await asyncio.to_thread(signed_in, ports[0])
    async with running(tmp_path, ports, processing_id="P"):
        assert b"account add NAME --role" not in (tmp_path / "log").read_bytes()


def invented(path: Path) -> int:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        (count,) = database.execute(
            "select count(*) from resource where type in ('Practitioner', 'Schedule', 'Slot')"
        ).fetchone()
    return count


def signed_in(port: int) -> str:
    """What the header says of whoever signs in with the new account."""
    browser = StatefulBrowser(raise_on_404=True)
    browser.open(f"http://127.0.0.1:{port}/")
    browser.select_form("#login-form")
    browser["username"], browser["password"] = "rosa.perez", "una clave larga"
    browser.submit_selected()
    return browser.page.select_one(".who").get_text(" ", strip=True)


async def test_a_taken_port_is_named_in_one_line(tmp_path: Path):
    pages, mllp = free_ports(2)
    with socket.create_server(("127.0.0.1", pages)):
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            "from ayni.onevision.process import main; main()",
            env=os.environ
            | {
                "AYNI_VAR": str(tmp_path),
                "AYNI_ONEVISION_PORT": str(pages),
                "AYNI_ONEVISION_MLLP_PORT": str(mllp),
            },
            stderr=asyncio.subprocess.PIPE,
        )
        _, said = await asyncio.wait_for(process.communicate(), START_SECONDS)
    assert process.returncode == 1
    taken = f"ayni: port {pages} on 127.0.0.1 is taken"
    hint = "stop what uses it or choose another one with AYNI_ONEVISION_PORT"
    assert said.decode().strip().splitlines() == [f"{taken}: {hint}"]

import asyncio
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ayni.wire.failure import CannotStart
from ayni.wire.health import health_route
from ayni.wire.serve import PortTaken, bind, in_background

PROGRAM = """
import asyncio, sys
from ayni.wire.serve import start

async def live(environment, listeners, stop):
    print("alive", flush=True)
    await stop.wait()
    print("closed", flush=True)

start("system", ["AYNI_QHALI_PORT"], live, {"AYNI_QHALI_PORT": sys.argv[1], "AYNI_VAR": sys.argv[2]})
"""


def command(port: int | str, var: Path) -> list[str]:
    return [sys.executable, "-c", PROGRAM, str(port), str(var)]


def run_system(port: int | str, var: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(port, var), capture_output=True, text=True, timeout=30, check=False)


def free_port() -> int:
    with bind("127.0.0.1", 0) as free:
        return int(free.getsockname()[1])


@contextmanager
def running(var: Path) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(command(free_port(), var), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "alive\n"
        try:
            yield process
        finally:
            process.kill()


def test_a_port_is_taken_as_soon_as_it_is_bound() -> None:
    with bind("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken, match=rf"port {port} on 127.0.0.1 is taken"):
            bind("127.0.0.1", port)
    bind("127.0.0.1", port).close()


def test_an_address_that_is_not_ours_is_not_called_taken() -> None:
    with pytest.raises(CannotStart, match=r"192\.0\.2\.1.*choose another AYNI_HOST") as refused:
        bind("192.0.2.1", 0)
    assert not isinstance(refused.value, PortTaken)


async def test_what_is_written_leaves_at_once_on_every_loop() -> None:
    """Otherwise a second small write waits for the other side's acknowledgement: 40 ms."""
    nodelay = asyncio.get_running_loop().create_future()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = writer.get_extra_info("socket")
        nodelay.set_result(line.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    listener = bind("127.0.0.1", 0)
    async with await asyncio.start_server(answer, sock=listener):
        _, writer = await asyncio.open_connection(*listener.getsockname())
        assert await nodelay
        writer.close()


def test_a_taken_port_ends_a_system_with_one_line_and_before_it_opens_anything(
    tmp_path: Path,
) -> None:
    with bind("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        ended = run_system(port, tmp_path / "var")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == (
        f"ayni: port {port} on 127.0.0.1 is taken: "
        "stop what uses it or choose another one with AYNI_QHALI_PORT\n"
    )
    assert not (tmp_path / "var").exists()


def test_a_second_system_on_the_same_data_ends_with_one_line_and_opens_nothing(tmp_path: Path) -> None:
    with running(tmp_path) as first:
        second = run_system(free_port(), tmp_path)
    assert (second.returncode, second.stdout) == (1, "")
    assert second.stderr == (
        f"ayni: the data folder {tmp_path / 'system'} is in use by process {first.pid}:"
        " end that one or choose another AYNI_VAR\n"
    )


def test_data_that_cannot_be_kept_there_end_a_system_with_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ended = run_system(free_port(), tmp_path / "file")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == (
        f"ayni: cannot use the data folder {tmp_path / 'file' / 'system'} (Not a directory):"
        " choose another AYNI_VAR\n"
    )


def test_a_wrong_setting_ends_a_system_with_one_line_that_names_it(tmp_path: Path) -> None:
    ended = run_system("eighty", tmp_path)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == "ayni: AYNI_QHALI_PORT='eighty': write a port number from 1 to 65535\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_system_cleanly(number: signal.Signals, tmp_path: Path) -> None:
    with running(tmp_path) as process:
        assert process.stdout is not None
        process.send_signal(number)
        assert process.stdout.read() == "closed\n"
        assert process.wait(5) == 0


async def test_background_work_ends_with_its_block() -> None:
    ended: list[bool] = []

    async def work() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.append(True)

    async with in_background(work(), work()):
        await asyncio.sleep(0)
    assert ended == [True, True]


async def test_background_work_that_fails_ends_the_block() -> None:
    async def work() -> None:
        raise RuntimeError

    with pytest.raises(ExceptionGroup):
        async with in_background(work()):
            await asyncio.sleep(60)


async def test_a_request_in_hand_is_answered_before_the_end(served) -> None:
    begun = asyncio.Event()

    async def slow(_: Request) -> Response:
        begun.set()
        await asyncio.sleep(0.2)
        return Response("done")

    async with aiohttp.ClientSession() as http:
        async with served(Route("/", slow)) as url:
            asking = asyncio.create_task(http.get(url))
            await begun.wait()
            started = time.monotonic()
        async with await asking as answer:
            assert await answer.text() == "done"
    assert time.monotonic() - started < 3


async def test_a_visitor_cannot_choose_the_address_by_which_it_is_counted(served) -> None:
    async def address(request: Request) -> Response:
        return Response(request.client.host if request.client else "")

    headers = {"X-Forwarded-For": "203.0.113.7"}
    async with (
        served(Route("/", address)) as url,
        aiohttp.ClientSession() as http,
        http.get(url, headers=headers) as answer,
    ):
        assert await answer.text() == "127.0.0.1"


async def test_health_says_how_it_is_and_not_why_it_is_ill(served) -> None:
    def ill() -> dict[str, object]:
        raise RuntimeError("99000017")

    well = health_route("system", lambda: {"messages": 3})
    async with served(well) as url, aiohttp.ClientSession() as http, http.get(f"{url}/health") as answer:
        assert (answer.status, await answer.json()) == (
            200,
            {"system": "system", "healthy": True, "messages": 3},
        )
    async with (
        served(health_route("system", ill)) as url,
        aiohttp.ClientSession() as http,
        http.get(f"{url}/health") as answer,
    ):
        assert (answer.status, await answer.json()) == (
            503,
            {"system": "system", "healthy": False, "error": "RuntimeError"},
        )

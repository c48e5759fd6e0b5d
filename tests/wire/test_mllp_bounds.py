"""What a listener bounds: bytes, seconds, connections, files; and that it does not read without room."""

import asyncio
import gc
import os
import resource
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import uvloop
from structlog.testing import capture_logs

from ayni.wire.mllp import (
    CONNECTIONS_MAX,
    END,
    START,
    MllpClient,
    MllpServer,
    PerPeer,
    connection,
    frame,
)
from ayni.wire.serve import bind

TEST_SECONDS_MAX = 60
LARGE = b"MSH".ljust(200_000)
KEEP_ALIVE_TIMER = "02"


pytestmark = pytest.mark.filterwarnings("ignore:Overriding the .event_loop_policy:DeprecationWarning")


@pytest.fixture(params=[asyncio.DefaultEventLoopPolicy, uvloop.EventLoopPolicy], ids=["asyncio", "uvloop"])
def event_loop_policy(request: pytest.FixtureRequest) -> asyncio.AbstractEventLoopPolicy:
    policy: asyncio.AbstractEventLoopPolicy = request.param()
    return policy


async def _echo(message: bytes) -> bytes:
    await asyncio.sleep(0.01 if message.endswith(b"0") else 0)  # the first is the slowest
    return b"answer " + message


@asynccontextmanager
async def _server(
    handler: Callable[[bytes], Awaitable[bytes]] | PerPeer = _echo, **terms: Any
) -> AsyncIterator[int]:
    listener = bind("127.0.0.1", 0)
    server_ = MllpServer(handler, lambda head: b"too long: " + head[:3], **terms)
    async with asyncio.timeout(TEST_SECONDS_MAX), server_.listening(listener):
        yield listener.getsockname()[1]


async def _until(claim: Callable[[], bool], seconds: float = 5) -> None:
    async with asyncio.timeout(seconds):
        while not claim():  # noqa: ASYNC110 - what is waited for happens in the system, not here
            await asyncio.sleep(0.005)


async def _heard(reader: asyncio.StreamReader) -> bytes:
    """All until the end, however the connection ends."""
    heard = b""
    try:
        while data := await asyncio.wait_for(reader.read(1 << 16), 5):
            heard += data
    except ConnectionResetError:
        pass
    return heard


async def test_the_listener_takes_no_more_connections_than_its_limit() -> None:
    async with _server() as port:
        held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(CONNECTIONS_MAX)]
        for _, writer in held:
            writer.write(frame(b"x"))
        for reader, _ in held:
            assert await reader.readuntil(END) == frame(b"answer x")
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        assert await reader.read() == b""
        held.pop()[1].close()
        await asyncio.sleep(0.05)
        held.append(await asyncio.open_connection("127.0.0.1", port))
        held[-1][1].write(frame(b"x"))
        assert await held[-1][0].readuntil(END) == frame(b"answer x")
        for _, each in [*held, (reader, writer)]:
            each.close()


@pytest.mark.parametrize("said", [b"", frame(b"x"), b"\x0bMSH", b"\r\n"])
async def test_a_silent_peer_is_let_go(said: bytes) -> None:
    async with _server(idle_seconds=0.1, frame_seconds=0.1) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(said)
        assert await asyncio.wait_for(reader.read(), 5) in (b"", frame(b"answer x"))
        writer.close()


@pytest.mark.parametrize("trickle", [b"\x0b", b"\x0bM"])
async def test_a_peer_that_trickles_does_not_hold_its_connection_for_ever(trickle: bytes) -> None:
    async with _server(idle_seconds=60, frame_seconds=0.2) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        ended = asyncio.ensure_future(reader.read())
        for _ in range(100):
            if ended.done():
                break
            writer.write(trickle)
            await asyncio.sleep(0.02)
        assert ended.done()
        writer.close()


async def test_the_time_a_message_is_in_hand_is_not_the_peers() -> None:
    async def slow(message: bytes) -> bytes:
        await asyncio.sleep(0.4)
        return message

    async with _server(slow, idle_seconds=0.1, frame_seconds=0.1) as port:
        client = MllpClient("127.0.0.1", port, answer_seconds=5)
        assert await client.send(b"x") == b"x"
        client.drop()


async def test_a_peer_that_does_not_read_its_answers_is_slowed_and_let_go() -> None:
    taken: list[int] = []

    async def handler(message: bytes) -> bytes:
        taken.append(1)
        return LARGE

    with capture_logs() as logs:
        async with _server(handler, frame_seconds=0.3) as port:
            with socket.create_connection(("127.0.0.1", port)) as peer:
                peer.sendall(frame(b"x") * 500)
                await _until(lambda: bool(logs))
                assert await asyncio.to_thread(_ends, peer)
    assert [line["event"] for line in logs] == ["mllp peer was silent too long"]
    assert 1 < len(taken) < 200


def _ends(peer: socket.socket) -> bool:
    peer.settimeout(5)
    with suppress(ConnectionResetError):
        while peer.recv(1 << 20):
            pass
    return True


async def test_a_sender_faster_than_the_handler_is_slowed_by_tcp() -> None:
    """What waits stays with the sender: the listener and the system hold far less than was sent."""
    go_on = asyncio.Event()

    async def waits(message: bytes) -> bytes:
        await go_on.wait()
        return b"yes"

    async with _server(waits) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(frame(LARGE) * 200)
        await asyncio.sleep(0.3)
        left = writer.transport.get_write_buffer_size()
        go_on.set()
        heard = [await reader.readuntil(END) for _ in range(200)]
        writer.close()
    assert left > 100 * len(LARGE)
    assert heard == [frame(b"yes")] * 200


async def test_while_the_listener_is_full_nothing_is_read_or_begun_and_then_all_is() -> None:
    is_full, taken = False, []

    async def handler(message: bytes) -> bytes:
        taken.append(message)
        return b"yes"

    async with _server(handler, is_full=lambda: is_full, idle_seconds=0.2, frame_seconds=0.2) as port:
        client = MllpClient("127.0.0.1", port, answer_seconds=5)
        assert await client.send(b"x") == b"yes"
        is_full = True
        await asyncio.sleep(0.1)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(frame(LARGE) * 100)
        sending = asyncio.create_task(client.send(b"y"))
        await asyncio.sleep(0.5)
        assert (len(taken), sending.done()) == (1, False)
        assert writer.transport.get_write_buffer_size() > 50 * len(LARGE)
        is_full = False
        assert await sending == b"yes"
        assert [await reader.readuntil(END) for _ in range(100)] == [frame(b"yes")] * 100
        writer.close()
        client.drop()


async def test_a_message_that_makes_the_listener_full_is_the_last_one_begun() -> None:
    taken: list[bytes] = []

    async def handler(message: bytes) -> bytes:
        taken.append(message)
        return message

    async with _server(handler, is_full=lambda: len(taken) == 3) as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"".join(frame(b"%d" % number) for number in range(10)))
        await asyncio.sleep(0.2)
        assert taken == [b"0", b"1", b"2"]
        writer.close()


async def test_who_makes_the_listener_hold_too_much_is_let_go_and_others_are_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connection, "HELD_BYTES_MAX", 500_000)
    async with _server() as port:
        first, second = [await asyncio.open_connection("127.0.0.1", port, limit=1 << 20) for _ in range(2)]
        first[1].write(START + b"MSH".ljust(300_000))
        await asyncio.sleep(0.1)
        second[1].write(START + b"MSH".ljust(300_000))
        assert await _heard(second[0]) == b""
        first[1].write(END)
        assert await first[0].readuntil(END) == frame(b"answer " + b"MSH".ljust(300_000))
        first[1].close()
        second[1].close()


async def test_a_storm_of_connections_leaves_no_task_and_no_socket() -> None:
    async with _server(idle_seconds=60) as port:
        client = MllpClient("127.0.0.1", port, answer_seconds=5)
        await client.send(b"x")
        before = _kept()
        for number in range(300):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(
                [b"", START + b"half", frame(b"m0"), frame(LARGE) * 3, b"GET / HTTP/1.1\r\n"][number % 5]
            )
            if number % 2:
                await asyncio.sleep(0)
            writer.transport.abort() if number % 3 else writer.close()
        assert await client.send(b"x") == b"answer x"
        await _until(lambda: _kept() == before, 30)
        client.drop()
    await _until(lambda: _kept() == (1, before[1] - 3, 0), 30)


async def test_a_listener_stops_though_peers_hang_and_the_system_behind_it_is_full() -> None:
    async def large(_: bytes) -> bytes:
        return LARGE * 50

    is_full, sockets = False, _open_sockets()
    async with _server(large, is_full=lambda: is_full) as port:
        peers = [socket.create_connection(("127.0.0.1", port)) for _ in range(3)]
        for peer in peers[:2]:
            peer.sendall(frame(b"x") * 10)
        await asyncio.sleep(0.1)
        is_full = True
        peers[2].sendall(frame(b"x"))
        await asyncio.sleep(0.1)
    await _until(lambda: _open_sockets() == sockets + len(peers))
    for peer in peers:
        peer.close()


def _kept() -> tuple[int, int, int]:
    """Tasks, sockets, and connections of listeners that are in memory."""
    gc.collect()
    # by its type: to be asked for its class makes what others load lazily load itself
    connection_count = sum(type(each) is connection.Connection for each in gc.get_objects())
    return len(asyncio.all_tasks()), _open_sockets(), connection_count


def _open_sockets() -> int:
    return sum(each.is_socket() for each in Path("/dev/fd").iterdir())


async def test_a_listener_out_of_files_goes_on_when_there_are_some_again() -> None:
    with capture_logs() as logs:
        async with _server() as port:
            with socket.socket() as peer:
                with _no_more_files():
                    peer.connect(("127.0.0.1", port))
                    await _until(lambda: bool(logs))
                peer.sendall(frame(b"x"))
                assert await asyncio.to_thread(peer.recv, 100) == frame(b"answer x")
    assert logs[0]["event"] == "mllp connection cannot be taken up"
    assert len(logs) < 5


@contextmanager
def _no_more_files() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (sum(1 for _ in Path("/dev/fd").iterdir()) + 20, hard))
    files: list[int] = []
    try:
        with suppress(OSError):
            while True:
                files.append(os.dup(0))
        yield
    finally:
        for each in files:
            os.close(each)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

"""The listener: one answer after the other, a clean end, and nothing for what is not HL7 v2."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import uvloop
from structlog.testing import capture_logs

from ayni.wire.keep_alive import UNHEARD_SECONDS, watch
from ayni.wire.mllp import (
    END,
    FRAME_BYTES_MAX,
    START,
    MllpClient,
    MllpServer,
    Peer,
    PerPeer,
    connection,
    frame,
    server,
)
from ayni.wire.serve import bind

TEST_SECONDS_MAX = 15
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


async def test_messages_of_one_connection_are_answered_in_their_order() -> None:
    sent = [b"m%d" % number for number in range(300)]
    async with _server() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"".join(map(frame, sent)))
        heard = b""
        while heard.count(END) < len(sent):
            heard += await reader.read(1000)
        writer.close()
    assert heard == b"".join(frame(b"answer " + message) for message in sent)


async def test_the_next_message_is_begun_only_after_the_answer_to_the_last() -> None:
    in_hand: list[int] = []
    count = 0

    async def handler(message: bytes) -> bytes:
        nonlocal count
        count += 1
        in_hand.append(count)
        await asyncio.sleep(0.001)
        count -= 1
        return message

    async with _server(handler) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(20):
            writer.write(frame(b"x"))
            await asyncio.sleep(0)
        for _ in range(20):
            assert await reader.readuntil(END) == frame(b"x")
        writer.close()
    assert in_hand == [1] * 20


@pytest.mark.parametrize("megabytes", [1.1, 30])
async def test_a_message_too_long_is_answered_and_the_connection_closed(megabytes: float) -> None:
    async with _server() as port:
        client = MllpClient("127.0.0.1", port, answer_seconds=10)
        assert await client.send(b"MSH".ljust(int(megabytes * (1 << 20)))) == b"too long: MSH"
        await asyncio.sleep(0.05)
        assert await client.send(b"next") == b"answer next"
        client.drop()


async def test_what_came_before_a_message_too_long_is_answered_before_it() -> None:
    async with _server() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(frame(b"MSH|0") + START + b"x" * (FRAME_BYTES_MAX + 10))
        assert await _heard(reader) == frame(b"answer MSH|0") + frame(b"too long: xxx")
        writer.close()


async def test_who_sends_a_message_too_long_to_its_end_still_hears_why() -> None:
    """Closing on unread bytes would reset the connection and take the answer with it."""

    def talk(peer: socket.socket) -> bytes:
        peer.sendall(START + b"MSH" + b"x" * 30_000_000)
        return peer.recv(100)

    async with _server() as port:
        with socket.create_connection(("127.0.0.1", port), 5) as peer:
            assert await asyncio.to_thread(talk, peer) == frame(b"too long: MSH")


async def test_who_was_refused_and_does_not_leave_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "LINGER_SECONDS", 0.1)

    def talk(peer: socket.socket) -> None:
        peer.sendall(START + b"<")
        assert peer.recv(100) == frame(b"AR")
        with suppress(ConnectionResetError, BrokenPipeError):
            while True:
                peer.sendall(b"and on")

    async with _server(idle_seconds=0.4, not_hl7=lambda _: b"AR") as port:
        with socket.create_connection(("127.0.0.1", port), 5) as peer:
            await asyncio.wait_for(asyncio.to_thread(talk, peer), 3)


@pytest.mark.parametrize("sent", [frame(b"m0") + frame(b"m1"), frame(b"m0") + frame(b"m1") + START + b"half"])
async def test_a_peer_that_stops_sending_still_gets_its_answers(sent: bytes) -> None:
    async with _server() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(sent)
        writer.write_eof()
        assert await asyncio.wait_for(reader.read(), 5) == frame(b"answer m0") + frame(b"answer m1")
        writer.close()


async def test_a_message_in_hand_is_finished_and_answered_when_the_listener_stops(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(server, "STOP_SECONDS", 0.01)
    begun, finished = asyncio.Event(), []

    async def slow(message: bytes) -> bytes:
        begun.set()
        await asyncio.sleep(0.05)
        finished.append(message)
        return message

    async with _server(slow) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(frame(b"x") + frame(b"y"))
        await begun.wait()
    assert finished == [b"x"]
    assert await _heard(reader) == frame(b"x")
    writer.close()
    bind("127.0.0.1", port).close()


async def test_a_message_whose_handling_breaks_is_not_answered_and_others_are() -> None:
    async def breaks(message: bytes) -> bytes:
        if message == b"MSH|secret":
            raise RuntimeError(message)
        return message

    async with _server(breaks) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        with capture_logs() as logs:
            writer.write(frame(b"MSH|secret") + frame(b"MSH|2"))
            assert await _heard(reader) == b""
        client = MllpClient("127.0.0.1", port, answer_seconds=1)
        assert await client.send(b"MSH|2") == b"MSH|2"
        client.drop()
        writer.close()
    assert [line["event"] for line in logs] == ["mllp message not answered"]
    assert "secret" not in str(logs)


OUTSIDE = {
    "xml": b"<?xml version='1.0'?><secret/>",
    "json": b'{"secret": 1}',
    "http": b"POST / HTTP/1.1\r\nHost: secret\r\n\r\n" + frame(b"MSH|secret"),
    "tls": b"\x16\x03\x01\x02\x00secret",
    "zip": b"PK\x03\x04secret",
    "bytes outside a frame": b"secret" * 200,
}


@pytest.mark.parametrize("found", OUTSIDE)
async def test_another_protocol_is_closed_without_an_answer_or_a_quotation(found: str) -> None:
    async def handler(_: bytes) -> bytes:
        raise AssertionError

    with capture_logs() as logs:
        async with _server(handler, not_hl7=lambda _: b"AR") as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(OUTSIDE[found])
            assert await _heard(reader) == b""
            writer.close()
    refused = {"event": "mllp peer refused", "found": found, "address": "127.0.0.1", "log_level": "warning"}
    assert logs == [refused]


@pytest.mark.parametrize("found", ["xml", "json", "http", "tls", "zip"])
@pytest.mark.parametrize("end", [b"", END + frame(b"MSH|2")])
@pytest.mark.parametrize("answer", [b"AR", None])
async def test_another_format_in_a_frame_is_refused_early_in_its_turn(
    found: str, end: bytes, answer: bytes | None
) -> None:
    refuse = (lambda _: answer) if answer else None
    with capture_logs() as logs:
        async with _server(not_hl7=refuse) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(frame(b"MSH|0") + START + OUTSIDE[found].split(START)[0] + end)
            heard = await _heard(reader)
            writer.close()
    assert heard == frame(b"answer MSH|0") + (frame(answer) if answer else b"")
    assert [(line["event"], line.get("found")) for line in logs] == [("mllp peer refused", found)]
    assert "secret" not in str(logs)


async def test_an_empty_answer_is_none() -> None:
    async def handler(message: bytes) -> bytes:
        return b"" if message == b"MSH|1" else message

    async with _server(handler) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(frame(b"MSH|1") + frame(b"MSH|2"))
        writer.write_eof()
        assert await _heard(reader) == frame(b"MSH|2")
        writer.close()


async def test_a_handler_may_know_the_peer_it_is_for() -> None:
    peers: list[Peer] = []

    def handler_for(peer: Peer) -> Callable[[bytes], Awaitable[bytes]]:
        peers.append(peer)
        return _echo

    async with _server(PerPeer(handler_for)) as port:
        client = MllpClient("127.0.0.1", port, answer_seconds=5)
        assert [await client.send(b"x") for _ in range(2)] == [b"answer x"] * 2
        client.drop()
    assert peers == [Peer(address="127.0.0.1")]


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="the timers of sockets are read from Linux")
async def test_both_ends_of_a_connection_ask_whether_the_other_is_still_there() -> None:
    async with _server() as port:
        client = MllpClient("127.0.0.1", port, answer_seconds=5)
        await client.send(b"x")
        await _until(lambda: _timers(port) == [KEEP_ALIVE_TIMER] * 2)
        client.drop()


def _timers(port: int) -> list[str]:
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return [row[5].split(":")[0] for row in rows if row[3] == "01" and f":{port:04X}" in row[1] + row[2]]


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="this system has no such limit")
def test_bytes_nobody_confirms_end_a_connection() -> None:
    with socket.socket() as connection:
        watch(connection)
        limit = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)
    assert limit == UNHEARD_SECONDS * 1000

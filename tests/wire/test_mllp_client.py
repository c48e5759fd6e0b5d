"""The sending side: it says of each message what is known of it, and sends none into a closed line."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import uvloop

from ayni.wire.failure import NotConnected, OutcomeUnknown, Refused
from ayni.wire.mllp import END, FRAME_BYTES_MAX, MllpClient, MllpServer, frame
from ayni.wire.serve import bind

FIRST, SECOND = b"MSH|^~\\&|one\rPID|1\r", b"MSH|^~\\&|two\rPID|2\r"

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

pytestmark = pytest.mark.filterwarnings("ignore:Overriding the .event_loop_policy:DeprecationWarning")


@pytest.fixture(params=[asyncio.DefaultEventLoopPolicy, uvloop.EventLoopPolicy], ids=["asyncio", "uvloop"])
def event_loop_policy(request: pytest.FixtureRequest) -> asyncio.AbstractEventLoopPolicy:
    policy: asyncio.AbstractEventLoopPolicy = request.param()
    return policy


@asynccontextmanager
async def _server(handler: Callable[[bytes], Awaitable[bytes]]) -> AsyncIterator[int]:
    listener = bind("127.0.0.1", 0)
    async with MllpServer(handler, lambda head: b"too long: " + head[:3]).listening(listener):
        yield listener.getsockname()[1]


@asynccontextmanager
async def _peer(talk: Talk) -> AsyncIterator[int]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await talk(reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def _echo(message: bytes) -> bytes:
    await asyncio.sleep(0.01 if message.endswith(b"0") else 0)
    return b"answer " + message


async def test_two_senders_on_one_client_take_turns() -> None:
    sent = [b"m%d" % number for number in range(20)]
    async with _server(_echo) as port:
        client = MllpClient("127.0.0.1", port, answer_seconds=5)
        heard = await asyncio.gather(*map(client.send, sent))
        client.drop()
    assert heard == [b"answer " + message for message in sent]


async def test_after_a_send_that_was_given_up_the_next_hears_its_own_answer() -> None:
    begun = asyncio.Event()

    async def slow(message: bytes) -> bytes:
        begun.set()
        await asyncio.sleep(0.1 if message == FIRST else 0)
        return b"answer " + message

    async with _server(slow) as port:
        client = MllpClient("127.0.0.1", port, answer_seconds=5)
        given_up = asyncio.create_task(client.send(FIRST))
        await begun.wait()
        given_up.cancel()
        assert await client.send(SECOND) == b"answer " + SECOND
        client.drop()


async def test_nobody_listening_is_not_connected() -> None:
    listener = bind("127.0.0.1", 0)
    port = listener.getsockname()[1]
    listener.close()
    with pytest.raises(NotConnected):
        await MllpClient("127.0.0.1", port, answer_seconds=1).send(FIRST)


async def test_silence_is_an_unknown_outcome_and_the_next_message_takes_a_new_connection() -> None:
    heard: list[int] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(len(heard))
        await reader.readuntil(END)
        if len(heard) == 1:
            await asyncio.sleep(0.3)
            writer.write(frame(b"late answer to the first"))
        else:
            writer.write(frame(b"answer to the second"))
        await writer.drain()
        await asyncio.sleep(0.5)

    async with _peer(talk) as port:
        client = MllpClient("127.0.0.1", port, answer_seconds=0.1)
        with pytest.raises(OutcomeUnknown):
            await client.send(FIRST)
        assert await client.send(SECOND) == b"answer to the second"
        client.drop()
    assert len(heard) == 2


async def test_a_peer_that_closes_without_an_answer_leaves_the_outcome_unknown() -> None:
    async def talk(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.readuntil(END)

    async with _peer(talk) as port:
        client = MllpClient("127.0.0.1", port, answer_seconds=1)
        with pytest.raises(OutcomeUnknown):
            await client.send(FIRST)


async def test_a_connection_closed_while_idle_is_made_anew_without_doubt() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(END)
        writer.write(frame(b"yes"))
        await writer.drain()

    async with _peer(talk) as port:
        client = MllpClient("127.0.0.1", port, answer_seconds=1)
        for _ in range(3):
            assert await client.send(FIRST) == b"yes"
            await asyncio.sleep(0.05)
        client.drop()


@pytest.mark.parametrize("goodbye", [b"", frame(b"an answer nobody asked for")])
async def test_a_goodbye_not_yet_read_is_noticed_before_the_next_message_is_sent(goodbye: bytes) -> None:
    """The peer speaks and closes while our loop does not run: only the system knows of it."""
    listener = bind("127.0.0.1", 0)
    client = MllpClient(*listener.getsockname(), answer_seconds=5)
    for sent in (FIRST, SECOND):
        sending = asyncio.create_task(client.send(sent))
        peer = await asyncio.to_thread(_accepted, listener)
        assert await asyncio.to_thread(peer.recv, 100) == frame(sent)
        peer.sendall(frame(b"yes"))
        assert await sending == b"yes"
        peer.sendall(goodbye)
        peer.close()
    listener.close()
    with pytest.raises(NotConnected):
        await client.send(FIRST)


def _accepted(listener: socket.socket) -> socket.socket:
    listener.settimeout(5)
    peer, _ = listener.accept()
    peer.settimeout(5)
    return peer


async def test_a_message_that_has_not_left_when_the_peer_closes_was_certainly_not_taken() -> None:
    async def talk(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read(10)

    async with _peer(talk) as port:
        with pytest.raises(NotConnected):
            await MllpClient("127.0.0.1", port, answer_seconds=5).send(FIRST * 1_000_000)


async def test_a_message_that_holds_the_end_mark_is_refused_and_nothing_is_sent() -> None:
    client = MllpClient("127.0.0.1", 1, answer_seconds=1)
    with pytest.raises(Refused):
        await client.send(FIRST + END + SECOND)


async def test_an_answer_that_comes_before_the_message_has_left_is_called_early() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        data = await reader.read(10)
        if data.endswith(END):
            writer.write(frame(b"in time"))
        else:
            writer.write(frame(b"too soon"))
        await asyncio.sleep(0.2)

    async with _peer(talk) as port:
        client = MllpClient("127.0.0.1", port, answer_seconds=5)
        answers = [await client.exchange(message) for message in (b"x" * 3_000_000, b"short")]
        client.drop()
    assert [(answer.content, answer.is_early) for answer in answers] == [
        (b"too soon", True),
        (b"in time", False),
    ]


async def test_an_answer_in_time_is_never_called_early() -> None:
    async with _server(_echo) as port:
        client = MllpClient("127.0.0.1", port, answer_seconds=5)
        early = [
            (await client.exchange(b"MSH".ljust(1 + number * 1009))).is_early for number in range(0, 1000, 7)
        ]
        client.drop()
    assert not any(early)


async def test_an_answer_above_the_limit_leaves_the_outcome_unknown() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(END)
        writer.write(frame(b"x" * (FRAME_BYTES_MAX + 1)))
        await writer.drain()

    async with _peer(talk) as port:
        with pytest.raises(OutcomeUnknown):
            await MllpClient("127.0.0.1", port, answer_seconds=5).send(FIRST)


async def test_who_speaks_without_being_asked_is_not_used_again() -> None:
    connection_count = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connection_count
        connection_count += 1
        await reader.readuntil(END)
        writer.write(frame(b"yes"))
        await asyncio.sleep(0.02)
        writer.write(frame(b"and yes"))
        await reader.read()

    async with _peer(talk) as port:
        client = MllpClient("127.0.0.1", port, answer_seconds=1)
        for number in (1, 2):
            assert await client.send(FIRST) == b"yes"
            await asyncio.sleep(0.05)
            assert connection_count == number
        client.drop()


@pytest.mark.parametrize("goes_wrong", ["silence", "not reading", "flood"])
async def test_a_client_whose_messages_fail_keeps_no_socket(goes_wrong: str) -> None:
    test_ends = asyncio.Event()

    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        if goes_wrong == "flood":
            writer.write(b"<" * 100)
        await test_ends.wait()
        writer.transport.abort()

    async with _peer(talk) as port:
        sockets, client = _open_sockets(), MllpClient("127.0.0.1", port, answer_seconds=0.02)
        for _ in range(5):
            with pytest.raises(OutcomeUnknown):
                await client.send(FIRST * (1_000_000 if goes_wrong == "not reading" else 1))
        await asyncio.sleep(0.05)
        assert _open_sockets() == sockets + 5  # those of the peer
        test_ends.set()


def _open_sockets() -> int:
    return sum(each.is_socket() for each in Path("/dev/fd").iterdir())

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ayni.wire.failure import NotConnected, OutcomeUnknown
from ayni.wire.mllp import (
    CONNECTIONS_MAX,
    END,
    FRAME_BYTES_MAX,
    FrameReader,
    FrameTooLong,
    MllpClient,
    MllpServer,
    frame,
)
from ayni.wire.serve import bind

FIRST, SECOND = b"MSH|^~\\&|one\rPID|1\r", b"MSH|^~\\&|two\x1c\rPID|\r".replace(b"\x1c\r", b"\x1c|")
TWO_FRAMES = frame(FIRST) + frame(SECOND)

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@pytest.mark.parametrize("cut", range(len(TWO_FRAMES) + 1))
def test_two_frames_may_arrive_in_any_two_pieces(cut: int) -> None:
    reader = FrameReader()
    assert reader.feed(TWO_FRAMES[:cut]) + reader.feed(TWO_FRAMES[cut:]) == [FIRST, SECOND]


def test_two_frames_may_arrive_byte_by_byte() -> None:
    reader = FrameReader()
    assert [message for byte in TWO_FRAMES for message in reader.feed(bytes([byte]))] == [FIRST, SECOND]


def test_bytes_before_a_frame_are_ignored() -> None:
    assert FrameReader().feed(b"\r\n\x00" + frame(FIRST)) == [FIRST]


@given(st.lists(st.sampled_from([b"\x0b", b"\x1c", b"\r", b"\x1c\r", b"MSH|", b"\xff"]), max_size=40))
def test_any_bytes_in_any_pieces_are_the_same_frames_as_in_one(pieces: list[bytes]) -> None:
    reader = FrameReader()
    in_pieces = [message for piece in pieces for message in reader.feed(piece)]
    assert in_pieces == FrameReader().feed(b"".join(pieces))


@pytest.mark.parametrize("pieces", [1, 2, 3])
def test_a_message_of_the_limit_passes_however_it_is_cut(pieces: int) -> None:
    whole, reader = frame(b"x" * FRAME_BYTES_MAX), FrameReader()
    cut = len(whole) - pieces + 1
    assert reader.feed(whole[:cut]) + reader.feed(whole[cut:]) == [b"x" * FRAME_BYTES_MAX]


def test_a_message_above_the_limit_is_found_out_before_it_ends() -> None:
    reader = FrameReader()
    with pytest.raises(FrameTooLong) as refused:
        reader.feed(frame(b"MSH" + b"x" * FRAME_BYTES_MAX)[: -len(END)] + b"x")
    assert refused.value.head.startswith(b"MSHx")
    with pytest.raises(FrameTooLong):
        FrameReader().feed(frame(b"x" * (FRAME_BYTES_MAX + 1)))


@asynccontextmanager
async def _server(handler: Callable[[bytes], Awaitable[bytes]], **limits: float) -> AsyncIterator[int]:
    listener = bind("127.0.0.1", 0)
    async with MllpServer(handler, lambda head: b"too long: " + head[:3], **limits).listening(listener):
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
    await asyncio.sleep(0.01 if message.endswith(b"0") else 0)  # the first is the slowest
    return b"answer " + message


async def test_messages_of_one_connection_are_answered_in_their_order() -> None:
    sent = [b"m%d" % number for number in range(20)]
    async with _server(_echo) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"".join(map(frame, sent)))
        heard = b""
        while heard.count(END) < len(sent):
            heard += await reader.read(1000)
        writer.close()
    assert heard == b"".join(frame(b"answer " + message) for message in sent)


@pytest.mark.parametrize("megabytes", [1.1, 30])
async def test_a_message_too_long_is_answered_and_the_connection_closed(megabytes: float) -> None:
    async with _server(_echo) as port:
        client = MllpClient("127.0.0.1", port, answer_seconds=10)
        assert await client.send(b"MSH".ljust(int(megabytes * (1 << 20)))) == b"too long: MSH"
        await asyncio.sleep(0.05)
        assert await client.send(b"next") == b"answer next"
        client.drop()


async def test_the_listener_takes_no_more_connections_than_its_limit() -> None:
    async with _server(_echo) as port:
        held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(CONNECTIONS_MAX)]
        for _, writer in held:
            writer.write(frame(b"x"))
        for reader, _ in held:
            assert await reader.readuntil(END) == frame(b"answer x")
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        assert await reader.read() == b""
        for _, each in [*held, (reader, writer)]:
            each.close()


@pytest.mark.parametrize("said", [b"", frame(b"x"), b"\x0bMSH"])
async def test_a_silent_peer_is_let_go(said: bytes) -> None:
    async with _server(_echo, idle_seconds=0.1, frame_seconds=0.1) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(said)
        assert await asyncio.wait_for(reader.read(), 5) in (b"", frame(b"answer x"))
        writer.close()


async def test_a_peer_that_trickles_does_not_hold_its_connection_for_ever() -> None:
    async with _server(_echo, idle_seconds=60, frame_seconds=0.2) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        ended = asyncio.ensure_future(reader.read())
        for _ in range(100):
            if ended.done():
                break
            writer.write(b"\x0b")
            await asyncio.sleep(0.02)
        assert ended.done()
        writer.close()


async def test_a_message_in_hand_is_finished_when_the_listener_stops() -> None:
    begun, finished = asyncio.Event(), asyncio.Event()

    async def slow(message: bytes) -> bytes:
        begun.set()
        await asyncio.sleep(0.05)
        finished.set()
        return message

    async with _server(slow) as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(frame(b"x"))
        await begun.wait()
    assert finished.is_set()
    writer.close()


async def test_a_message_whose_handling_breaks_is_not_answered_and_others_are() -> None:
    async def breaks(message: bytes) -> bytes:
        if message == FIRST:
            raise RuntimeError
        return message

    async with _server(breaks) as port:
        client = MllpClient("127.0.0.1", port, answer_seconds=1)
        with pytest.raises(OutcomeUnknown):
            await client.send(FIRST)
        assert await client.send(SECOND) == SECOND
        client.drop()


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


async def test_an_answer_above_the_limit_leaves_the_outcome_unknown() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(END)
        writer.write(frame(b"x" * (FRAME_BYTES_MAX + 1)))
        await writer.drain()

    async with _peer(talk) as port:
        with pytest.raises(OutcomeUnknown):
            await MllpClient("127.0.0.1", port, answer_seconds=5).send(FIRST)

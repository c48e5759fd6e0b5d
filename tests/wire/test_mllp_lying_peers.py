"""Peers that lie: nothing is delivered without a valid acknowledgement of the same control id.

Each peer plays its part over TCP once and is honest from the next message on, which must arrive undisturbed.
"""

import asyncio
import re
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from socket import SO_LINGER, SO_RCVBUF, SOL_SOCKET

import pytest
import uvloop

from ayni.wire.failure import LinkError, NotTaken, OutcomeUnknown, Refused
from ayni.wire.hl7_link import Hl7Link
from ayni.wire.mllp import END, START, MllpClient, frame
from ayni.wire.serve import bind

ACK = b"MSH|^~\\&|C|D|A|B|20261123093015-0500||ACK^S12^ACK|X1|T|2.5.1||||||UNICODE UTF-8\rMSA|AA|K1\r"
DELIVERED = "delivered"
LARGE_BYTES = 900_000
PATIENCE_SECONDS = 0.25

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

pytestmark = pytest.mark.filterwarnings("ignore:Overriding the .event_loop_policy:DeprecationWarning")


@pytest.fixture(params=[asyncio.DefaultEventLoopPolicy, uvloop.EventLoopPolicy], ids=["asyncio", "uvloop"])
def event_loop_policy(request: pytest.FixtureRequest) -> asyncio.AbstractEventLoopPolicy:
    policy: asyncio.AbstractEventLoopPolicy = request.param()
    return policy


def _message(control_id: bytes, size: int = 0) -> bytes:
    head = b"MSH|^~\\&|A|B|C|D|20261123093015-0500||SIU^S12^SIU_S12|" + control_id + b"|T|2.5.1\r"
    return head + (b"NTE|1||" + b"x" * size + b"\r" if size else b"")


def _error(code: bytes, reason: bytes = b"") -> bytes:
    return ACK.replace(b"|AA|", b"|" + code + b"|") + (
        b"ERR|||" + reason + b"^^HL70357|E\r" if reason else b""
    )


def _with_error(code: bytes, reason: bytes = b"") -> bytes:
    return frame(_error(code, reason))


SAID: dict[str, tuple[bytes, object]] = {
    "the truth": (frame(ACK), DELIVERED),
    "another control id": (frame(ACK.replace(b"|K1", b"|K2")), OutcomeUnknown),
    "the control id of the message before": (frame(ACK.replace(b"|K1", b"|K0")), OutcomeUnknown),
    "a control id that begins the same": (frame(ACK.replace(b"|K1", b"|K11")), OutcomeUnknown),
    "no control id": (frame(ACK.replace(b"|K1", b"|")), OutcomeUnknown),
    "no MSA": (frame(ACK.partition(b"MSA")[0]), OutcomeUnknown),
    "no code": (frame(ACK.replace(b"|AA|", b"||")), OutcomeUnknown),
    "AE": (_with_error(b"AE"), Refused),
    "AE 103": (_with_error(b"AE", b"103"), Refused),
    "AE 207": (_with_error(b"AE", b"207"), NotTaken),
    "AR": (_with_error(b"AR"), Refused),
    "AR 206": (_with_error(b"AR", b"206"), NotTaken),
    "CE": (_with_error(b"CE"), Refused),
    "CR": (_with_error(b"CR"), Refused),
    "CR 207": (_with_error(b"CR", b"207"), NotTaken),
    "CA, which takes responsibility": (_with_error(b"CA"), DELIVERED),
    "AE to another": (frame(_error(b"AE").replace(b"|K1", b"|K2")), OutcomeUnknown),
    "AA twice": (frame(ACK) * 2, DELIVERED),
    "AA, then AE": (frame(ACK) + _with_error(b"AE"), DELIVERED),
    "AA, then another protocol": (frame(ACK) + b"HTTP/1.1 200 OK\r\n", DELIVERED),
    "AA, then the beginning of more": (frame(ACK) + START + b"MSH|", DELIVERED),
    "two acknowledgements in one frame": (frame(ACK + ACK), OutcomeUnknown),
    "yes and no in one acknowledgement": (frame(ACK + b"MSA|AE|K1\r"), OutcomeUnknown),
    "no MSH": (frame(b"MSA|AA|K1\r"), OutcomeUnknown),
    "other delimiters": (frame(ACK.replace(b"|", b"#").replace(b"^~\\&", b"*!\\$")), DELIVERED),
    "delimiters that cannot be told apart": (frame(ACK.replace(b"^~\\&", b"||||")), OutcomeUnknown),
    "a byte order mark": (frame(b"\xef\xbb\xbf" + ACK), DELIVERED),
    "another character set": (
        frame(ACK.replace(b"UNICODE UTF-8", b"8859/1").replace(b"|K1", "|K1|atención".encode("latin_1"))),
        DELIVERED,
    ),
    "bytes outside its character set": (frame(ACK.replace(b"|K1", b"|K1|\xff\xfe")), OutcomeUnknown),
    "UTF-16": (frame(ACK.decode().encode("utf_16")), OutcomeUnknown),
    "segments that end in LF": (frame(ACK.replace(b"\r", b"\n")), DELIVERED),
    "segments that end in CRLF": (frame(ACK.replace(b"\r", b"\r\n")), DELIVERED),
    "no start mark": (ACK + END, OutcomeUnknown),
    "no 0x1C": (START + ACK + b"\r", OutcomeUnknown),
    "0x1C without 0x0D": (START + ACK + b"\x1c", OutcomeUnknown),
    "0x0B in a text": (frame(ACK.replace(b"|K1", b"|K1|seen\x0bby")), DELIVERED),
    "0x0B in the control id": (frame(ACK.replace(b"|K1", b"|K1\x0b")), OutcomeUnknown),
    "an acknowledgement inside a text": (
        frame(ACK.replace(b"AA|K1", b"AE|K9|" + START + ACK)),
        OutcomeUnknown,
    ),
    "NUL after the control id": (frame(ACK.replace(b"|K1", b"|K1\x00")), OutcomeUnknown),
    "NUL before the frame": (b"\x00\x00" + frame(ACK), DELIVERED),
    "an empty frame": (frame(b""), OutcomeUnknown),
    "XML": (frame(b"<ACK><MSA><MSA.1>AA</MSA.1><MSA.2>K1</MSA.2></MSA></ACK>"), OutcomeUnknown),
    "JSON": (frame(b'{"MSA": ["AA", "K1"]}'), OutcomeUnknown),
    "HTTP": (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + frame(ACK), OutcomeUnknown),
    "a TLS alert": (b"\x15\x03\x03\x00\x02\x02\x28", OutcomeUnknown),
    "a long greeting": (b"220 hello\r\n" * 200 + frame(ACK), OutcomeUnknown),
    "64 megabytes": (START + ACK.ljust(64 << 20), OutcomeUnknown),
}


@pytest.mark.parametrize("said", SAID)
async def test_what_a_peer_says_means_what_it_proves(said: str) -> None:
    answer, expected = SAID[said]

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(END)
        writer.write(answer)

    await _check(talk, expected)


async def _closes(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(END)
    writer.close()


async def _resets(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(END)
    _reset(writer)


async def _says_yes_and_resets(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(END)
    writer.write(frame(ACK))
    await asyncio.sleep(0.01)
    _reset(writer)


async def _resets_within_its_yes(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(END)
    writer.write(frame(ACK)[:-1])
    await asyncio.sleep(0.05)
    _reset(writer)


async def _says_nothing(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.readuntil(END)


async def _says_it_byte_by_byte(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(END)
    for byte in frame(ACK):
        writer.write(bytes([byte]))
        await asyncio.sleep(0)


async def _says_it_too_slowly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(END)
    for byte in frame(ACK):
        writer.write(bytes([byte]))
        await asyncio.sleep(PATIENCE_SECONDS / 50)


async def _says_it_again_later(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(END)
    writer.write(frame(ACK))
    await asyncio.sleep(0.02)
    writer.write(frame(ACK))


async def _says_it_when_it_is_too_late(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(END)
    await asyncio.sleep(PATIENCE_SECONDS * 1.2)
    writer.write(frame(ACK))


@pytest.mark.parametrize(
    ("talk", "expected"),
    [
        (_closes, OutcomeUnknown),
        (_resets, OutcomeUnknown),
        (_says_yes_and_resets, DELIVERED),
        (_resets_within_its_yes, OutcomeUnknown),
        (_says_nothing, OutcomeUnknown),
        (_says_it_byte_by_byte, DELIVERED),
        (_says_it_too_slowly, OutcomeUnknown),
        (_says_it_again_later, DELIVERED),
        (_says_it_when_it_is_too_late, OutcomeUnknown),
    ],
)
async def test_how_a_peer_says_it_means_what_it_proves(talk: Talk, expected: object) -> None:
    await _check(talk, expected)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [(frame(ACK), OutcomeUnknown), (_with_error(b"AE", b"104"), Refused), (b"", OutcomeUnknown)],
    ids=["yes", "no", "nothing"],
)
async def test_a_peer_that_has_not_read_the_message_cannot_say_yes_to_it(
    answer: bytes, expected: object
) -> None:
    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        writer.write(answer)
        await asyncio.sleep(2 * PATIENCE_SECONDS)

    await _check(talk, expected, size=LARGE_BYTES)


async def _check(talk: Talk, expected: object, size: int = 0) -> None:
    """What becomes of message K1 to a peer that talks so; K2 to the same peer, now honest, arrives."""
    async with _peer(talk) as port:
        client = MllpClient("127.0.0.1", port, answer_seconds=PATIENCE_SECONDS)
        link = Hl7Link(client)
        assert await _outcome(link, b"K1", size) == expected
        await asyncio.sleep(0.03)
        assert await _outcome(link, b"K2") == DELIVERED
        client.drop()


async def _outcome(link: Hl7Link, control_id: bytes, size: int = 0) -> object:
    try:
        await link.send(_message(control_id, size), control_id.decode())
    except LinkError as error:
        return type(error)
    return DELIVERED


@asynccontextmanager
async def _peer(talk: Talk) -> AsyncIterator[int]:
    """Plays its part on the first connection, then and on all others answers each message as it should."""
    talks = [talk]

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if talks:
                await talks.pop()(reader, writer)
            await _be_honest(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()

    listener = bind("127.0.0.1", 0)
    listener.setsockopt(SOL_SOCKET, SO_RCVBUF, 4096)
    async with await asyncio.start_server(serve, sock=listener):
        yield listener.getsockname()[1]


async def _be_honest(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        control_id = re.split(rb"[|\r]", await reader.readuntil(END))[9]
        writer.write(frame(ACK.replace(b"|K1", b"|" + control_id)))


def _reset(writer: asyncio.StreamWriter) -> None:
    writer.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()

import asyncio
import socket
from collections.abc import Awaitable, Callable
from contextlib import ExitStack

import aiohttp
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ayni.vocabulary.fhir import RESOURCE_BYTES_MAX, FhirError, answer_to, dumps, loads
from ayni.wire.clock import real_now
from ayni.wire.failure import CONNECT_SECONDS, LinkError, NotConnected, NotTaken, OutcomeUnknown, Refused
from ayni.wire.fhir_link import ANSWER_BYTES_MAX, FhirLink, judged
from ayni.wire.mllp import MllpClient
from ayni.wire.process_message import process_message_route
from ayni.wire.serve import bind

MESSAGE = dumps(
    {
        "resourceType": "Bundle",
        "type": "message",
        "entry": [{"resource": {"resourceType": "MessageHeader", "id": "m1"}}],
    }
)
YES = dumps(answer_to(loads(MESSAGE), source="partner", at=real_now()))
TOKEN = "a-token"


def says(code: str) -> bytes:
    return YES.replace(b'"ok"', f'"{code}"'.encode())


def outcome(code: str) -> bytes:
    return dumps(FhirError(code, "no").outcome())


@pytest.mark.parametrize("status", [200, 201, 202])
def test_a_yes_to_this_message_is_a_yes(status: int) -> None:
    assert judged(status, YES, "m1") == YES


@pytest.mark.parametrize(
    ("status", "body", "failure"),
    [
        *((status, b"", NotTaken) for status in (401, 404, 405, 408, 425, 429, 503)),
        *((status, b"", Refused) for status in (400, 403, 409, 412, 413, 415, 422, 451)),
        *((status, outcome("not-found"), Refused) for status in (404, 405)),
        *((status, outcome("lock-error"), NotTaken) for status in (409, 412)),
        (409, outcome("conflict"), Refused),
        (409, dumps({"resourceType": "OperationOutcome", "issue": 7}), Refused),
        *((status, b"", OutcomeUnknown) for status in (100, 301, 302, 307, 500, 502, 504)),
        (200, says("transient-error"), NotTaken),
        (200, says("fatal-error"), Refused),
        (200, says("perhaps"), OutcomeUnknown),
        (200, YES.replace(b"m1", b"m2"), OutcomeUnknown),
        (200, MESSAGE, OutcomeUnknown),
        (200, b"", OutcomeUnknown),
        (200, b"<html>Bienvenido a la red del hotel</html>", OutcomeUnknown),
    ],
)
def test_every_other_answer_means_its_failure_and_is_kept(
    status: int, body: bytes, failure: type[LinkError]
) -> None:
    with pytest.raises(LinkError) as failed:
        judged(status, body, "m1")
    assert type(failed.value) is failure
    assert failed.value.answer == body


def test_what_a_partner_writes_instead_of_a_code_is_not_repeated() -> None:
    with pytest.raises(OutcomeUnknown) as failed:
        judged(200, says("MARÍA 99000017"), "m1")
    assert "99000017" not in str(failed.value)


async def _sent(url: str, message: bytes = MESSAGE, *, answer_seconds: float = 5) -> bytes:
    async with aiohttp.ClientSession() as http:
        return await FhirLink(http, url, TOKEN, answer_seconds=answer_seconds).send(message)


def _answering(answer: Callable[[Request], Awaitable[Response]]) -> Route:
    return Route("/fhir/$process-message", answer, methods=["POST"])


async def test_the_message_goes_as_it_is_with_the_token_of_its_direction(served) -> None:
    heard: list[bytes] = []

    async def receive(raw: bytes) -> bytes:
        heard.append(raw)
        return YES

    async with served(process_message_route("", token=TOKEN, receive=receive)) as url:
        assert await _sent(url) == YES
    assert heard == [MESSAGE]


async def test_a_message_above_the_limit_is_refused_and_not_tried_for_ever(served) -> None:
    async def receive(_: bytes) -> bytes:
        return YES

    long = loads(MESSAGE) | {"note": "x" * (RESOURCE_BYTES_MAX - 200)}
    async with served(process_message_route("", token=TOKEN, receive=receive)) as url:
        assert await _sent(url, dumps(long)) == YES
        with pytest.raises(Refused):
            await _sent(url, dumps(long | {"note": "x" * RESOURCE_BYTES_MAX}))


async def test_what_is_no_message_is_refused_before_it_is_sent() -> None:
    with pytest.raises(Refused):
        await _sent("http://127.0.0.1:9", b"{}")


async def test_nobody_listening_is_not_connected() -> None:
    listener = bind("127.0.0.1", 0)
    port = listener.getsockname()[1]
    listener.close()
    with pytest.raises(NotConnected):
        await _sent(f"http://127.0.0.1:{port}")


async def test_silence_is_an_unknown_outcome(served) -> None:
    async def silent(_: Request) -> Response:
        await asyncio.sleep(0.5)
        return Response(YES)

    async with served(_answering(silent)) as url:
        with pytest.raises(OutcomeUnknown):
            await _sent(url, answer_seconds=0.1)


async def test_a_redirect_is_not_followed_with_the_token(served) -> None:
    followed: list[str] = []

    async def elsewhere(request: Request) -> Response:
        followed.append(request.url.path)
        return Response(status_code=307, headers={"Location": "/fhir/$process-message"})

    async with served(_answering(elsewhere)) as url:
        with pytest.raises(OutcomeUnknown):
            await _sent(url)
    assert len(followed) == 1


async def test_an_answer_without_end_is_not_read_to_its_end(served) -> None:
    async def endless(_: Request) -> Response:
        return Response(b"x" * (ANSWER_BYTES_MAX + 1))

    async with served(_answering(endless)) as url:
        with pytest.raises(OutcomeUnknown):
            await _sent(url)


@pytest.mark.parametrize("answered", [len(YES), len(YES) - 1, 0])
async def test_only_a_whole_answer_is_a_yes_in_however_many_pieces_it_comes(answered: int) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(MESSAGE[-10:])
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(YES))
        for piece in (YES[: answered // 2], YES[answered // 2 : answered]):
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.05)
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        if answered == len(YES):
            assert await _sent(url) == YES
        else:
            with pytest.raises(OutcomeUnknown):
                await _sent(url)


async def test_an_address_that_swallows_everything_is_not_connected() -> None:
    with socket.socket() as deaf, ExitStack() as held:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        port = deaf.getsockname()[1]
        held.enter_context(socket.create_connection(("127.0.0.1", port)))  # the queue is full now
        ways = (
            _sent(f"http://127.0.0.1:{port}", answer_seconds=CONNECT_SECONDS * 2),
            MllpClient("127.0.0.1", port, answer_seconds=CONNECT_SECONDS * 2).send(MESSAGE),
        )
        failures = await asyncio.gather(*ways, return_exceptions=True)
    assert [type(failure) for failure in failures] == [NotConnected, NotConnected]


async def test_a_peer_that_closes_without_an_answer_leaves_the_outcome_unknown() -> None:
    async def close(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.close()

    async with await asyncio.start_server(close, "127.0.0.1", 0) as server:
        with pytest.raises(OutcomeUnknown):
            await _sent(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")

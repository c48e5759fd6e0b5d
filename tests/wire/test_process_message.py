import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
import structlog
from structlog.testing import capture_logs

from ayni.vocabulary.fhir import RESOURCE_BYTES_MAX, FhirError
from ayni.wire import process_message
from ayni.wire.process_message import Receive, process_message_route

TOKEN = "a-token"
BEARER = {"Authorization": f"Bearer {TOKEN}"}


class Receiver:
    """Keeps what it is given, or raises what a test wants."""

    def __init__(self, raises: Exception | None = None) -> None:
        self.heard: list[bytes] = []
        self._raises = raises

    async def __call__(self, raw: bytes) -> bytes:
        self.heard.append(raw)
        if self._raises:
            raise self._raises
        return b'{"resourceType":"Bundle"}'


async def _post(
    served: Any, receiver: Receive, body: Any = b"{}", headers: dict[str, str] = BEARER
) -> tuple[int, Any, Any]:
    route = process_message_route("/channels/x", token=TOKEN, receive=receiver)
    async with served(route) as url, aiohttp.ClientSession() as http:
        address = f"{url}/channels/x/fhir/$process-message"
        async with http.post(address, data=body, headers=headers) as answer:
            return answer.status, json.loads(await answer.read()), answer.headers


def _head(
    length: int | None, authorization: str = f"Authorization: Bearer {TOKEN}\r\n", more: str = ""
) -> bytes:
    line = "POST /fhir/$process-message HTTP/1.1\r\nHost: x\r\n"
    size = "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"
    return f"{line}{authorization}{more}{size}\r\n\r\n".encode()


async def test_what_the_receiver_answers_is_the_answer(served) -> None:
    receiver = Receiver()
    status, body, headers = await _post(served, receiver, b'{"a":1}')
    assert (status, body["resourceType"], receiver.heard) == (200, "Bundle", [b'{"a":1}'])
    assert headers["Content-Type"].startswith("application/fhir+json")


@pytest.mark.parametrize(
    "given",
    ["", "Bearer", "Bearer ", "Bearer other", "Basic a-token", "a-token", "Bearer a-token ", "Bearer ñ"],
)
async def test_without_the_token_nothing_is_read(served, given: str) -> None:
    receiver = Receiver()
    status, body, headers = await _post(served, receiver, headers={"Authorization": given})
    assert (status, body["issue"][0]["code"], receiver.heard) == (401, "login", [])
    assert headers["WWW-Authenticate"] == "Bearer"


async def test_a_stranger_hears_401_before_its_body_has_come(served) -> None:
    async with served(process_message_route("", token=TOKEN, receive=Receiver())) as url:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
        writer.write(_head(1_000_000, authorization="") + b"{")
        assert (await asyncio.wait_for(reader.readline(), 5)).startswith(b"HTTP/1.1 401")
        writer.close()


@asynccontextmanager
async def _line(served: Any, receiver: Receiver) -> AsyncIterator[tuple[Any, Any]]:
    """A connection to a receiver, byte by byte."""
    async with served(process_message_route("", token=TOKEN, receive=receiver)) as url:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
        yield reader, writer
        writer.close()


@pytest.mark.parametrize("expect", ["", "Expect: 100-continue\r\n"])
async def test_a_declared_length_above_the_limit_is_refused_before_the_body_is_asked_for(
    served, expect: str
) -> None:
    receiver = Receiver()
    async with _line(served, receiver) as (reader, writer):
        writer.write(_head(RESOURCE_BYTES_MAX + 1, more=expect))
        assert (await asyncio.wait_for(reader.readline(), 5)).startswith(b"HTTP/1.1 413")
    assert receiver.heard == []


async def test_a_sender_that_asks_first_is_told_to_go_on(served) -> None:
    async with _line(served, Receiver()) as (reader, writer):
        writer.write(_head(2, more="Expect: 100-continue\r\n"))
        assert (await asyncio.wait_for(reader.readline(), 5)).startswith(b"HTTP/1.1 100")
        await reader.readline()
        writer.write(b"{}")
        assert (await asyncio.wait_for(reader.readline(), 5)).startswith(b"HTTP/1.1 200")


async def test_a_body_of_no_declared_length_is_refused_as_soon_as_it_is_too_long(served) -> None:
    receiver = Receiver()
    async with _line(served, receiver) as (reader, writer):
        writer.write(_head(None) + b"%x\r\n" % 900_000_000 + b"x" * (RESOURCE_BYTES_MAX + 1))
        assert (await asyncio.wait_for(reader.readline(), 5)).startswith(b"HTTP/1.1 413")
    assert receiver.heard == []


async def test_a_body_that_does_not_come_is_given_up_and_its_connection_closed(
    served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process_message, "BODY_SECONDS_MAX", 0.2)
    receiver = Receiver()
    async with _line(served, receiver) as (reader, writer):
        writer.write(_head(100) + b"{")
        answer = await asyncio.wait_for(reader.read(), 5)
    assert answer.startswith(b"HTTP/1.1 408")
    assert b'"code":"timeout"' in answer
    assert receiver.heard == []


async def test_a_receiver_may_take_longer_than_its_sender_s_body(
    served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process_message, "BODY_SECONDS_MAX", 0.1)

    async def receive(_: bytes) -> bytes:
        await asyncio.sleep(0.3)
        return b"{}"

    status, _, _ = await _post(served, receive)
    assert status == 200


async def test_a_body_of_the_limit_is_taken(served) -> None:
    receiver = Receiver()
    status, _, _ = await _post(served, receiver, b"x" * RESOURCE_BYTES_MAX)
    assert (status, len(receiver.heard[0])) == (200, RESOURCE_BYTES_MAX)


@pytest.mark.parametrize("status", [400, 403, 404, 409, 422])
async def test_a_finding_is_answered_with_its_status_and_place(served, status: int) -> None:
    finding = FhirError("value", "No es así.", expression="Bundle.type", http_status=status)
    found, body, _ = await _post(served, Receiver(finding))
    assert found == status
    assert body["issue"] == [
        {"severity": "error", "code": "value", "diagnostics": "No es así.", "expression": ["Bundle.type"]}
    ]


async def test_a_refusal_is_logged_with_the_request_it_names(served) -> None:
    finding = FhirError("value", "No es así.", expression="Bundle.type")
    with capture_logs(processors=[structlog.contextvars.merge_contextvars]) as lines:
        await _post(served, Receiver(finding), b'{"identifier":{"value":"QH-7M3K9XBT4D"}}')
    assert [(line["event"], line["correlation_id"]) for line in lines] == [
        ("fhir message refused", "QH-7M3K9XBT4D")
    ]


async def test_whatever_breaks_the_sender_hears_that_nothing_was_kept_and_not_why(served) -> None:
    status, body, _ = await _post(served, Receiver(RuntimeError("MARÍA PRUEBA 99000017")))
    assert (status, body["issue"][0]["code"]) == (503, "transient")
    assert "99000017" not in json.dumps(body)


async def test_a_sender_that_goes_away_in_the_middle_harms_nobody(served) -> None:
    receiver = Receiver()
    async with served(process_message_route("", token=TOKEN, receive=receiver)) as url:
        _, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
        writer.write(_head(100) + b"{")
        await writer.drain()
        writer.close()
        async with (
            aiohttp.ClientSession() as http,
            http.post(f"{url}/fhir/$process-message", data=b"{}", headers=BEARER) as answer,
        ):
            assert answer.status == 200
    assert receiver.heard == [b"{}"]

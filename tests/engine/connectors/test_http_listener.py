"""Content taken over HTTP, over real sockets."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ayni.engine.connectors.contract import Source, Verdict, World
from ayni.engine.connectors.http import HttpListener
from ayni.engine.connectors.http_request import Dismissed, body_of
from ayni.engine.connectors.tls import ServerTls
from ayni.engine.connectors.web import WebServers
from ayni.vocabulary.fhir import FhirError
from ayni.wire.failure import CannotStart

from .conftest import Ports
from .contract import SourceContract, cannot
from .http_outside import HttpOutside
from .sides import NOT_KEPT, REFUSAL, REFUSED, Desk

PATH = "/lab/results"


class TestHttpListener(SourceContract):
    CANNOT = cannot(
        test_a_place_out_of_reach_is_looked_for_again="a listener is spoken to, it looks nowhere",
        test_a_place_may_vanish_and_come_back_meanwhile="a listener is spoken to, it looks nowhere",
    )

    @pytest.fixture
    def source(self, listening: "Listening") -> Source:
        return listening.source

    @pytest.fixture
    async def outside(self, listening: "Listening") -> AsyncIterator[HttpOutside]:
        made = HttpOutside(listening.url, listening.token)
        yield made
        await made.close()


class Listening:
    """A listener with a bearer token, and what a sender needs to know of it."""

    def __init__(self, world: World, port: int, folder: Path, **declared: Any) -> None:
        self.world, self.port = world, port
        self.declared = HttpListener(
            path=PATH, port=str(port), token_file=str(folder / "lab-to-engine"), **declared
        )
        self.source = self.declared.open(world, "results")
        self.token = (folder / "lab-to-engine").read_text()
        self.url = f"http://127.0.0.1:{port}{PATH}"
        self.desk = Desk()

    async def post(self, content: bytes, *, method: str = "POST", token: str = "", **headers: str) -> "Said":
        """The answer to one request."""
        headers = {"Authorization": f"Bearer {token or self.token}"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        async with self.world.http().request(method, self.url, data=content, headers=headers) as answer:
            return Said(answer.status, await answer.read(), answer.content_type, dict(answer.headers))


@dataclass(frozen=True, slots=True)
class Said:
    status: int
    body: bytes
    media_type: str
    headers: dict[str, str]


@pytest.fixture
def new_listening(world: World, ports: Ports, tmp_path: Path) -> Callable[..., Listening]:
    return lambda **declared: Listening(world, ports.free(), tmp_path, **declared)


@pytest.fixture
def listening(new_listening: Callable[..., Listening]) -> Listening:
    return new_listening()


async def test_a_taken_message_has_a_receipt(listening: Listening) -> None:
    async with listening.source.running(listening.desk.receive):
        answer = await listening.post(b"{}", Idempotency_Key="LAB-1")
        assert (answer.status, json.loads(answer.body)) == (202, {"state": "stored"})
    (arrived,) = listening.desk.arrived
    assert (arrived.peer, arrived.control_id) == ("lab-to-engine", "LAB-1")


async def test_the_formats_own_answer_is_the_answer(new_listening: Callable[..., Listening]) -> None:
    listening = new_listening(format="hl7")
    listening.desk.script = [
        Verdict(state="stored", answer=b"MSH|yes"),
        Verdict(state="refused", answer=b"MSH|no"),
    ]
    async with listening.source.running(listening.desk.receive):
        yes, no = await listening.post(b"1"), await listening.post(b"2")
    assert (yes.status, yes.body, yes.media_type) == (200, b"MSH|yes", "application/hl7-v2")
    assert (no.status, no.body) == (422, b"MSH|no")


async def test_a_refusal_names_code_and_place_in_spanish(listening: Listening) -> None:
    listening.desk.script = [
        REFUSED,
        Verdict(state="refused", error=FhirError("forbidden", "No.", http_status=403)),
    ]
    async with listening.source.running(listening.desk.receive):
        first, second = await listening.post(b"1"), await listening.post(b"2")
    assert json.loads(first.body) == {
        "status": 422,
        "code": REFUSAL.code,
        "place": REFUSAL.place,
        "detail": REFUSAL.text,
    }
    assert first.media_type == "application/problem+json"
    assert second.status == 403


async def test_what_was_not_kept_is_asked_for_again_in_a_few_seconds(listening: Listening) -> None:
    listening.desk.script = [NOT_KEPT]
    async with listening.source.running(listening.desk.receive):
        answer = await listening.post(b"1")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"token": "guessed"}, 401),
        ({"method": "PATCH"}, 405),
        ({"Content_Encoding": "gzip"}, 415),
        ({"Idempotency_Key": "ñ"}, 400),
        ({"Idempotency_Key": "x" * 256}, 400),
    ],
)
async def test_what_cannot_be_meant_for_it_is_dismissed(
    listening: Listening, headers: dict[str, str], status: int
) -> None:
    async with listening.source.running(listening.desk.receive):
        assert (await listening.post(b"{}", **headers)).status == status
    assert listening.desk.arrived == []


async def said_at_once(listening: Listening, *head: str, sent: bytes = b"") -> bytes:
    """What it answers while the sender has not ended its body and still listens."""
    reader, writer = await asyncio.open_connection("127.0.0.1", listening.port)
    lines = [f"POST {PATH} HTTP/1.1", "Host: engine", *head, "", ""]
    writer.write("\r\n".join(lines).encode() + sent)
    async with asyncio.timeout(5):
        said = await reader.read()
    writer.close()
    return said


async def test_a_stranger_is_dismissed_before_the_body(listening: Listening) -> None:
    async with listening.source.running(listening.desk.receive):
        said = await said_at_once(listening, "Authorization: Bearer guessed", "Content-Length: 1000")
    assert said.startswith(b"HTTP/1.1 401 ")
    assert b"www-authenticate: Bearer" in said


async def test_a_stranger_who_asks_first_is_not_told_to_go_on(listening: Listening) -> None:
    async with listening.source.running(listening.desk.receive):
        said = await said_at_once(listening, "Expect: 100-continue", "Content-Length: 1000")
    assert said.startswith(b"HTTP/1.1 401 ")
    assert b"100 Continue" not in said


async def test_a_body_that_is_declared_too_long_is_dismissed_before_it_comes(listening: Listening) -> None:
    async with listening.source.running(listening.desk.receive):
        said = await said_at_once(
            listening, f"Authorization: Bearer {listening.token}", "Content-Length: 1048577"
        )
    assert said.startswith(b"HTTP/1.1 413 ")


async def test_a_body_in_pieces_is_dismissed_as_soon_as_it_is_too_long(listening: Listening) -> None:
    piece = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    async with listening.source.running(listening.desk.receive):
        said = await said_at_once(
            listening,
            f"Authorization: Bearer {listening.token}",
            "Transfer-Encoding: chunked",
            sent=piece * 17,
        )
    assert said.startswith(b"HTTP/1.1 413 ")
    assert listening.desk.arrived == []


async def test_whoever_sends_too_much_without_listening_still_hears_why(listening: Listening) -> None:
    length = 8 << 20
    async with listening.source.running(listening.desk.receive):
        reader, writer = await asyncio.open_connection("127.0.0.1", listening.port)
        head = f"POST {PATH} HTTP/1.1\r\nHost: engine\r\nAuthorization: Bearer {listening.token}\r\n"
        writer.write(f"{head}Content-Length: {length}\r\n\r\n".encode() + b"x" * length)
        await writer.drain()
        assert (await reader.readline()).startswith(b"HTTP/1.1 413 ")
        writer.close()


async def test_the_bound_is_the_declared_one(new_listening: Callable[..., Listening]) -> None:
    listening = new_listening(bytes_max=10)
    async with listening.source.running(listening.desk.receive):
        assert (await listening.post(b"0123456789")).status == 202
        assert (await listening.post(b"0123456789+")).status == 413


async def test_a_sender_that_goes_away_in_the_middle_leaves_nothing(listening: Listening) -> None:
    async with listening.source.running(listening.desk.receive):
        _, writer = await asyncio.open_connection("127.0.0.1", listening.port)
        head = f"POST {PATH} HTTP/1.1\r\nHost: engine\r\nAuthorization: Bearer {listening.token}\r\n"
        writer.write(head.encode() + b"Content-Length: 10\r\n\r\n123")
        await writer.drain()
        writer.close()
        await asyncio.sleep(0.05)
        assert (await listening.post(b"{}")).status == 202
    assert [each.raw for each in listening.desk.arrived] == [b"{}"]


async def test_channels_share_a_port_and_each_has_its_own_path(
    world: World, ports: Ports, tmp_path: Path
) -> None:
    port, desks = ports.free(), {"a": Desk(), "b": Desk()}
    token_file = tmp_path / "token"
    token_file.write_text("a-shared-token")
    sources = {
        name: HttpListener(path=f"/{name}", port=str(port), token_file=str(token_file)).open(world, name)
        for name in desks
    }
    headers = {"Authorization": "Bearer a-shared-token"}

    async def status(name: str) -> int:
        url = f"http://127.0.0.1:{port}/{name}"
        async with world.http().post(url, data=name.encode(), headers=headers) as answer:
            return answer.status

    async with sources["a"].running(desks["a"].receive):
        assert (await status("a"), await status("b")) == (202, 404)
        async with sources["b"].running(desks["b"].receive):
            assert (await status("a"), await status("b")) == (202, 202)
        assert (await status("a"), await status("b")) == (202, 503), "b rests: its senders come again"
    assert [each.raw for each in desks["b"].arrived] == [b"b"]


async def test_a_path_has_one_channel(world: World, listening: Listening, tmp_path: Path) -> None:
    other = HttpListener(path=PATH, port=str(listening.port), token_file=str(tmp_path / "other"))
    async with listening.source.running(listening.desk.receive):
        with pytest.raises(CannotStart, match="another channel"):
            async with other.open(world, "other").running(listening.desk.receive):
                pass


@pytest.mark.parametrize(
    "declared",
    [
        {},
        {"token_file": "a", "users_file": "b"},
        {"users_file": "missing"},
        {"token_file": "t", "path": "lab"},
        {"token_file": "t", "path": "/{lab}"},
        {"token_file": "t", "port": "70000"},
        {"token_file": "t", "port": "${LAB_PORT}"},
        {"token_file": "t", "senders": ("lab",)},
        {"tls": ServerTls(certificate="none.pem", key="none.key")},
    ],
)
def test_a_declaration_that_cannot_be_used_keeps_the_engine_from_starting(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, declared: dict[str, Any]
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CannotStart):
        HttpListener(**{"path": PATH, "port": "8099"} | declared).open(world, "results")


async def test_senders_with_names_and_passwords(world: World, ports: Ports, tmp_path: Path) -> None:
    (tmp_path / "users").write_text("lab:one-secret\nimaging:other:secret\n")
    port, desk = ports.free(), Desk()
    source = HttpListener(path=PATH, port=str(port), users_file=str(tmp_path / "users")).open(world, "r")

    async def status(name: str, password: str) -> int:
        headers = {"Authorization": aiohttp.encode_basic_auth(name, password)}
        async with world.http().post(f"http://127.0.0.1:{port}{PATH}", data=b"{}", headers=headers) as answer:
            return answer.status

    async with source.running(desk.receive):
        assert await status("imaging", "other:secret") == 202
        for name, password in (("lab", "other:secret"), ("nobody", ""), ("lab", ""), ("", "")):
            assert await status(name, password) == 401
    assert [each.peer for each in desk.arrived] == ["imaging"]


@pytest.mark.parametrize("sent", [b"", b"POST /slow HTTP/1.1\r\nHost: engine\r\nX-Slow: "])
async def test_whoever_does_not_get_to_the_point_is_hung_up_on(ports: Ports, sent: bytes) -> None:
    web, port = WebServers(ports.bound, head_seconds=0.1), ports.free()
    async with web.mounted(port, Route("/slow", lambda _: Response())):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(sent)
        async with asyncio.timeout(5):
            assert await _all_said(reader) == b""
        writer.close()
    await web.close()


async def _all_said(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.read()
    except ConnectionResetError:
        return b""


async def test_a_body_that_trickles_is_not_waited_for() -> None:
    async def receive() -> dict[str, Any]:
        await asyncio.sleep(60)
        return {}

    request = Request({"type": "http", "headers": []}, receive)
    with pytest.raises(Dismissed) as caught:
        await body_of(request, 10, seconds_max=0.05)
    assert caught.value.status == 408

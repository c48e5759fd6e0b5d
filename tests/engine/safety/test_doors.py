"""S-02, S-03, S-05, S-09, S-10: what strangers send to the doors of a running engine."""

import asyncio
import gzip
import json
import resource
from collections.abc import AsyncIterator, Callable

import pytest
from aiohttp import web

from ayni.engine import formats
from ayni.vocabulary.hl7 import parse
from ayni.wire.serve import bind

from ..conftest import until

MEDIA_TYPES = (
    "application/fhir+json",
    "application/json",
    "application/xml",
    "text/xml",
    "application/soap+xml",
    "application/x-java-serialized-object",
    "application/x-python-pickle",
    "application/x-yaml",
    "application/octet-stream",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/gzip",
)
FHIR, CONSOLE = "/channels/intake_to_ehr/fhir/$process-message", "/api/v1/messages/search"
MEGABYTE = 1 << 20


async def heard(port: int, sent: bytes) -> bytes:
    """What comes back before the other side hangs up, or falls silent; the sender's side stays open."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    said = b""
    try:
        async with asyncio.timeout(1.0):
            while chunk := await reader.read(1 << 16):
                said += chunk
    except (TimeoutError, ConnectionResetError):
        pass
    writer.close()
    return said


@pytest.mark.parametrize("media_type", MEDIA_TYPES)
@pytest.mark.parametrize("path", [FHIR, CONSOLE])
async def test_s_02_a_stranger_hears_no_before_a_byte_of_the_body_is_there(engine, path, media_type) -> None:
    port = int((engine.fhir_url if path == FHIR else engine.console_url).rpartition(":")[2])
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {media_type}\r\n"
    said = await heard(port, f"{head}Content-Length: {MEGABYTE}\r\n\r\n".encode())
    assert said.startswith(b"HTTP/1.1 401 ")
    assert await engine.messages() == []


class Canary:
    """Hears whoever an entity would fetch."""

    def __init__(self) -> None:
        self.visits = 0
        self.listener = bind("127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}/canary"

    def visited(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.visits += 1
        writer.close()


@pytest.fixture
async def canary() -> AsyncIterator[Canary]:
    made = Canary()
    async with await asyncio.start_server(made.visited, sock=made.listener):
        yield made


def entities(url: str) -> list[bytes]:
    """Documents that fetch, read or grow when their entities are followed, in the encodings parsers know."""
    declared = (
        f'<!ENTITY x SYSTEM "{url}">',
        '<!ENTITY x SYSTEM "file:///etc/passwd">',
        f'<!ENTITY % p SYSTEM "{url}"> %p;',
        f'<!ENTITY x PUBLIC "p" "{url}">',
        '<!ENTITY a "aaaaaaaaaa"><!ENTITY x "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">',
    )
    made = [f"<!DOCTYPE r [{each}]><r>&x;</r>" for each in declared]
    made += [
        f'<!DOCTYPE r SYSTEM "{url}"><r/>',
        f'<r xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="{url}" parse="text"/></r>',
        f'<?xml-stylesheet type="text/xsl" href="{url}"?><r/>',
        f'<r xmlns:x="http://www.w3.org/2001/XMLSchema-instance" x:schemaLocation="u {url}"/>',
    ]
    encodings = ("utf-8", "utf-16", "utf-16-be", "utf-7", "utf-8-sig")
    return [
        f'<?xml version="1.0" encoding="{name}"?>{each}'.encode(name) for each in made for name in encodings
    ]


async def test_s_03_no_entity_is_followed_at_any_door(engine, canary) -> None:
    for document in entities(canary.url):
        status, _ = await engine.post(document)
        assert 400 <= status < 500
        said = await heard_framed(engine, document)
        assert said == b"" or parse(said)["MSA-1"] in ("AE", "AR")
    div = '<div xmlns="http://www.w3.org/1999/xhtml">&x;</div>'
    narrative = {"status": "generated", "div": f'<!DOCTYPE d [<!ENTITY x SYSTEM "{canary.url}">]>{div}'}
    resource_of = {"resourceType": "Patient", "id": "1", "text": narrative}
    assert (await engine.post(json.dumps(resource_of).encode()))[0] < 500
    assert canary.visits == 0


async def heard_framed(engine, content: bytes) -> bytes:
    said = await heard(engine.mllp_port, b"\x0b" + content + b"\x1c\r")
    return said[1:-2] if said else b""


STRANGERS = {
    "xml": b"<?xml version='1.0'?><ADT_A01/>",
    "json": b'{"resourceType":"Patient"}',
    "http": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}",
    "tls": bytes.fromhex("16030100c8010000c40303") + bytes(189),
    "zip": b"PK\x03\x04" + bytes(60),
    "gzip": gzip.compress(b"MSH|^~\\&|"),
    "pickle": b"cos\nsystem\n(S'true'\ntR.",
    "batch": b"FHS|^~\\&|A\rBHS|^~\\&|A\r",
}


@pytest.mark.parametrize("name", STRANGERS)
@pytest.mark.parametrize("framed", [True, False], ids=["framed", "bare"])
async def test_s_05_only_er7_is_read_on_mllp_and_no_second_parser_is_asked(
    engine, monkeypatch, booked, name, framed
) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("a second parser")

    for each in ("loads", "require_structure"):
        monkeypatch.setattr(formats, each, never)
    content = STRANGERS[name]
    said = await heard(engine.mllp_port, b"\x0b" + content + b"\x1c\r" if framed else content)
    assert said == b"" or parse(said[1:-2])["MSA-1"] in ("AE", "AR")
    states = {each["state"] for each in await engine.messages()}
    assert states <= {"refused"}
    assert (await engine.send(booked()))["MSA-1"] == "AA"


def memory() -> int:
    """The most this process ever held, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "gzip, gzip"])
async def test_s_09_what_is_packed_is_not_unpacked(engine, encoding) -> None:
    """A thousand times smaller than what it would become: it is read as it came, and refused."""
    bomb = gzip.compress(bytes(200 * MEGABYTE))
    assert len(bomb) < MEGABYTE
    before = memory()
    token = engine.secret("tokens/qhali-to-engine")
    headers = {"Authorization": f"Bearer {token}", "Content-Encoding": encoding}
    async with engine.http.post(engine.fhir_url + FHIR, data=bomb, headers=headers) as answer:
        assert answer.status in (400, 415)
    assert memory() - before < 40 * MEGABYTE


async def test_s_09_a_partners_packed_answer_does_not_fill_the_memory(engine, qhali, booked) -> None:
    bomb = gzip.compress(bytes(200 * MEGABYTE))
    asked = asyncio.Event()

    async def answers_with_a_bomb(request: web.Request) -> web.Response:
        await request.read()
        asked.set()
        return web.Response(body=bomb, headers={"Content-Encoding": "gzip"}, content_type="application/json")

    before = memory()
    await qhali.down()
    app = web.Application()
    app.router.add_post("/fhir/$process-message", answers_with_a_bomb)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.SockSite(runner, bind("127.0.0.1", qhali.port)).start()
    await engine.send(booked())
    await asked.wait()
    await qhali_is_answered(engine)
    assert memory() - before < 40 * MEGABYTE
    await runner.cleanup()


async def qhali_is_answered(engine) -> None:
    """Returns once an attempt was written down, whatever came of it."""

    async def is_there() -> bool:
        return any(each["attempts"] for each in await engine.deliveries("state_to_qhali"))

    await until(is_there)


def nested(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


ODD_JSON: dict[str, Callable[[], bytes]] = {
    "deep": lambda: b'{"resourceType":"Bundle","x":' + nested(100_000) + b"}",
    "objects": lambda: b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    "twice": lambda: b'{"resourceType":"Bundle","resourceType":"Patient"}',
    "number": lambda: b'{"resourceType":"Bundle","x":' + b"9" * 500_000 + b"}",
    "exponent": lambda: b'{"resourceType":"Bundle","x":1e999999999}',
    "nan": lambda: b'{"resourceType":"Bundle","x":NaN}',
    "surrogate": lambda: b'{"resourceType":"Bundle","x":"\\ud800"}',
    "nul": lambda: b'{"resourceType":"Bundle","x":"\\u0000"}',
    "bytes": lambda: b'{"resourceType":"Bundle","x":"\xff\xfe"}',
    "cut": lambda: b'{"resourceType":"Bundle","x":"',
    "list": lambda: b"[]",
    "empty": lambda: b"",
}


@pytest.mark.parametrize("name", ODD_JSON)
async def test_s_10_odd_json_is_the_senders_fault_and_never_ours(engine, intake, name) -> None:
    status, outcome = await engine.post(ODD_JSON[name]())
    assert (400 <= status < 500, outcome["resourceType"]) == (True, "OperationOutcome")
    assert (await engine.post(intake()))[0] == 200

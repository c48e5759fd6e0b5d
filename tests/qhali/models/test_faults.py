"""Whatever a model's server does, the rules answer, and nobody's words are in the log."""

import gzip
import logging

import pytest
from aiohttp import web

from ayni.qhali.models import LanguageModel
from ayni.qhali.models.bounded import ANSWER_BYTES_MAX
from ayni.qhali.models.extractor import ModelExtractor
from ayni.qhali.models.ports import Beside, hear_by_rules
from tests.qhali.models.conftest import TODAY, Handler, ModelServer, completion, hearing

TEXT = "Me llamo Elena Chuquilín, DNI 45678912. Tengo tos y ando como radio sin antena"
FACT = ("dizziness", "present", "ando como radio sin antena")


CHUNK_BYTES = 65536
ENDLESS_BYTES = 256 * ANSWER_BYTES_MAX
"""More than the buffers of both ends of a connection hold."""


def fails(status: int) -> Handler:
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.json_response({"error": {"message": TEXT}}, status=status, headers={"Retry-After": "60"})

    return answer


async def hangs_up(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.close()
    return web.Response()


async def stops_in_the_middle(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": "5000"})
    await response.prepare(request)
    await response.write(b'{"id": "1", "choices": [{"mess')
    assert request.transport is not None
    request.transport.close()
    return response


written: list[int] = []


async def never_ends(request: web.Request) -> web.StreamResponse:
    written.clear()
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    for _ in range(ENDLESS_BYTES // CHUNK_BYTES):
        await response.write(b" " * CHUNK_BYTES)
        written.append(CHUNK_BYTES)
    return response


async def unfolds(request: web.Request) -> web.StreamResponse:
    """A right answer, packed although nobody asked for it: what unfolds it does not count as it unfolds."""
    body = completion(hearing(FACT)).body
    assert isinstance(body, bytes)
    packed = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    return web.Response(body=gzip.compress(body), headers=packed)


async def is_no_json(request: web.Request) -> web.StreamResponse:
    return web.Response(body=b"\xff\xfe<html>\x00" * 50, content_type="text/html")


async def is_another_shape(request: web.Request) -> web.StreamResponse:
    return web.json_response({"choices": [], "error": None, "model": 5})


async def is_deep(request: web.Request) -> web.StreamResponse:
    return web.Response(body=b"[" * 200_000, content_type="application/json")


async def sends_elsewhere(request: web.Request) -> web.StreamResponse:
    raise web.HTTPTemporaryRedirect("/v1/messages")


SERVER_FAULTS: dict[str, tuple[Handler, str, int]] = {
    "too many requests": (fails(429), "status 429", 1),
    "broken": (fails(500), "status 500", 1),
    "no key": (fails(401), "status 401", 1),
    "refuses all": (fails(400), "status 400", 2),
    "hangs up": (hangs_up, "unreachable", 1),
    "stops in the middle": (stops_in_the_middle, "unreachable", 1),
    "never ends": (never_ends, "unreachable", 1),
    "unfolds": (unfolds, "unreachable", 1),
    "sends elsewhere": (sends_elsewhere, "unreachable", 1),
    "no json": (is_no_json, "unusable", 2),
    "another shape": (is_another_shape, "unusable", 2),
    "deep": (is_deep, "unusable", 1),
}
"""What it does, the one word for it, and after how many requests."""

BAD_ANSWERS = {
    "prose": "Claro, el paciente tiene gripe. Tome paracetamol.",
    "truncated": hearing(FACT)[:-20],
    "empty": "",
    "null": "null",
    "a list": "[]",
    "deep inside": '{"facts":' + "[" * 5000,
    "unknown code": hearing(("J11.1", "present", "tos")),
    "unknown status": hearing(("cough", "cured", "tos")),
    "unknown level": hearing(level="V"),
    "more than asked": '{"facts": [], "level": null, "reasons": [], "advice": "Tome aspirina"}',
    "too many facts": hearing(*[FACT] * 31),
    "a long quote": hearing(("fatigue", "present", "pesado " * 100)),
    "wrong types": '{"facts": [{"concept": 5, "status": true, "severity": [], "quote": {}}], "level": 1}',
}


def assert_the_rules_answer(server: ModelServer, model: LanguageModel, silence: str, requests: int) -> None:
    heard = ModelExtractor(model)(TEXT, turn=1, asked=None, today=TODAY)
    assert heard.understood == hear_by_rules(TEXT, turn=1, asked=None, today=TODAY).understood
    assert heard.beside == Beside(turn=1, source=model.name, silence=silence)
    assert len(server.bodies) == requests


@pytest.mark.parametrize("fault", SERVER_FAULTS)
def test_a_server_that_fails(server: ModelServer, model: LanguageModel, fault: str) -> None:
    handler, silence, requests = SERVER_FAULTS[fault]
    server.says(handler)
    assert_the_rules_answer(server, model, silence, requests)


def test_an_answer_without_end_is_not_read_to_its_end(server: ModelServer, model: LanguageModel) -> None:
    server.says(never_ends)
    assert_the_rules_answer(server, model, "unreachable", 1)
    assert sum(written) < ENDLESS_BYTES / 2


@pytest.mark.parametrize("answer", BAD_ANSWERS)
def test_an_answer_outside_the_schema(server: ModelServer, model: LanguageModel, answer: str) -> None:
    """Asked natively, then for JSON, then to repair it; then the rules."""
    server.says(BAD_ANSWERS[answer])
    assert_the_rules_answer(server, model, "unusable", 3)


@pytest.mark.parametrize("answer", [fails(500), fails(400), is_no_json, hearing(FACT), BAD_ANSWERS["prose"]])
def test_no_words_of_anybody_are_in_the_log(
    server: ModelServer,
    model: LanguageModel,
    answer: str | Handler,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    server.says(answer)
    with caplog.at_level(logging.DEBUG):
        ModelExtractor(model)(TEXT, turn=1, asked=None, today=TODAY)
    said = caplog.text + "".join(capsys.readouterr())
    assert "no answer" in said or answer == hearing(FACT)
    for word in ("Elena", "45678912", "antena", "tos ", "paracetamol"):
        assert word not in said
    assert {record.name for record in caplog.records} <= {"aiohttp.access", "asyncio"}

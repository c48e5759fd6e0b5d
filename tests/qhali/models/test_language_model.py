"""When a model is asked at all: a server that is down, too many at once, libraries that are not loaded."""

import asyncio
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from aiohttp import web

from ayni.qhali.models import LanguageModel, open_language_model
from ayni.qhali.models.address import ModelAddress, read_address
from ayni.qhali.models.breaker import FAILURES_MAX, PAUSE_SECONDS, Breaker
from ayni.qhali.models.language_model import (
    CALLS_MAX,
    HEAR_SECONDS,
    PHRASE_SECONDS,
    NoAnswer,
)
from ayni.wire.failure import CannotStart
from ayni.wire.settings import SettingError
from tests.qhali.models.conftest import LOADING_SECONDS, ModelServer, hearing


def ask(model: LanguageModel) -> str:
    try:
        model.ask("Hearing", instructions="Read.", said="tos", seconds=HEAR_SECONDS)
    except NoAnswer as none:
        return none.reason
    return "answered"


def test_a_server_that_is_down_is_left_alone_and_then_tried_again(server: ModelServer) -> None:
    seconds = [0.0]
    address = read_address(f"{server.url}/v1", "it")
    model = LanguageModel(address, breaker=Breaker(lambda: seconds[0]))
    model.wait_until_ready(LOADING_SECONDS)

    async def broken(request: web.Request) -> web.StreamResponse:
        return web.Response(status=503)

    server.says(broken)
    assert [ask(model) for _ in range(FAILURES_MAX + 2)] == ["status 503"] * FAILURES_MAX + ["resting"] * 2
    assert len(server.bodies) == FAILURES_MAX
    seconds[0] += PAUSE_SECONDS
    assert [ask(model) for _ in range(2)] == ["status 503", "resting"]
    seconds[0] += PAUSE_SECONDS
    server.says(hearing())
    assert [ask(model) for _ in range(2)] == ["answered"] * 2
    model.close()


def test_a_closed_model_answers_nobody(server: ModelServer) -> None:
    server.says(hearing())
    with LanguageModel(read_address(server.url, "it")) as model:
        model.wait_until_ready(LOADING_SECONDS)
        assert ask(model) == "answered"
    assert ask(model) == "not ready"


def test_missing_packages_are_told_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ayni.qhali.models.language_model.PACKAGES", ("no_such_package",))
    with pytest.raises(CannotStart, match=r"ayni\[models\]"):
        open_language_model("http://127.0.0.1:1", None, setting="x")


def test_nobody_listening_is_no_error_for_the_citizen(server: ModelServer) -> None:
    gone = ModelServer()
    model = LanguageModel(read_address(f"{gone.url}/v1", "it"))
    gone.close()
    model.wait_until_ready(LOADING_SECONDS)
    assert ask(model) == "unreachable"
    model.close()


def test_only_so_many_wait_at_once(server: ModelServer, model: LanguageModel) -> None:
    release = asyncio.Event()

    async def waits(request: web.Request) -> web.StreamResponse:
        if len(server.bodies) == CALLS_MAX:
            await asyncio.sleep(0.2)
            release.set()
        await release.wait()
        return web.Response(status=500)

    server.says(waits)
    with ThreadPoolExecutor(CALLS_MAX) as threads:
        waiting = [threads.submit(ask, model) for _ in range(CALLS_MAX)]
        while len(server.bodies) < CALLS_MAX:
            pass
        assert ask(model) == "busy"
        assert {each.result() for each in waiting} == {"status 500"}
    assert ask(model) != "busy"


def test_before_the_libraries_are_loaded_nobody_waits_for_them(server: ModelServer) -> None:
    code = (
        "import sys\n"
        "from ayni.qhali.models import open_language_model\n"
        "from ayni.qhali.models.language_model import NoAnswer\n"
        "assert open_language_model('', None, setting='x') is None\n"
        "assert not {'pydantic', 'pydantic_ai', 'openai', 'anthropic', 'httpx2'} & set(sys.modules)\n"
        f"model = open_language_model({server.url!r}, None, setting='x')\n"
        "try: model.ask('Hearing', instructions='', said='', seconds=1)\n"
        "except NoAnswer as none: print(none.reason, flush=True)\n"
        "import os; os._exit(0)\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "not ready\n"


def test_a_model_may_take_four_seconds_of_a_citizen_s_time() -> None:
    assert HEAR_SECONDS + PHRASE_SECONDS <= 4


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("http://127.0.0.1:11434/v1#qwen3", ModelAddress("openai", "http://127.0.0.1:11434/v1", "qwen3")),
        ("http://localhost:8080", ModelAddress("openai", "http://localhost:8080/v1", "default")),
        ("http://[::1]:80/v1/chat/completions", ModelAddress("openai", "http://[::1]:80/v1", "default")),
        ("https://api.openai.com/v1#gpt", ModelAddress("openai", "https://api.openai.com/v1", "gpt")),
        (
            "anthropic+https://api.anthropic.com#claude-haiku-4-5",
            ModelAddress("anthropic", "https://api.anthropic.com", "claude-haiku-4-5"),
        ),
    ],
)
def test_addresses(text: str, address: ModelAddress) -> None:
    assert read_address(text, "it") == address


@pytest.mark.parametrize(
    "text",
    [
        "ollama",
        "ftp://a",
        "http://models.example/v1",
        "https://",
        "https://me:key@models.example",
        "http://10.0.0.5/v1",
    ],
)
def test_addresses_of_no_use_say_what_to_write(text: str) -> None:
    with pytest.raises(SettingError, match="AYNI_X"):
        open_language_model(text, None, setting="AYNI_X")

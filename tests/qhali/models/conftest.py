"""A real HTTP server on loopback that speaks the models' protocols and answers as it is told."""

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable, Iterator
from datetime import date
from typing import Any

import pytest
from aiohttp import web

from ayni.qhali.models import LanguageModel
from ayni.qhali.models.address import read_address

TODAY = date(2026, 11, 23)
LOADING_SECONDS = 300  # the clients' libraries, on a machine that others use

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def hearing(*facts: tuple[str, str, str], level: str | None = None, reasons: tuple[str, ...] = ()) -> str:
    """An answer in the right shape, from (concept, status, quote)."""
    rows = [{"concept": c, "status": s, "severity": None, "quote": q} for c, s, q in facts]
    return json.dumps({"facts": rows, "level": level, "reasons": list(reasons)}, ensure_ascii=False)


def completion(text: str) -> web.Response:
    """OpenAI's protocol for a text of the model."""
    return web.json_response(_openai(text))


BY_TASK = {
    "hearing": "You read what",
    "opening": "You write one sentence",
    "topic": "You help a health assistant",
    "translation": "You translate",
}
"""How the instructions of each task begin."""


def task_of(body: dict[str, Any]) -> str:
    """What a request asks for."""
    system = str(body["messages"][0]["content"])
    return next(task for task, begin in BY_TASK.items() if system.startswith(begin))


def said_in(body: dict[str, Any]) -> Any:
    """What a request tells the model, beside the instructions."""
    return json.loads(body["messages"][-1]["content"])


def by_task(**answers: str | Callable[[Any], str]) -> Handler:
    """Answers each task with its own text, or what is made of what is told; one without gets nonsense."""

    async def answer(request: web.Request) -> web.StreamResponse:
        body = await request.json()
        text = answers.get(task_of(body), "nonsense")
        return completion(text if isinstance(text, str) else text(said_in(body)))

    return answer


class ModelServer:
    """Plays `script` from front to back, one entry for each request; the last one stays.

    A text is what the model says; anything else is a handler that does with the request what it likes.
    """

    def __init__(self) -> None:
        self.script: list[str | Handler] = []
        self.bodies: list[dict[str, Any]] = []
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()
        self._ready.wait()

    @property
    def sent(self) -> str:
        """Everything that was ever sent here."""
        return json.dumps(self.bodies, ensure_ascii=False)

    def says(self, *script: str | Handler) -> None:
        self.script = list(script)
        self.bodies.clear()

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        runner = self._loop.run_until_complete(self._start())
        self._ready.set()
        self._loop.run_forever()
        self._loop.run_until_complete(runner.cleanup())
        waiting = asyncio.all_tasks(self._loop)
        for task in waiting:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*waiting, return_exceptions=True))
        self._loop.close()

    async def _start(self) -> web.AppRunner:
        app = web.Application()
        app.router.add_post("/v1/chat/completions", self._answer)
        app.router.add_post("/v1/messages", self._answer)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        return runner

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.bodies.append(await request.json())
        step = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if not isinstance(step, str):
            return await step(request)
        return (
            completion(step) if request.path.endswith("completions") else web.json_response(_anthropic(step))
        )


def _openai(text: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "finish_reason": "stop", "message": message}
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
    return {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]} | {
        "usage": usage
    }


def _anthropic(text: str) -> dict[str, Any]:
    content = [{"type": "text", "text": text}]
    usage = {"input_tokens": 1, "output_tokens": 1}
    head = {"id": "1", "type": "message", "role": "assistant", "model": "m"}
    return head | {"content": content, "stop_reason": "end_turn", "usage": usage}


@pytest.fixture(scope="session")
def server() -> Iterator[ModelServer]:
    server = ModelServer()
    yield server
    server.close()


def open_model(url: str) -> LanguageModel:
    model = LanguageModel(read_address(url, "the address"))
    model.wait_until_ready(LOADING_SECONDS)
    return model


@pytest.fixture
def model(server: ModelServer) -> Iterator[LanguageModel]:
    model = open_model(f"{server.url}/v1#small")
    yield model
    model.close()

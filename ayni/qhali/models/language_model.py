"""A language model as the rest sees it: a question, so many seconds, an answer in a given shape or none.

The pages are threads that wait, the clients are coroutines: a thread of its own holds the loop, and loads the
libraries there, so that nothing waits for them at start.
"""

import asyncio
import threading
from concurrent.futures import Future
from concurrent.futures import TimeoutError as WaitedTooLong
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Self

import structlog

from ayni.qhali.models.address import ModelAddress
from ayni.qhali.models.breaker import Breaker
from ayni.wire.failure import CannotStart

log = structlog.get_logger()

HEAR_SECONDS = 3.0
PLAN_SECONDS = PHRASE_SECONDS = TRANSLATE_SECONDS = 1.0
"""The most that one question may take. Together they have the time of the turn, see `turn_time.py`."""

GRACE_SECONDS = 0.5
"""A loop so busy that it does not notice its own time-out is not waited for longer than this."""

CALLS_MAX = 4
"""At once. Fewer than the pages have threads, so that a slow model never stops a page without one."""


HERE = "este mismo equipo"
"""For the citizen: where a model is that runs on the machine of QHALI itself."""

PACKAGES = ("pydantic_ai", "openai", "anthropic")


class NoAnswer(Exception):
    """The model has no part in this turn. `reason` is one word, and never what anybody said."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class LanguageModel:
    """One server, until `close` or the end of its `with`. Safe to use from several threads."""

    def __init__(self, address: ModelAddress, *, key: str = "", breaker: Breaker | None = None) -> None:
        if not all(map(find_spec, PACKAGES)):
            raise CannotStart(
                "a language model is set, and the packages for it are not: install ayni[models]"
            )
        self.name, self.is_here = address.model, address.is_here
        self.place = HERE if address.is_here else address.host
        self._address, self._key = address, key
        self._breaker = breaker or Breaker()
        self._calls = threading.BoundedSemaphore(CALLS_MAX)
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._ladder: Any = None
        self._thread = threading.Thread(target=self._serve, name="language-model", daemon=True)
        self._thread.start()

    @property
    def called(self) -> str:
        """What a citizen agrees to: this model in this place, and no other one."""
        return f"{self.name}, {self.place}"

    def wait_until_ready(self, seconds: float) -> None:
        """Waits for the libraries to load; before that, every question gets NoAnswer at once."""
        self._ready.wait(seconds)

    def ask(self, schema: str, *, instructions: str, said: str, seconds: float) -> Any:
        """An answer in the shape of one of the schemas (by its name). NoAnswer when there is none in time."""
        if not self._ready.is_set():
            raise NoAnswer("not ready")
        if not self._calls.acquire(blocking=False):
            raise NoAnswer("busy")
        asking = self._answer(schema, instructions, said, seconds)
        future: Future[Any] = asyncio.run_coroutine_threadsafe(asking, self._loop)
        future.add_done_callback(lambda _: self._calls.release())
        try:
            return future.result(seconds + GRACE_SECONDS)
        except WaitedTooLong:
            future.cancel()
            raise NoAnswer("late") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the thread and closes the connections; whoever still asks gets NoAnswer."""
        self._ready.clear()
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        ladder = import_module("ayni.qhali.models.ladder")
        self._ladder = ladder.Ladder(self._address, key=self._key, seconds=HEAR_SECONDS)
        self._loop.call_soon(self._say_ready)
        self._loop.run_forever()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(self._ladder.close())
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()

    def _say_ready(self) -> None:
        self._ready.set()
        log.info("language model ready", model=self.name)

    async def _answer(self, schema: str, instructions: str, said: str, seconds: float) -> Any:
        if not self._breaker.allows():
            raise NoAnswer("resting")
        shape = getattr(import_module("ayni.qhali.models.schema"), schema)
        try:
            async with asyncio.timeout(seconds):
                answer = await self._ladder.answer(shape, instructions, said)
        except Exception as error:  # whatever a server does, the rules answer; its words are not kept
            self._breaker.failed()
            log.warning("no answer of the model", why=_reason(error), error=type(error).__name__)
            raise NoAnswer(_reason(error)) from None
        self._breaker.succeeded()
        return answer


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "late"
    status = getattr(error, "status_code", None)
    if isinstance(status, int):
        return f"status {status}"
    kinds = {kind.__name__ for kind in type(error).__mro__}
    return "unreachable" if "ModelAPIError" in kinds else "unusable"

"""Delivering: one task per destination hands over the heads of its lanes, in order within each lane.

While nobody answers at an address the whole destination waits and probes, however many lanes it has; a
delivery that was not taken, or whose answer was lost, waits by itself and its lane with it.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

import apsw
import structlog

from ayni.engine.channel import Handover
from ayni.engine.pipeline import Pipeline
from ayni.engine.store import Attempt, Delivery, DeliveryState, claim, next_due, recover, settle
from ayni.wire.failure import Backoff, LinkError, NotConnected, NotTaken, Refused
from ayni.wire.logging import correlated, where

log = structlog.get_logger()

LANES_AT_ONCE = 16
"""Enough to hide a partner's latency, few enough not to flood a small server that comes back."""
LOOK_AGAIN_SECONDS = 30.0
"""Every stored message wakes the task; looking by itself as well mends a lost wake-up."""

Send = Callable[[Delivery], Awaitable[bytes]]
"""Sends one delivery over the destination's link; returns its positive answer or raises LinkError."""


@dataclass(frozen=True, slots=True)
class Result:
    """What one attempt leads to: a state, and a handover when the answer is a message itself."""

    state: DeliveryState
    attempt: Attempt
    link_down: bool = False

    def doubted(self, reason: str) -> "Result":
        """The same attempt, of which nobody can say what it led to."""
        attempt = replace(self.attempt, outcome="unknown", reason=reason)
        return replace(self, state=DeliveryState.UNKNOWN, attempt=attempt)


class Deliverer:
    """The task of one destination."""

    def __init__(
        self,
        destination: str,
        send: Send,
        handover: Callable[[str, bytes], Handover | None],
        *,
        pipeline: Pipeline,
        backoff: Backoff,
    ) -> None:
        """`handover` gets the channel's name and a positive answer."""
        self._destination, self._send, self._handover = destination, send, handover
        self._pipeline, self._backoff = pipeline, backoff
        self._write = pipeline.writer.write
        self._work = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._in_hand: set[asyncio.Task[bool]] = set()
        self._down_count = 0
        self._probe_at = 0.0
        self._is_in_doubt = True  # what was being sent when the last process ended

    def wake(self) -> None:
        """Says that there is work; may be called from any thread."""
        self._loop.call_soon_threadsafe(self._work.set)

    @property
    def is_link_down(self) -> bool:
        """Whether the last attempt found nobody at the address."""
        return self._down_count > 0

    async def run(self) -> None:
        """Delivers until cancelled."""
        try:
            while True:
                self._work.clear()
                try:
                    await self._take_up()
                    await self._wait_for_work()
                except Exception as error:  # whatever broke, the deliveries are still there and go again
                    log.error("deliverer failed", destination=self._destination, **where(error))
                    await asyncio.sleep(self._backoff.pause(1))
        finally:
            for task in self._in_hand:
                task.cancel()
            await asyncio.gather(*self._in_hand, return_exceptions=True)

    async def _take_up(self) -> None:
        """Begins to deliver the heads that are due, as many as there is room for."""
        if self._is_in_doubt and not self._in_hand:
            await self._write(partial(recover, destination=self._destination))
            self._is_in_doubt = False
        for delivery in await self._claim(self._room):
            task = asyncio.create_task(self._deliver(delivery))
            self._in_hand.add(task)
            task.add_done_callback(self._done)

    @property
    def _room(self) -> int:
        """How many more lanes may be in hand; a dead link is probed with one, when its time has come."""
        if self._is_in_doubt or self._loop.time() < self._probe_at:
            return 0
        return max(0, (1 if self.is_link_down else LANES_AT_ONCE) - len(self._in_hand))

    def _done(self, task: asyncio.Task[bool]) -> None:
        self._in_hand.discard(task)
        self._work.set()
        if task.cancelled():
            return
        if error := task.exception():
            log.error("delivery failed", destination=self._destination, **where(error))
            self._is_in_doubt = True
        elif task.result():
            self._down_count, self._probe_at = 0, 0.0
        elif self._loop.time() >= self._probe_at:  # lanes that fail together are one failure of the link
            self._down_count += 1
            self._probe_at = self._loop.time() + self._backoff.pause(self._down_count)

    async def _claim(self, limit: int) -> list[Delivery]:
        if not limit:
            return []
        at = self._pipeline.now()
        return await self._write(partial(claim, destination=self._destination, at=at, limit=limit))

    async def _wait_for_work(self) -> None:
        seconds = LOOK_AGAIN_SECONDS
        if self._room:
            seconds = min(seconds, await asyncio.to_thread(self._next_due_seconds))
        elif not self._in_hand:
            seconds = max(0.0, self._probe_at - self._loop.time())
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._work.wait(), seconds)

    def _next_due_seconds(self) -> float:
        with self._pipeline.database.reading() as tx:
            due = next_due(tx, self._destination)
        return max(0.0, (due - self._pipeline.now()).total_seconds()) if due else LOOK_AGAIN_SECONDS

    async def _deliver(self, delivery: Delivery) -> bool:
        """Whether the link was found up."""
        with correlated(delivery.correlation_id):
            result = await self._attempt(delivery)
            try:
                await self._settle(delivery, result)
            except Exception as error:  # a handover that breaks holds its own lane, not the destination
                log.error("delivery not settled", destination=self._destination, **where(error))
                result = result.doubted(f"settling failed: {type(error).__name__}")
                await self._settle(delivery, result)
            log.info(
                "delivery attempted",
                destination=self._destination,
                control_id=delivery.control_id,
                state=result.state.value,
                reason=result.attempt.reason,
            )
        return not result.link_down

    async def _attempt(self, delivery: Delivery) -> Result:
        started_at, started = self._pipeline.now(), time.perf_counter()

        def attempt(outcome: str, reason: str, answer: bytes) -> Attempt:
            ms = round((time.perf_counter() - started) * 1000, 2)
            return Attempt(started_at=started_at, ms=ms, outcome=outcome, reason=reason, answer=answer)

        try:
            answer = await self._send(delivery)
        except Refused as error:
            return Result(DeliveryState.REFUSED, attempt("refused", error.reason, error.answer))
        except NotTaken as error:
            down = isinstance(error, NotConnected)
            return Result(DeliveryState.PENDING, attempt("not-taken", error.reason, error.answer), down)
        except LinkError as error:
            return Result(DeliveryState.UNKNOWN, attempt("unknown", error.reason, error.answer))
        return Result(DeliveryState.DELIVERED, attempt("delivered", "", answer))

    async def _settle(self, delivery: Delivery, result: Result) -> None:
        pause = 0.0 if result.link_down else self._backoff.pause(delivery.attempt_count + 1)
        due_at = self._pipeline.now() + timedelta(seconds=pause)
        handover = None
        if result.state is DeliveryState.DELIVERED:
            handover = self._handover(delivery.channel, result.attempt.answer)

        def change(tx: apsw.Connection) -> None:
            settle(tx, delivery, result.state, result.attempt, due_at=due_at)
            if handover is not None:
                source = f"{delivery.channel}/{self._destination}"
                self._pipeline.hand_over(tx, handover, source=source, parent_id=delivery.message_id)

        await self._write(change)
        if handover is not None:
            self._pipeline.wake()

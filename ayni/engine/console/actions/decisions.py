"""Deciding about stopped deliveries: again in their order, or set aside so that their lanes go on."""

from collections.abc import Iterable, Sequence
from typing import Literal

from starlette.concurrency import run_in_threadpool

from ayni.engine.console.access.doorkeeper import SignedIn
from ayni.engine.console.desk import Desk, Details
from ayni.engine.console.problems import Problem
from ayni.engine.console.shown.resources import Decided, StoppedDelivery
from ayni.engine.console.shown.stopped import StoppedQuestion, each_message
from ayni.engine.store.contract import Store

Decision = Literal["requeue", "set-aside"]
STATE_AFTER: dict[Decision, Literal["pending", "set-aside"]] = {
    "requeue": "pending",
    "set-aside": "set-aside",
}
AT_ONCE = 500
"""One transaction: traffic waits a few milliseconds for it."""
DECIDED_MAX = 10_000
"""More than that is asked for again, with what became of the first in sight."""

Pair = tuple[int, int]
"""The numbers of a message and of its delivery."""


async def decide_one(desk: Desk, user: SignedIn, pair: Pair, decision: Decision) -> None:
    """Decides about one delivery; raises Problem when it is not a stopped delivery of that message."""
    if not (await decide(desk, user, [pair], decision)).decided:
        raise Problem("not-stopped", 409, message_id=pair[0])


async def decide(desk: Desk, user: SignedIn, pairs: Sequence[Pair], decision: Decision) -> Decided:
    """Decides about these deliveries; those that are not stopped any more are skipped."""
    wanted = set(pairs)
    found = await run_in_threadpool(_stopped_of, desk.store, sorted({message_id for message_id, _ in wanted}))
    stopped = [each for each in found if (each.message_id, each.delivery_id) in wanted]
    return await _decided(desk, user, stopped, decision, asked=len(wanted))


async def decide_all(desk: Desk, user: SignedIn, question: StoppedQuestion, decision: Decision) -> Decided:
    """Decides about every stopped delivery a question finds, at most DECIDED_MAX."""
    stopped = await run_in_threadpool(stopped_for, desk.store, question)
    return await _decided(desk, user, stopped, decision, asked=len(stopped))


def stopped_for(store: Store, question: StoppedQuestion) -> list[StoppedDelivery]:
    """What `decide_all` would decide about."""
    found: list[StoppedDelivery] = []
    for _, deliveries in each_message(store, question):
        found += deliveries
        if len(found) >= DECIDED_MAX:
            break
    return found[:DECIDED_MAX]


def _stopped_of(store: Store, message_ids: Iterable[int]) -> list[StoppedDelivery]:
    return [
        delivery
        for message_id in message_ids
        for _, deliveries in each_message(store, StoppedQuestion(message_id=message_id))
        for delivery in deliveries
    ]


async def _decided(
    desk: Desk, user: SignedIn, stopped: Sequence[StoppedDelivery], decision: Decision, *, asked: int
) -> Decided:
    """Oldest first: what had let its lane pass joins it again at the end, in the order it had."""
    if not stopped:
        return Decided(decided=0, skipped=asked)
    ids = sorted(each.delivery_id for each in stopped)
    partners = sorted({each.destination for each in stopped})
    messages = sorted({each.message_id for each in stopped})
    details: Details = {"destination": ", ".join(partners), "deliveries": ids}
    async with desk.acting(user, decision, messages=messages, details=details) as note:
        at, count = desk.runtime.pipeline.steady_now(), 0
        for first in range(0, len(ids), AT_ONCE):
            chunk = ids[first : first + AT_ONCE]
            count += await desk.store.decide(chunk, STATE_AFTER[decision], at=at)
        note.details = {"count": count}
    for partner in partners:
        desk.runtime.wake(partner)
    return Decided(decided=count, skipped=asked - count)

"""Legal hold: putting messages on it for a reason, lifting it; both are written down before they happen."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool

from ayni.engine.console.access.doorkeeper import SignedIn
from ayni.engine.console.desk import Desk
from ayni.engine.console.problems import Problem
from ayni.engine.console.shown.holds import HoldChanged, held_of, ids_for
from ayni.engine.store.contract import Question

AT_ONCE = 500
"""One transaction: traffic waits a few milliseconds for it."""
HELD_MAX = 10_000
"""A case of more messages than this is a question that was asked too widely."""
ALL_MAX = 1 << 31


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Which messages: these numbers, or all that a question finds."""

    messages: Sequence[int] = ()
    question: Question | None = None


async def put(desk: Desk, user: SignedIn, reason: str, which: Held) -> HoldChanged:
    """Keeps messages beyond their time; raises Problem when nothing is found, or too much."""
    ids = sorted(set(await _ids(desk, which)))
    if not ids:
        raise Problem("nothing-to-hold", 404)
    if len(ids) > HELD_MAX:
        raise Problem("hold-too-wide", 422, most=HELD_MAX)
    async with desk.acting(user, "hold", messages=ids, details={"reason": reason}) as note:
        at, changed = desk.runtime.pipeline.now(), 0
        for chunk in _chunks(ids):
            changed += await desk.store.hold(chunk, reason=reason, who=user.name, at=at)
        note.details = {"count": changed}
    return await _changed(desk, reason, changed)


async def lift(desk: Desk, user: SignedIn, reason: str, messages: Sequence[int] = ()) -> HoldChanged:
    """Lets these messages, or all of a reason, go when their time is over; raises Problem for none."""
    held = await run_in_threadpool(desk.store.held, reason, limit=ALL_MAX)
    ids = [each for each in held if not messages or each in set(messages)]
    if not ids:
        raise Problem("hold-not-found", 404)
    async with desk.acting(user, "lift-hold", messages=ids, details={"reason": reason}) as note:
        changed = 0
        for chunk in _chunks(ids):
            changed += await desk.store.lift(reason, chunk)
        note.details = {"count": changed}
    return await _changed(desk, reason, changed)


async def _ids(desk: Desk, which: Held) -> list[int]:
    if which.question is None:
        return list(which.messages)
    return await run_in_threadpool(ids_for, desk.store, which.question, at_most=HELD_MAX)


def _chunks(ids: Sequence[int]) -> list[Sequence[int]]:
    return [ids[first : first + AT_ONCE] for first in range(0, len(ids), AT_ONCE)]


async def _changed(desk: Desk, reason: str, changed: int) -> HoldChanged:
    held = await run_in_threadpool(held_of, desk.store, reason)
    return HoldChanged(reason=reason, changed=changed, held=held)

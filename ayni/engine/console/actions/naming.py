"""Names of channels and destinations as somebody wrote them: who names none is told which there are."""

from collections.abc import Iterable

from starlette.concurrency import run_in_threadpool

from ayni.engine.console.desk import Desk
from ayni.engine.console.problems import Problem

UNKNOWN = {"channel": "channel-not-found", "destination": "destination-not-found"}
"""What is said of a name by what it should be the name of."""


OTHER = {"channel": "channel-is-destination", "destination": "destination-is-channel"}
"""What is said of a name that stands for the other."""


def none_of(known: Iterable[str], kind: str) -> Problem:
    """There is none of that name among these."""
    return Problem(UNKNOWN[kind], 404, known=", ".join(sorted(known)) or "—")


def check_channel(desk: Desk, name: str) -> None:
    """Raises Problem for a channel that does not run here; a destination's name says what there is for it."""
    if name not in desk.runtime.channels:
        _check_other(name, desk.runtime.deliverers, "channel")
        raise none_of(desk.runtime.channels, "channel")


def check_destination(desk: Desk, name: str) -> None:
    """Raises Problem for a destination to which nothing is sent from here; so does a channel's name."""
    if name not in desk.runtime.deliverers:
        _check_other(name, desk.runtime.channels, "destination")
        raise none_of(desk.runtime.deliverers, "destination")


def _check_other(name: str, others: Iterable[str], kind: str) -> None:
    if name in others:
        raise Problem(OTHER[kind], 404, name=name)


async def check_filter(desk: Desk, kind: str, name: str) -> None:
    """Raises Problem for a name neither here nor in the store, which remembers what was undeployed."""
    here = desk.runtime.channels if kind == "channel" else desk.runtime.deliverers
    if not name or name in here:
        return
    stored = {row[kind] for row in await run_in_threadpool(desk.store.counts)} - {""}
    if name not in stored:
        raise none_of({*here, *stored}, kind)

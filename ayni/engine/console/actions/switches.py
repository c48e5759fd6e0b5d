"""Stopping, starting, draining and deploying channels; pausing destinations."""

import asyncio
import contextlib
import re
from pathlib import Path

from starlette.concurrency import run_in_threadpool

from ayni.engine.console.access.doorkeeper import SignedIn
from ayni.engine.console.actions.naming import check_channel, check_destination, none_of
from ayni.engine.console.desk import Desk
from ayni.engine.console.problems import Problem
from ayni.engine.console.shown.resources import Deployed, ShownChannel
from ayni.engine.errors import ChannelError
from ayni.wire.failure import CannotStart

DRAIN_SECONDS = 3.0
"""How long a request waits for the end of a drain; who wants to know more asks again."""
CHANNEL_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")


async def shown_channel(desk: Desk, name: str) -> ShownChannel:
    """A channel as it is now; raises Problem when there is none of that name."""
    found = await run_in_threadpool(desk.figures.one, name)
    if found is None:
        raise none_of(desk.runtime.channels, "channel")
    return found


async def start(desk: Desk, user: SignedIn, name: str) -> ShownChannel:
    """Lets a channel take messages; raises Problem when its source cannot."""
    check_channel(desk, name)
    async with desk.acting(user, "start", details={"channel": name}):
        try:
            await desk.runtime.start_channel(name)
        except CannotStart as error:
            raise _unusable("channel-cannot-start", 409, error) from error
    return await shown_channel(desk, name)


async def stop(desk: Desk, user: SignedIn, name: str) -> ShownChannel:
    """A channel takes nothing more."""
    check_channel(desk, name)
    async with desk.acting(user, "stop", details={"channel": name}):
        await desk.runtime.stop_channel(name)
    return await shown_channel(desk, name)


async def drain(desk: Desk, user: SignedIn, name: str) -> ShownChannel:
    """A channel takes nothing more; returns when nothing waits, or after DRAIN_SECONDS as `draining`."""
    check_channel(desk, name)
    async with desk.acting(user, "drain", details={"channel": name}):
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_SECONDS):
                await desk.runtime.drain(name)
    return await shown_channel(desk, name)


async def deploy(desk: Desk, user: SignedIn, name: str) -> Deployed:
    """Puts what stands in the channel's folder now in the place of what runs; raises Problem."""
    folder = desk.channels_folder / name
    if not CHANNEL_NAME.fullmatch(name) or not (folder / "channel.py").is_file():
        raise Problem("channel-folder-missing", 404, known=_folders(desk.channels_folder))
    running = desk.runtime.channels.get(name)
    async with desk.acting(user, "deploy", details={"channel": name}) as note:
        try:
            revision = await desk.runtime.deploy(folder)
        except CannotStart as error:
            raise _unusable("channel-unusable", 422, error) from error
        note.details = {"channel": name, "revision": revision}
    return Deployed(channel=name, revision=revision, previous_revision=running.revision if running else "")


async def pause(desk: Desk, user: SignedIn, partner: str, *, paused: bool) -> list[ShownChannel]:
    """Holds what a destination is owed, or goes on; the channels that send to it."""
    check_destination(desk, partner)
    async with desk.acting(user, "pause" if paused else "resume", details={"destination": partner}):
        desk.runtime.pause(partner, paused=paused)
    return await _sending_to(desk, partner)


async def drain_destination(desk: Desk, user: SignedIn, partner: str) -> list[ShownChannel]:
    """Pauses a destination; returns when nothing is on its way to it, or after DRAIN_SECONDS."""
    check_destination(desk, partner)
    async with desk.acting(user, "drain-destination", details={"destination": partner}):
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_SECONDS):
                await desk.runtime.drain_destination(partner)
    return await _sending_to(desk, partner)


async def _sending_to(desk: Desk, partner: str) -> list[ShownChannel]:
    channels = (await run_in_threadpool(desk.figures.all)).channels
    return [each for each in channels if any(to.partner == partner for to in each.destinations)]


def _folders(channels: Path) -> str:
    return ", ".join(sorted(each.parent.name for each in channels.glob("*/channel.py"))) or "—"


def _unusable(code: str, status: int, error: CannotStart) -> Problem:
    """What is wrong and the hint; a channel's own error says both apart."""
    hint = error.hint if isinstance(error, ChannelError) else str(error)
    finding = error.finding if isinstance(error, ChannelError) else ""
    return Problem(code, status, place=finding, hint=hint)

"""Sending stored bytes again, as they were or changed: always as a new message linked to the old one."""

from typing import Literal

from starlette.concurrency import run_in_threadpool

from ayni.engine.console.access.doorkeeper import SignedIn
from ayni.engine.console.desk import Desk
from ayni.engine.console.problems import Problem
from ayni.engine.console.shown.resources import Resent
from ayni.engine.console.shown.text import bytes_of, charset_of
from ayni.engine.store.contract import Row
from ayni.engine.writing import StoreBusy

ACTIONS: dict[Literal["replay", "edited"], str] = {"replay": "replay", "edited": "edit-and-resend"}


async def stored(desk: Desk, message_id: int) -> Row:
    """The row of a message; raises Problem when there is none."""
    row = await run_in_threadpool(desk.store.message, message_id)
    if row is None:
        raise Problem("message-not-found", 404)
    return row


async def replay(desk: Desk, user: SignedIn, message_id: int) -> Resent:
    """Sends the original bytes through the channel again; raises Problem."""
    row = await stored(desk, message_id)
    return await _again(desk, user, row, _original(row), "replay")


async def edit_and_resend(desk: Desk, user: SignedIn, message_id: int, content: str) -> Resent:
    """Sends changed content through the channel; raises Problem, also when nothing was changed."""
    row = await stored(desk, message_id)
    original = _original(row)
    if not charset_of(original):
        raise Problem("not-text", 409, message_id=message_id)
    raw = _encoded(content, charset_of(original))
    if raw == original:
        raise Problem("nothing-changed", 422, message_id=message_id)
    return await _again(desk, user, row, raw, "edited")


def _original(row: Row) -> bytes:
    raw: bytes = row["raw"]
    if not raw:
        raise Problem("content-gone", 409, message_id=row["id"])
    return raw


def _encoded(content: str, charset: str) -> bytes:
    """In the character set that the changed text itself names, or else that of the original."""
    if not content.strip():
        raise Problem("nothing-written", 422)
    named = charset_of(content.encode("utf-8", "replace")) if content.startswith("MSH") else ""
    try:
        return bytes_of(content, named or charset)
    except UnicodeEncodeError as error:
        raise Problem("not-in-charset", 422, charset=named or charset) from error


async def _again(
    desk: Desk, user: SignedIn, row: Row, raw: bytes, link: Literal["replay", "edited"]
) -> Resent:
    channel, message_id = row["channel"], row["id"]
    if channel not in desk.runtime.channels:
        raise Problem("channel-gone", 409, channel=channel)
    details = {"channel": channel}
    async with desk.acting(user, ACTIONS[link], messages=[message_id], details=details) as note:
        try:
            new_id = await desk.runtime.pipeline.again(channel, raw, parent_id=message_id, link=link)
        except StoreBusy as error:
            raise Problem("store-busy", 503) from error
        made = await stored(desk, new_id)
        note.messages = [new_id]
        if made["state"] == "refused":
            raise _refused_again(made)
    return Resent(id=new_id, parent_id=message_id, link=link, channel=channel, state=made["state"])


def _refused_again(made: Row) -> Problem:
    return Problem(
        "refused-again",
        422,
        place=made["error_place"] or "",
        message_id=made["id"],
        text=made["error_text"] or made["error_code"],
    )

"""Legal holds as they are shown: one for each reason, with how many messages it keeps."""

from dataclasses import replace
from datetime import datetime

import msgspec
from msgspec import Struct

from ayni.engine.console.shown.messages import shown
from ayni.engine.console.shown.resources import MessagePage
from ayni.engine.store.contract import Question, Store

FOUND_AT_ONCE = 500


class ShownHold(Struct, frozen=True, kw_only=True):
    """One reason. `at` and `who` are of the first message that was held for it."""

    reason: str
    count: int
    at: datetime
    who: str


class HoldList(Struct, frozen=True, kw_only=True):
    """Every legal hold, oldest first."""

    holds: list[ShownHold]


class HoldChanged(Struct, frozen=True, kw_only=True):
    """What putting or lifting did: `changed` messages; `held` are those the reason still keeps."""

    reason: str
    changed: int
    held: int


def holds_of(store: Store) -> HoldList:
    """Every reason."""
    return msgspec.convert({"holds": store.holds()}, HoldList)


def held_of(store: Store, reason: str) -> int:
    """How many messages a reason keeps."""
    return next((each["count"] for each in store.holds() if each["reason"] == reason), 0)


def messages_held(store: Store, reason: str, *, after_id: int, limit: int) -> MessagePage:
    """The messages of a reason by number; `next_before_id` is the last of a full page."""
    ids = store.held(reason, after_id=after_id, limit=limit)
    found = [row for each in ids if (row := store.message(each)) is not None]
    return MessagePage(
        messages=[shown(row) for row in found], next_before_id=ids[-1] if len(ids) == limit else None
    )


def ids_for(store: Store, question: Question, *, at_most: int) -> list[int]:
    """The numbers of all messages a question finds, one more than `at_most` when there are more."""
    ids: list[int] = []
    while len(ids) <= at_most:
        before = ids[-1] if ids else None
        asked = replace(question, before_id=before, limit=FOUND_AT_ONCE)
        page = [row["id"] for row in store.search(asked)]
        ids += page
        if len(page) < FOUND_AT_ONCE:
            break
    return ids

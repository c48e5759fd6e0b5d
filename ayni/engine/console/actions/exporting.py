"""Taking messages away with their content: written down before the first of them is read."""

from collections.abc import Iterator
from dataclasses import replace

import msgspec
from starlette.concurrency import run_in_threadpool

from ayni.engine.console.access.doorkeeper import SignedIn
from ayni.engine.console.desk import Desk
from ayni.engine.console.shown.messages import opened, page_of
from ayni.engine.store.contract import Question

NDJSON = "application/x-ndjson"
EXPORTED_MAX = 500
"""At once: as many as a page of the list holds."""


async def exported(desk: Desk, user: SignedIn, question: Question) -> Iterator[bytes]:
    """The messages with their content, one JSON object a line, each read when it is sent; raises Problem."""
    asked = replace(question, limit=min(question.limit, EXPORTED_MAX))
    found = await run_in_threadpool(page_of, desk.store, asked)
    ids = [message.id for message in found.messages]
    await desk.seen(user, "export", messages=ids)
    return _lines(desk, ids)


def _lines(desk: Desk, ids: list[int]) -> Iterator[bytes]:
    for message_id in ids:
        row = desk.store.message(message_id)
        if row is not None:
            yield msgspec.json.encode(opened(row, desk.audit.of_message)) + b"\n"

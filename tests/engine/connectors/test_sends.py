"""Closing a sender ends what it has under way, in a time that is bounded."""

import asyncio

import pytest
from structlog.testing import capture_logs

from ayni.engine.connectors import sends
from ayni.engine.connectors.sends import Sends
from ayni.wire.failure import NotConnected, OutcomeUnknown


async def test_what_is_under_way_ends_as_unknown_and_nothing_more_begins() -> None:
    made = Sends()
    sending = asyncio.create_task(made.run(asyncio.sleep(60, b"yes")))
    await asyncio.sleep(0)
    await made.close()
    with pytest.raises(OutcomeUnknown):
        await sending
    with pytest.raises(NotConnected):
        await made.run(asyncio.sleep(0, b"yes"))


async def test_a_send_that_does_not_hear_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sends, "CLOSE_SECONDS", 0.05)
    end = asyncio.Event()

    async def deaf() -> bytes:
        while not end.is_set():
            try:
                await end.wait()
            except asyncio.CancelledError:
                continue
        return b"yes"

    made = Sends()
    sending = asyncio.create_task(made.run(deaf()))
    await asyncio.sleep(0)
    with capture_logs() as lines:
        await asyncio.wait_for(made.close(), 5)
    assert [line["count"] for line in lines] == [1]
    end.set()
    assert await sending == b"yes"

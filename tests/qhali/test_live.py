"""The open page hears of every change, and closes with the server."""

import asyncio
import time

from ayni.qhali.site.live import Announcements
from ayni.vocabulary.fhir import dumps
from ayni.vocabulary.request import State


async def lines_until(answer, wanted: str) -> list[str]:
    """The lines of a stream up to the one that begins so."""
    lines: list[str] = []
    async with asyncio.timeout(5):
        async for line in answer.content:
            lines.append(line.decode().strip())
            if lines[-1].startswith(wanted):
                return lines
    raise AssertionError(f"the stream ended before {wanted}: {lines}")


async def test_an_open_page_hears_each_change_once(browser, state_message) -> None:
    await browser.send_request()
    url = browser.url + "/fhir/$process-message"
    token = {"Authorization": "Bearer a-token-of-the-engine"}
    async with browser.http.get(browser.url + "/en-vivo?desde=0") as stream:
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        await lines_until(stream, "retry:")
        for number, state in enumerate((State.RECEIVED, State.IN_REVIEW), 1):
            message = dumps(state_message(number, state))
            async with browser.http.post(url, data=message, headers=token) as answer:
                assert answer.status == 200
            heard = await lines_until(stream, "data:")
            assert heard[-3:] == ["event: estado", f"id: {number}", f"data: {state.value}"]


async def test_a_page_that_missed_a_change_hears_of_it_when_it_connects(
    browser, qhali, state_message
) -> None:
    await browser.send_request()
    await qhali.receive(state_message(1, State.RECEIVED))
    async with browser.http.get(browser.url + "/en-vivo?desde=0") as stream:
        assert (await lines_until(stream, "data:"))[-1] == "data: received"


async def test_the_server_stops_with_a_page_open(browser, server) -> None:
    await browser.send_request()
    async with browser.http.get(browser.url + "/en-vivo?desde=0") as stream:
        await lines_until(stream, "retry:")
        began = time.monotonic()
        assert await asyncio.to_thread(server.stop, 4)
        assert time.monotonic() - began < 4


async def test_a_page_that_closes_is_forgotten() -> None:
    announcements = Announcements()
    with announcements.listening("QH-7M3K9XBT4D") as changed:
        announcements.announce("QH-7M3K9XBT4D")
        announcements.announce("QH-0000000001")
        assert changed.is_set()
        assert announcements.count == 1
    assert announcements.count == 0

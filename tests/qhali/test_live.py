"""The open page hears of every change, and closes with the server."""

import asyncio
import time

import aiohttp
import pytest

from ayni.qhali.site import live
from ayni.qhali.site.live import Streams
from ayni.vocabulary.fhir import dumps
from ayni.vocabulary.request import State

DOOR = "/fhir/$process-message"
TOKEN = {"Authorization": "Bearer a-token-of-the-engine"}


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
    async with browser.http.get(browser.url + "/en-vivo?desde=0") as stream:
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        await lines_until(stream, "retry:")
        for number, state in enumerate((State.RECEIVED, State.IN_REVIEW), 1):
            message = dumps(state_message(number, state))
            async with browser.http.post(browser.url + DOOR, data=message, headers=TOKEN) as answer:
                assert answer.status == 200
            heard = await lines_until(stream, "data:")
            assert heard[-3:] == ["event: estado", f"id: {number}", "data: cambio"]
            assert not any(state.value in line for line in heard)


async def test_a_page_that_missed_a_change_hears_of_it_when_it_connects(
    browser, qhali, state_message
) -> None:
    await browser.send_request()
    await qhali.receive(state_message(1, State.RECEIVED))
    async with browser.http.get(browser.url + "/en-vivo?desde=0") as stream:
        assert "id: 1" in await lines_until(stream, "data:")


async def test_the_server_stops_with_a_page_open(browser, server) -> None:
    await browser.send_request()
    async with browser.http.get(browser.url + "/en-vivo?desde=0") as stream:
        await lines_until(stream, "retry:")
        began = time.monotonic()
        assert await asyncio.to_thread(server.stop, 4)
        assert time.monotonic() - began < 4


async def test_an_open_stream_ends_with_its_session_and_tells_nothing_more(browser, state_message) -> None:
    await browser.send_request()
    async with browser.http.get(browser.url + "/en-vivo?desde=0") as stream:
        await lines_until(stream, "retry:")
        browser.page.select_one("form.leave")["id"] = "leave-form"
        await browser.submit("leave-form")
        message = dumps(state_message(1, State.RECEIVED))
        async with browser.http.post(browser.url + DOOR, data=message, headers=TOKEN) as answer:
            assert answer.status == 200
        async with asyncio.timeout(5):
            assert (await stream.content.read()).strip() == b""


async def test_an_open_stream_ends_when_another_request_takes_its_place_in_the_session(
    browser, state_message
) -> None:
    await browser.send_request()
    async with browser.http.get(browser.url + "/en-vivo?desde=0") as stream:
        await lines_until(stream, "retry:")
        await browser.send_request()
        message = dumps(state_message(1, State.RECEIVED))
        async with browser.http.post(browser.url + DOOR, data=message, headers=TOKEN) as answer:
            assert answer.status == 200
        async with asyncio.timeout(5):
            assert (await stream.content.read()).strip() == b""


async def test_a_session_may_open_a_few_streams_and_closing_one_makes_room(browser) -> None:
    await browser.send_request()
    async with _many(browser) as http:
        answers = await asyncio.gather(*(http.get(browser.url + "/en-vivo") for _ in range(20)))
        opened = [answer for answer in answers if answer.status == 200]
        assert len(opened) == live.STREAMS_PER_SESSION_MAX
        assert {answer.status for answer in answers} == {200, 503}
        opened[0].close()
        assert await _opens_soon(http, browser.url)


async def test_no_more_streams_are_open_than_the_limit(browser, monkeypatch) -> None:
    monkeypatch.setattr(live, "STREAMS_MAX", 5)
    monkeypatch.setattr(live, "STREAMS_PER_SESSION_MAX", 100)
    await browser.send_request()
    async with _many(browser) as http:
        answers = await asyncio.gather(*(http.get(browser.url + "/en-vivo") for _ in range(20)))
        assert sum(answer.status == 200 for answer in answers) == 5


async def _opens_soon(http: aiohttp.ClientSession, url: str) -> bool:
    """Whether a stream opens within a few seconds, once the server has missed a visitor."""
    for _ in range(100):
        async with http.get(url + "/en-vivo") as answer:
            if answer.status == 200:
                return True
        await asyncio.sleep(0.05)
    return False


def _many(browser) -> aiohttp.ClientSession:
    """The browser's session, with as many connections as are asked for."""
    connector = aiohttp.TCPConnector(limit=0)
    return aiohttp.ClientSession(cookie_jar=browser.http.cookie_jar, connector=connector)


@pytest.mark.parametrize("since", ["9" * 5000, "-1", "²", "x", ""])
async def test_a_place_that_is_no_number_counts_as_the_beginning(
    browser, qhali, state_message, since
) -> None:
    await browser.send_request()
    await qhali.receive(state_message(1, State.RECEIVED))
    async with browser.http.get(browser.url + f"/en-vivo?desde={since}") as stream:
        assert stream.status == 200
        assert "id: 1" in await lines_until(stream, "data:")


def test_a_stream_that_closes_is_forgotten() -> None:
    streams = Streams()
    stream, other = streams.open("session", "QH-7M3K9XBT4D"), streams.open("other", "QH-0000000001")
    streams.announce("QH-7M3K9XBT4D")
    assert (stream.changed.is_set(), other.changed.is_set()) == (True, False)
    streams.close(stream)
    streams.close(stream)
    assert streams.count == 1


def test_a_session_that_has_its_streams_takes_no_place_of_others() -> None:
    streams = Streams()
    opened = [streams.open("session", "QH-7M3K9XBT4D") for _ in range(live.STREAMS_PER_SESSION_MAX + 1)]
    assert opened[-1] is None
    assert streams.open("other", "QH-0000000001") is not None

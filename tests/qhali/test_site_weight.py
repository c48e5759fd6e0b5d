"""What a page costs on a weak network: everything its first paint loads, as it crosses the wire."""

import re

import aiohttp
import pytest

PAINT_BYTES_MAX = 60 * 1024
PAGES = ("/", "/conversacion", "/datos", "/pedido", "/sin-senal")
IMPORTED = re.compile(r"""(?:from|import) "\./([\w.-]+)";""")


async def _content(browser, address: str) -> tuple[int, str]:
    """Bytes as they cross the wire, and the text that they are."""
    async with (
        aiohttp.ClientSession(cookie_jar=browser.http.cookie_jar, auto_decompress=False) as http,
        http.get(browser.url + address) as answer,
        browser.http.get(browser.url + address) as again,
    ):
        assert answer.status == 200, address
        return len(await answer.read()), await again.text()


async def _loaded(browser) -> set[str]:
    """What the page names and what its modules import."""
    found = {each.get("src") or each["href"] for each in browser.page.select("script, link[href], img[src]")}
    waiting = set(found)
    while waiting:
        _, text = await _content(browser, waiting.pop())
        new = {f"/static/{name}" for name in IMPORTED.findall(text)} - found
        found |= new
        waiting |= new
    return found


async def _reach(browser, page: str) -> None:
    """Opens a page where a citizen meets it."""
    if page == "/pedido":
        await browser.send_request()
    elif page == "/datos":
        await browser.open("/")
        await browser.submit("consent-form")
        for says in ("no puedo respirar", "en Chetilla"):
            await browser.submit("turn-form", text=says)
    elif page == "/conversacion":
        await browser.open("/")
        await browser.submit("consent-form")
        for says in ("me desmayé", "ayer"):
            await browser.submit("turn-form", text=says)
    else:
        await browser.open(page)


@pytest.mark.parametrize("page", PAGES)
async def test_the_first_paint_is_light(browser, page) -> None:
    await _reach(browser, page)
    loaded = {page, *await _loaded(browser)}
    assert all(each.startswith("/") for each in loaded), "a page loads from its own server only"
    sizes = {each: (await _content(browser, each))[0] for each in loaded}
    assert sum(sizes.values()) <= PAINT_BYTES_MAX, sizes


async def test_the_phone_keeps_every_part_of_the_page_without_signal(browser) -> None:
    """A part that the worker does not keep would leave that page without its style or its words."""
    await browser.open("/sin-senal")
    _, worker = await _content(browser, "/static/offline-worker.js")
    kept = {f"/static/{name}" for name in re.findall(r'"([\w-]+\.(?:css|svg|js))"', worker)}
    assert await _loaded(browser) == kept


async def test_the_page_without_signal_says_nothing_of_anybody(browser) -> None:
    request_id = await browser.send_request()
    async with aiohttp.ClientSession() as stranger, stranger.get(browser.url + "/sin-senal") as answer:
        assert request_id not in await answer.text()
        assert "Set-Cookie" not in answer.headers


async def test_browsers_are_told_when_what_they_keep_has_changed(browser) -> None:
    """A worker of the same bytes is not installed again, and would go on keeping the old parts."""
    _, worker = await _content(browser, "/avisos-worker.js")
    assert re.search(r"^// [0-9a-f]{64}\n\Z", worker, re.MULTILINE)
    assert 'importScripts("/static/offline-worker.js")' in worker

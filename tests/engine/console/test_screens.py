"""The console in a real browser: its own forms work, every page fits a phone, and what is live stays live."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, async_playwright, expect

PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 800}
PATHS = (
    "/",
    "/canales/state_to_qhali",
    "/mensajes",
    "/mensajes/1",
    "/mensajes/1/editar",
    "/seguir?correlation_id=QH-0000000000",
    "/detenidos",
    "/alertas",
    "/retenciones",
    "/cuadre?count=1",
    "/auditoria",
    "/auditoria/verificacion",
    "/cuentas",
    "/mensajes/99",
)

pytestmark = pytest.mark.browser


@pytest.fixture
async def window(engine, chromium) -> AsyncIterator[Page]:
    """A signed-in window of its own."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.connect_over_cdp(chromium)
        context = await browser.new_context(viewport=DESK, base_url=engine.console_url, locale="es-PE")
        page = await context.new_page()
        await page.goto("/acceso")
        await expect(page.locator("[name=username]")).to_be_focused()
        await page.keyboard.type("operador")
        await page.keyboard.press("Tab")
        await page.keyboard.type(engine.secret("engine/operator-password"))
        await page.keyboard.press("Enter")
        await expect(page.locator("h1")).to_have_text("Canales")
        yield page
        await context.close()


async def test_every_page_fits_a_phone_and_a_desk_and_no_script_is_refused(window, refuses):
    await refuses(2)
    said: list[str] = []
    window.on("console", lambda line: said.append(line.text))
    for size in (PHONE, DESK):
        await window.set_viewport_size(size)
        for path in PATHS:
            await window.goto(path)
            for summary in await window.query_selector_all("main details > summary"):
                if await summary.is_visible():
                    await summary.click()
            over = await window.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert over <= 0, (path, size, over)
    assert [each for each in said if "404" not in each] == []


async def test_the_overview_counts_by_itself_and_says_when_the_engine_is_silent(engine, window, booked):
    received = window.locator("#channel-state_to_qhali .channel td").nth(3)
    await expect(received).to_have_text("0")
    await engine.send(booked())
    await expect(received).to_have_text("1")
    await engine.stop()
    await expect(window.locator(".stale")).to_contain_text("El motor no responde")


async def test_many_deliveries_are_decided_with_the_keyboard_alone(engine, window, refuses):
    await refuses(3)
    await window.goto("/detenidos")
    await window.get_by_label("Elegir todos los de la página").focus()
    await window.keyboard.press("Space")
    assert await window.locator("input[name=delivery]:checked").count() == 3
    await window.get_by_role("button", name="Apartar…").focus()
    await window.keyboard.press("Enter")
    await expect(window.locator("h1")).to_have_text("¿Apartar 3 entregas?")
    await window.get_by_role("button", name="Sí, apartar").focus()
    await window.keyboard.press("Enter")
    await expect(window.get_by_role("status")).to_contain_text("Se decidió sobre 3 entregas.")
    await engine.reaches("set-aside", "set-aside", "set-aside", channel="state_to_qhali")


async def test_a_channel_is_stopped_only_after_a_second_word(engine, window):
    await window.goto("/canales/state_to_qhali")
    await window.get_by_text("Parar…").press("Enter")
    await window.get_by_role("button", name="Sí, parar").press("Enter")
    await expect(window.get_by_text("parado").first).to_be_visible()
    await window.get_by_role("button", name="Iniciar").click()
    await expect(window.get_by_text("en marcha").first).to_be_visible()


async def test_the_language_is_switched_on_the_page_one_is_on(window):
    await window.goto("/mensajes?state=refused")
    await window.get_by_role("button", name="English").click()
    await expect(window.locator("h1")).to_have_text("Messages")
    assert window.url.endswith("/mensajes?state=refused")


async def test_what_was_edited_in_the_page_is_what_is_sent(engine, qhali, window, booked):
    await engine.send(booked())
    await window.goto("/mensajes/1/editar")
    box = window.locator("textarea")
    await box.fill((await box.input_value()).replace("JULIA", "ROSA"))
    await window.get_by_role("button", name="Enviar lo corregido").click()
    await expect(window.locator("h1")).to_contain_text("SIU^S12")
    await qhali.receives(2)
    assert b"ROSA PRUEBA" in qhali.taken[1]


async def test_one_stopped_delivery_is_found_and_sent_again_with_the_keyboard_alone_in_english(
    engine, qhali, window, refuses
):
    await refuses(1)
    await window.set_viewport_size(PHONE)
    await window.get_by_role("button", name="English").press("Enter")
    await window.get_by_role("link", name="Stalled").press("Enter")
    await expect(window.locator("h1")).to_have_text("Await a decision")
    await window.get_by_role("button", name="Send message 1 to qhali again").press("Enter")
    await expect(window.get_by_role("status")).to_contain_text("Decided about 1 delivery.")
    await engine.reaches("delivered", channel="state_to_qhali")
    await window.goto("/seguir?correlation_id=QH-0000000000")
    picture = window.get_by_label("Way of the request")
    await expect(picture.get_by_role("listitem")).to_have_count(4)
    await expect(picture).to_contain_text("Decision requeue · operador")

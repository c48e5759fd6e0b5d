"""A citizen at a phone of 360 x 740: an ordinary case, an emergency, a question that is none of health.

The pictures `ciudadano-*` that these tests leave in var/screenshots are the ones docs/guia-ciudadano/ shows.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.citizen import (
    ANSWER_MS,
    DESK,
    HAS_MOVED_ON,
    IDENTITY,
    answer,
    begin,
    faults,
    phone,
    picture,
    say_who,
    send,
    talk,
)


@pytest.fixture
def page(context: BrowserContext, url: str) -> Iterator[Page]:
    opened = context.new_page()
    asked: list[str] = []
    complaints: list[str] = []
    opened.on("request", lambda request: asked.append(request.url))
    opened.on("console", lambda message: complaints.append(message.text))
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    assert [each for each in asked if not each.startswith(url)] == [], "nothing is asked of anybody else"
    unexpected = [each for each in complaints if "status of 422" not in each]  # a form that is to be mended
    assert unexpected == [], "no script fails, and nothing is against the content policy"


def test_an_ordinary_case_is_received(page: Page, url: str) -> None:
    request_is_sent(page, url)
    expect(page.locator("#state")).to_have_attribute("data-state", "received", timeout=ANSWER_MS)
    assert faults(page) == []
    page.click("#noted-form button")
    picture(page, "ciudadano-5-pedido", whole=True)
    page.get_by_role("link", name="Cómo llegar").click()
    page.wait_for_selector("svg[role=img]")
    assert faults(page) == []
    picture(page, "ciudadano-6-como-llegar", whole=True)
    page.go_back()
    page.get_by_role("link", name="¿Qué guardaste de mí?").click()
    page.wait_for_selector("#forget-form")
    assert faults(page) == []
    picture(page, "ciudadano-7-mis-datos")


def request_is_sent(page: Page, url: str) -> None:
    """From the first page to the sent request; every page on the way can be used by everybody."""
    page.goto(url)
    picture(page, "ciudadano-1-inicio")
    assert faults(page) == []
    begin(page, url)
    assert faults(page) == []
    answer(page, "Tengo tos con flema desde hace tres días")
    expect(page.locator("#list-form")).to_be_focused()
    assert faults(page) == []
    picture(page, "ciudadano-2-conversacion")
    for part in page.locator("#list-form fieldset").all():
        part.get_by_label("No", exact=True).check()
    page.locator("#list-form .button").click()
    expect(page.locator("#said-2 .words")).to_have_text("1. No\n2. No\n3. No")
    talk(page)
    assert faults(page) == []
    picture(page, "ciudadano-3-datos")
    say_who(page)
    assert faults(page) == []
    picture(page, "ciudadano-4-resumen", whole=True)
    send(page)


def test_an_emergency_says_at_once_what_to_do(page: Page, url: str) -> None:
    begin(page, url)
    page.locator("#text").fill("mi papá no puede respirar")
    page.locator("#turn-form .button").click()
    page.wait_for_selector("#go-on")
    alarm = page.locator(".emergency.level-I")
    expect(alarm).to_be_in_viewport()
    for number in ("106", "113"):
        call = alarm.locator(f".call[href='tel:{number}']")
        expect(call).to_be_in_viewport(ratio=1)
    expect(alarm).to_contain_text("Debe atender día y noche")
    assert alarm.get_attribute("role") == "alert"
    assert faults(page) == []
    picture(page, "ciudadano-8-emergencia")
    alarm.get_by_role("link", name="Cómo llegar").click()
    page.locator("#district").select_option("061103")
    page.locator("#nearby-form button").click()
    page.wait_for_selector("#always svg[role=img]")
    assert faults(page) == []
    picture(page, "ciudadano-9-a-donde-ir", whole=True)


def test_a_question_that_is_none_of_health_raises_no_alarm(page: Page, url: str) -> None:
    begin(page, url)
    page.locator("#text").fill("¿a qué hora atiende el puesto?")
    page.locator("#turn-form .button").click()
    expect(page.locator("#said-1")).to_contain_text("¿a qué hora atiende el puesto?")
    expect(page.locator("#elsewhere")).to_contain_text("horarios, citas o papeles")
    expect(page.locator(".emergency")).to_have_count(0)
    assert faults(page) == []
    picture(page, "ciudadano-10-consulta")


def test_a_health_worker_types_for_a_citizen(page: Page, url: str) -> None:
    page.goto(url)
    page.get_by_text("Soy personal de salud").click()
    page.get_by_label("Su nombre y apellidos").fill("Julia Prueba")
    page.get_by_label("Su DNI").fill("12345678")
    page.click("#consent-form > button")
    expect(page.locator("#enterer_dni-hint")).to_be_visible()
    assert faults(page) == []
    page.get_by_label("Su DNI").fill("99000025")
    page.click("#consent-form > button")
    expect(page.locator(".enterer")).to_contain_text("JULIA PRUEBA")
    assert faults(page) == []
    picture(page, "ciudadano-12-personal-de-salud")


def test_the_keyboard_alone_gets_from_consent_to_the_summary(page: Page, url: str) -> None:
    page.goto(url)
    page.locator("#consent-form > button").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#turn-form")
    expect(page.locator("#said-0")).to_be_in_viewport(ratio=1)  # it is read before anything is asked
    tab_to(page, "#text")
    says = iter(["me duele la cabeza"])
    while not page.locator("#identity-form").count():
        expect(page.locator("#list-form, #quick-form, #text").first).to_be_focused()
        assert faults(page) == []
        number = page.locator("#chat").get_attribute("data-number")
        if page.locator("#quick-form").count():
            denies = "[value='No'][name=text], [value='Nada de eso']"
            tab_to(page, denies if page.locator(denies).count() else "#quick-form [name=text]")
        else:
            tab_to(page, "#text")
            page.keyboard.type(next(says, "no"))
            tab_to(page, "#turn-form .button")
        page.keyboard.press("Enter")
        page.wait_for_function(HAS_MOVED_ON, arg=number)
        page.wait_for_load_state()
    page.locator("#dni").focus()
    for value in IDENTITY.values():
        page.keyboard.type("14031992" if value == IDENTITY["birth_date"] else value)
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('form').id") == "identity-form"


def tab_to(page: Page, selector: str) -> None:
    """Tab until this has the focus."""
    for _ in range(12):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not reach {selector}")


def test_a_screen_reader_hears_only_what_is_new(page: Page, url: str) -> None:
    begin(page, url)
    page.evaluate("""() => {
        window.added = [];
        const isNew = (each) => each.matches?.("li:not(.waiting)");
        const ids = (change) => [...change.addedNodes].filter(isNew).map(({ id }) => id);
        const keep = (change) => window.added.push(...ids(change));
        const log = document.querySelector("[role=log]");
        new MutationObserver((all) => all.forEach(keep)).observe(log, { childList: true, subtree: true });
    }""")
    answer(page, "tengo tos")
    answer(page, "no")
    assert page.evaluate("window.added") == ["said-1", "asked-2", "said-2", "asked-3"]
    tree = page.locator("#log").aria_snapshot()
    assert "Usted:" in tree
    assert "QHALI pregunta:" in tree


def test_a_desk_shows_the_same_pages(chromium: Browser, url: str) -> None:
    context = chromium.new_context(viewport=DESK, locale="es-PE")
    page = context.new_page()
    begin(page, url)
    answer(page, "tengo tos")
    assert faults(page) == []
    context.close()


def test_the_page_can_be_made_twice_as_large(context: BrowserContext, url: str) -> None:
    """WCAG 1.4.4 and 1.4.10: at 200 % a phone of 360 px has 180 px of its own."""
    page = context.new_page()
    page.set_viewport_size({"width": 180, "height": 370})
    begin(page, url)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_forms_do_the_same_without_javascript(chromium: Browser, url: str) -> None:
    context = phone(chromium, java_script_enabled=False)
    page = context.new_page()
    begin(page, url)
    page.locator("#text").fill("tengo tos con flema desde ayer")
    page.locator("#turn-form .button").click()
    page.locator("#list-form fieldset").first.get_by_label("No sé").check()
    page.locator("#list-form .button").click()
    expect(page.locator("#said-2")).to_contain_text("1. No sé")
    context.close()

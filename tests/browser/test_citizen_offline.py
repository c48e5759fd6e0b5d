"""Without a signal: what is written waits on the phone, goes out once and in order, and is erased in time."""

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.browser.citizen import answer, begin, faults, picture

KEPT = "localStorage.getItem('qhali.waiting')"
CONTROLLED = "() => navigator.serviceWorker.controller !== null"


@pytest.fixture
def page(context: BrowserContext, url: str) -> Page:
    """A conversation whose page is kept for when there is no signal."""
    opened = context.new_page()
    begin(opened, url)
    opened.wait_for_function(CONTROLLED)
    return opened


def write(page: Page, text: str) -> None:
    page.locator("#text").fill(text)
    page.locator("form:has(#text) .button").click()


def waiting(page: Page) -> list[str]:
    return page.locator(".waiting .words").all_inner_texts()


def test_what_is_written_without_signal_survives_a_reload_and_goes_out_once_in_order(
    page: Page, context: BrowserContext
) -> None:
    context.set_offline(True)
    write(page, "tengo tos")
    write(page, "y me da fiebre")
    expect(page.locator(".waiting .note").last).to_have_text("Esperando señal")
    expect(page.locator("#network")).to_contain_text("Sin señal")
    assert faults(page) == []
    picture(page, "ciudadano-11-sin-senal")
    page.reload()
    expect(page.locator("h1")).to_have_text("No hay señal")
    expect(page.locator(".said.now")).to_contain_text("¿Qué le pasa?")
    write(page, "desde ayer")
    assert waiting(page) == ["tengo tos", "y me da fiebre", "desde ayer"]
    assert faults(page) == []
    context.set_offline(False)
    expect(page.locator("#said-1 .words")).to_have_text("tengo tos\ny me da fiebre\ndesde ayer")
    assert page.locator("#chat").get_attribute("data-number") == "2"
    assert page.evaluate(KEPT) is None


def test_a_reply_that_is_lost_makes_no_second_answer(page: Page) -> None:
    replies = []

    def lose(route: Route) -> None:
        if route.request.method == "POST" and not replies:
            replies.append(route.fetch(max_redirects=0).status)
            return route.abort()
        return route.continue_()

    page.route("**/conversacion", lose)
    write(page, "tengo tos")
    expect(page.locator(".waiting .note")).to_have_text("Esperando señal")
    write(page, "y me duele la cabeza")
    expect(page.locator("#said-1 .words")).to_have_text("tengo tos")
    assert replies == [302]
    expect(page.locator("#text")).to_have_value("y me duele la cabeza")
    expect(page.locator("#answer .mistake")).to_contain_text("antes de ver esta pregunta")
    assert page.locator("#chat").get_attribute("data-number") == "2"


def test_what_waits_never_answers_a_question_that_its_writer_had_not_seen(
    page: Page, context: BrowserContext, url: str
) -> None:
    other = context.new_page()
    other.goto(f"{url}/conversacion")
    answer(other, "tengo tos con flema")
    write(page, "no")
    expect(page.locator("#said-1 .words")).to_have_text("tengo tos con flema")
    expect(page.locator("#text")).to_have_value("no")
    assert page.locator("#said-2").count() == 0


@pytest.mark.parametrize("how", ["close", "erase", "expired"])
def test_nothing_that_waits_is_left_to_the_next_person_at_the_phone(
    page: Page, context: BrowserContext, url: str, how: str
) -> None:
    context.set_offline(True)
    write(page, "tengo tos")
    expect(page.locator(".waiting")).to_have_count(1)
    if how == "erase":
        page.reload()
        page.click("#erase")
        expect(page.locator("#waiting")).to_be_hidden()
    else:
        # the conversation ends elsewhere: closed in another window, or its session is over
        context.clear_cookies()
        context.set_offline(False)
        page.goto(url if how == "close" else f"{url}/volver")
    page.wait_for_function(f"() => {KEPT} === null")
    assert "tengo tos" not in page.content()


def test_going_back_after_closing_shows_nothing_of_the_conversation(page: Page) -> None:
    answer(page, "tengo tos con flema")
    page.click("#close-form button")
    page.wait_for_selector("#consent-form")
    page.go_back()
    page.wait_for_selector("#consent-form")
    assert "tengo tos con flema" not in page.content()
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]


def test_back_and_forward_bring_the_conversation_as_it_is(page: Page) -> None:
    answer(page, "tengo tos con flema")
    page.go_back()
    page.wait_for_selector("#consent-form")
    page.go_forward()
    expect(page.locator("#said-1 .words")).to_have_text("tengo tos con flema")
    expect(page.locator("#said-1")).to_have_count(1)

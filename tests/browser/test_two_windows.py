"""A citizen on a phone and a nurse at a desk, side by side in real windows, and the operator's console.

The screenshots these tests leave in var/screenshots are the ones the README shows.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from ayni.exercise.actors.console import operator_account
from ayni.exercise.actors.staff import accounts
from ayni.exercise.processes import Processes

SCREENSHOTS = Path(__file__).resolve().parents[2] / "var" / "screenshots"
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 800}
ANSWER_MS = 15_000
"""The budget is two seconds from click to screen; a busy machine is not what this test is about."""
PAINTED = "() => new Promise(painted => requestAnimationFrame(() => requestAnimationFrame(painted)))"
"""Before its first frame a window of a busy machine can be neither photographed nor clicked."""

CITIZEN = {
    "dni": "99000017",
    "paternal_surname": "PRUEBA",
    "maternal_surname": "ÑAUPARI",
    "given_names": "MARÍA ELENA",
    "birth_date": "1992-03-14",
}


def address(exercise: Processes, port: str) -> str:
    return f"http://127.0.0.1:{exercise.variables[port]}"


def data(exercise: Processes) -> Path:
    return Path(exercise.variables["AYNI_VAR"])


def window(browser: Browser, size: dict[str, int], url: str) -> Page:
    page = browser.new_context(viewport=size, locale="es-PE").new_page()  # type: ignore[arg-type]
    page.set_default_timeout(ANSWER_MS)
    page.goto(url)
    page.evaluate(PAINTED)
    return page


def picture(page: Page, name: str) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.bring_to_front()  # Chromium may not paint a window that another one covers
    page.evaluate(PAINTED)
    page.screenshot(path=SCREENSHOTS / f"{name}.png")


def fits_its_width(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def talk(page: Page, *says: str) -> None:
    """Answers what QHALI asks, in order, and no to whatever comes after."""
    answers = iter(says)
    while page.locator("#turn-form").is_visible():
        page.locator("#turn-form [name=text]").fill(next(answers, "no"))
        with page.expect_navigation():
            page.locator("#turn-form button").click()


def say_who(page: Page) -> None:
    form = page.locator("#identity-form")
    for name, value in CITIZEN.items():
        form.locator(f"[name={name}]").fill(value)
    form.get_by_label("Mujer").check()
    form.locator("[name=district]").select_option("061103")
    form.locator("[name=facility]").select_option("00004576")
    form.get_by_role("button").click()
    page.wait_for_selector("#confirm-form")


@pytest.fixture(scope="module")
def citizen(chromium: Browser, exercise: Processes) -> Iterator[Page]:
    page = window(chromium, PHONE, address(exercise, "AYNI_QHALI_PORT"))
    yield page
    page.context.close()


@pytest.fixture(scope="module")
def nurse(chromium: Browser, exercise: Processes) -> Iterator[Page]:
    page = window(chromium, DESK, address(exercise, "AYNI_ONEVISION_PORT"))
    user, password = accounts(data(exercise) / "onevision" / "demo-accounts.txt")["enfermeria"]
    page.fill("#login-form [name=username]", user)
    page.fill("#login-form [name=password]", password)
    page.click("#login-form button")
    yield page
    page.context.close()


def test_the_citizens_page_changes_by_itself_when_the_nurse_books(citizen: Page, nurse: Page) -> None:
    picture(citizen, "qhali-welcome-phone")
    citizen.click("#consent-form button")
    talk(citizen, "Tengo tos con flema y fiebre", "desde hace tres días")
    say_who(citizen)
    picture(citizen, "qhali-summary-phone")
    citizen.check("#confirm-form [name=consent]")
    citizen.click("#confirm-form button")
    request_id = citizen.locator("#request-id").inner_text().strip()
    assert re.fullmatch(r"QH-[0-9A-HJKMNP-TV-Z]{10}", request_id)
    expect(citizen.locator("#state")).to_have_attribute("data-state", "received", timeout=ANSWER_MS)

    nurse.bring_to_front()
    nurse.reload()
    picture(nurse, "onevision-inbox-desk")
    nurse.locator(f"[data-request-id='{request_id}'] .open-form button").click()
    expect(citizen.locator("#state")).to_have_attribute("data-state", "in-review", timeout=ANSWER_MS)
    picture(nurse, "onevision")
    slot = nurse.locator("#accept-form [name=slot] option").nth(1).get_attribute("value")
    nurse.locator("#accept-form [name=slot]").select_option(slot)
    nurse.locator("#accept-form button").click()

    expect(citizen.locator("#state")).to_have_attribute("data-state", "booked", timeout=ANSWER_MS)
    picture(citizen, "qhali")
    assert request_id in citizen.content()
    assert request_id in nurse.content()
    timeline = citizen.locator("#timeline li[data-state]")
    assert [item.get_attribute("data-state") for item in timeline.all()][-1] == "booked"


def test_the_operator_follows_the_request_through_the_console(
    chromium: Browser, exercise: Processes, citizen: Page
) -> None:
    request_id = citizen.locator("#request-id").inner_text().strip()
    page = window(chromium, DESK, address(exercise, "AYNI_ENGINE_PORT"))
    user, password = operator_account(data(exercise) / "engine" / "operator-account.txt")
    page.fill("[name=username]", user)
    page.fill("[name=password]", password)
    page.click("#login-form button")
    picture(page, "engine-channels-desk")
    page.goto(address(exercise, "AYNI_ENGINE_PORT") + f"/mensajes?correlation_id={request_id}")
    picture(page, "engine")
    kinds = [kind.inner_text() for kind in page.locator(".messages strong").all()]
    assert kinds[:2] == ["intake-submitted", "SRR^S01"]
    assert kinds[-1] == "SIU^S12"
    page.context.close()


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_every_page_on_the_way_fits_its_window(size: dict[str, int], citizen: Page, nurse: Page) -> None:
    for page in (citizen, nurse):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        assert fits_its_width(page), page.url
    picture(nurse, f"onevision-request-{size['width']}")
    nurse.goto(re.sub(r"/pedidos/.*", "/", nurse.url))
    assert fits_its_width(nurse), nurse.url


def test_the_whole_talk_works_by_keyboard_alone(chromium: Browser, exercise: Processes) -> None:
    page = window(chromium, PHONE, address(exercise, "AYNI_QHALI_PORT"))
    page.locator("#consent-form button").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#turn-form [name=text]")
    page.locator("#turn-form [name=text]").focus()
    page.keyboard.type("me duele la cabeza")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('form')?.id") == "turn-form"
    page.keyboard.press("Enter")
    expect(page.locator("body")).to_contain_text("me duele la cabeza")
    page.context.close()

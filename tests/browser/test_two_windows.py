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
from tests.browser.citizen import ANSWER_MS, DESK, PHONE, picture, say_who, send, talk, window


def address(exercise: Processes, port: str) -> str:
    return f"http://127.0.0.1:{exercise.variables[port]}"


def data(exercise: Processes) -> Path:
    return Path(exercise.variables["AYNI_VAR"])


def fits_its_width(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


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
    talk(citizen, "Tengo tos con flema y fiebre desde hace tres días")
    say_who(citizen)
    picture(citizen, "qhali-summary-phone")
    request_id = send(citizen)
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

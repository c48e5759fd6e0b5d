"""What a citizen does at the pages, and how a window is opened, looked at and photographed."""

from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect

SCREENSHOTS = Path(__file__).resolve().parents[2] / "var" / "screenshots"
ACCESSIBILITY = (Path(__file__).parent / "accessibility.js").read_text("utf-8")
PHONE: ViewportSize = {"width": 360, "height": 740}
DESK: ViewportSize = {"width": 1280, "height": 800}
ANSWER_MS = 15_000
"""The budget is two seconds from click to screen; a busy machine is not what these tests are about."""
expect.set_options(timeout=ANSWER_MS)

PAINTED = "() => new Promise(painted => requestAnimationFrame(() => requestAnimationFrame(painted)))"
"""Before its first frame a window of a busy machine can be neither photographed nor clicked."""

HAS_MOVED_ON = "number => document.querySelector('#chat')?.dataset.number !== number"

IDENTITY = {
    "dni": "99000017",
    "paternal_surname": "PRUEBA",
    "maternal_surname": "ÑAUPARI",
    "given_names": "MARÍA ELENA",
    "birth_date": "1992-03-14",
}


def phone(browser: Browser, **options: bool) -> BrowserContext:
    """A phone of its own: its cookies, its storage, its worker. Pictures wait for no scrolling."""
    context = browser.new_context(
        viewport=PHONE, locale="es-PE", has_touch=True, is_mobile=True, reduced_motion="reduce", **options
    )
    context.set_default_timeout(ANSWER_MS)
    return context


def window(browser: Browser, size: ViewportSize, url: str) -> Page:
    page = browser.new_context(viewport=size, locale="es-PE").new_page()
    page.set_default_timeout(ANSWER_MS)
    page.goto(url)
    page.evaluate(PAINTED)
    return page


def picture(page: Page, name: str, *, whole: bool = False) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.bring_to_front()  # Chromium may not paint a window that another one covers
    page.evaluate(PAINTED)
    page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=whole)


def faults(page: Page) -> list[str]:
    """What keeps people from using the page, one line each."""
    found: list[str] = page.evaluate(ACCESSIBILITY)
    return found


def begin(page: Page, url: str) -> None:
    page.goto(url)
    page.click("#consent-form button")
    page.wait_for_selector("#turn-form")


def answer(page: Page, text: str) -> None:
    """Writes one answer and waits for what comes after it."""
    number = page.locator("#chat").get_attribute("data-number")
    page.locator("#text").fill(text)
    page.locator("#turn-form .button").click()
    page.wait_for_function(HAS_MOVED_ON, arg=number)


def talk(page: Page, *says: str) -> None:
    """Answers what QHALI asks, in order, and no to whatever comes after."""
    answers = iter(says)
    while page.locator("#turn-form").is_visible():
        answer(page, next(answers, "no"))
    page.wait_for_selector("#identity-form")


def say_who(page: Page) -> None:
    form = page.locator("#identity-form")
    for name, value in IDENTITY.items():
        form.locator(f"[name={name}]").fill(value)
    form.get_by_label("Mujer").check()
    form.locator("[name=district]").select_option("061103")
    form.locator("[name=facility]").select_option("00004576")
    form.get_by_role("button").click()
    page.wait_for_selector("#confirm-form")


def send(page: Page) -> str:
    """Gives permission; the number of the request."""
    page.check("#confirm-form [name=consent]")
    page.click("#confirm-form button")
    return page.locator("#request-id").inner_text().strip()

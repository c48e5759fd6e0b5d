"""A page is used as promised or the promise that was broken is named; here against a real small server."""

import http.server
import threading
from collections.abc import Iterator
from urllib.parse import parse_qs

import pytest

from ayni.exercise.actors.page import Browser, PageNotAsPromised

FORM = """<form id="accept-form" method="post" action="/citar">
<input type="hidden" name="token" value="secret">
<select name="slot"><option value="">Elija</option>
<option value="s1">8:00</option><option value="s2">8:15</option></select>
<button>Citar</button><button name="later" value="yes">Luego</button>
<button name="later" value="no">Nunca</button></form><p id="state" data-state="in-review"></p>"""


class Pages(http.server.BaseHTTPRequestHandler):
    """One form, and a page that says what was sent."""

    def do_GET(self) -> None:
        self._answer(200, "text/html", FORM)

    def do_POST(self) -> None:
        sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        slot, later = sent.get("slot", ["-"])[0], sent.get("later", ["-"])[0]
        page = f'<p id="sent" data-slot="{slot}" data-token="{sent["token"][0]}" data-later="{later}"></p>'
        self._answer(409, "text/html", page)

    def _answer(self, status: int, kind: str, body: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def browser() -> Iterator[Browser]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        window = Browser(f"http://127.0.0.1:{server.server_port}")
        window.go("/")
        yield window
        server.shutdown()
        thread.join()


def test_a_form_is_sent_with_its_hidden_fields_and_the_answer_is_the_page(browser: Browser) -> None:
    browser.submit("#accept-form", {"slot": "s2"})
    assert browser.status == 409
    assert browser.attribute("#sent", "data-slot") == "s2"
    assert browser.attribute("#sent", "data-token") == "secret"


def test_the_button_that_is_pressed_is_the_one_that_is_sent(browser: Browser) -> None:
    browser.press("#accept-form button[value=no]")
    assert browser.status == 409
    assert browser.attribute("#sent", "data-later") == "no"
    assert browser.attribute("#sent", "data-token") == "secret"


def test_the_options_of_a_list_are_its_values_without_the_empty_one(browser: Browser) -> None:
    assert browser.options("#accept-form [name=slot]") == ["s1", "s2"]


@pytest.mark.parametrize(
    ("form", "fields", "missing"),
    [
        ("#reject-form", {}, "#reject-form"),
        ("#accept-form", {"reason": "other"}, "field reason in #accept-form"),
    ],
)
def test_what_is_missing_is_named(browser: Browser, form: str, fields: dict[str, str], missing: str) -> None:
    with pytest.raises(PageNotAsPromised, match=missing):
        browser.submit(form, fields)

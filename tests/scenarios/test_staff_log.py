"""With the code a page shows, an engineer finds in the record's log what happened; no patient is in it."""

import json
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mechanicalsoup import StatefulBrowser

from ayni.exercise.actors.staff import accounts
from ayni.exercise.processes import Process
from ayni.exercise.systems import ONEVISION, free_ports

CODE = re.compile(r"Código de esta página: ([0-9a-f]{8})")
REQUEST_ID = "QH-7M3K9XBT4D"
CANARY = "MARÍA PRUEBA 99000017"


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Process]:
    process = Process(ONEVISION, free_ports("127.0.0.1") | {"AYNI_VAR": str(tmp_path)})
    process.start()
    try:
        process.wait_ready()
        yield process
    finally:
        process.stop()


@pytest.fixture
def window(record: Process) -> StatefulBrowser:
    """A browser in which a person of admission has signed in."""
    browser = StatefulBrowser()
    browser.open(f"http://127.0.0.1:{record.variables['AYNI_ONEVISION_PORT']}/entrar")
    browser.select_form("#login-form")
    username, password = accounts(record.log.parent / "demo-accounts.txt")["admision"]
    browser["username"], browser["password"] = username, password
    browser.submit_selected()
    return browser


def lines(record: Process, **fields: object) -> list[dict[str, Any]]:
    """The log lines with these fields."""
    said = [json.loads(line) for line in record.log.read_text("utf-8").splitlines()]
    return [line for line in said if fields.items() <= line.items()]


def test_an_action_leaves_one_line_under_the_code_of_its_page(
    record: Process, window: StatefulBrowser
) -> None:
    form = {"csrfmiddlewaretoken": window.page.select_one("[name=csrfmiddlewaretoken]")["value"]}
    answer = window.post(
        window.absolute_url(f"/pedidos/{REQUEST_ID}/rechazar"),
        data=form | {"note": CANARY},
        headers={"Referer": window.url},
    )
    assert answer.status_code == 422
    code = CODE.search(answer.text)
    assert code is not None
    assert answer.headers["X-Request-Id"] == code[1]
    [line] = lines(record, event="page answered", visit=code[1])
    assert (line["page"], line["status"], line["correlation_id"]) == ("reject", 422, REQUEST_ID)
    [signed_in] = lines(record, event="page answered", page="sign-in")
    assert signed_in["status"] == 302
    assert lines(record, logger="django.request") == []
    log = record.log.read_text("utf-8")
    assert not any(word in log for word in CANARY.split())


def test_a_page_that_breaks_is_found_by_its_code_with_its_error_and_place(
    record: Process, window: StatefulBrowser
) -> None:
    with sqlite3.connect(record.log.parent / "accounts.sqlite") as accounts_file:
        accounts_file.execute("alter table auth_user rename to gone")
    answer = window.open(window.absolute_url("/"))
    assert answer.status_code == 500
    code = CODE.search(answer.text)
    assert code is not None
    [line] = lines(record, visit=code[1], level="error")
    assert line["error"] == "OperationalError"
    assert re.fullmatch(r"\w+\.py:\d+", line["place"])
    assert lines(record, visit=code[1], event="page answered", status=500)

"""S-04, S-07, S-08, S-22, S-23, S-31: what stands in messages stays text, and leads nowhere by itself."""

import random
import string
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ayni.engine.connectors.contract import Parcel
from ayni.engine.connectors.file_name import name_for
from ayni.vocabulary.hl7 import Hl7Error, parse

HEADER = b"MSH|^~\\&|A|B|C|D|20261123093000-0500||ADT^A08^ADT_A01|1|T|2.5.1||||||UNICODE UTF-8\r"
INJECTIONS = (
    "' or 1=1 --",
    "'; drop table message; --",
    '" union select raw from message --',
    "1) or (1=1",
    "\\'; vacuum; --",
    "%' or '%'='",
    "99000017'/**/or/**/'1'='1",
    "x' and (select count(*) from message) > 0 --",
    "$1; select 1",
    "?",
    "{}",
    ":name",
    "\x00' or 1=1",
)


@pytest.mark.parametrize("injection", INJECTIONS)
async def test_s_04_what_is_searched_for_is_never_sql(engine, booked, injection) -> None:
    await engine.send(booked())
    for name in ("control_id", "correlation_id"):
        assert (await engine.api("/api/v1/messages", **{name: injection}))["messages"] == []
    for path, status in (("/mensajes", 200), ("/api/v1/messages", 404)):  # the interface knows its channels
        address, asked = engine.console_url + path, {"channel": injection}
        async with engine.http.get(address, params=asked, headers=engine.operator) as answer:
            assert answer.status == status
            assert "QH-7M3K9XBT4D" not in await answer.text()
    for path, body in (
        ("/api/v1/messages/search", {"document": injection}),
        ("/api/v1/holds/messages", {"reason": "EXP" + injection}),
        ("/api/v1/text-searches", {"text": injection + "xxx"}),
        ("/api/v1/stalled/requeue", {"all": True, "said": injection}),
    ):
        async with engine.http.post(engine.console_url + path, json=body, headers=engine.operator) as answer:
            assert answer.status in (200, 202, 400), (path, await answer.text())
    assert len(await engine.messages()) == 1


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=40), st.sampled_from("|#!$"))
def test_s_07_text_in_a_field_stays_in_its_field(text: str, separator: str) -> None:
    """Also where a sender declares other delimiters, and where the text is made of delimiters."""
    header = HEADER.replace(b"|", separator.encode())
    message = parse(header + f"PID{separator}1{separator}{separator}9{separator}".encode() + b"\r")
    before = len(message.encode().split(b"\r"))
    message["PID-5.1"] = text
    again = parse(message.encode())
    assert again["PID-5.1"] == text
    assert len(message.encode().split(b"\r")) == before


@pytest.mark.parametrize("text", ["A\rZZZ|1", "A\nPV1|1", "A\x0b\x1c", "A\x1c\r\x0bMSH|"])
def test_s_07_a_line_end_in_a_field_starts_no_segment_and_ends_no_frame(text: str) -> None:
    message = parse(HEADER + b"PID|1||9||X\r")
    try:
        message["PID-5.1"] = text
    except Hl7Error:
        return  # refused: as good as escaped
    raw = message.encode()
    assert [each[:3] for each in raw.split(b"\r") if each] == [b"MSH", b"PID"]
    assert not set(b"\x0b\x1c\n") & set(raw)


def test_s_08_ten_thousand_hostile_headers_are_read_or_refused_and_nothing_else() -> None:
    chance = random.Random(8)
    signs = string.printable + "\x00\x0b\x1c\x7fñ\u20ac"
    read = 0
    for _ in range(10_000):
        marks = "".join(chance.choices(signs, k=chance.randint(0, 6)))
        raw = f"MSH{marks}A{marks[:1]}B{marks[:1] * chance.randint(0, 9)}1{marks[:1]}T{marks[:1]}2.5.1\r"
        try:
            message = parse(raw.encode("utf-8", "replace"))
        except Hl7Error:
            continue
        read += 1
        assert len(set(message.encode()[3:4])) == 1
    assert 0 < read < 10_000


@pytest.mark.parametrize(
    ("field", "value"), [("MSH-5", "ONEVISIONCAX"), ("MSH-6", "OTHER"), ("MSH-5", "intake_to_ehr")]
)
async def test_s_22_forged_routing_fields_change_no_destination(
    engine, qhali, record, booked, field, value
) -> None:
    message = parse(booked())
    message[field] = value
    await engine.send(message.encode())
    found = await engine.messages()
    assert {each["channel"] for each in found} == {"state_to_qhali"}
    assert {to["destination"] for each in found for to in each["deliveries"]} <= {"qhali"}
    assert record.taken == []


@pytest.mark.parametrize(
    "text", ["${AYNI_VAR}", "{0.__class__}", "%(password)s", "{{7*7}}", "__import__('os')", "$(id)", "`id`"]
)
async def test_s_23_what_looks_like_a_template_or_code_is_sent_on_as_it_is(
    engine, qhali, booked, text
) -> None:
    message = parse(booked())
    message["PID-5.2"] = text
    await engine.send(message.encode())
    await engine.reaches("delivered", channel="state_to_qhali")
    opened = await engine.api("/api/v1/messages/1")
    assert parse(opened["raw"].encode())["PID-5.2"] == text


def hostile_names() -> list[str]:
    """Two hundred names that would leave a folder, hide a file or name a device."""
    ways = (
        "../x",
        "..\\x",
        "..%2fx",
        "%2e%2e/x",
        "/etc/passwd",
        "C:\\x",
        "\\\\host\\x",
        "~/x",
        "./x",
        "x/../../y",
    )
    others = (
        "",
        ".",
        "..",
        "...",
        "CON",
        "NUL",
        "aux.hl7",
        "a\0b",
        "a\nb",
        "a\rb",
        ".hidden",
        "-rf",
        "x" * 5000,
    )
    marks = ("", "\u202e", "\u2215", "\uff0e\uff0e\uff0f", "\x7f", " ", "\t", "%00", ";", "|")
    return [f"{mark}{name}" for mark in marks for name in (*ways, *others)][:200]


def test_s_31_two_hundred_names_stay_in_their_folder_and_are_different_files(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    made: dict[str, Any] = {}
    for name in hostile_names():
        parcel = Parcel(content=b"x", control_id=name, key=name, message_id=1)
        file = name_for("{key}-{control_id}.hl7", parcel)
        (folder / file).write_bytes(b"x")
        assert (folder / file).resolve().parent == folder.resolve()
        assert made.setdefault(file, name) == name
    assert [each.name for each in tmp_path.iterdir()] == ["out"]
    assert len(made) == len(set(hostile_names()))

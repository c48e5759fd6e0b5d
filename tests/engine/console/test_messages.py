"""Finding messages and looking into one: names, trees, timeline; and what may not stand in an address."""

import json

import pytest

from ayni.engine.console.shown.text import bytes_of, charset_of, text_of
from ayni.engine.console.shown.tree import CUT, DEPTH_MAX, NODES_MAX, tree_of

from .conftest import password_of

LATIN = "MSH|^~\\&|A|B|C|D|20261123||ADT^A08|7|T|2.5.1||||||8859/1\rPID|||1||PRUEBA^MARÍA\r".encode("latin-1")


async def test_a_request_is_found_by_its_number_and_by_its_state(engine, qhali, booked):
    qhali.script = [(400, b"")]
    await engine.send(booked())
    await engine.reaches("refused", channel="state_to_qhali")
    await engine.send(booked("QH-0000000001"))
    await engine.reaches("refused", "delivered", channel="state_to_qhali")
    await engine.send(b"no message")

    async def found(**query):
        return [each["id"] for each in await engine.messages(**query)]

    assert await found() == [3, 2, 1]
    assert await found(correlation_id="QH-0000000001") == [2]
    assert await found(correlation_id=" qh-0000000001 ") == [2]
    assert await found(control_id="QH-0000000001.R004") == [2]
    assert await found(channel="intake_to_ehr") == []
    assert await found(state="refused") == [3]
    assert await found(delivery_state="refused") == [1]
    assert await found(state="accepted") == [2, 1]
    assert await found(correlation_id="qh-7m3k9xbt4d ", delivery_state="refused") == [1]
    assert await found(correlation_id="QH-7M3K9XBT4D", delivery_state="delivered") == []
    assert await found(until="2020-01-01T00:00") == []
    assert await found(since="2020-01-01T00:00") == [3, 2, 1]


async def test_a_long_list_comes_in_pages(engine, administrator, booked):
    for number in range(5):
        await engine.send(booked(f"QH-{number:010d}"))
    first = await administrator.get("/api/v1/messages?limit=3")
    assert [each["id"] for each in first["messages"]] == [5, 4, 3]
    rest = await administrator.get(f"/api/v1/messages?limit=3&before_id={first['next_before_id']}")
    assert ([each["id"] for each in rest["messages"]], rest["next_before_id"]) == ([2, 1], None)


async def test_a_list_holds_no_word_of_content(engine, administrator, signed_in, booked):
    await engine.send(booked())
    await engine.reaches("delivered", channel="state_to_qhali")
    for path in ("/api/v1/messages", "/api/v1/follow?correlation_id=QH-7M3K9XBT4D", "/api/v1/stalled"):
        _, content = await administrator.raw("GET", path)
        for word in ("PRUEBA", "99000017", "CONSULTORIO"):
            assert word not in content.decode(), (path, word)
    for path in ("/", "/mensajes", "/seguir?correlation_id=QH-7M3K9XBT4D"):
        assert "PRUEBA" not in await signed_in.page(path)


async def test_a_patients_document_travels_in_the_body_and_not_in_the_address(
    engine, administrator, signed_in, booked
):
    await engine.send(booked())
    found = await administrator.post("/api/v1/messages/search", {"document": "99000017"})
    assert [each["id"] for each in found["messages"]] == [1]
    assert (await administrator.post("/api/v1/messages/search", {"document": "99000000"}))["messages"] == []
    answer, page = await signed_in.sent("/mensajes", document="99000017")
    assert (answer.status, "SIU^S12" in page) == (200, True)
    assert "99000017" not in str(answer.url)
    assert 'name="document" value="99000017"' in page


async def test_an_opened_message_has_everything_kept_of_it(engine, administrator, qhali, booked):
    await engine.send(booked())
    await engine.reaches("delivered", channel="state_to_qhali")
    found = await administrator.get("/api/v1/messages/1")
    assert found["raw"].encode() == booked()
    assert (found["charset"], found["document"]) == ("utf-8", "99000017")
    assert "MSA|AA|" in found["answer"]
    (delivery,) = found["deliveries"]
    assert delivery["content"].encode() == qhali.taken[0]
    assert "OK" in delivery["attempts"][0]["answer"].upper()
    assert [each["what"] for each in found["timeline"]] == ["received", "attempt"]
    assert [node["place"] for node in found["tree"]][:3] == ["MSH", "SCH", "TQ1"]
    assert "resourceType" in [node["label"] for node in delivery["tree"]]


async def test_the_original_is_given_byte_by_byte(engine, administrator, booked):
    await engine.send(booked())
    answer, content = await administrator.raw("GET", "/api/v1/messages/1/original")
    assert content == booked()
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.content_type == "application/octet-stream"


async def test_an_export_holds_each_message_on_its_line(engine, administrator, booked):
    for number in range(3):
        await engine.send(booked(f"QH-{number:010d}"))
    _, content = await administrator.raw("POST", "/api/v1/messages/export", {"limit": 2})
    lines = content.splitlines()
    assert len(lines) == 2
    assert all(b"PRUEBA" in line for line in lines)


async def test_a_list_is_exported_as_the_page_shows_it_by_those_who_may(
    engine, administrator, signed_in, booked
):
    await engine.send(booked())
    await engine.send(b"no message")
    assert 'action="/mensajes/exportar"' in await signed_in.page("/mensajes?state=accepted")
    answer, content = await signed_in.sent("/mensajes/exportar", state="accepted")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="messages.ndjson"'
    assert [json.loads(line)["raw"].encode() for line in content.splitlines()] == [booked()]
    entry = (await administrator.get("/api/v1/audit"))["entries"][0]
    assert (entry["action"], entry["messages"]) == ("export", [1])
    await signed_in.sign_in(password_of("viewer"), "viewer")
    assert "/mensajes/exportar" not in await signed_in.page("/mensajes")
    assert (await signed_in.post("/mensajes/exportar")).status == 403


async def test_a_request_is_followed_from_the_first_message_to_the_last_attempt(
    engine, administrator, intake
):
    await engine.post(intake())
    await engine.reaches("delivered", channel="state_to_qhali")
    found = await administrator.get("/api/v1/follow?correlation_id=qh-7m3k9xbt4d")
    assert (found["correlation_id"], found["is_whole"]) == ("QH-7M3K9XBT4D", True)
    steps = [(each["what"], each["message_id"], each["destination"]) for each in found["timeline"]]
    assert steps == [
        ("received", 1, ""),
        ("attempt", 1, "onevision"),
        ("handed-over", 2, ""),
        ("attempt", 2, "qhali"),
    ]
    assert [each["at"] for each in found["timeline"]] == sorted(each["at"] for each in found["timeline"])


async def test_a_refused_message_says_why_in_its_timeline(engine, administrator, booked):
    await engine.send(booked().replace(b"|booked^", b"|nosuchstate^"))
    found = await administrator.get("/api/v1/messages/1")
    assert [each["what"] for each in found["timeline"]] == ["received", "refused"]
    assert found["timeline"][1]["code"].startswith("103 SCH^1^6")


def test_the_places_of_a_tree_are_paths_of_the_message(booked):
    from ayni.vocabulary.hl7 import parse

    message = parse(booked())

    def leaves(nodes):
        for node in nodes:
            yield from leaves(node.children) if node.children else [node]

    found = list(leaves(tree_of(booked())))
    assert len(found) > 80
    for node in found:
        if "-" in node.place and node.place not in ("MSH-1", "MSH-2"):
            assert node.text.endswith(message[node.place]), node.place


def test_a_repeated_segment_and_a_repeated_field_have_places_of_their_own():
    raw = b"MSH|^~\\&|A|B|C|D|20261123||ORU^R01|7|T|2.5.1\rPID|||1~2\rOBX|1|ST\rOBX|2|ST\r"
    places = [node.place for node in tree_of(raw)]
    assert places == ["MSH", "PID", "OBX", "OBX[2]"]
    assert [node.place for node in tree_of(raw)[1].children] == ["PID-3", "PID-3[2]"]


def test_a_tree_of_json_names_each_place_and_says_what_a_resource_is():
    found = tree_of(b'{"entry":[{"resource":{"resourceType":"Patient","n":1.10,"none":null}}],"empty":[]}')
    entry = found[0].children[0].children[0]
    assert (entry.place, entry.text) == ("entry[0].resource", "Patient")
    assert [(each.place, each.text) for each in entry.children] == [
        ("entry[0].resource.resourceType", "Patient"),
        ("entry[0].resource.n", "1.10"),
        ("entry[0].resource.none", "null"),
    ]
    assert (found[1].label, found[1].text) == ("empty", "[]")


@pytest.mark.parametrize("raw", [b"", b"MSH", b"\xff", b"[" * 50_000, b"7", b'"text"', b"plain"])
def test_what_is_no_message_has_no_tree(raw):
    assert tree_of(raw) == []


def test_a_tree_is_cut_where_nobody_would_read_on():
    assert tree_of(b"[" + b"1," * NODES_MAX + b"1]")[-1] == CUT
    deep = tree_of(b'{"a":' * 200 + b"1" + b"}" * 200)
    for _ in range(DEPTH_MAX):
        (node,) = deep
        deep = node.children
    assert deep[0].children == []


def test_text_is_read_and_written_in_its_own_character_set():
    assert charset_of(LATIN) == "iso8859-1"
    assert "MARÍA" in text_of(LATIN)
    assert bytes_of(text_of(LATIN).replace("\r", "\r\n"), charset_of(LATIN)) == LATIN
    assert charset_of(b"\xff\xfe") == ""

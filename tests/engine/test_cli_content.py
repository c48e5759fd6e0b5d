"""`ayni engine show` and `export`: content on a terminal and in a file, and who is told of it."""

import json

import pytest

from .test_cli import REFUSAL, REFUSED, Terminal


@pytest.fixture
def terminal(engine):
    return Terminal(engine)


async def test_a_message_is_shown_with_what_was_sent_and_each_attempt_with_its_answer(
    engine, qhali, terminal, booked
):
    qhali.script = [(503, b"come\x1b[2J later"), (422, REFUSAL)]
    await engine.send(booked())
    await engine.reaches("refused", channel="state_to_qhali")
    shown = (await terminal.does("show", "1")).out
    sent, refused = shown.split("sent to qhali, control id QH-7M3K9XBT4D.R004:\n")[1].split("attempt 2")
    assert sent.startswith(qhali.taken[0].decode() + "\n\nattempt 1")
    assert "come\ufffd[2J later" in sent
    assert REFUSAL.decode() in refused
    opened = (await terminal.does("audit", "--json")).json["entries"][0]
    assert (opened["action"], opened["messages"]) == ("open", [1])


async def test_messages_are_exported_with_their_content_and_it_is_written_down(
    engine, terminal, booked, tmp_path
):
    await engine.send(booked())
    await engine.send(b"no message \xc2\x9b2J")
    lines = (await terminal.does("export", "--state", "accepted", "--since", "1h")).out.splitlines()
    assert [json.loads(line)["raw"].encode() for line in lines] == [booked()]
    file = tmp_path / "messages.ndjson"
    first = await terminal.does("export", "--limit", "1", "--out", str(file))
    assert (first.out, first.err) == (f"1 messages in {file}\n", "older ones: --before 2\n")
    assert file.stat().st_mode & 0o777 == 0o600
    assert [json.loads(line)["id"] for line in file.read_text().splitlines()] == [2]
    again = await terminal.run("export", "--out", str(file), "--json")
    assert (again.code, again.json["error"]["code"]) == (REFUSED, "refused")
    by_person = await terminal.does("export", "--document", "-", "--json", stdin=b"99000017\n")
    assert [each["id"] for each in by_person.json["messages"]] == [1]
    assert (await terminal.does("export", "--control-id", "nothing")).out == ""
    assert (await terminal.does("export", "--state", "refused")).out.isascii()
    exported = (await terminal.does("audit", "--json")).json["entries"]
    assert [each["messages"] for each in exported if each["action"] == "export"][::-1] == [
        [1],
        [2],
        [2, 1],
        [1],
        [],
        [2],
    ]

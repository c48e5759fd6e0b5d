"""`ayni engine …` against a real engine: what it prints, what it does, and how it ends."""

import asyncio
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import apsw
import pytest
from click.testing import CliRunner

from ayni.engine.cli import ELSEWHERE
from ayni.engine.cli import engine as group
from ayni.engine.console.terminal import columns
from ayni.engine.console.terminal.looking import DELIVERY_STATES, MESSAGE_STATES
from ayni.engine.room import Hindrance
from ayni.engine.store.contract import DeliveryState, MessageState
from ayni.engine.store.sqlite import SqliteStore

from .hindering import hinder

REFUSAL = b'{"resourceType":"OperationOutcome","issue":[{"code":"value"}]}'
DONE, REFUSED, USAGE, NOT_REACHABLE = 0, 1, 2, 3
ASKING = sorted(set(group.commands) - {"serve", "account", "hold"})
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Ended:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Terminal:
    """Runs commands as an engineer does, each its own process."""

    def __init__(self, engine: Any) -> None:
        port = engine.console_url.rpartition(":")[2]
        self.settings = {"AYNI_VAR": str(engine.folder), "AYNI_ENGINE_PORT": port}

    async def run(self, *words: str, stdin: bytes = b"", **more: str) -> Ended:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "ayni",
            "engine",
            *words,
            env=os.environ | self.settings | more,
            cwd=ROOT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate(stdin)
        return Ended(process.returncode or 0, out.decode("utf-8", "replace"), err.decode())

    async def invoke(self, *words: str) -> Ended:
        """The same within this process, which is quicker."""
        ended = await asyncio.to_thread(CliRunner(env=self.settings).invoke, group, words)
        return Ended(ended.exit_code, ended.stdout, ended.stderr)

    async def does(self, *words: str, **more: Any) -> Ended:
        """A command that must end with 0."""
        ended = await self.run(*words, **more)
        assert ended.code == DONE, ended
        return ended


@pytest.fixture
def terminal(engine):
    return Terminal(engine)


async def test_status_and_search_are_columns_for_people_and_the_answer_for_programs(engine, terminal, booked):
    await engine.send(booked())
    await engine.send(b"no message")
    await engine.reaches("delivered", channel="state_to_qhali")
    status = await terminal.does("status")
    assert status.out.splitlines()[0].split()[:3] == ["CHANNEL", "STATE", "LAST"]
    assert "-> qhali" in status.out
    one = (await terminal.does("status", "state_to_qhali", "--json")).json
    assert [each["name"] for each in one["channels"]] == ["state_to_qhali"]
    found = await terminal.does("search", "--correlation-id", "qh-7m3k9xbt4d", "--since", "1h")
    assert "SIU^S12" in found.out
    assert "qhali delivered" in found.out
    refused = (await terminal.does("search", "--state", "refused", "--json")).json
    assert [each["id"] for each in refused["messages"]] == [2]
    assert "no message matches" in (await terminal.does("search", "--until", "2020-01-01T00:00")).out


@pytest.mark.parametrize("word", get_args(Hindrance)[1:])
async def test_status_says_first_what_keeps_new_messages_out_and_what_to_do(
    engine, terminal, monkeypatch, word
):
    await hinder(engine, monkeypatch, word)
    for words in (("status",), ("status", "state_to_qhali")):
        said = (await terminal.does(*words)).out.splitlines()
        assert said[0].startswith(f"{word.upper()}  The engine takes no new messages:")
        assert "by itself" in said[0]
        assert said[1].startswith("CHANNEL")
    found = (await terminal.does("status", "--json")).json["channels"]
    assert {each["hindrance"] for each in found} == {word}


def test_an_alert_says_what_to_do_first():
    names = {"severity": "critical", "since": "2026-11-25T13:18:41-05:00", "channel": "", "destination": "x"}
    said = columns.alerts({"alerts": [names | {"text": "Nobody answers.", "advice": "Call the partner."}]})
    assert list(said)[1].split("  ")[-1] == "Nobody answers. Call the partner."


CHANNELS, DESTINATIONS = "intake_to_ehr, state_to_qhali", "onevision, qhali"
NOWHERE = {
    ("status", "nope"): ("channel-not-found", CHANNELS),
    ("export", "--channel", "nope"): ("channel-not-found", CHANNELS),
    ("search", "--channel", "nope"): ("channel-not-found", CHANNELS),
    ("search", "--channel", "nope", "--text", "PRUEBA"): ("channel-not-found", CHANNELS),
    ("search", "--channel", "nope", "--document", "99000017"): ("channel-not-found", CHANNELS),
    ("stalled", "--destination", "nope"): ("destination-not-found", DESTINATIONS),
    ("requeue", "--all", "--yes", "--destination", "nope"): ("destination-not-found", DESTINATIONS),
    ("conservation", "--channel", "nope"): ("channel-not-found", CHANNELS),
    ("pause", "nope"): ("destination-not-found", DESTINATIONS),
    ("pause", "state_to_qhali"): ("destination-is-channel", "For a channel: stop, drain or start"),
    ("stop", "qhali"): ("channel-is-destination", "For a destination: pause, resume"),
    ("drain", "qhali"): ("channel-is-destination", "For a destination: pause, resume"),
    ("drain", "nope"): ("channel-not-found", CHANNELS),
    ("deploy", "nope"): ("channel-folder-missing", CHANNELS),
    ("show", "999999"): ("message-not-found", "search by request or time"),
    ("replay", "999999"): ("message-not-found", "search by request or time"),
}
"""What somebody may type, the problem, and what is said to do next."""


async def test_a_name_that_is_nowhere_is_said_with_those_there_are(terminal):
    for words, (code, known) in NOWHERE.items():
        told, asked = await terminal.invoke(*words), await terminal.invoke(*words, "--json")
        assert (told.code, asked.code, told.out) == (REFUSED, REFUSED, ""), words
        assert known in told.err, words
        assert asked.json["error"]["code"] == code, words
        assert known in asked.json["error"]["text"], words


@pytest.mark.parametrize("command", ["replay", "show", "edit", "requeue"])
def test_what_is_no_number_of_a_message_is_a_wrong_use(command):
    told, asked = (CliRunner().invoke(group, [command, "nope", *more]) for more in ((), ("--json",)))
    assert (told.exit_code, asked.exit_code) == (USAGE, USAGE)
    assert "nope is not a message's number: `ayni engine search` lists them" in told.stderr
    assert json.loads(asked.stdout)["error"]["code"] == "wrong-use"


async def test_what_is_no_channel_any_more_is_still_searched_for(engine, terminal, booked, monkeypatch):
    await engine.send(booked())
    counted = SqliteStore.counts
    gone = {"channel": "gone", "destination": "", "state": "accepted", "count": 1}
    monkeypatch.setattr(SqliteStore, "counts", lambda store: [*counted(store), gone])
    assert "no message matches" in (await terminal.invoke("search", "--channel", "gone")).out


async def test_a_document_and_a_text_may_come_from_standard_input(engine, terminal, booked):
    await engine.send(booked())
    found = await terminal.does("search", "--document", "-", "--json", stdin=b"99000017\n")
    assert [each["id"] for each in found.json["messages"]] == [1]
    found = await terminal.does("search", "--text", "-", "--json", stdin=b"CONSULTORIO 1\n")
    assert [each["id"] for each in found.json["messages"]] == [1]
    assert "1 of 1 read" in found.err


async def test_a_message_is_shown_whole_by_fields_and_byte_by_byte(engine, terminal, booked):
    await engine.send(booked())
    await engine.reaches("delivered", channel="state_to_qhali")
    shown = (await terminal.does("show", "1")).out
    assert "SCH|QH-7M3K9XBT4D^QHALI" in shown
    assert "attempt" in shown
    assert "Placer Appointment ID" in (await terminal.does("show", "1", "--tree")).out
    assert (await terminal.does("show", "1", "--raw")).out.encode() == booked()
    assert (await terminal.does("show", "1", "--json")).json["raw"].encode() == booked()
    missing = await terminal.run("show", "99")
    assert (missing.code, "message-not-found" in missing.err) == (REFUSED, True)


async def test_what_a_stranger_sent_does_not_speak_to_the_terminal(engine, terminal, booked):
    await engine.send(booked().replace(b"CONSULTORIO 1", b"\x1b[2J\x1b]0;x\x07"))
    assert "\x1b" not in (await terminal.does("show", "1")).out
    assert "\x1b" not in (await terminal.does("show", "1", "--tree")).out


async def test_a_request_is_followed(engine, terminal, intake):
    await engine.post(intake())
    await engine.reaches("delivered", channel="state_to_qhali")
    lines = (await terminal.does("follow", "QH-7M3K9XBT4D")).out.splitlines()
    assert [line.split()[3] for line in lines] == ["received", "attempt", "handed-over", "attempt"]
    assert (await terminal.run("follow", "QH-0000000009")).code == REFUSED


async def test_stopped_deliveries_are_listed_sent_again_and_set_aside(engine, qhali, terminal, booked):
    qhali.script = [(422, REFUSAL)] * 3
    for number in range(3):
        await engine.send(booked(f"QH-{number:010d}"))
    await engine.reaches("refused", "refused", "refused", channel="state_to_qhali")
    assert len((await terminal.does("stalled", "--json")).json["deliveries"]) == 3
    assert "value HTTP 422" in (await terminal.does("stalled", "--destination", "qhali")).out
    assert "nothing awaits" in (await terminal.does("stalled", "--said", "HTTP 400")).out
    assert "decided about 1" in (await terminal.does("requeue", "1")).out
    await engine.reaches("delivered", "refused", "refused", channel="state_to_qhali")
    assert (await terminal.run("requeue", "1")).code == REFUSED
    assert (await terminal.run("set-aside", "--all", stdin=b"n\n")).code == REFUSED
    await engine.reaches("delivered", "refused", "refused", channel="state_to_qhali")
    assert (await terminal.does("set-aside", "--all", "--yes", "--json")).json == {"decided": 2, "skipped": 0}
    await engine.reaches("delivered", "set-aside", "set-aside", channel="state_to_qhali")
    assert "nothing awaits a decision" in (await terminal.does("stalled")).out


@pytest.mark.parametrize(
    "words",
    [
        ("requeue",),
        ("requeue", "--all", "1"),
        ("requeue", "x"),
        ("search", "--since", "soon"),
        ("search", "--text", "ab"),
    ],
)
async def test_a_wrong_use_ends_with_two_and_changes_nothing(terminal, words):
    assert (await terminal.run(*words)).code == USAGE


async def test_a_message_is_replayed_and_edited(engine, qhali, terminal, booked, tmp_path):
    await engine.send(booked())
    assert (await terminal.does("replay", "1", "--json")).json["link"] == "replay"
    changed = tmp_path / "changed.hl7"
    changed.write_bytes(booked().replace(b"JULIA", b"ROSA").replace(b"\r", b"\n"))
    assert (
        "message 3 (accepted), from message 1 by edited"
        in (await terminal.does("edit", "1", "--file", str(changed))).out
    )
    await qhali.receives(3)
    assert b"ROSA PRUEBA" in qhali.taken[2]
    editor = tmp_path / "editor.sh"
    editor.write_text('#!/bin/sh\nsed -i s/JULIA/CARMEN/ "$1"\n')
    editor.chmod(0o755)
    await terminal.does("edit", "1", EDITOR=str(editor))
    await qhali.receives(4)
    assert b"CARMEN PRUEBA" in qhali.taken[3]
    assert (await terminal.run("edit", "1", EDITOR="true")).code == REFUSED
    changed.write_bytes(booked().replace(b"|booked^", b"|nosuch^"))
    refused = await terminal.run("edit", "1", "--file", str(changed))
    assert (refused.code, "SCH" in refused.err, "refused-again" in refused.err) == (REFUSED, True, True)


async def test_a_destination_is_paused_and_a_channel_drained(engine, qhali, terminal, booked):
    assert "paused" in (await terminal.does("pause", "qhali")).out
    await engine.send(booked())
    waiting = await terminal.run("drain", "state_to_qhali", "--seconds", "0")
    assert (waiting.code, "1 still wait" in waiting.err) == (REFUSED, True)
    assert "paused" in (await terminal.does("drain", "qhali", "--destination")).out
    await terminal.does("resume", "qhali")
    assert "stopped" in (await terminal.does("drain", "state_to_qhali")).out
    assert "stopped" in (await terminal.does("stop", "state_to_qhali")).out
    assert (await terminal.does("deploy", "state_to_qhali", "--json")).json["channel"] == "state_to_qhali"
    assert (await terminal.run("start", "nosuch")).code == REFUSED
    assert "no alert" in (await terminal.does("alerts")).out


async def test_accounts_are_kept_and_the_audit_is_read_and_verified(engine, terminal, tmp_path):
    made = (await terminal.does("account", "add", "rosa", "--role", "viewer")).out
    file = tmp_path / "rosa.txt"
    file.write_text(made)
    assert "state_to_qhali" in (await terminal.does("status", "--account", str(file))).out
    denied = await terminal.run("stop", "state_to_qhali", "--account", str(file))
    assert (denied.code, "not-allowed" in denied.err) == (REFUSED, True)
    await terminal.does("account", "role", "rosa", "operator")
    renewed = (await terminal.does("account", "password", "rosa", "--json")).json["password"]
    assert renewed not in made
    assert (await terminal.run("status", "--account", str(file))).code == REFUSED
    assert "rosa" in (await terminal.does("account", "list")).out
    nobody = await terminal.run("account", "role", "nobody", "viewer")
    assert (nobody.code, "rosa" in nobody.err) == (REFUSED, True)
    assert (await terminal.does("audit", "--who", "nobody")).out == "no entry matches\n"
    assert "rosa" not in (await terminal.does("account", "remove", "rosa")).out
    assert "account-remove" in (await terminal.does("audit", "--limit", "500")).out
    verified = await terminal.does("audit", "--verify")
    assert verified.out.startswith("whole: ")
    head = verified.out.split()[-1]
    await terminal.does("audit", "--verify", "--expect", head)
    broken = await terminal.run("audit", "--verify", "--expect", f"1:{'0' * 64}")
    assert (broken.code, "BROKEN" in broken.err) == (REFUSED, True)


async def test_the_sums_of_the_store_are_shown_and_end_with_one_when_they_do_not_come_out(
    engine, terminal, booked
):
    await engine.send(booked())
    await engine.reaches("delivered", channel="state_to_qhali")
    shown = (await terminal.does("conservation", "--since", "1d")).out
    assert "state_to_qhali -> qhali" in shown
    assert shown.endswith("the sums come out: nothing was lost\n")
    store = apsw.Connection(str(engine.folder / "engine" / "messages.sqlite"))
    store.execute("update delivery set state = 'refused' where id = 1")
    for words in (("conservation",), ("conservation", "--json")):
        ended = await terminal.run(*words)
        assert (ended.code, "1 are refused, 0 were noted" in ended.out) == (REFUSED, True)


async def test_messages_are_put_on_legal_hold_listed_and_lifted(engine, terminal, booked):
    await engine.send(booked())
    assert "nothing is held" in (await terminal.does("hold", "list")).out
    put = await terminal.does("hold", "put", "EXP-1", "--document", "-", stdin=b"99000017\n")
    assert put.out.strip() == "EXP-1: 1 changed, 1 held"
    assert (await terminal.run("hold", "put", "EXP-1")).code == USAGE
    assert "SIU^S12" in (await terminal.does("hold", "list", "EXP-1")).out
    assert (await terminal.run("hold", "lift", "EXP-1", stdin=b"n\n")).code == REFUSED
    lifted = (await terminal.does("hold", "lift", "EXP-1", "--yes", "--json")).json
    assert lifted == {"reason": "EXP-1", "changed": 1, "held": 0}


def test_a_state_is_one_that_the_store_knows():
    assert set(MESSAGE_STATES) == set(get_args(MessageState))
    assert set(DELIVERY_STATES) == set(DeliveryState)


async def test_an_engine_that_does_not_answer_is_told_apart_from_one_that_says_no(engine, terminal):
    await engine.stop()
    ended = await terminal.run("status")
    assert (ended.code, "no engine answers" in ended.err) == (NOT_REACHABLE, True)
    ended = await terminal.run("status", "--json")
    assert (ended.code, ended.json["error"]["code"]) == (NOT_REACHABLE, "not-reachable")


async def test_without_an_account_it_says_where_it_looked(terminal, tmp_path):
    ended = await terminal.run("status", AYNI_VAR=str(tmp_path / "nothing"))
    assert (ended.code, "operator-account.txt" in ended.err) == (USAGE, True)


async def test_an_address_that_is_no_engine_is_said(terminal):
    assert (await terminal.run("status", "--url", "ftp://127.0.0.1")).code == USAGE


@pytest.mark.parametrize("name", ASKING)
def test_every_command_has_json_an_address_and_an_account(name):
    shown = CliRunner().invoke(group, [name, "--help"]).output
    for option in ("--json", "--url", "--account"):
        assert option in shown, name


@pytest.mark.parametrize("name", sorted(set(ASKING) - {"alerts"}))
def test_every_command_shows_an_example(name):
    assert "ayni engine " in CliRunner().invoke(group, [name, "--help"]).output


def test_commands_of_other_rooms_are_listed_and_found():
    listed = CliRunner().invoke(group, ["--help"]).output
    for name in ELSEWHERE:
        assert name in listed
        assert CliRunner().invoke(group, [name, "--help"]).exit_code == DONE

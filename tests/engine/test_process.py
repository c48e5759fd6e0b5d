"""The engine as the process it is: killed in the middle, stopped in good order, refused a start."""

import asyncio
import json
import os
import socket
import sys
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ayni.vocabulary.hl7 import parse
from ayni.wire.failure import LinkError
from ayni.wire.mllp import MllpClient

CHANNELS = Path(__file__).resolve().parents[2] / "channels"
COMMAND = [sys.executable, "-c", "from ayni.engine.process import main; main()"]
START_SECONDS = 30
SENDERS = 8
MESSAGES = 200


def free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def settings_of(folder: Path, ports: list[int], record_port: int, qhali_port: int) -> dict[str, str]:
    names = ("AYNI_ENGINE_PORT", "AYNI_ENGINE_FHIR_PORT", "AYNI_ENGINE_MLLP_PORT")
    return dict(zip(names, map(str, ports), strict=True)) | {
        "AYNI_VAR": str(folder),
        "AYNI_CHANNELS": str(CHANNELS),
        "AYNI_ONEVISION_MLLP": f"127.0.0.1:{record_port}",
        "AYNI_QHALI_FHIR_URL": f"http://127.0.0.1:{qhali_port}",
        "AYNI_LINK_PROBE_SECONDS": "0.05",
        "AYNI_LINK_PROBE_SECONDS_MAX": "0.2",
    }


def healthy(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=2) as answer:
            return bool(json.load(answer)["healthy"])
    except OSError:
        return False


@asynccontextmanager
async def running(settings: dict[str, str], log: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """An engine process that is ready; killed at the end unless it has ended."""
    with log.open("ab") as errors:
        process = await asyncio.create_subprocess_exec(*COMMAND, env=os.environ | settings, stderr=errors)
    try:
        async with asyncio.timeout(START_SECONDS):
            while not await asyncio.to_thread(healthy, int(settings["AYNI_ENGINE_PORT"])):
                assert process.returncode is None, f"see {log}"
                await asyncio.sleep(0.1)
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


class Acknowledged(list[bytes]):
    """What the engine said yes to; tells when that is half of all."""

    def __init__(self) -> None:
        super().__init__()
        self.is_half = asyncio.Event()

    def append(self, message: bytes) -> None:
        super().append(message)
        if len(self) >= MESSAGES // 2:
            self.is_half.set()


async def send_until_killed(port: int, messages: list[bytes], acknowledged: Acknowledged) -> None:
    """Sends over one connection; what was acknowledged before the end is added."""
    client = MllpClient("127.0.0.1", port, answer_seconds=10)
    try:
        for message in messages:
            assert parse(await client.send(message))["MSA-1"] == "AA"
            acknowledged.append(message)
    except LinkError:
        return
    finally:
        client.drop()


async def test_a_kill_in_the_middle_loses_nothing_that_was_acknowledged(tmp_path, record, qhali, booked):
    settings = settings_of(tmp_path, free_ports(3), record.port, qhali.port)
    messages = [booked(f"QH-{number:010d}") for number in range(MESSAGES)]
    acknowledged = Acknowledged()
    port = int(settings["AYNI_ENGINE_MLLP_PORT"])
    async with running(settings, tmp_path / "log") as process:
        senders = [send_until_killed(port, messages[n::SENDERS], acknowledged) for n in range(SENDERS)]
        sending = asyncio.gather(*senders)
        await asyncio.wait_for(acknowledged.is_half.wait(), 10)
        process.kill()
        await sending
    assert MESSAGES // 2 <= len(acknowledged) < MESSAGES

    async with running(settings, tmp_path / "log"):
        await qhali.hears({key_of(message) for message in acknowledged})
        rest = [message for message in messages if message not in acknowledged]
        await send_until_killed(port, rest, acknowledged)
        await qhali.hears({key_of(message) for message in messages})
    assert len(acknowledged) == MESSAGES
    assert len(set(qhali.taken)) == MESSAGES  # what came twice came with the same bytes


def key_of(message: bytes) -> str:
    return parse(message).control_id


async def test_a_kill_between_sending_and_settling_sends_the_same_bytes_again(
    tmp_path, record, qhali, intake, booked
):
    settings = settings_of(tmp_path, free_ports(3), record.port, qhali.port)
    qhali.gate.clear()
    async with running(settings, tmp_path / "log") as process:
        client = MllpClient("127.0.0.1", int(settings["AYNI_ENGINE_MLLP_PORT"]), answer_seconds=10)
        first_answer = await client.send(booked())
        await qhali.receives(1)
        process.kill()
        client.drop()
    qhali.gate.set()
    async with running(settings, tmp_path / "log"):
        first, second = await qhali.receives(2)
        assert first == second
        assert await client.send(booked()) == first_answer
        client.drop()


async def test_sigterm_ends_it_in_good_order_and_no_log_line_names_a_person(tmp_path, record, qhali, booked):
    settings = settings_of(tmp_path, free_ports(3), record.port, qhali.port)
    async with running(settings, tmp_path / "log") as process:
        client = MllpClient("127.0.0.1", int(settings["AYNI_ENGINE_MLLP_PORT"]), answer_seconds=10)
        await client.send(booked())
        await client.send(booked(sequence=5).replace(b"|booked^Citada^", b"|CANARIO^CANARIO^"))
        await client.send(b"CANARIO")
        await qhali.receives(1)
        process.terminate()
        assert await asyncio.wait_for(process.wait(), 10) == 0
        client.drop()
    log = (tmp_path / "log").read_text("utf-8")
    lines = [json.loads(line) for line in log.splitlines()]
    assert {line["system"] for line in lines} == {"engine"}
    assert [line["event"] for line in lines].count("message refused") == 2
    for private in ("PRUEBA", "ÑAUPARI", "MARÍA", "99000017", "CALQUIS", "CANARIO"):
        assert private not in log


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("AYNI_CHANNELS", "nowhere", "no-channels-folder"),
        ("AYNI_ANSWER_SECONDS", "soon", "AYNI_ANSWER_SECONDS"),
        ("AYNI_QHALI_FHIR_URL", "no address", "AYNI_QHALI_FHIR_URL"),  # of one channel: each has a line
        ("AYNI_PROCESSING_ID", "X", "AYNI_PROCESSING_ID"),
    ],
)
async def test_what_keeps_it_from_starting_is_one_line(tmp_path, setting, value, said):
    settings = settings_of(tmp_path, free_ports(3), 1, 1) | {setting: value}
    assert said in await only_line(settings)


async def test_a_partner_without_an_address_is_one_line_that_names_the_setting(tmp_path):
    (tmp_path / "channels" / "lab").mkdir(parents=True)
    (tmp_path / "channels" / "lab" / "channel.py").write_text(
        "from ayni.engine import Channel, Destination\n"
        "from ayni.engine.connectors.mllp import MllpListener, MllpSender\n"
        "channel = Channel(name='lab', title='De prueba', source=MllpListener(port='1'), destinations=("
        "Destination(partner='pharmacy', connector=MllpSender(address='${PHARMACY_MLLP}'), transform=print),"
        "))\n"
    )
    settings = settings_of(tmp_path, free_ports(3), 1, 1) | {"AYNI_CHANNELS": str(tmp_path / "channels")}
    line = await only_line(settings)
    assert "PHARMACY_MLLP is not set" in line


async def only_line(settings: dict[str, str]) -> str:
    """What a process that does not start says."""
    process = await asyncio.create_subprocess_exec(
        *COMMAND, env=os.environ | settings, stderr=asyncio.subprocess.PIPE
    )
    _, said = await asyncio.wait_for(process.communicate(), START_SECONDS)
    assert process.returncode == 1
    (line,) = said.decode().splitlines()
    return line

"""The whole engine on a real file system that is full or read-only, mounted for it alone.

Mounting needs a namespace of its own, which some machines do not give; these tests are skipped there.
"""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from chaos.history import History
from chaos.load import END, START, Frames
from chaos.messages import Message, field_of
from chaos.peer import Peer
from chaos.ports import free_port

START_SECONDS = 30
ENGINE = f"exec {sys.executable} -c 'from ayni.engine.process import main; main()'"
SMALL_MB, LARGE_MB = 6, 64
PADDING = 100_000
"""A few dozen of these fill the small disk."""

CHANNEL = """
from ayni.engine import Channel, Destination, Outgoing
from ayni.engine.connectors.mllp import MllpListener, MllpSender

def to_ward(message):
    return Outgoing(content=message.encode(), control_id=message.control_id, key=message["PID-3.1"])

channel = Channel(
    name="lab", title="Laboratorio", source=MllpListener(port="${AYNI_ENGINE_MLLP_PORT}"),
    destinations=(
        Destination(partner="ward", connector=MllpSender(address="${CHAOS_WARD}"), transform=to_ward),
    ),
)
"""


def namespaces() -> list[str]:
    """The command that gives a namespace in which a folder can be mounted; empty when there is none."""
    for options in (["-m"], ["-rm"]):
        command = ["unshare", *options]
        if shutil.which("unshare") and not _failed([*command, "mount", "-t", "tmpfs", "tmpfs", "/mnt"]):
            return command
    return []


def _failed(command: list[str]) -> int:
    return subprocess.run(command, capture_output=True, check=False).returncode


UNSHARE = namespaces()
pytestmark = pytest.mark.skipif(not UNSHARE, reason="nothing can be mounted here")


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "channels" / "lab").mkdir(parents=True)
    (tmp_path / "channels" / "lab" / "channel.py").write_text(CHANNEL)
    (tmp_path / "disk").mkdir()
    ports = ("AYNI_ENGINE_PORT", "AYNI_ENGINE_FHIR_PORT", "AYNI_ENGINE_MLLP_PORT")
    return {name: str(free_port()) for name in ports} | {
        "AYNI_VAR": str(tmp_path / "disk"),
        "AYNI_CHANNELS": str(tmp_path / "channels"),
        "AYNI_LINK_PROBE_SECONDS": "0.05",
        "AYNI_LINK_PROBE_SECONDS_MAX": "0.2",
        "CHAOS_WARD": f"127.0.0.1:{free_port()}",
    }


async def engine(settings: dict[str, str], mount: str) -> asyncio.subprocess.Process:
    """The engine in a namespace in which `mount` was done before."""
    return await asyncio.create_subprocess_exec(
        *UNSHARE,
        "sh",
        "-c",
        f"{mount} && {ENGINE}",
        env=os.environ | settings,
        stderr=asyncio.subprocess.PIPE,
    )


async def last_words(process: asyncio.subprocess.Process) -> list[str]:
    """What it said, once it ended by itself, having failed."""
    _, said = await asyncio.wait_for(process.communicate(), START_SECONDS)
    assert process.returncode == 1
    return said.decode().splitlines()


async def test_a_read_only_disk_keeps_it_from_starting_with_one_line(settings: dict[str, str]) -> None:
    disk = settings["AYNI_VAR"]
    (line,) = await last_words(await engine(settings, f"mount -t tmpfs -o ro tmpfs {disk}"))
    assert line.startswith("ayni: cannot use the data folder")
    assert "choose another AYNI_VAR" in line


async def test_a_store_that_cannot_be_written_keeps_it_from_starting_and_says_so(
    settings: dict[str, str],
) -> None:
    file = Path(settings["AYNI_VAR"]) / "engine" / "messages.sqlite"
    file.parent.mkdir(mode=0o700)
    file.touch()
    *_, line = await last_words(
        await engine(settings, f"mount --bind {file} {file} && mount -o remount,ro,bind {file}")
    )
    assert line.startswith("ayni: cannot use the data folder")


@asynccontextmanager
async def ready(settings: dict[str, str], mount: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await engine(settings, mount)
    assert process.stderr is not None
    log = asyncio.create_task(process.stderr.read())
    try:
        async with asyncio.timeout(START_SECONDS):
            while not await asyncio.to_thread(healthy, settings["AYNI_ENGINE_PORT"]):
                assert process.returncode is None, (await log).decode()
                await asyncio.sleep(0.1)
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
        await log


def healthy(port: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=2) as answer:
            return bool(json.load(answer)["healthy"])
    except OSError:
        return False


async def codes(settings: dict[str, str], numbers: range) -> list[str]:
    """What the engine answers to large messages, up to the first it does not take."""
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", int(settings["AYNI_ENGINE_MLLP_PORT"]), limit=1 << 20
    )
    frames, said = Frames(reader), list[str]()
    for number in numbers:
        writer.write(START + Message("G", number, "plain", ("99000001",), PADDING).raw + END)
        answer = await asyncio.wait_for(frames.next(), START_SECONDS)
        said.append(field_of(answer, b"MSA", 1))
        if said[-1] != "AA":
            break
    writer.close()
    return said


async def test_a_disk_that_is_full_refuses_and_takes_messages_again_when_it_has_grown(
    settings: dict[str, str], tmp_path: Path
) -> None:
    disk, port = settings["AYNI_VAR"], int(settings["CHAOS_WARD"].partition(":")[2])
    with History(tmp_path / "peers.jsonl", "peer") as history:
        ward = Peer("ward", history)
        ward.port = port
        async with ready(settings, f"mount -t tmpfs -o size={SMALL_MB}m tmpfs {disk}") as process:
            taken = await codes(settings, range(200))
            assert taken[-1] == "AR"
            assert len(taken) > 10
            enter = ["nsenter", "-t", str(process.pid), *(["-U"] if "-rm" in UNSHARE else []), "-m"]
            assert not _failed([*enter, "mount", "-o", f"remount,size={LARGE_MB}m", disk])
            first = len(taken) - 1
            more = await codes(settings, range(first, first + 20))
            assert more == ["AA"] * 20
            await ward.up()
            async with asyncio.timeout(START_SECONDS):
                while len(ward.taken) < first + 20:  # noqa: ASYNC110 - it comes from outside
                    await asyncio.sleep(0.05)
            process.terminate()
            assert await asyncio.wait_for(process.wait(), START_SECONDS) == 0
        await ward.down()
    assert ward.taken == {f"G-{number}" for number in range(first + 20)}

"""S-23: what loops, raises or calls itself for ever is told with its line; the next sample runs."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ayni.engine.tooling.running import try_channel
from ayni.engine.tooling.time_limit import TooLong, at_most

CODE = """
import json
import time
from ayni.engine import Channel, Destination, Outgoing
from ayni.engine.connectors.channel_link import FromChannels
from ayni.engine.connectors.folder import FolderWriter

def deeper(depth):
    return deeper(depth + 1)

def to_lab(document):
    if document.get("loops"):
        while True:
            try:
                time.sleep(0)
            except Exception:
                continue
    if document.get("deep"):
        deeper(0)
    if document.get("deaf"):
        sum(range(10**15))
    return Outgoing(content=b"x", control_id="1", key=document["key"])

channel = Channel(
    name="adt", title="De prueba", source=FromChannels(),
    destinations=(Destination(partner="lab", connector=FolderWriter(path="lab"), transform=to_lab),),
)
"""
SAMPLES = {"1-loops": '{"loops": 1}', "2-deep": '{"deep": 1}', "3-raises": "{}", "4-fine": '{"key": "k"}'}
SECONDS = 0.2


def folder_with(folder: Path, samples: dict[str, str]) -> Path:
    made = folder / "adt"
    (made / "samples").mkdir(parents=True)
    (made / "channel.py").write_text(CODE, "utf-8")
    for name, given in samples.items():
        (made / "samples" / f"{name}.in.json").write_text(given, "utf-8")
        (made / "samples" / f"{name}.out.txt").write_text("x", "utf-8")
    return made


def test_each_way_to_break_is_told_with_its_line_and_the_next_sample_runs(tmp_path: Path) -> None:
    tried = try_channel(folder_with(tmp_path, SAMPLES), seconds_max=SECONDS).tried
    errors = {each.sample: each.error for each in tried}
    assert "(to_lab): TooLong: still running after 0.2 s" in errors["1-loops"]
    assert "(deeper): RecursionError" in errors["2-deep"]
    assert "(to_lab): KeyError" in errors["3-raises"]
    assert errors["4-fine"] == ""
    assert tried[3].is_as_expected


def test_what_no_signal_reaches_ends_with_the_process_and_says_where(tmp_path: Path) -> None:
    made = folder_with(tmp_path, {"1-deaf": '{"deaf": 1}'})
    command = [sys.executable, "-m", "ayni", "engine", "test", str(made), "--seconds", str(SECONDS)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 1
    assert "in to_lab" in ended.stderr


def test_the_limit_is_over_with_its_block() -> None:
    before = signal.getsignal(signal.SIGALRM)
    with at_most(60):
        assert signal.getitimer(signal.ITIMER_REAL)[0] > 0
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)
    assert signal.getsignal(signal.SIGALRM) == before


def loops_whatever_is_raised() -> None:
    while True:
        try:
            signal.pause()
        except Exception:
            continue


def test_it_is_no_exception_that_a_function_catches() -> None:
    with pytest.raises(TooLong), at_most(0.01):
        loops_whatever_is_raised()

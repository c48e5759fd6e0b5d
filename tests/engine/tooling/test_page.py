"""The page about channels is true: its ten minutes are played as they are written."""

import re
import shlex
from dataclasses import fields
from pathlib import Path

import pytest
from click.testing import CliRunner

from ayni.engine.channel import Channel, Destination
from ayni.engine.cli import engine
from ayni.engine.policy import Policy
from ayni.engine.tooling.sample import HANDOVER, OUTCOMES

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "engine" / "channels.md").read_text("utf-8")
OFFLINE = ("new-channel", "test", "check")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def commands() -> list[list[str]]:
    """The commands of the first part that need no running engine, without `ayni engine`."""
    lines = "".join(blocks("sh")).splitlines()
    spoken = [shlex.split(line, comments=True)[2:] for line in lines if line.startswith("ayni engine ")]
    return [words for words in spoken if words[0] in OFFLINE]


def run(words: list[str], *, exit_code: int = 0) -> str:
    ended = CliRunner().invoke(engine, words, env={"AYNI_CHANNELS": "", "AYNI_VAR": ""})
    assert ended.exit_code == exit_code, ended.output
    return ended.output


def test_the_ten_minutes_work_as_they_are_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("channels").mkdir()
    new, test, check, update = commands()
    run(new)
    run(test)
    run(check)
    place = Path("channels", "lab_results")
    (place / "samples" / "01-example.in.hl7").write_text(blocks("hl7")[0])
    (transform,) = blocks("python")
    code = (place / "channel.py").read_text()
    changed = re.sub(r"def to_partner.*?\n\n\n", lambda _: transform + "\n\n", code, count=1, flags=re.DOTALL)
    (place / "channel.py").write_text(changed)
    assert blocks("text")[0] in run(test, exit_code=1)
    run(update)
    run(test)
    assert run(check).startswith("error: 0 · warning: 0")
    assert [each.name for each in Path("channels").iterdir()] == ["lab_results"]


def test_the_port_and_the_file_that_the_page_names_are_the_new_channels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("channels").mkdir()
    run(commands()[0])
    code = Path("channels", "lab_results", "channel.py").read_text()
    assert 'MllpListener(port="2601")' in code
    assert "telnet://127.0.0.1:2601" in PAGE
    assert 'path="${AYNI_VAR}/lab_results/out"' in code
    assert 'name="{control_id}.json"' in code


def test_every_finding_is_on_the_page() -> None:
    texts = [
        (ROOT / "ayni" / "engine" / path).read_text("utf-8")
        for path in ("loading.py", "tooling/checking.py", "tooling/running.py")
    ]
    said = r'(?:ChannelError\(\s*|_finding\("\w+", )"([a-z]+-[a-z-]+)"'
    found = {name for text in texts for name in re.findall(said, text)}
    assert len(found) > 15
    assert [name for name in sorted(found) if f"`{name}`" not in PAGE] == []


def test_every_part_of_a_channel_and_every_kind_of_file_is_on_the_page() -> None:
    declared = {each.name for kind in (Policy, Destination, Channel) for each in fields(kind)}
    told = {"name", "title", "partner", "connector", "destinations", "revision"}
    assert [name for name in sorted(declared - told) if f"`{name}`" not in PAGE] == []
    assert [kind for kind in (*OUTCOMES, HANDOVER) if f".{kind}." not in PAGE] == []

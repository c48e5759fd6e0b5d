"""A new channel works at once: its samples, its check, its own test, and our style."""

import subprocess
import sys
from pathlib import Path

import pytest

from ayni.engine.errors import ChannelError
from ayni.engine.loading import load_all
from ayni.engine.tooling.checking import check
from ayni.engine.tooling.commands import KINDS_FROM, KINDS_TO
from ayni.engine.tooling.running import try_channel
from ayni.engine.tooling.scaffolding import new_channel
from ayni.engine.tooling.starters import DESTINATIONS, SOURCES
from ayni.engine.tooling.translations import CONTENTS
from ayni.wire.settings import Environment

ROOT = Path(__file__).resolve().parents[3]
PAIRS = [
    (source, destination)
    for source, made_of in SOURCES.items()
    for destination, made_for in DESTINATIONS.items()
    if (made_of.family, made_for.payload) in CONTENTS
]


def make(folder: Path, name: str = "lab_results", *, source: str = "mllp", destination: str = "mllp") -> Path:
    made = new_channel(folder, name, source=source, destination=destination, environment=Environment({}))
    return made.folder


@pytest.mark.parametrize(("source", "destination"), PAIRS)
def test_a_new_channel_passes_its_samples_and_the_check(
    tmp_path: Path, source: str, destination: str
) -> None:
    place = make(tmp_path, source=source, destination=destination)
    trial = try_channel(place)
    assert trial.is_as_expected, trial
    assert (len(trial.tried), trial.unreached) == (2, ())
    assert check(tmp_path, Environment({})) == []
    files = sorted(str(path.relative_to(place)) for path in place.rglob("*") if path.is_file())
    assert [each for each in files if not each.startswith("samples")] == [
        "README.md",
        "channel.py",
        "test_channel.py",
    ]


def test_a_new_channel_passes_its_own_test_and_our_style(tmp_path: Path) -> None:
    for source, destination in PAIRS:
        make(tmp_path, f"from_{source}_to_{destination}", source=source, destination=destination)
    for command in (
        ["pytest", "-q", "-p", "no:cacheprovider", "--import-mode=importlib", "-c", "/dev/null", "."],
        ["ruff", "format", "--check", "--no-cache", "--line-length=110", "."],
        ["ruff", "check", "--no-cache", "--line-length=110", "--select=E,F,I,UP,B", *FIRST_PARTY, "."],
    ):
        ended = subprocess.run([sys.executable, "-m", *command], cwd=tmp_path, capture_output=True, text=True)
        assert ended.returncode == 0, ended.stdout


FIRST_PARTY = ("--config", 'lint.isort.known-first-party=["ayni"]')


def test_a_changed_new_channel_fails_its_own_test(tmp_path: Path) -> None:
    place = make(tmp_path)
    code = (place / "channel.py").read_text("utf-8")
    (place / "channel.py").write_text(code.replace('"MSH-5.1"', '"MSH-5.2"'), "utf-8")
    assert not try_channel(place).is_as_expected


@pytest.mark.parametrize("name", ["", "Lab", "lab-results", "9lab", "../lab", "lab results", "l" * 41])
def test_an_unusable_name_is_refused_with_a_hint(tmp_path: Path, name: str) -> None:
    with pytest.raises(ChannelError, match="unusable-name") as caught:
        make(tmp_path, name)
    assert "small letters" in caught.value.hint
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_taken_is_refused_and_what_is_there_stays(tmp_path: Path) -> None:
    (tmp_path / "lab_results").mkdir()
    (tmp_path / "lab_results" / "notes").write_text("mine")
    with pytest.raises(ChannelError, match="name-taken"):
        make(tmp_path)
    assert [each.name for each in tmp_path.rglob("*")] == ["lab_results", "notes"]


def test_a_tick_is_not_made_into_a_message_about_a_patient(tmp_path: Path) -> None:
    with pytest.raises(ChannelError, match="no-such-pair"):
        make(tmp_path, source="timer", destination="mllp")


def test_new_channels_stand_beside_each_other(tmp_path: Path) -> None:
    for name in ("one", "two", "three"):
        make(tmp_path, name)
    channels = load_all(tmp_path).channels.values()
    assert sorted(each.source.port for each in channels) == ["2601", "2602", "2603"]  # type: ignore[attr-defined]
    assert check(tmp_path, Environment({})) == []


def test_one_that_cannot_be_made_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ayni.engine.connectors.mail", None)  # as if it could not be imported
    with pytest.raises(ChannelError, match="cannot-be-made"):
        make(tmp_path, destination="mail")
    assert list(tmp_path.iterdir()) == []


def test_the_command_offers_every_kind_there_is() -> None:
    assert (tuple(SOURCES), tuple(DESTINATIONS)) == (KINDS_FROM, KINDS_TO)

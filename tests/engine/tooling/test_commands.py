"""The commands an engineer types: what they print, and how they end."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ayni.engine.tooling import commands

OURS = Path(__file__).resolve().parents[3] / "channels"
TEST, CHECK, NEW = commands.test_channels, commands.check_channels, commands.new_channel


def run(command: object, *arguments: object, **variables: str) -> Result:
    settings = {"AYNI_CHANNELS": "", "AYNI_VAR": "var"} | variables
    return CliRunner().invoke(command, [str(each) for each in arguments], env=settings)  # type: ignore[arg-type]


@pytest.fixture
def channels(tmp_path: Path) -> Path:
    """A folder with one new channel."""
    assert run(NEW, "lab_results", "--from", "mllp", "--to", "mllp", "--in", tmp_path).exit_code == 0
    return tmp_path


@pytest.fixture
def broken(channels: Path) -> Path:
    """The same after a change of one field."""
    code = channels / "lab_results" / "channel.py"
    code.write_text(code.read_text().replace('"MSH-5.1"', '"MSH-6.1"'))
    return channels


def test_samples_that_are_as_expected_end_with_0_and_a_summary(channels: Path) -> None:
    ended = run(TEST, channels)
    assert ended.exit_code == 0
    assert ended.output.splitlines()[0] == "ok       lab_results  2 samples"
    assert "2 samples of 1 channel in" in ended.output
    assert ended.output.rstrip().endswith("all as expected")


def test_a_difference_is_shown_by_field_and_ends_with_1(broken: Path) -> None:
    ended = run(TEST, broken)
    assert ended.exit_code == 1
    for line in (
        "DIFFERS  lab_results  2 samples",
        "    01-example.out.hl7",
        "      MSH-5  Receiving Application",
        "          expected  lab_results_partner",
        "          found     AYNI",
        "1 sample not as expected",
    ):
        assert line in ended.output


def test_an_update_is_announced_and_then_all_is_as_expected(broken: Path) -> None:
    ended = run(TEST, broken, "--update")
    assert (ended.exit_code, "1 sample updated: read what changed" in ended.output) == (0, True)
    assert run(TEST, broken, "lab_results").exit_code == 0


def test_a_program_reads_the_same_as_json(broken: Path) -> None:
    told = json.loads(run(TEST, broken, "--json").output)
    assert (told["samples"], told["differing"]) == (2, 1)
    (channel,) = told["channels"]
    (file,) = channel["samples"][0]["files"]
    assert (file["file"], file["differences"][0]["place"]) == ("01-example.out.hl7", "MSH-5")


def test_what_no_sample_reaches_is_told(channels: Path) -> None:
    for path in (channels / "lab_results" / "samples").glob("02*"):
        path.unlink()
    assert "no sample reaches channel.py:" in run(TEST, channels).output


def test_the_folder_is_that_of_the_deployment_unless_it_is_given(channels: Path) -> None:
    assert run(TEST, AYNI_CHANNELS=str(channels)).exit_code == 0
    assert run(TEST, channels / "lab_results").exit_code == 0


@pytest.mark.parametrize("arguments", [("nowhere",), (".", "nothing")])
def test_what_is_not_there_is_one_line(channels: Path, arguments: tuple[str, ...]) -> None:
    ended = run(TEST, *(str(channels) if each == "." else each for each in arguments))
    assert ended.exit_code != 0
    assert "Traceback" not in ended.output


def test_a_folder_without_channels_is_no_success(tmp_path: Path) -> None:
    assert run(TEST, tmp_path).exit_code == 1


def test_a_check_without_findings_ends_with_0(channels: Path) -> None:
    ended = run(CHECK, channels)
    assert (ended.exit_code, ended.output.strip()) == (0, "error: 0 · warning: 0 · info: 0")


def test_a_warning_ends_with_0_unless_it_is_strict(channels: Path) -> None:
    (channels / "lab_results" / "README.md").unlink()
    ended = run(CHECK, channels)
    assert ended.exit_code == 0
    assert ended.output.startswith(f"warning  no-readme · {channels / 'lab_results'} · hint: ")
    assert run(CHECK, channels, "--strict").exit_code == 1


def test_an_error_ends_with_1_and_a_program_reads_it_as_json(channels: Path) -> None:
    code = channels / "lab_results" / "channel.py"
    code.write_text(code.read_text().replace('"2601"', '"${LAB_PORT}"'))
    assert run(CHECK, channels).exit_code == 1
    assert run(CHECK, channels, LAB_PORT="2601").exit_code == 0
    told = json.loads(run(CHECK, channels, "--json").output)
    assert told["counts"] == {"error": 1, "warning": 0, "info": 0}
    assert [(each["id"], each["path"]) for each in told["findings"]] == [
        ("setting-missing", str(channels / "lab_results"))
    ]


def test_a_channel_that_cannot_be_read_is_told_where_it_lies(channels: Path) -> None:
    code = channels / "lab_results" / "channel.py"
    code.write_text("1 / 0")
    for command in (CHECK, TEST):
        assert f"does-not-import · {channels / 'lab_results'} · hint: " in run(command, channels).output


def test_a_folder_that_holds_no_channels_is_named_itself(tmp_path: Path) -> None:
    assert f"no-channels · {tmp_path} · hint: " in run(CHECK, tmp_path).output


def test_a_channels_own_folder_is_checked_among_its_neighbours(channels: Path) -> None:
    assert run(NEW, "adt", "--from", "mllp", "--to", "mllp", "--in", channels).exit_code == 0
    for each in ("adt", "lab_results"):
        (channels / each / "README.md").unlink()
    own, code = channels / "lab_results", channels / "adt" / "channel.py"
    ended = run(CHECK, own)
    assert ended.output.splitlines()[0].startswith(f"warning  no-readme · {own} · hint: ")
    assert ended.output.splitlines()[1:] == ["error: 0 · warning: 1 · info: 0"]
    code.write_text(code.read_text().replace('"2602"', '"2601"'))
    assert f"source-taken · {own} · hint: adt has this source" in run(CHECK, own).output


def test_a_new_channel_says_how_to_try_it(tmp_path: Path) -> None:
    ended = run(NEW, "lab_results", "--in", tmp_path)
    assert ended.exit_code == 0
    assert f"ayni engine test {tmp_path / 'lab_results'}" in ended.output


def test_a_program_reads_what_was_made(tmp_path: Path) -> None:
    made = json.loads(
        run(NEW, "lab_results", "--from", "mllp", "--to", "mllp", "--in", tmp_path, "--json").output
    )
    folder = tmp_path / "lab_results"
    assert (made["channel"], made["folder"], made["port"]) == ("lab_results", str(folder), 2601)
    assert made["files"][:2] == ["README.md", "channel.py"]
    assert "samples/01-example.in.hl7" in made["files"]
    assert all((folder / each).is_file() for each in made["files"])
    quiet = run(NEW, "daily", "--from", "timer", "--to", "file", "--in", tmp_path, "--json")
    assert json.loads(quiet.output)["port"] is None
    taken = run(NEW, "daily", "--in", tmp_path, "--json")
    assert (taken.exit_code, "name-taken" in taken.output) == (1, True)


def test_a_name_that_is_taken_is_one_line_with_a_hint(channels: Path) -> None:
    ended = run(NEW, "lab_results", "--in", channels)
    assert ended.exit_code == 1
    assert ended.output.startswith(f"Error: name-taken · {channels / 'lab_results'} · hint: ")


def test_every_command_has_examples() -> None:
    for command in (TEST, CHECK, NEW):
        assert "Examples:" in run(command, "--help").output

"""Every sample of a deployment runs without server or network; what came may become what is expected."""

import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ayni.engine.errors import ChannelError
from ayni.engine.loading import load_channel
from ayni.engine.testing import run_sample, samples
from ayni.engine.tooling.reach import Reach
from ayni.engine.tooling.running import Trial, folders_in, try_channel
from tests.engine.tooling.test_samples import CHANNEL, GIVEN, HL7, HL7_CHANNEL, OUT, Bench

OURS = Path(__file__).resolve().parents[3] / "channels"
SAMPLES = 100
SECONDS_MAX = 10
TEST = "from ayni.engine.tooling.commands import test_channels; test_channels()"


def test_the_channels_of_this_repository_need_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("no network")

    for name in ("connect", "bind", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    trials = [try_channel(folder) for folder in folders_in(OURS)]
    assert [(trial.channel, trial.is_as_expected) for trial in trials] == [
        ("answer_to_ehr", True),
        ("intake_to_ehr", True),
        ("state_to_qhali", True),
    ]
    assert all(len(trial.tried) > 10 for trial in trials)


def test_a_hundred_samples_in_a_new_process_take_seconds(tmp_path: Path) -> None:
    place = Path(shutil.copytree(OURS / "intake_to_ehr", tmp_path / "intake_to_ehr"))
    folder = place / "samples"
    for number in range(SAMPLES - len(samples(folder))):
        for ending in ("in.json", "out.hl7"):
            shutil.copy(folder / f"02-scheduled-visit.{ending}", folder / f"x{number}.{ending}")
    started = time.perf_counter()
    ended = subprocess.run([sys.executable, "-c", TEST, str(tmp_path)], capture_output=True, text=True)
    assert time.perf_counter() - started < SECONDS_MAX
    assert ended.returncode == 0, ended.stdout
    assert f"{SAMPLES} samples of 1 channel" in ended.stdout


def test_a_changed_mapping_makes_a_sample_differ(tmp_path: Path) -> None:
    place = Path(shutil.copytree(OURS / "intake_to_ehr", tmp_path / "intake_to_ehr"))
    code = (place / "channel.py").read_text("utf-8")
    changed = code.replace("    return Outgoing", "    message['PID-5.2'] = 'OTRA'\n    return Outgoing", 1)
    (place / "channel.py").write_text(changed, "utf-8")
    found = {each.sample: each.differences for each in try_channel(place).tried if not each.is_as_expected}
    (difference,) = found["01-cough-18-days"][0].differences
    assert (difference.place, difference.found) == ("PID-5.2", "OTRA")
    assert difference.name == "Patient Name · Given Name"
    code = code.replace('channel="state_to_qhali"', 'channel="elsewhere"')
    (place / "channel.py").write_text(code, "utf-8")
    assert not try_channel(place).is_as_expected


@pytest.mark.parametrize(
    "files",
    [
        {"in_json": GIVEN},
        {"in_json": GIVEN, "out_json": '{"for": "pharmacy"}'},
        {"in_json": GIVEN, "error_txt": "patient-missing\n", "filtered_txt": "rehearsal\n"},
        {"in_json": "{}", "out_json": OUT},
        {"in_json": GIVEN, "response_json": '{"result": 1}', "handover_elsewhere_json": "{}"},
    ],
)
def test_an_update_makes_what_came_what_is_expected(tmp_path: Path, files: dict[str, str]) -> None:
    bench = Bench(tmp_path)
    bench.put(**files)
    assert not try_channel(bench.folder).is_as_expected
    (updated,) = try_channel(bench.folder, update=True).tried
    assert (updated.is_updated, updated.error) == (True, "")
    assert try_channel(bench.folder).is_as_expected
    for sample in samples(bench.folder / "samples"):
        run_sample(bench.channel, sample)


def test_an_update_writes_for_a_reviewer_and_touches_nothing_that_says_the_same(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.put(in_json=GIVEN, out_json='{"for":"lab","patient":"99000017"}')
    assert not try_channel(bench.folder, update=True).tried[0].is_updated
    assert (bench.folder / "samples" / "01.out.json").read_text() == '{"for":"lab","patient":"99000017"}'
    bench.put(out_json="{}")
    try_channel(bench.folder, update=True)
    written = (bench.folder / "samples" / "01.out.json").read_text()
    assert written == '{\n "patient": "99000017",\n "for": "lab"\n}\n'


@pytest.mark.parametrize(("before", "after"), [(None, "\n"), ("MSH\n", "\n"), ("MSH\r", "\r")])
def test_an_update_writes_hl7_in_lines_unless_the_file_has_the_segments_ends(
    tmp_path: Path, before: str | None, after: str
) -> None:
    bench = Bench(tmp_path, code=HL7_CHANNEL)
    bench.put(in_hl7=HL7, **({"out_hl7": before} if before else {}))
    try_channel(bench.folder, update=True)
    written = (bench.folder / "samples" / "01.out.hl7").read_bytes()
    assert written.decode() == HL7.replace("\r", after)


def test_an_update_writes_nothing_where_a_function_breaks(tmp_path: Path) -> None:
    bench = Bench(tmp_path, code=CHANNEL.replace('document["for"]', "nothing.at_all"))
    bench.put(in_json=GIVEN, out_json=OUT)
    assert "NameError" in try_channel(bench.folder, update=True).tried[0].error
    assert (bench.folder / "samples" / "01.out.json").read_text() == OUT


def test_a_channel_that_does_not_load_or_has_no_sample_is_not_as_expected(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    assert "no samples" in try_channel(bench.folder).error
    (bench.folder / "channel.py").write_text("def")
    trial = try_channel(bench.folder)
    assert "does-not-import" in trial.error
    assert not trial.is_as_expected


def test_one_sample_that_breaks_does_not_keep_the_others_from_running(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.put(in_json=GIVEN, out_json=OUT)
    (bench.folder / "samples" / "00.in.json").write_text(GIVEN)
    tried = {each.sample: each for each in try_channel(bench.folder).tried}
    assert "nothing stands beside it" in tried["00"].error
    assert tried["01"].is_as_expected


def test_progress_is_told_after_each_sample(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.put(in_json=GIVEN, out_json=OUT)
    told: list[tuple[str, int, int]] = []
    try_channel(bench.folder, progress=lambda *step: told.append(step))
    assert told == [("adt", 1, 1)]


def lines_of(bench: Bench, trial: Trial) -> set[str]:
    """The text of the lines no sample reaches."""
    code = (bench.folder / "channel.py").read_text().splitlines()
    found: set[str] = set()
    for place in trial.unreached:
        first, _, last = place.removeprefix("channel.py:").partition("-")
        found |= {line.strip() for line in code[int(first) - 1 : int(last or first)]}
    return found


def test_what_no_sample_reaches_is_told_by_its_lines(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.put(in_json=GIVEN, out_json=OUT)
    missed = lines_of(bench, try_channel(bench.folder))
    assert any("raise ContentRefused" in line for line in missed)
    assert any("return Handover" in line for line in missed)
    assert any("return None" in line for line in missed)
    assert not any('document["for"]' in line for line in missed)
    bench.put(response_json='{"result": 1}', handover_results_json='{"result": 1}')
    assert not any("return Handover" in line for line in lines_of(bench, try_channel(bench.folder)))


def test_watching_lines_leaves_the_tracer_of_others_in_place(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    before = sys.gettrace()
    with Reach(bench.folder).watched():
        assert sys.gettrace() is not before
    assert sys.gettrace() is before


def test_channels_are_named_or_all_and_a_folder_may_be_one_itself(tmp_path: Path) -> None:
    for name in ("lab", "pharmacy"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "channel.py").touch()
    assert [each.name for each in folders_in(tmp_path)] == ["lab", "pharmacy"]
    assert folders_in(tmp_path, ["pharmacy"]) == [tmp_path / "pharmacy"]
    assert folders_in(tmp_path / "lab") == [(tmp_path / "lab").resolve()]
    with pytest.raises(ChannelError, match=r"lab, pharmacy"):
        folders_in(tmp_path, ["nothing"])


def test_every_line_of_our_channels_is_reached() -> None:
    assert [trial.unreached for trial in map(try_channel, folders_in(OURS))] == [(), (), ()]
    assert load_channel(OURS / "intake_to_ehr").revision

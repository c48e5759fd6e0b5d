"""`ayni exercise run`: three systems in a temporary folder, every scenario, the evidence."""

import shutil
import tempfile
from pathlib import Path
from typing import BinaryIO

from ayni.exercise import evidence
from ayni.exercise.evidence import Evidence, Hop, ScenarioResult
from ayni.exercise.personas import persona
from ayni.exercise.processes import Processes
from ayni.exercise.report import Report
from ayni.exercise.scenarios import SCENARIOS
from ayni.exercise.stage import Stage
from ayni.exercise.systems import System, free_ports
from ayni.wire.clock import TEST_TRAFFIC

HOST = "127.0.0.1"
LINK_PROBE_SECONDS = "2"
"""A dead link is tried again this soon, so that an outage costs the exercise seconds, not minutes."""

SOURCES = Path(__file__).resolve().parents[2]


def run(evidence_file: BinaryIO | None) -> bool:
    """Plays every scenario; whether all passed. The folder is removed only then."""
    folder = Path(tempfile.mkdtemp(prefix="ayni-exercise-"))
    with Report() as report, _systems(folder) as processes:
        results = [_play(name, processes, number, report) for number, name in enumerate(SCENARIOS)]
    found = Evidence(machine=evidence.machine(), commit=evidence.commit(SOURCES), scenarios=results)
    report.table(found)
    if evidence_file is not None:
        evidence.write(found, evidence_file)
    if found.passed:
        shutil.rmtree(folder)
    else:
        report.say(f"data and logs are kept in {folder}")
    return found.passed


def _systems(folder: Path) -> Processes:
    """The three systems on free ports, with one movable clock."""
    settings = {
        "AYNI_HOST": HOST,
        "AYNI_VAR": str(folder),
        "AYNI_CHANNELS": str(SOURCES / "channels"),
        "AYNI_CLOCK": str(folder / "clock"),
        "AYNI_PROCESSING_ID": TEST_TRAFFIC,
        "AYNI_LINK_PROBE_SECONDS": LINK_PROBE_SECONDS,
        "AYNI_LINK_PROBE_SECONDS_MAX": LINK_PROBE_SECONDS,
    }
    return Processes(settings | free_ports(HOST))


def _start(processes: Processes, report: Report) -> None:
    def ready(system: System, seconds: float) -> None:
        report.say(f"ready   {system.title} ({seconds:.1f} s)")

    report.now("starting the systems")
    processes.start(ready=ready)


def _play(name: str, processes: Processes, number: int, report: Report) -> ScenarioResult:
    def say(step: str) -> None:
        report.now(f"[{number + 1}/{len(SCENARIOS)}] {name}: {step}")

    stage = Stage(processes, persona(number), say=say)
    passed = False
    try:
        # an earlier scenario that failed may have left a system down
        _start(processes, report)
        SCENARIOS[name](stage)
        passed = True
        report.passed(name)
    except Exception as error:  # whatever breaks is this scenario's failure; the others are still played
        report.failed(name, stage.current_step, error)
    return ScenarioResult(name=name, passed=passed, hops=_hops(stage, report))


def _hops(stage: Stage, report: Report) -> list[Hop]:
    try:
        return [hop for request_id in stage.requests for hop in stage.console.hops(request_id)]
    except Exception as error:
        report.say(f"        the engine could not be asked for the hops: {type(error).__name__}")
        return []

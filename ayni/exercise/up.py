"""`ayni up`: the three systems on this machine until Ctrl-C."""

import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from ayni.exercise.processes import Processes
from ayni.exercise.systems import SYSTEMS, System, check_ports
from ayni.wire.settings import SETTINGS, Environment

WATCH_SECONDS = 0.5


def up(variables: Mapping[str, str]) -> None:
    """Starts the three, says where they are, and stops them when asked.

    One that ends by itself, or is ended, leaves the others running: that is what the exercise is about.
    Raises PortTaken before anything is started, SystemFailed when one does not become ready or none is left.
    """
    processes = Processes(variables)
    environment = Environment(processes.variables)
    check_ports(environment)
    with processes:
        try:
            print("starting the engine, oneVisionCax and QHALI ...", flush=True)
            processes.start(ready=partial(_say_ready, processes))
            print(addresses(environment), flush=True)
            _watch(processes)
        except KeyboardInterrupt:
            print("\nstopping ...", flush=True)
    print("all three are stopped", flush=True)


def _watch(processes: Processes) -> None:
    """Says of each system that ended how to start it again; raises SystemFailed when none is left."""
    told: set[str] = set()
    while len(told) < len(SYSTEMS):
        for system in SYSTEMS:
            if system.name not in told and not processes[system].is_running:
                told.add(system.name)
                print(_ended(processes, system), flush=True)
        time.sleep(WATCH_SECONDS)
    processes.check()


def _ended(processes: Processes, system: System) -> str:
    command = " ".join([*_given(processes.variables), ".venv/bin/ayni", *system.command[3:]])
    return (
        f"{system.title} ended; its log is {_short(processes[system].log)}. The others go on.\n"
        f"  start it again in another terminal: {command}"
    )


def _given(variables: Mapping[str, str]) -> list[str]:
    """The settings of this run that are not the start values, as a shell takes them."""
    values = {setting.name: (variables.get(setting.name, ""), setting.default) for setting in SETTINGS}
    return [
        f"{name}={value}" for name, (value, start_value) in values.items() if value not in ("", start_value)
    ]


def addresses(environment: Environment) -> str:
    """Where to look, for people."""
    host = environment.text("AYNI_HOST")

    def page(setting: str) -> str:
        return f"http://{host}:{environment.port(setting)}"

    def listener(setting: str) -> str:
        return f"{host}:{environment.port(setting)}"

    logs = " ".join(_short(environment.folder(system.name) / "log.jsonl") for system in SYSTEMS)
    return f"""
  QHALI (citizen)         {page("AYNI_QHALI_PORT")}
  oneVisionCax (staff)    {page("AYNI_ONEVISION_PORT")}   accounts: {_account(environment, "onevision")}
  engine console          {page("AYNI_ENGINE_PORT")}   account: {_account(environment, "engine")}

  engine, FHIR            {listener("AYNI_ENGINE_FHIR_PORT")}
  engine, MLLP            {listener("AYNI_ENGINE_MLLP_PORT")}
  oneVisionCax, MLLP      {listener("AYNI_ONEVISION_MLLP_PORT")}
  logs                    {logs}

Ctrl-C stops all three.
"""


ACCOUNT_FILES = {"onevision": "demo-accounts.txt", "engine": "operator-account.txt"}
"""Made by the systems at first start, readable by their owner only."""


def _account(environment: Environment, system: str) -> str:
    return _short(environment.folder(system) / ACCOUNT_FILES[system])


def _short(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _say_ready(processes: Processes, system: System, seconds: float) -> None:
    print(f"  {system.title} is ready ({seconds:.1f} s), process {processes[system].pid}", flush=True)

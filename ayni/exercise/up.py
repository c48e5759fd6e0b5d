"""`ayni up`: the three systems on this machine until Ctrl-C."""

from collections.abc import Mapping

from ayni.exercise.processes import Processes
from ayni.exercise.systems import SYSTEMS, check_ports
from ayni.exercise.watch import Watch, farewell, short
from ayni.wire.settings import Environment


def up(variables: Mapping[str, str]) -> None:
    """Starts the three, says where they are, and stops them when asked.

    One that ends by itself, or is ended, leaves the others running: that is what the exercise is about.
    Raises PortTaken before anything is started, SystemFailed when one does not become ready or none is left,
    and CannotStart for a setting that cannot be used.
    """
    processes = Processes(variables)
    environment = Environment(processes.variables)
    watch = Watch(processes)
    check_ports(environment)
    try:
        with processes:
            _run(processes, watch)
    finally:
        print(farewell(environment), flush=True)


def _run(processes: Processes, watch: Watch) -> None:
    try:
        print("starting the engine, oneVisionCax and QHALI ...", flush=True)
        processes.start(ready=watch.say_ready)
        print(addresses(Environment(processes.variables)), flush=True)
        watch.keep()
    except KeyboardInterrupt:
        print("\nstopping ...", flush=True)


def addresses(environment: Environment) -> str:
    """Where to look, for people."""
    host = environment.text("AYNI_HOST")

    def page(setting: str) -> str:
        return f"http://{host}:{environment.port(setting)}"

    def listener(setting: str) -> str:
        return f"{host}:{environment.port(setting)}"

    logs = " ".join(short(environment.folder(system.name) / "log.jsonl") for system in SYSTEMS)
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
    return short(environment.folder(system) / ACCOUNT_FILES[system])

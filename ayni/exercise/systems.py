"""The three systems as seen from outside: how each is started, where it listens, where it answers."""

import sys
from contextlib import ExitStack
from dataclasses import dataclass

from ayni.wire import serve
from ayni.wire.settings import Environment

ANY_FREE_PORT = 0
AYNI = (sys.executable, "-m", "ayni")


@dataclass(frozen=True, slots=True)
class System:
    """One program of the exercise. The first port serves its pages and `/health`."""

    name: str
    title: str
    command: tuple[str, ...]
    ports: tuple[str, ...]


ENGINE = System(
    name="engine",
    title="engine",
    command=(*AYNI, "engine", "serve"),
    ports=("AYNI_ENGINE_PORT", "AYNI_ENGINE_FHIR_PORT", "AYNI_ENGINE_MLLP_PORT"),
)
ONEVISION = System(
    name="onevision",
    title="oneVisionCax",
    command=(*AYNI, "onevision"),
    ports=("AYNI_ONEVISION_PORT", "AYNI_ONEVISION_MLLP_PORT"),
)
QHALI = System(name="qhali", title="QHALI", command=(*AYNI, "qhali"), ports=("AYNI_QHALI_PORT",))

SYSTEMS = (ENGINE, ONEVISION, QHALI)
PORT_SETTINGS = tuple(port for system in SYSTEMS for port in system.ports)


class PortTaken(Exception):
    """A listener's port is in use by another program, or named twice."""

    def __init__(self, port: int, setting: str) -> None:
        super().__init__(f"port {port} is taken: choose another with {option(setting)} or {setting}")
        self.port, self.setting = port, setting


def option(setting: str) -> str:
    """The command line option of a setting: AYNI_QHALI_PORT is `--qhali-port`."""
    return "--" + setting.removeprefix("AYNI_").lower().replace("_", "-")


def check_ports(environment: Environment) -> None:
    """Raises PortTaken, naming the first port in use; CannotStart when nobody could listen there."""
    with ExitStack() as held:
        for setting in PORT_SETTINGS:
            port = environment.port(setting)
            try:
                held.enter_context(serve.bind(environment.text("AYNI_HOST"), port))
            except serve.PortTaken as error:
                raise PortTaken(port, setting) from error


def free_ports(host: str) -> dict[str, str]:
    """A port nobody listens on for each listener, as settings."""
    with ExitStack() as held:
        listeners = {
            setting: held.enter_context(serve.bind(host, ANY_FREE_PORT)) for setting in PORT_SETTINGS
        }
        return {setting: str(listener.getsockname()[1]) for setting, listener in listeners.items()}


def port_in_use(environment: Environment, system: System) -> int | None:
    """A port of this system on which somebody listens; None when there is none."""
    for setting in system.ports:
        port = environment.port(setting)
        try:
            serve.bind(environment.text("AYNI_HOST"), port).close()
        except serve.PortTaken:
            return port
    return None

"""The watch over the running systems: says who ended and starts it again when Enter is pressed."""

import os
import select
import shlex
import sys
import time
from pathlib import Path

from ayni.exercise.processes import Processes, SystemFailed
from ayni.exercise.systems import SYSTEMS, System, port_in_use
from ayni.wire.failure import CannotStart
from ayni.wire.folder_lock import holder
from ayni.wire.settings import SETTINGS, Environment

WATCH_SECONDS = 0.5
LINE_BYTES_MAX = 1024


class Watch:
    """Over three systems that were started."""

    def __init__(self, processes: Processes) -> None:
        self._processes = processes
        self._environment = Environment(processes.variables)
        self._pause_seconds = self._environment.seconds("AYNI_LINK_PROBE_SECONDS_MAX")
        self._down: set[System] = set()

    def keep(self) -> None:
        """Watches until none is left; raises SystemFailed then."""
        while len(self._down) < len(SYSTEMS):
            self._look()
            if _enter_is_pressed(WATCH_SECONDS) and self._down:
                self._start_again()
        self._processes.check()

    def say_ready(self, system: System, seconds: float) -> None:
        """Says that a system can be used, and which process it is."""
        pid = self._processes[system].pid
        print(f"  {system.title} is ready ({seconds:.1f} s), process {pid}", flush=True)

    def _look(self) -> None:
        for system in SYSTEMS:
            if self._processes[system].is_up:
                self._down.discard(system)
            elif system not in self._down:
                self._down.add(system)
                print(self._ended(system), flush=True)

    def _start_again(self) -> None:
        print("starting again ...", flush=True)
        try:
            self._processes.start(ready=self.say_ready, systems=self._down)
        except (SystemFailed, CannotStart) as error:
            print(error, flush=True)

    def _ended(self, system: System) -> str:
        process = self._processes[system]
        enter = "press Enter to start it again, or " if _is_at_terminal() else ""
        return (
            f"{system.title} ended{process.why()}; its log is {short(process.log)}. The others go on,\n"
            f"  and what waits for it is sent within {self._pause_seconds:g} s after it is back\n"
            f"  {enter}start it again in another terminal: {command_for(self._processes, system)}"
        )


def farewell(environment: Environment) -> str:
    """Which systems are stopped, and how to end one that was started elsewhere."""
    in_use = {system: port for system in SYSTEMS if (port := port_in_use(environment, system))}
    if not in_use:
        return "all three are stopped"
    stopped = ", ".join(system.title for system in SYSTEMS if system not in in_use) or "none"
    others = [_other(environment, system, port) for system, port in in_use.items()]
    return "\n".join([f"stopped: {stopped}", *others])


def _other(environment: Environment, system: System, port: int) -> str:
    pid = holder(environment.folder(system.name))
    how = f"end it with: kill {pid}" if pid else f"find it with: ss -ltnp 'sport = :{port}'"
    return f"port {port} of {system.title} is held by another process, not started here; {how}"


def _enter_is_pressed(seconds: float) -> bool:
    """Waits so long, or less when somebody at our terminal presses Enter."""
    if not _is_at_terminal():
        time.sleep(seconds)
        return False
    readable, _, _ = select.select([sys.stdin], [], [], seconds)
    return bool(readable and os.read(sys.stdin.fileno(), LINE_BYTES_MAX))


def _is_at_terminal() -> bool:
    """Whether a terminal's keys come to us: the shell stops a program in the background that reads them."""
    try:
        return os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()
    except (OSError, ValueError):  # no terminal, another's terminal, or no standard input at all
        return False


def command_for(processes: Processes, system: System) -> str:
    """What starts a system again from any folder, as a shell takes it."""
    python, *arguments = system.command
    settings = _given(processes)
    program = shlex.join([short(Path(python)), *arguments])
    return f"cd {shlex.quote(str(Path.cwd()))} && {' '.join([*settings, program])}"


def _given(processes: Processes) -> list[str]:
    """The settings of this run that are not the start values."""
    values = {
        setting.name: (processes.variables.get(setting.name, ""), setting.default) for setting in SETTINGS
    }
    return [
        f"{name}={shlex.quote(value)}"
        for name, (value, start_value) in values.items()
        if value not in ("", start_value)
    ]


def short(path: Path) -> str:
    """A path as people read it: from here when it is below."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)

"""The three systems as operating-system processes: started, watched, stopped, killed."""

import http.client
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Self

from ayni.exercise.systems import SYSTEMS, System
from ayni.wire.folder_lock import usable
from ayni.wire.settings import Environment

READY_SECONDS_MAX = 60.0
"""A first start makes databases, accounts and slots on a machine that may be busy."""
STOP_SECONDS_MAX = 10.0
"""What a system may use to answer what it has in hand before it is killed."""
LOOK_SECONDS = 0.1
HEALTH_SECONDS_MAX = 2.0
OK = 200
LAST_WORDS = b"ayni: "
"""So begins the line in which a system that cannot start says what to do."""
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class SystemFailed(Exception):
    """A system ended by itself, or did not become ready. `log` is where it says why."""

    def __init__(self, system: System, what: str, log: Path) -> None:
        super().__init__(f"{system.title} {what}; see {log}")
        self.system, self.log = system, log


class Process:
    """One system's process. It may be started again after it was stopped or killed."""

    def __init__(self, system: System, variables: Mapping[str, str]) -> None:
        environment = Environment(variables)
        self.system = system
        self.log = environment.folder(system.name) / "log.jsonl"
        self.variables = dict(variables)
        self._address = environment.text("AYNI_HOST"), environment.port(system.ports[0])
        self._process: subprocess.Popen[bytes] | None = None
        self._log_begins = 0

    def start(self) -> None:
        """Starts it; what it writes goes to the end of its log file. Raises FolderUnusable."""
        with usable(self.log.parent):
            self.log.touch(mode=0o600)
            file = self.log.open("ab")
        with file as log:
            self._log_begins = log.tell()
            self._process = subprocess.Popen(
                self.system.command,
                env=self.variables,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Ctrl-C on the terminal reaches us only; we stop the systems in our own way
                start_new_session=True,
            )

    @property
    def is_running(self) -> bool:
        """Whether the process was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    @property
    def is_up(self) -> bool:
        """Whether the system is there: our process, or one that was started elsewhere."""
        return self.is_running or self.is_healthy()

    @property
    def pid(self) -> int:
        """The process id; only of a process that was started."""
        if self._process is None:
            raise SystemFailed(self.system, "was not started", self.log)
        return self._process.pid

    def check(self) -> None:
        """Raises SystemFailed if it ended by itself."""
        if not self.is_running:
            code = self._process.returncode if self._process else None
            raise SystemFailed(self.system, f"ended by itself (exit code {code}){self.why()}", self.log)

    def why(self) -> str:
        """`: ` and the line in which it said why it ended; empty when it said nothing."""
        with self.log.open("rb") as log:
            log.seek(self._log_begins)
            said = [line for line in log if line.startswith(LAST_WORDS)]
        return ": " + said[-1].removeprefix(LAST_WORDS).decode("utf-8", "replace").strip() if said else ""

    def wait_ready(self, *, seconds: float = READY_SECONDS_MAX) -> None:
        """Returns once `/health` answers 200; raises SystemFailed when it ends or takes too long."""
        deadline = time.monotonic() + seconds
        while not self.is_healthy():
            self.check()
            if time.monotonic() > deadline:
                raise SystemFailed(self.system, f"was not ready after {seconds:.0f} s", self.log)
            time.sleep(LOOK_SECONDS)

    def is_healthy(self) -> bool:
        """Whether `/health` answers 200 now."""
        try:
            return self._ask_health()[0] == OK
        except (OSError, http.client.HTTPException):
            return False

    def health(self) -> dict[str, Any]:
        """What `/health` says: how much there is of what."""
        _, body = self._ask_health()
        figures: dict[str, Any] = json.loads(body)
        return figures

    def _ask_health(self) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(*self._address, timeout=HEALTH_SECONDS_MAX)
        try:
            connection.request("GET", "/health")
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def ask_to_stop(self) -> None:
        """Sends SIGTERM if it runs; does not wait."""
        if self._process is not None and self.is_running:
            self._process.terminate()

    def stop(self, *, seconds: float = STOP_SECONDS_MAX) -> None:
        """Asks it to stop, waits, and kills it when it does not."""
        self.ask_to_stop()
        if self._process is not None:
            try:
                self._process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        """Kills it at once (SIGKILL): it can finish nothing and tell nobody."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()


class Processes:
    """The three systems with one set of settings.

    In a `with` block, Ctrl-C, a termination and a closed terminal raise KeyboardInterrupt, also while the
    systems are starting, and all three are stopped at the end whatever happened.
    """

    def __init__(self, variables: Mapping[str, str]) -> None:
        """`variables` are settings (AYNI_…); the rest of the environment is handed on."""
        self.variables = {**os.environ, **variables}
        self._by_name = {system.name: Process(system, self.variables) for system in SYSTEMS}

    def __enter__(self) -> Self:
        for number in STOP_SIGNALS:
            signal.signal(number, signal.default_int_handler)
        return self

    def __exit__(self, *_: object) -> None:
        for number in STOP_SIGNALS:
            # impatience must not leave systems running: stopping takes a bounded time anyway
            signal.signal(number, signal.SIG_IGN)
        self.stop()

    def __getitem__(self, system: System) -> Process:
        return self._by_name[system.name]

    def start(self, *, ready: Callable[[System, float], None], systems: Iterable[System] = SYSTEMS) -> None:
        """Starts those that are not running and waits for them; `ready` hears of each with its seconds."""
        began = time.monotonic()
        starting = [self[system] for system in systems if not self[system].is_running]
        for process in starting:
            process.start()
        for process in starting:
            process.wait_ready()
            ready(process.system, time.monotonic() - began)

    def check(self) -> None:
        """Raises SystemFailed for the first one that ended by itself."""
        for process in self._by_name.values():
            process.check()

    def stop(self) -> None:
        """Stops all three, together; whoever does not stop in time is killed."""
        for process in self._by_name.values():
            process.ask_to_stop()
        for process in self._by_name.values():
            process.stop()

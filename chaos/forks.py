"""A process that has everything imported and forks one engine at a time: a life costs milliseconds.

Run as `python -m chaos.forks`. It reads one line of options, forks, says the pid, waits for the end and says
the status, then reads the next line. It holds no thread and no loop, so that forking is safe.
"""

import os
import sys
from pathlib import Path

import msgspec

from chaos.node import Options, fork

LOG = "engine.log"


def main() -> None:
    """Forks until its input ends."""
    for line in sys.stdin.buffer:
        options = msgspec.json.decode(line, type=Options)
        pid = fork(options, Path(options.folder) / LOG)
        _say(pid)
        _, status = os.waitpid(pid, 0)
        _say(os.waitstatus_to_exitcode(status))


def _say(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()

"""Waiting for what another system does in its own time."""

import time
from collections.abc import Callable
from typing import TypeVar

SECONDS_MAX = 30.0
"""Several times what a hop takes on a busy machine, with a dead link probed every two seconds."""
LOOK_SECONDS = 0.1

Seen = TypeVar("Seen")


class NotInTime(AssertionError):
    """What was promised did not happen within the time given."""


def wait_for(what: str, look: Callable[[], Seen | None], *, seconds: float = SECONDS_MAX) -> Seen:
    """The first thing that is not None or False that `look` sees; raises NotInTime naming `what`."""
    deadline = time.monotonic() + seconds
    while not (seen := look()):
        if time.monotonic() > deadline:
            raise NotInTime(f"waited {seconds:.0f} s for {what}")
        time.sleep(LOOK_SECONDS)
    return seen

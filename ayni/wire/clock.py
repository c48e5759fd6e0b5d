"""The time, as a part that can be moved in an exercise.

A no-show before its time must be refused, so the exercise has to let days pass. The clock file is
accepted only where nothing but test traffic is taken (MSH-11 `T`), never in production.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path

from ayni.wire.failure import CannotStart

LIMA = timezone(timedelta(hours=-5), "America/Lima")
"""Peru keeps one offset the whole year."""

TEST_TRAFFIC = "T"

Now = Callable[[], datetime]

_UPTIME = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""Linux counts the time asleep only here."""


class ClockNotAllowed(CannotStart):
    """AYNI_CLOCK is set where real traffic is taken."""


class ClockUnreadable(CannotStart):
    """The clock file cannot be read, or holds something else than a number of seconds."""


def real_now() -> datetime:
    """The present moment, aware, with Peru's offset."""
    return datetime.now(LIMA)


def steady(now: Now) -> Now:
    """`now` at this moment, and from there on as the machine counts seconds, asleep or awake.

    For leases and pauses: whoever sets the clock, by hand or from afar, neither ends nor stretches them.
    """
    began, started = now(), time.clock_gettime(_UPTIME)
    return lambda: began + timedelta(seconds=time.clock_gettime(_UPTIME) - started)


def open_clock(path: Path | None, *, processing_id: str) -> Now:
    """The real clock, or one that runs ahead of it by the seconds written in the file.

    The file is read at each call, so whoever plays the exercise moves all systems by writing one number.
    """
    if path is None:
        return real_now
    if processing_id != TEST_TRAFFIC:
        raise ClockNotAllowed("AYNI_CLOCK needs AYNI_PROCESSING_ID=T: real traffic keeps real time")
    ahead(path)  # what cannot be read is said at the start and not at every message
    return lambda: real_now() + ahead(path)


def ahead(path: Path) -> timedelta:
    """How far the clock file puts this system ahead of real time; nothing written means not at all.

    Raises ClockUnreadable.
    """
    try:
        return timedelta(seconds=float(path.read_text("ascii") or 0))
    except FileNotFoundError:
        return timedelta()
    except (OSError, ValueError, OverflowError) as error:
        raise ClockUnreadable(f"AYNI_CLOCK: write a number of seconds in {path.name}") from error

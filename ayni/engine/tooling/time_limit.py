"""A bound on how long a channel's function may run on one sample: what loops is told, not waited for."""

import faulthandler
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SAMPLE_SECONDS = 10.0
"""A sample takes milliseconds, also on a busy machine under the trace that notes which lines it reaches."""
GRACE = 2
"""Times the limit: when even the signal is not heard, the process ends with a trace of where it is."""


STDERR = 2
"""The process's own, whatever stands in `sys.stderr`."""


class TooLong(BaseException):
    """The block did not end in its time. No `Exception`: a function that catches those shall not catch it."""


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Raises TooLong inside the block when it lasts longer; only in the main thread, where signals come.

    What runs in C without looking for signals, or catches everything, is ended with the process: exit 1.
    """

    def over(_signal: int, _frame: FrameType | None) -> None:
        raise TooLong(f"still running after {seconds:g} s")

    before = signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    faulthandler.dump_traceback_later(seconds * GRACE, exit=True, file=STDERR)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)

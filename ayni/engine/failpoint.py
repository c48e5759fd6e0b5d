"""Named places where a test may end the engine as a kill would. Without a test they are nothing.

AYNI_FAILPOINT=`name:count` ends the process when it comes to that place for the count-th time. It is heard
only where nothing but test traffic is taken (MSH-11 `T`), as the clock is.
"""

import os
import signal

from ayni.wire.clock import TEST_TRAFFIC

NAMES = (
    "received",  # a message is here, nothing is done
    "made",  # translated, not written
    "applying",  # a group of changes is about to be made
    "applied",  # made, not committed
    "committed",  # on the disk, nobody knows
    "told",  # whoever waited for the commit knows
    "stored",  # kept, not answered
    "claimed",  # deliveries are leased, nothing is sent
    "sending",  # about to be sent
    "sent",  # the partner said something, nothing is written
    "settling",  # about to be written down
    "handing-over",  # the same, and its answer is a message that goes along
    "settled",  # what an attempt led to is on the disk
)


_turns: dict[str, int] = {}
"""How often the process may still come to a place before it ends there."""


def failpoint(name: str) -> None:
    """A place with a name."""
    if name in _turns:
        _reached(name)


def arm(text: str, *, processing_id: str) -> None:
    """Ends the process at `name:count`; nowhere when the text is empty or real traffic is taken."""
    _turns.clear()
    if text and processing_id == TEST_TRAFFIC:
        name, _, count = text.partition(":")
        _turns[name] = int(count or 1)


def _reached(name: str) -> None:
    _turns[name] -= 1
    if not _turns[name]:
        os.kill(os.getpid(), signal.SIGKILL)


arm(
    os.environ.get("AYNI_FAILPOINT", ""),
    processing_id=os.environ.get("AYNI_PROCESSING_ID") or TEST_TRAFFIC,
)

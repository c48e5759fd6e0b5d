"""Times in the store: microseconds since 1970, so that they sort, index and compare as numbers."""

from datetime import datetime, timedelta

from ayni.wire.clock import LIMA

FAR = 1 << 62
"""Later than any time: what is due then waits for a person, or for the other lanes of its message."""

_EPOCH = datetime.fromtimestamp(0, LIMA)
_MICROSECOND = timedelta(microseconds=1)


def to_micros(at: datetime) -> int:
    """Microseconds since 1970; the time must carry its offset."""
    return (at - _EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """The time, with the deployment's offset."""
    return _EPOCH + timedelta(microseconds=micros)

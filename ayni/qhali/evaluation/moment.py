"""The moment every case is played at, so that a run can be repeated."""

from datetime import datetime

from ayni.wire.clock import LIMA

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=LIMA)

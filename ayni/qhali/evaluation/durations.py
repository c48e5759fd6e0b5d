"""ISO 8601 durations as the cases write them, in hours."""

import re

HOURS = {"Y": 365 * 24, "M": 30 * 24, "W": 7 * 24, "D": 24}
_DURATION = re.compile(r"P(?:(\d+(?:\.\d+)?)([YMWD]))?(?:T(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?)?")


def hours(duration: str | None) -> float | None:
    """`P2W` → 336.0; None stays None. Raises ValueError for anything else."""
    if duration is None:
        return None
    found = _DURATION.fullmatch(duration)
    if found is None or duration in ("P", "PT"):
        raise ValueError(f"no duration: {duration!r}")
    amount, unit, hour, minute = found.groups()
    calendar = float(amount) * HOURS[unit] if amount else 0.0
    return calendar + float(hour or 0) + float(minute or 0) / 60

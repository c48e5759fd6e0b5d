"""The order of the orientation levels. C, administrative, stands below IV."""

ORDER = ("I", "II", "III", "IV", "C")


def is_at_least(level: str, bound: str) -> bool:
    """Whether a level is as urgent as the bound, or more."""
    return ORDER.index(level) <= ORDER.index(bound)


def is_too_urgent(level: str, most_urgent: str) -> bool:
    """Whether a level is more urgent than the most urgent that is still right."""
    return ORDER.index(level) < ORDER.index(most_urgent)

"""Numbers that come with a request of a browser; anybody may write anything there."""

import re

_NUMBER = re.compile(r"[0-9]{1,4}")
"""Turns and events have no more digits; Python itself refuses to read a number of thousands."""


def small_number(text: str) -> int | None:
    """The number a text is, None when it is none or has more than four digits."""
    return int(text) if _NUMBER.fullmatch(text) else None

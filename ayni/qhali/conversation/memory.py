"""What is worked out of somebody's words once and kept for a while, in a place that can be emptied."""

from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

KEPT_MAX = 256
"""Turns and conversations under way; each page looks at all turns of a conversation."""

Work = TypeVar("Work", bound=Callable[..., object])
_emptied: list[Callable[[], None]] = []


def kept(work: Work) -> Work:
    """The same function, which remembers its latest results until `forget`."""
    remembering = lru_cache(maxsize=KEPT_MAX)(work)
    _emptied.append(remembering.cache_clear)
    return remembering  # type: ignore[return-value]


def forget() -> None:
    """Leaves no words of anybody in memory."""
    for empty in _emptied:
        empty()

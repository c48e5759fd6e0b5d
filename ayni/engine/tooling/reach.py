"""Which lines of a channel's functions its samples reach. What none reaches, no test holds in place."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from inspect import CO_OPTIMIZED
from itertools import groupby
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from ayni.engine.tooling.revision import sources_in


class Reach:
    """The lines inside functions of a folder's Python files, and those of them that ran while watched."""

    def __init__(self, folder: Path) -> None:
        self._names = {str(path): path.name for path in sources_in(folder)}
        self._reached: set[tuple[str, int]] = set()

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Notes every line of the channel that runs in this thread while the block lasts."""
        before = sys.gettrace()
        sys.settrace(self._called)
        try:
            yield
        finally:
            sys.settrace(before)

    def unreached(self) -> tuple[str, ...]:
        """The lines no sample reaches, such as `channel.py:31-33`."""
        return tuple(
            f"{name}:{lines}" for path, name in self._names.items() for lines in _ranges(self._missed(path))
        )

    def _missed(self, path: str) -> set[int]:
        return _lines_of(Path(path)) - {line for reached, line in self._reached if reached == path}

    def _called(self, frame: FrameType, event: str, argument: Any) -> Any:
        is_own = frame.f_code.co_filename in self._names
        return self._ran(frame, event, argument) if is_own else None

    def _ran(self, frame: FrameType, _event: str, _argument: Any) -> Any:
        self._reached.add((frame.f_code.co_filename, frame.f_lineno))
        return self._ran


def _lines_of(path: Path) -> set[int]:
    module = compile(path.read_bytes(), str(path), "exec")
    return {line for code in _functions_in(module) for line in _lines_in(code)}


def _functions_in(code: CodeType) -> Iterator[CodeType]:
    """The bodies of functions, not of classes and modules, which run when the channel is loaded."""
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            if inner.co_flags & CO_OPTIMIZED:
                yield inner
            yield from _functions_in(inner)


def _lines_in(code: CodeType) -> set[int]:
    found = {line for _, _, line in code.co_lines() if line}
    return found if len(found) == 1 else found - {code.co_firstlineno}


def _ranges(lines: Iterable[int]) -> Iterator[str]:
    """Lines in a row are told once: `31-33`."""
    for _, numbered in groupby(enumerate(sorted(lines)), key=lambda pair: pair[1] - pair[0]):
        first, *rest = [line for _, line in numbered]
        yield f"{first}-{rest[-1]}" if rest else f"{first}"

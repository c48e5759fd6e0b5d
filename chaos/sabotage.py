"""Breaking the engine inside the process of a test, to see that the instruments notice.

A campaign that finds nothing proves something only if it would have found these.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ayni.engine import writing
from ayni.wire import database


def _unsynced_commits() -> None:
    """`synchronous=NORMAL`: a commit is in the file, and in memory only until the next checkpoint."""
    connect: Callable[..., Any] = database._connect

    def connected(path: Path, **options: Any) -> Any:
        connection = connect(path, **options)
        connection.execute("pragma synchronous = normal")
        return connection

    database._connect = connected


def _answer_before_commit() -> None:
    """Whoever asked hears yes as soon as the change is made."""
    begin = writing.Writer._begin

    def told_first(self: Any) -> None:
        changes = list(self._waiting)[: writing.GROUP_MAX]
        begin(self)
        writing._tell(changes)

    def tell_who_waits(group: list[Any]) -> None:
        tell([each for each in group if not each.future.done()])

    tell = writing._tell
    writing._tell = tell_who_waits
    writing.Writer._begin = told_first  # type: ignore[method-assign]


SABOTAGES: dict[str, Callable[[], None]] = {
    "": lambda: None,
    "unsynced commits": _unsynced_commits,
    "answer before commit": _answer_before_commit,
}


def apply(name: str) -> None:
    """Breaks this process in the way that is named."""
    SABOTAGES[name]()

"""What is typed, a line at a time, from a person or from a pipe."""

import io
import sys
from collections.abc import Iterator

PROMPT = "> "
INTERRUPTED = "\nTerminamos. Lo que no se envió no se guardó."


def typed_lines() -> Iterator[str]:
    """Lines of the standard input until its end; a person sees where to type."""
    typed = sys.stdin
    if isinstance(typed, io.TextIOWrapper):
        typed.reconfigure(encoding="utf-8", errors="replace")
    while True:
        if typed.isatty():
            sys.stdout.write(PROMPT)
            sys.stdout.flush()
        line = typed.readline()
        if not line:
            return
        yield line

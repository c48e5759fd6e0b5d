"""Ports of this machine that nobody listens on, and that the system gives nobody by itself.

A port must stay free over all lives of an engine, also while nobody listens on it. Those that the system
picks for outgoing connections (from 32768 on, here) would be taken in between; and two runs at the same time
would take each other's, so each has a block of its own.
"""

import functools
import itertools
import os
import socket
from collections.abc import Iterator

FIRST, LAST, BLOCK = 20_000, 32_000, 500


def free_port() -> int:
    """A port that is free now, and that no other call gives soon, in this process or another."""
    _, ports = _block()
    for port in ports:
        if (listening := _bound(port)) is not None:
            listening.close()
            return port
    raise OSError("no port is free")


@functools.cache
def _block() -> tuple[socket.socket, Iterator[int]]:
    """The socket that says that a block is taken, for as long as this process lives, and its other ports."""
    starts = range(FIRST, LAST, BLOCK)
    turn = os.getpid() % len(starts)
    for start in (*starts[turn:], *starts[:turn]):
        if (guard := _bound(start)) is not None:
            return guard, itertools.cycle(range(start + 1, start + BLOCK))
    raise OSError("every block of ports is taken")


def _bound(port: int) -> socket.socket | None:
    try:
        return socket.create_server(("127.0.0.1", port))
    except OSError:
        return None

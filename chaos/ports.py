"""Ports of this machine that nobody listens on, and that the system gives nobody by itself.

A port must stay free over all lives of an engine. Those that the system picks for outgoing connections
(from 32768 on, here) would be taken in between.
"""

import itertools
import os
import socket

FIRST, LAST = 20_000, 32_000
_next = itertools.count(os.getpid() * 97)


def free_port() -> int:
    """A port that is free now, and that no other call of this process gives soon."""
    while True:
        port = FIRST + next(_next) % (LAST - FIRST)
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        return port

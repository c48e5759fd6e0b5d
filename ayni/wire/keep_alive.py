"""How the operating system finds out that the other end of a connection is gone, though it never said so."""

import socket

KEEP_ALIVE_SECONDS = 60
"""An idle connection is asked after by then: shorter than the memory of most firewalls."""
KEEP_ALIVE_EVERY_SECONDS = 15
KEEP_ALIVE_COUNT = 4
"""Four unanswered questions, a minute: a link that is slow or busy answers one of them."""
UNHEARD_SECONDS = 60
"""Bytes the other end's machine has not confirmed by then were sent to nobody."""

_OPTIONS = (
    ("TCP_KEEPIDLE", KEEP_ALIVE_SECONDS),
    ("TCP_KEEPINTVL", KEEP_ALIVE_EVERY_SECONDS),
    ("TCP_KEEPCNT", KEEP_ALIVE_COUNT),
    ("TCP_USER_TIMEOUT", UNHEARD_SECONDS * 1000),
    ("TCP_NODELAY", 1),
)


def watch(connection: socket.socket) -> None:
    """Lets the system find out that the other end is gone, also while nothing is sent."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _OPTIONS:
        if hasattr(socket, name):  # not every platform has every option
            connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)

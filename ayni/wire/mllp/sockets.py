"""What the operating system is told about a connection, and asked about it."""

import fcntl
import select
import socket
import sys
import termios

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


class Wire:
    """What the system knows of one connection that its transport does not tell."""

    def __init__(self, connection: socket.socket) -> None:
        self._file = connection.fileno()
        self._unread = select.poll()
        self._unread.register(self._file, select.POLLIN)

    def is_quiet(self) -> bool:
        """Whether nothing came that was not read yet: no byte, no goodbye, no error."""
        return not self._unread.poll(0)

    def is_heard(self) -> bool:
        """Whether the other end's system has confirmed all we sent; taken for granted where ours cannot say.

        An answer confirms, with its first packet, whatever its sender could have read before writing it.
        """
        try:
            return not int.from_bytes(fcntl.ioctl(self._file, termios.TIOCOUTQ, bytes(4)), sys.byteorder)
        except OSError:
            return True

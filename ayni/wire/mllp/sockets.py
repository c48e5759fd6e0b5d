"""What the operating system knows of a connection that its transport does not tell."""

import fcntl
import select
import socket
import sys
import termios


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

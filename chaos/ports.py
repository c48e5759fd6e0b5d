"""Ports of this machine that nobody listens on."""

import socket


def free_port() -> int:
    """A port that was free a moment ago and that no other call gives soon."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])

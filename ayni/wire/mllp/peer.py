"""Who is at the other end of a connection, and what is done with the messages that come over it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any

Handler = Callable[[bytes], Awaitable[bytes]]
"""Takes one message and returns its acknowledgement; called once per frame, in order per connection.

An empty answer is none: in enhanced mode a sender may want nothing (MSH-15 and MSH-16, `NE`).
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """The other end. The names are those of its certificate, empty where none was asked for and verified."""

    address: str
    common_name: str = ""
    dns_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PerPeer:
    """Makes a handler for each connection, so that a certificate can be bound to the senders it may name."""

    make: Callable[[Peer], Handler]


def peer_of(transport: asyncio.BaseTransport) -> Peer:
    """The other end of a connection, its certificate already verified by the TLS context."""
    address = transport.get_extra_info("peername") or ("",)
    certificate = transport.get_extra_info("peercert") or {}
    return Peer(
        address=str(address[0]),
        common_name=next(_common_names(certificate), ""),
        dns_names=tuple(name for kind, name in certificate.get("subjectAltName", ()) if kind == "DNS"),
    )


def _common_names(certificate: dict[str, Any]) -> Iterator[str]:
    for names in certificate.get("subject", ()):
        yield from (value for kind, value in names if kind == "commonName")

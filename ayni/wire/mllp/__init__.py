"""MLLP, the minimal lower layer protocol of HL7 v2 (Transport Specification, release 1), over asyncio.

A frame is 0x0B, the message, 0x1C 0x0D. A listener handles one message at a time per connection: the next one
begins once the answer to the last has been written, so a fast sender is slowed by TCP and not by our memory.

Everything else in this folder is free to change.
"""

from ayni.wire.mllp.client import Answer, MllpClient
from ayni.wire.mllp.frames import (
    END,
    FRAME_BYTES_MAX,
    OUTSIDE_BYTES_MAX,
    READ_BYTES,
    START,
    FrameReader,
    FrameTooLong,
    NotFrameable,
    NotHl7,
    frame,
)
from ayni.wire.mllp.peer import Handler, Peer, PerPeer
from ayni.wire.mllp.server import CONNECTIONS_MAX, MllpServer

__all__ = [
    "CONNECTIONS_MAX",
    "END",
    "FRAME_BYTES_MAX",
    "OUTSIDE_BYTES_MAX",
    "READ_BYTES",
    "START",
    "Answer",
    "FrameReader",
    "FrameTooLong",
    "Handler",
    "MllpClient",
    "MllpServer",
    "NotFrameable",
    "NotHl7",
    "Peer",
    "PerPeer",
    "frame",
]

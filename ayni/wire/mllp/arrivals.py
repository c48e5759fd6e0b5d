"""What has come over one connection and is not answered yet: complete messages, and one that has begun."""

from collections import deque

from ayni.wire.mllp.frames import FRAME_BYTES_MAX, READ_BYTES, FrameReader, NotHl7, Unfit
from ayni.wire.mllp.strangers import stranger

WAITING_MAX = 16
"""Complete messages that may wait on one connection; a peer that sends more at once is slowed by TCP."""
WAITING_BYTES_MAX = FRAME_BYTES_MAX
"""The same in bytes: with one of the longest waiting, no further one need come."""


class Arrivals:
    """The messages of one peer in their order, until the first thing that can be none. Knows no sockets."""

    def __init__(self) -> None:
        self._frames = FrameReader()
        self._waiting: deque[bytes] = deque()
        self._waiting_bytes = self._in_hand_bytes = 0
        self.unfit: Unfit | None = None

    def feed(self, data: bytes) -> None:
        """Adds what came; nothing is added any more once `unfit` is set."""
        if self.unfit is not None:
            return
        unfit = None
        try:
            messages = self._frames.feed(data)
        except Unfit as found:
            messages, unfit = found.before, found
        if any(map(self._add, messages)):
            return
        self.unfit = unfit
        if self._frames.is_inside and (name := stranger(self._frames.head)):
            self.unfit = NotHl7(name, head=self._frames.head, is_framed=True)

    def take(self) -> bytes:
        """The message whose turn it is. It counts as held until the next one is taken or all are settled."""
        self.settle()
        message = self._waiting.popleft()
        self._in_hand_bytes = len(message)
        return message

    def settle(self) -> None:
        """The message in hand is answered."""
        self._waiting_bytes -= self._in_hand_bytes
        self._in_hand_bytes = 0

    def clear(self) -> None:
        """Forgets what waits: its sender repeats it."""
        self._waiting.clear()
        self._waiting_bytes = self._in_hand_bytes

    def __bool__(self) -> bool:
        return bool(self._waiting)

    @property
    def is_begun(self) -> bool:
        """Whether a message has begun and not ended."""
        return self._frames.is_inside

    @property
    def is_crowded(self) -> bool:
        """Whether enough waits for now."""
        return len(self._waiting) > WAITING_MAX or self._waiting_bytes > WAITING_BYTES_MAX

    @property
    def byte_count(self) -> int:
        """The bytes held: begun, waiting and in hand."""
        return self._waiting_bytes + self._frames.byte_count

    def _add(self, message: bytes) -> bool:
        """Adds one message, or says that it was none and nothing after it counts."""
        if not message.startswith(b"MSH") and (name := stranger(message)):
            self.unfit = NotHl7(name, head=message[:READ_BYTES], is_framed=True)
            return True
        self._waiting.append(message)
        self._waiting_bytes += len(message)
        return False

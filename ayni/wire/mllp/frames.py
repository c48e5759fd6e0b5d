"""Frames: what goes around a message on the wire, and finding messages in what comes. Knows no sockets."""

from ayni.wire.mllp.strangers import HEAD_BYTES, stranger

START = b"\x0b"
END = b"\x1c\r"
FRAME_BYTES_MAX = 1 << 20
"""A megabyte: room for a scanned referral, far below memory."""
OUTSIDE_BYTES_MAX = 1 << 10
"""Between two frames some senders put a line end or fill; a kilobyte of it is another protocol."""
READ_BYTES = 1 << 16


class NotFrameable(ValueError):
    """A message holds the end mark: the other side would take its beginning for the whole."""


class Unfit(Exception):
    """What came can be no message, and what follows cannot be told apart any more.

    `before` are the messages that were complete until there; `head` is the beginning of what is unfit.
    """

    def __init__(self, reason: str, *, head: bytes, is_framed: bool) -> None:
        super().__init__(reason)
        self.reason, self.head, self.is_framed = reason, head, is_framed
        self.before: list[bytes] = []


class FrameTooLong(Unfit):
    """A frame outgrew the limit before it ended. `head` is what had come, enough to name its sender."""

    def __init__(self, head: bytes) -> None:
        super().__init__(f"frame longer than {FRAME_BYTES_MAX} bytes", head=head, is_framed=True)


class NotHl7(Unfit):
    """Another format or protocol. `reason` names it and quotes nothing."""


def frame(message: bytes) -> bytes:
    """One message as it goes over the wire; raises NotFrameable."""
    if message.find(END) >= 0:  # bytes are looked for twice as quickly so as with `in`
        raise NotFrameable("the message holds the end mark of MLLP")
    return START + message + END


class FrameReader:
    """Finds MLLP frames in bytes that arrive in any pieces."""

    __slots__ = ("_searched", "_waiting")

    def __init__(self) -> None:
        self._waiting = bytearray()
        self._searched = 0

    def feed(self, data: bytes) -> list[bytes]:
        """The messages completed by these bytes; raises FrameTooLong or NotHl7.

        Up to OUTSIDE_BYTES_MAX bytes before a frame are ignored. An end without a start is an empty message.
        """
        if not self._waiting and _is_one_frame(data):
            return [data[1:-2]]
        self._waiting += data
        messages: list[bytes] = []
        try:
            while (end := self._waiting.find(END, self._searched)) >= 0:
                messages.append(self._take(end))
            self._look_at_the_rest()
        except Unfit as unfit:
            unfit.before = messages
            raise
        return messages

    @property
    def is_inside(self) -> bool:
        """Whether a message has begun and not ended."""
        return self._waiting.startswith(START)

    @property
    def byte_count(self) -> int:
        """The bytes kept of what has not ended."""
        return len(self._waiting)

    @property
    def head(self) -> bytes:
        """The first bytes of a message that has begun and not ended."""
        return bytes(self._waiting[1 : 1 + HEAD_BYTES])

    def _take(self, end: int) -> bytes:
        """The message that ends there. A second start mark inside is content: the first one counts."""
        start = self._waiting.find(START, 0, end)
        self._let_go(end if start < 0 else start)
        message = bytes(self._waiting[start + 1 : end]) if start >= 0 else b""
        del self._waiting[: end + len(END)]
        self._searched = 0
        if len(message) > FRAME_BYTES_MAX:
            raise FrameTooLong(message[:READ_BYTES])
        return message

    def _look_at_the_rest(self) -> None:
        waiting = self._waiting
        start = waiting.find(START)
        # the end mark itself may be cut between two reads
        self._let_go(start if start >= 0 else len(waiting) - waiting.endswith(END[:1]))
        if start > 0:
            del waiting[:start]
        self._searched = max(0, len(waiting) - 1)
        if len(waiting) > FRAME_BYTES_MAX + len(START) + len(END):
            raise FrameTooLong(bytes(waiting[1:READ_BYTES]))

    def _let_go(self, count: int) -> None:
        """Bytes outside a frame may be nothing, but not the beginning of another protocol."""
        if count and (name := stranger(bytes(self._waiting[: min(count, HEAD_BYTES)]))):
            raise NotHl7(name, head=b"", is_framed=False)
        if count > OUTSIDE_BYTES_MAX:
            raise NotHl7("bytes outside a frame", head=b"", is_framed=False)


def _is_one_frame(data: bytes) -> bool:
    """Whether a read brought exactly one frame, as nearly all do: then nothing needs to be kept or copied."""
    end = len(data) - len(END)
    return 0 < end <= len(START) + FRAME_BYTES_MAX and data.startswith(START) and data.find(END) == end

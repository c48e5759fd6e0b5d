"""What a partner's application says over the same connection about a message that was only accepted.

HL7 v2.5.1, section 2.9.3 (enhanced mode): after CA the application may answer AA, AE or AR, by a message of
its own. Some send it down the connection on which our message came. It is no answer to what we sent since.
"""

import re
from collections import deque

import structlog

from ayni.vocabulary.request import request_id_within

log = structlog.get_logger()

REMEMBERED_MAX = 16
"""As many messages may be accepted before the application speaks of the first of them."""
_MSA = re.compile(rb"[\r\n]MSA(.)(AA|AE|AR|CA)\1([^\r\n]{1,199})")
"""MSA-1 (table 0008) and what follows; MSH-10 has at most 199 characters in any version."""


class LateAnswers(deque[bytes]):
    """The control ids last answered CA on one connection: one later answer to each is skipped."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(maxlen=REMEMBERED_MAX)

    def note(self, answer: bytes) -> None:
        """Remembers what this answer accepts."""
        code, control_id = _said(answer)
        if code == b"CA":
            self.append(control_id)

    def skips(self, content: bytes) -> bool:
        """Whether it is the one later answer to an accepted message. The delivery stays what it is."""
        code, control_id = _said(content)
        if code == b"CA" or control_id not in self:
            return False
        self.remove(control_id)
        if code != b"AA":
            _warn(code.decode(), control_id.decode("ascii", "replace"))
        return True


def _said(content: bytes) -> tuple[bytes, bytes]:
    """MSA-1 and MSA-2 of the only MSA, else twice nothing."""
    found = _MSA.findall(content)
    if len(found) != 1:
        return b"", b""
    separator, code, rest = found[0]
    return code, rest.split(separator, 1)[0]


def _warn(code: str, control_id: str) -> None:
    # a connection carries the names of the message it was opened for, which this one need not be
    with structlog.contextvars.bound_contextvars(correlation_id=request_id_within(control_id)):
        log.warning("application refused an accepted message", code=code, control_id=control_id)

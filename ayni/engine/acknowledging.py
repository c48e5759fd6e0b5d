"""Application acknowledgements: what became of a message, told to its sender as a message of its own.

HL7 v2.5.1, section 2.9.3: in enhanced mode the first answer says that a message is kept; a later one says
what its processing led to. A message is finished once each of its deliveries was taken, or set aside by a
person; one that stopped is not, because it may be sent again.
"""

import asyncio
from collections.abc import Callable, Mapping

import structlog

from ayni.engine.channel import Channel
from ayni.engine.errors import ContentError
from ayni.engine.formats import Format
from ayni.engine.store.contract import NewDelivery
from ayni.wire.clock import Now
from ayni.wire.logging import where

log = structlog.get_logger()


class Acknowledging:
    """Makes the later answers of the deployed channels; `wake` tells the deliverer of one."""

    def __init__(
        self,
        channels: Mapping[str, Channel],
        formats: Mapping[str, Format],
        *,
        now: Now,
        wake: Callable[[str], None],
    ) -> None:
        self._channels, self._formats, self._now, self._wake = channels, formats, now, wake
        self._loop = asyncio.get_running_loop()

    def wanted(self, channel: str, destination: str) -> bool:
        """See `Acknowledgements`."""
        partner = self._partner(channel)
        return partner not in ("", destination)

    def made(self, channel: str, raw: bytes, finding: ContentError | None) -> NewDelivery | None:
        """See `Acknowledgements`."""
        if not (partner := self._partner(channel)):
            return None
        spoken = self._formats[self._channels[channel].source.format]
        try:
            answer = spoken.finished(raw, finding, self._now())
        except Exception as error:  # what cannot be answered must not undo what it would answer
            log.error("application acknowledgement cannot be made", channel=channel, **where(error))
            return None
        if answer is None:
            return None
        self._loop.call_soon_threadsafe(self._wake, partner)
        return NewDelivery(
            destination=partner, keys=answer.keys, control_id=answer.control_id, content=answer.content
        )

    def _partner(self, channel: str) -> str:
        declared = self._channels.get(channel)
        return declared.acknowledging if declared else ""

"""What nobody comes back for: conversations that were not sent, and sessions that have ended.

Only its session opens a conversation. Without one nobody can see, send or erase it, so it goes by itself.
"""

import asyncio
from datetime import timedelta

import structlog
from django.contrib.sessions.backends.db import SessionStore
from django.db import connections

from ayni.qhali.requests import Drafts
from ayni.qhali.site.configuration import SESSION_SECONDS
from ayni.wire.clock import Now
from ayni.wire.logging import where

log = structlog.get_logger()

ABANDONED_AFTER = timedelta(seconds=2 * SESSION_SECONDS)
"""Since the last word: longer than any session that could still send it."""
LOOK_SECONDS = 600.0


async def forget_abandoned(drafts: Drafts, *, now: Now) -> None:
    """Forgets them, again and again until cancelled."""
    while True:
        try:
            await asyncio.to_thread(_forget, drafts, now)
        except Exception as error:  # whatever broke, the rows are still there
            log.error("abandoned conversations stay", **where(error))
        await asyncio.sleep(LOOK_SECONDS)


def _forget(drafts: Drafts, now: Now) -> None:
    count = drafts.discard_abandoned(now() - ABANDONED_AFTER)
    if count:
        log.info("abandoned conversations forgotten", count=count)
    try:
        SessionStore.clear_expired()
    finally:
        connections.close_all()

"""What every handler of the console works with, chosen in one place."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog
from starlette.concurrency import run_in_threadpool

from ayni.engine.console.access.accounts import Accounts
from ayni.engine.console.access.doorkeeper import Doorkeeper, SignedIn
from ayni.engine.console.actions.text_searches import TextSearches
from ayni.engine.console.audit.audit import Audit
from ayni.engine.console.audit.entry import Outcome
from ayni.engine.console.problems import Problem
from ayni.engine.console.shown.accounting import Accounting
from ayni.engine.console.shown.channels import ChannelFigures
from ayni.engine.observability.wording import Language
from ayni.engine.runtime import Runtime
from ayni.engine.store.contract import Row, Store
from ayni.wire.logging import where

log = structlog.get_logger()

Details = Mapping[str, str | int | list[int]]

Alerts = Callable[[Language], list[Row]]
"""What needs a person now, in the reader's language; rows with the fields of `resources.Alert`."""


@dataclass(slots=True)
class Note:
    """What an action adds to its entry once it is done."""

    messages: Sequence[int] = ()
    details: Details | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The parts of one engine's console."""

    runtime: Runtime
    accounts: Accounts
    doorkeeper: Doorkeeper
    audit: Audit
    figures: ChannelFigures
    text_searches: TextSearches
    accounting: Accounting
    alerts: Alerts
    channels_folder: Path

    @property
    def store(self) -> Store:
        return self.runtime.pipeline.store

    async def seen(
        self, user: SignedIn, action: str, *, messages: Sequence[int] = (), details: Details | None = None
    ) -> None:
        """Writes down that content is shown, before it is. Raises Problem when that cannot be written."""
        await self._entered(user, action, "seen", messages, details)

    @asynccontextmanager
    async def acting(
        self, user: SignedIn, action: str, *, messages: Sequence[int] = (), details: Details | None = None
    ) -> AsyncIterator[Note]:
        """Writes down what is asked before it happens, and afterwards what came of it."""
        await self._entered(user, action, "asked", messages, details)
        note = Note()
        try:
            yield note
        except BaseException as error:
            code = error.code if isinstance(error, Problem) else type(error).__name__
            await self._entered(user, action, "failed", note.messages, {"code": code})
            raise
        await self._entered(user, action, "done", note.messages, note.details)

    async def _entered(
        self, user: SignedIn, action: str, outcome: Outcome, messages: Sequence[int], details: Details | None
    ) -> None:
        try:
            await run_in_threadpool(
                self.audit.append,
                who=user.name,
                role=user.role,
                address=user.address,
                action=action,
                outcome=outcome,
                messages=messages,
                details=details,
            )
        except Exception as error:
            log.error("audit not written", action=action, **where(error))
            raise Problem("audit-unavailable", 503) from error

"""Searches read through to a partner are looks at content too: each is in the audit before it is made."""

import asyncio
from typing import TYPE_CHECKING

from ayni.engine.console.audit.audit import Audit

if TYPE_CHECKING:  # only channels that pass searches on import HTTP
    from ayni.engine.connectors.fhir_query import Asked


class AuditedQueries:
    """What `World.on_query` calls: who asked which channel for what kind of resource by which parameters.

    The values may name a patient, and the audit is never pruned: they are not written down.
    """

    def __init__(self, audit: Audit) -> None:
        self._audit = audit

    async def __call__(self, asked: "Asked") -> None:
        """Returns once it is on the disk; raises when it cannot be, and then nothing may be searched."""
        names = sorted({name for name, _ in asked.parameters})
        await asyncio.to_thread(
            self._audit.append,
            who=asked.sender,
            role="partner",
            address="",
            action="query",
            outcome="seen",
            details={"channel": asked.channel, "type": asked.type, "parameters": " ".join(names)},
        )

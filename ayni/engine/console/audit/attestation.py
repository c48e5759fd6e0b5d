"""Every hour the engine says in the audit what it counted: a link of the chain that nobody changes later."""

import hashlib
from collections import Counter

import msgspec

from ayni.engine.console.audit.audit import Audit
from ayni.engine.store.conservation import conserved
from ayni.engine.store.contract import Balance

FIGURE = ("channel", "destination", "state", "count")
ENGINE = "engine"
SYSTEM = "system"
"""The role of what no person did; no account has it."""


class Attestations:
    """Writes one entry for each recount. Call from a thread."""

    def __init__(self, audit: Audit) -> None:
        self._audit = audit

    def __call__(self, balance: Balance) -> None:
        """`done` when everything received is somewhere, `failed` when not; raises when it cannot be written.

        `digest` is SHA-256 over every figure, so that a count noted elsewhere can be compared.
        """
        found, states = conserved(balance), Counter[str]()
        for row in balance.recount:
            states[row["state"] if row["destination"] else f"message-{row['state']}"] += row["count"]
        figures = sorted([row[name] for name in FIGURE] for row in balance.recount)
        self._audit.append(
            who=ENGINE,
            role=SYSTEM,
            address="",
            action="attestation",
            outcome="done" if found.is_kept else "failed",
            details={
                "received": sum(row["count"] for row in balance.recount if not row["destination"]),
                **dict(sorted(states.items())),
                "findings": len(found.findings),
                "digest": hashlib.sha256(msgspec.json.encode(figures)).hexdigest(),
            },
        )

"""Who of the staff is late, and where: for the operator, who calls them. No patient data."""

from dataclasses import dataclass

import apsw

from ayni.qhali.notifications.clocks import clocks
from ayni.qhali.notifications.statements import STATEMENTS


@dataclass(frozen=True, slots=True)
class Overdue:
    """A clock that has struck for `requests` of one facility (RENIPRESS code), the first time at `since`.

    `responsible` is whom to call: `operator`, `facility`, `head of the facility`, `referral office`.
    """

    clock: str
    responsible: str
    facility: str
    requests: int
    since: str


def overdue(tx: apsw.Connection) -> list[Overdue]:
    """Everything of which a citizen had to be told and that stands still, the longest first."""
    responsible = clocks().responsible
    return [
        Overdue(kind, responsible[kind], facility, count, since)
        for kind, facility, count, since in tx.execute(STATEMENTS["overdue"])
        if kind in responsible
    ]

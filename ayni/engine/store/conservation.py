"""Conservation: everything that was received is somewhere, and the store can say where.

Per channel: received = accepted + filtered + refused. Per channel and destination: the deliveries written =
delivered + set aside + stopped + pending. The left sides are counted from the rows (and from what was deleted
in its time), the right sides were noted as each thing happened; and no table may contradict another.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from ayni.engine.store.contract import Balance, Row, Store

Account = tuple[str, str]
"""(channel, destination); destination "" is the channel's messages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conservation:
    """`findings`: one sentence for each sum that does not come out, without anything a patient said."""

    received: Mapping[Account, int]
    findings: tuple[str, ...]

    @property
    def is_kept(self) -> bool:
        """Whether nothing was lost and nothing invented."""
        return not self.findings


def conservation(store: Store) -> Conservation:
    """Compares, on one view of the store. Reads every row: for an hourly look and for a person who asks."""
    return conserved(store.balance())


def conserved(balance: Balance) -> Conservation:
    """What a balance says about it."""
    received, noted = _sums(balance.recount), _sums(balance.counts)
    return Conservation(
        received=received, findings=(*_unequal(received, noted), *_by_state(balance), *_strays(balance))
    )


def _sums(rows: list[Row]) -> Mapping[Account, int]:
    sums: defaultdict[Account, int] = defaultdict(int)
    for row in rows:
        sums[row["channel"], row["destination"]] += row["count"]
    return {account: count for account, count in sums.items() if count}


def _unequal(received: Mapping[Account, int], noted: Mapping[Account, int]) -> list[str]:
    return [
        f"{_name(account)}: {received.get(account, 0)} received, {noted.get(account, 0)} accounted for"
        for account in sorted({*received, *noted})
        if received.get(account) != noted.get(account)
    ]


def _by_state(balance: Balance) -> list[str]:
    counts, recount = (
        {(row["channel"], row["destination"], row["state"]): row["count"] for row in rows if row["count"]}
        for rows in (balance.counts, balance.recount)
    )
    return [
        f"{_name(names[:2])}: {recount.get(names, 0)} are {names[2]}, {counts.get(names, 0)} were noted"
        for names in sorted({*counts, *recount})
        if counts.get(names) != recount.get(names)
    ]


def _strays(balance: Balance) -> list[str]:
    return [f"{each['what']} {each['id']} is contradicted by another table" for each in balance.strays]


def _name(account: Account) -> str:
    channel, destination = account
    return f"{channel} → {destination}" if destination else channel

"""What a store holds, as events of the history."""

from collections.abc import Iterator
from typing import Any

from ayni.engine.store.contract import Question, Row, Store

PAGE = 400
Told = dict[str, Any]


def rows_of(store: Store, after_id: int) -> list[Told]:
    """Messages above a number with deliveries and attempts; the tallies, the recount, the backlog."""
    found = [told for row in _messages(store, after_id) for told in _message(row)]
    balance = store.balance()
    for op, rows in (("count", balance.counts), ("recount", balance.recount)):
        found += [_tally(op, row) for row in rows if row["count"]]
    found += [{"op": "stray", "outcome": str(row)} for row in balance.strays]
    return [*found, {"op": "backlog", "seq": store.waiting_count()}]


def _messages(store: Store, after_id: int) -> Iterator[Row]:
    before_id = None
    while page := store.search(Question(before_id=before_id, limit=PAGE)):
        for row in page:
            if row["id"] <= after_id:
                return
            yield row
        before_id = page[-1]["id"]


def _message(row: Row) -> Iterator[Told]:
    src, _, _ = row["sender"].partition("|")
    yield {
        "op": "stored",
        "src": src,
        "src_id": row["control_id"],
        "seq": row["id"],
        "outcome": row["state"],
    }
    for delivery in row["deliveries"]:
        names = {"dest": delivery["destination"], "src_id": delivery["control_id"]}
        yield {"op": "delivery", **names, "seq": delivery["id"], "outcome": delivery["state"]}
        for attempt in delivery["attempts"]:
            yield {"op": "attempt", **names, "outcome": attempt["outcome"]}


def _tally(op: str, row: Row) -> Told:
    return {
        "op": op,
        "src": row["channel"],
        "dest": row["destination"],
        "lane": row["state"],
        "seq": row["count"],
    }

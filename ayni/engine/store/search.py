"""Finding messages: by indexed names, by state and time, and by text when a person asks for it by name.

The columns and conditions are written here; what a person asks for only ever fills a placeholder. Newest
first means by the time of receipt, then by number. A question without a rare name is asked channel by channel
and merged, because the index begins with the channel.
"""

import heapq
import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from ayni.engine.store.contract import Question, Row
from ayni.engine.store.times import FAR, from_micros, to_micros

Rows = Callable[[str, Sequence[Any]], list[Row]]
"""Runs a query of the store's own dialect and gives its rows with their names."""
Key = tuple[int, int]
"""(received at, number) of a message: its place among the newest."""


@dataclass(frozen=True, slots=True)
class Books:
    """What a store gives to be searched. `within`: whether `{}` holds the bytes `?`, in its own dialect."""

    rows: Rows
    within: str


LIMIT_MAX = 500
"""A page a person can read."""
TEXT_SLICE = 500
"""Messages read between two looks at whether the person still waits: some milliseconds."""
PAGE = 200
"""Keys read ahead in each channel."""

COLUMNS = (
    "id, channel, revision, source, sender, control_id, correlation_id, document, kind, received_at, ms,"
    " state, code as error_code, place as error_place, text as error_text, parent_id, link, repeat_count,"
    " is_held"
)
OF_DELIVERY = {
    "delivered": "exists (select 1 from delivery where message_id = message.id and state = ?)",
    "pending": (
        "id in (select message_id from delivery join place on delivery_id = delivery.id where state = ?)"
    ),
    "sending": (
        "id in (select message_id from delivery join place on delivery_id = delivery.id"
        " join lane on lane.id = lane_id where owner is not null and ? = 'sending'"
        " and number = (select min(number) from place where lane_id = lane.id))"
    ),
}
STOPPED_DELIVERY = (
    "id in (select message_id from delivery where state = ?"
    " and (state = 'refused' or state = 'stalled' or state = 'unknown' or state = 'set-aside'))"
)
"""The conditions of the partial indexes stand in the queries, so that the planner sees that they hold."""
RARE = {
    "control_id": (
        "id in (select id from message where is_keyed = 1 and control_id = ?"
        " union all select id from message where is_keyed = 0 and control_id = ?)"
    ),
    "correlation_id": "id in (select id from message where correlation_id = ? and correlation_id <> '')",
    "document": "id in (select id from message where document = ? and document <> '')",
}


def search(books: Books, question: Question) -> list[Row]:
    """Messages, newest first, with their deliveries and attempts."""
    return _pages(books.rows, list(islice(_newest(books.rows, question), _limit(question))))


def search_text(books: Books, question: Question, progress: Callable[[int], bool]) -> list[Row]:
    """The same, reading every content for the text; `progress` hears how many were read and may end it."""
    newest, found, read = _newest(books.rows, question), list[int](), 0
    while len(found) < _limit(question) and (ids := list(islice(newest, TEXT_SLICE))):
        found += _holding(books, ids, question.text)
        read += len(ids)
        if not progress(read):
            break
    return _pages(books.rows, found[: _limit(question)])


def message(books: Books, message_id: int) -> Row | None:
    """One message with its bytes, deliveries, attempts, the messages made from it, and who holds it why."""
    found = _pages(books.rows, [message_id], columns=f"{COLUMNS}, raw, answer")
    if not found:
        return None
    children = books.rows(
        "select id, channel, link from message where parent_id = ? order by id", (message_id,)
    )
    holds = books.rows(
        "select reason, who, held_at as at from legal_hold where message_id = ? order by held_at, reason",
        (message_id,),
    )
    return found[0] | {"children": children, "holds": [_readable(each) for each in holds]}


def _limit(question: Question) -> int:
    return min(question.limit, LIMIT_MAX)


def _newest(rows: Rows, question: Question) -> Iterator[int]:
    """Numbers of the messages that answer a question, newest first, read as far as they are asked for."""
    start = _start(rows, question)
    if question.channel or _is_rare(question):
        streams = [_stream(rows, question, question.channel, start)]
    else:
        channels = rows("select distinct channel from tally where destination = '' order by channel", ())
        streams = [_stream(rows, question, each["channel"], start) for each in channels]
    return (message_id for _, message_id in heapq.merge(*streams, reverse=True))


def _is_rare(question: Question) -> bool:
    """Whether a condition other than channel and time finds few messages, by an index of its own."""
    return (
        any(getattr(question, name) for name in RARE)
        or question.state in ("filtered", "refused")
        or question.delivery_state not in ("", "delivered")
    )


def _start(rows: Rows, question: Question) -> Key:
    """What is asked for is older than this."""
    until = (to_micros(question.until), 0) if question.until else (FAR, 0)
    if not question.before_id:
        return until
    found = rows("select received_at from message where id = ?", (question.before_id,))
    return min(until, (found[0]["received_at"] if found else FAR, question.before_id))


def _stream(rows: Rows, question: Question, channel: str, start: Key) -> Iterator[Key]:
    where, values = _conditions(question, channel)
    page = [start]
    while page:
        found = rows(
            f"select received_at, id from message where (received_at, id) < (?, ?){where}"
            f" order by received_at desc, id desc limit {PAGE}",
            (*page[-1], *values),
        )
        page = [(each["received_at"], each["id"]) for each in found]
        yield from page


def _conditions(question: Question, channel: str) -> tuple[str, list[Any]]:
    parts = [(RARE[name], getattr(question, name)) for name in RARE if getattr(question, name)]
    if channel:  # where another index is narrower, this one must not be tempting
        parts.append(("channel || '' = ?" if _is_rare(question) else "channel = ?", channel))
    if question.since:
        parts.append(("received_at >= ?", to_micros(question.since)))
    if question.state:
        parts.append(_of_state(question.state))
    if question.delivery_state:
        condition = OF_DELIVERY.get(question.delivery_state, STOPPED_DELIVERY)
        parts.append((condition, question.delivery_state))
    where = "".join(f" and {condition}" for condition, _ in parts)
    return where, [value for condition, value in parts for _ in range(condition.count("?"))]


def _of_state(state: str) -> tuple[str, str]:
    return ("state = ?" if state == "accepted" else "state = ? and state <> 'accepted'"), state


def _holding(books: Books, ids: Sequence[int], text: str) -> list[int]:
    """Those whose bytes, as received or as sent on, hold the text in an encoding that senders use."""
    needles = sorted({text.encode("utf-8"), text.encode("latin-1", "replace")})
    raw, content = (
        " or ".join([books.within.format(column)] * len(needles)) for column in ("raw", "content")
    )
    found = books.rows(
        f"select id from message where id in ({_marks(ids)}) and ({raw} or exists"
        f" (select 1 from delivery where message_id = message.id and ({content})))",
        (*ids, *needles, *needles),
    )
    holding = {each["id"] for each in found}
    return [each for each in ids if each in holding]


def _pages(rows: Rows, ids: Sequence[int], *, columns: str = COLUMNS) -> list[Row]:
    """The messages with these numbers, in this order, with their deliveries and attempts."""
    if not ids:
        return []
    found = rows(f"select {columns} from message where id in ({_marks(ids)})", ids)
    messages = {each["id"]: _readable(each) for each in found}
    deliveries = _deliveries(rows, ids)
    return [messages[each] | {"deliveries": deliveries[each]} for each in ids if each in messages]


def _deliveries(rows: Rows, message_ids: Sequence[int]) -> defaultdict[int, list[Row]]:
    found = rows(
        "select id, message_id, destination, control_id, content, state, attempt_count, is_waiting,"
        f" settled_at, places from delivery where message_id in ({_marks(message_ids)}) order by id",
        message_ids,
    )
    attempts, in_hand = _attempts(rows, [each["id"] for each in found]), _in_hand(rows, found)
    deliveries = defaultdict[int, list[Row]](list)
    for each in found:
        places = {tuple(place) for place in json.loads(each.pop("places"))}
        if each["is_waiting"] and places & in_hand:
            each["state"] = "sending"
        deliveries[each.pop("message_id")].append(_readable(each) | {"attempts": attempts[each["id"]]})
    return deliveries


def _in_hand(rows: Rows, deliveries: Sequence[Row]) -> set[tuple[int, ...]]:
    """The (lane, number) of those that a node is sending now: the heads of leased lanes."""
    waiting = [json.loads(each["places"])[0][0] for each in deliveries if each["is_waiting"]]
    if not waiting:
        return set()
    found = rows(
        "select id, (select min(number) from place where lane_id = lane.id) as number from lane"
        f" where owner is not null and id in ({_marks(waiting)})",
        waiting,
    )
    return {(each["id"], each["number"]) for each in found}


def _attempts(rows: Rows, delivery_ids: Sequence[int]) -> defaultdict[int, list[Row]]:
    attempts = defaultdict[int, list[Row]](list)
    if delivery_ids:
        found = rows(
            "select delivery_id, started_at as at, ms, outcome, reason, answer from attempt"
            f" where delivery_id in ({_marks(delivery_ids)}) order by id",
            delivery_ids,
        )
        for each in found:
            attempts[each.pop("delivery_id")].append(_readable(each))
    return attempts


def _marks(values: Sequence[Any]) -> str:
    return ", ".join("?" * len(values))


def _readable(row: Row) -> Row:
    """Times as times, bytes as bytes, whatever the database's own types are."""
    times = {name: from_micros(row[name]) for name in ("received_at", "settled_at", "at") if row.get(name)}
    blobs = {name: bytes(row[name] or b"") for name in ("raw", "content", "answer") if name in row}
    return row | times | blobs

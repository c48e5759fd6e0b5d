"""Messages as the console shows them, from the rows of the store."""

from collections.abc import Callable
from typing import TypeVar

import msgspec

from ayni.engine.console.shown.acknowledgement import acknowledgement_in
from ayni.engine.console.shown.resources import (
    Child,
    HoldOn,
    MessagePage,
    OpenedDelivery,
    OpenedMessage,
    ShownDelivery,
    ShownMessage,
)
from ayni.engine.console.shown.text import charset_of, text_of
from ayni.engine.console.shown.timeline import Decisions, timeline_of
from ayni.engine.console.shown.tree import tree_of
from ayni.engine.store.contract import Question, Row, Store

T = TypeVar("T")


def page_of(
    store: Store, question: Question, *, progress: Callable[[int], bool] = lambda _: True
) -> MessagePage:
    """Messages newest first; oldest first when one correlation id is asked for. No content.

    `progress` hears how many a text search has read; False ends it.
    """
    found = [shown(row) for row in store.search(question, progress=progress)]
    is_full = len(found) >= question.limit
    next_before_id = found[-1].id if found and is_full else None
    ordered = found[::-1] if question.correlation_id else found
    return MessagePage(messages=ordered, next_before_id=next_before_id)


def shown(row: Row) -> ShownMessage:
    """A message of a list: its names, and where its deliveries stand."""
    deliveries = [_delivery(row, each, ShownDelivery) for each in row["deliveries"]]
    return _converted(_named(row) | {"deliveries": deliveries}, ShownMessage)


def opened(row: Row, decisions: Decisions) -> OpenedMessage:
    """A message with its content, and what persons decided about it."""
    raw: bytes = row["raw"]
    return _converted(
        _named(row)
        | {
            "raw": text_of(raw),
            "charset": charset_of(raw),
            "answer": text_of(row["answer"]),
            "tree": tree_of(raw),
            "deliveries": [_opened_delivery(row, each) for each in row["deliveries"]],
            "children": [_converted(each, Child) for each in row["children"]],
            "holds": [_converted(each, HoldOn) for each in row["holds"]],
            "timeline": timeline_of(shown(row), decisions),
        },
        OpenedMessage,
    )


def _opened_delivery(of: Row, delivery: Row) -> OpenedDelivery:
    content: bytes = delivery["content"]
    return _delivery(of, delivery | {"tree": tree_of(content)}, OpenedDelivery)


def _delivery(of: Row, delivery: Row, shape: type[T]) -> T:
    """Each try as one hop: where, when, by which name, what was said, how long."""
    names = {"hop": f"{of['channel']} → {delivery['destination']}", "control_id": delivery["control_id"]}
    attempts = [_attempt(each) | names for each in delivery["attempts"]]
    content = {"content": text_of(delivery["content"])}
    return _converted(delivery | {"attempts": attempts} | content, shape)


def _attempt(row: Row) -> Row:
    return row | {"ack": acknowledgement_in(row["answer"]), "answer": text_of(row["answer"])}


def _named(row: Row) -> Row:
    """A message as one hop of its request's way, with the word it was answered with."""
    accepted = "ok" if row["source"] == "fhir" else "AA"
    return row | {
        "hop": f"{row['source']} → {row['channel']}",
        "at": row["received_at"],
        "ack": row["error_code"] if row["state"] == "refused" else accepted,
    }


def _converted(row: Row, shape: type[T]) -> T:
    """The columns a shape names, in its types; a store keeps yes and no as numbers."""
    return msgspec.convert(row, shape, strict=False)

"""One correlation id over all channels: its messages and one timeline."""

from ayni.engine.console.shown.messages import shown
from ayni.engine.console.shown.resources import Followed
from ayni.engine.console.shown.timeline import Decisions, timeline_of_all
from ayni.engine.store.contract import Question, Store

MESSAGES_MAX = 500
"""A page of the store; a request has a few dozen messages."""


def follow(store: Store, correlation_id: str, decisions: Decisions) -> Followed:
    """The messages of a correlation id, oldest first, with everything that happened to them."""
    rows = store.search(Question(correlation_id=correlation_id, limit=MESSAGES_MAX))
    messages = [shown(row) for row in reversed(rows)]
    return Followed(
        correlation_id=correlation_id,
        messages=messages,
        timeline=timeline_of_all(messages, decisions),
        is_whole=len(messages) < MESSAGES_MAX,
    )

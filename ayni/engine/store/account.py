"""Where the messages of a span of time are: of each channel and destination, how many in which state.

The same rows as `Store.recount`, for messages that were received in the span. Reads only these.
"""

from datetime import datetime

from ayni.engine.store.contract import Row
from ayni.engine.store.search import Books
from ayni.engine.store.times import to_micros

MESSAGES = (
    "select state, count(*) as count from message"
    " where channel = ? and received_at >= ? and received_at < ? group by state"
)
DELIVERIES = (
    "select destination, case when state in ('sending', 'unknown') then 'pending' else state end as state,"
    " count(*) as count from delivery where message_id in"
    " (select id from message where channel = ? and received_at >= ? and received_at < ?) group by 1, 2"
)


def account_of(books: Books, channel: str, since: datetime, until: datetime) -> list[Row]:
    """Messages (destination "") and deliveries of one channel, from `since` on and before `until`."""
    span = (channel, to_micros(since), to_micros(until))
    messages = ({"destination": "", **row} for row in books.rows(MESSAGES, span))
    return [{"channel": channel, **row} for row in (*messages, *books.rows(DELIVERIES, span))]

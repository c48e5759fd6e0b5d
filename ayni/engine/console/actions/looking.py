"""Looking at content: every look is written down before anything is shown."""

from starlette.concurrency import run_in_threadpool

from ayni.engine.console.access.doorkeeper import SignedIn
from ayni.engine.console.actions.resending import stored
from ayni.engine.console.desk import Desk
from ayni.engine.console.shown.following import follow
from ayni.engine.console.shown.messages import opened, page_of
from ayni.engine.console.shown.resources import Followed, MessagePage, OpenedMessage, TextSearch
from ayni.engine.console.shown.throughput import totals_of
from ayni.engine.store.contract import Question


async def opened_message(desk: Desk, user: SignedIn, message_id: int) -> OpenedMessage:
    """One message with its content; raises Problem."""
    row = await stored(desk, message_id)
    await desk.seen(user, "open", messages=[message_id])
    return await run_in_threadpool(opened, row, desk.audit.of_message)


async def found_by_document(desk: Desk, user: SignedIn, question: Question) -> MessagePage:
    """Messages, also of one patient. Who looks for a person is written down, the document is not."""
    found = await run_in_threadpool(page_of, desk.store, question)
    if question.document:
        await desk.seen(user, "search-document", messages=[message.id for message in found.messages])
    return found


async def begin_text_search(desk: Desk, user: SignedIn, question: Question) -> TextSearch:
    """Starts to read every original; raises Problem when too many do already."""
    totals = totals_of(await run_in_threadpool(desk.store.counts))
    of = totals.get(question.channel, 0) if question.channel else sum(totals.values())
    await desk.seen(user, "search-text")
    return desk.text_searches.begin(user.name, question, of=of)


async def text_search(desk: Desk, user: SignedIn, number: str) -> TextSearch:
    """How far it is. What it found is written down once, when it is shown first."""
    search = desk.text_searches.find(user.name, number)
    if search.messages and not desk.text_searches.is_looked_at(user.name, number):
        await desk.seen(user, "search-text", messages=[message.id for message in search.messages])
        desk.text_searches.looked_at(user.name, number)
    return search


def followed(desk: Desk, correlation_id: str) -> Followed:
    """One correlation id over all channels; names and times, no content. Call from a thread."""
    return follow(desk.store, correlation_id, desk.audit.of_message)

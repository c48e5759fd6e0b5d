"""Operations on messages: searching, opening, following, sending again."""

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from ayni.engine.console.access.roles import Role
from ayni.engine.console.actions import resending
from ayni.engine.console.actions.exporting import EXPORTED_MAX, NDJSON, exported
from ayni.engine.console.actions.looking import (
    begin_text_search,
    followed,
    found_by_document,
    opened_message,
    text_search,
)
from ayni.engine.console.api.operation import Call, Operation
from ayni.engine.console.api.questions import (
    Edited,
    FollowQuery,
    MessageQuery,
    MessageSearch,
    TextQuery,
    correlation_id_of,
)
from ayni.engine.console.shown.messages import page_of
from ayni.engine.console.shown.resources import Followed, MessagePage, OpenedMessage, Resent, TextSearch

BYTES = "application/octet-stream"


async def _list(call: Call) -> MessagePage:
    query: MessageQuery = call.query
    return await run_in_threadpool(page_of, call.desk.store, query.question())


async def _search(call: Call) -> MessagePage:
    body: MessageSearch = call.body
    return await found_by_document(call.desk, call.user, body.question(document=body.document))


async def _export(call: Call) -> Response:
    body: MessageSearch = call.body
    lines = await exported(call.desk, call.user, body.question(document=body.document))
    return StreamingResponse(lines, media_type=NDJSON)


async def _open(call: Call) -> OpenedMessage:
    return await opened_message(call.desk, call.user, call.path("id"))


async def _original(call: Call) -> Response:
    message_id = call.path("id")
    row = await resending.stored(call.desk, message_id)
    await call.desk.seen(call.user, "export", messages=[message_id])
    headers = {"Content-Disposition": f'attachment; filename="message-{message_id}"'}
    return Response(row["raw"], headers=headers, media_type=BYTES)


async def _replay(call: Call) -> Resent:
    return await resending.replay(call.desk, call.user, call.path("id"))


async def _edit(call: Call) -> Resent:
    edited: Edited = call.body
    return await resending.edit_and_resend(call.desk, call.user, call.path("id"), edited.content)


async def _follow(call: Call) -> Followed:
    query: FollowQuery = call.query
    return await run_in_threadpool(followed, call.desk, correlation_id_of(query.correlation_id))


async def _begin_text(call: Call) -> TextSearch:
    body: TextQuery = call.body
    return await begin_text_search(call.desk, call.user, body.question(text=body.text))


async def _text(call: Call) -> TextSearch:
    return await text_search(call.desk, call.user, call.path("search"))


async def _cancel_text(call: Call) -> TextSearch:
    return call.desk.text_searches.cancel(call.user.name, call.path("search"))


MESSAGE, TEXT = "/api/v1/messages/{id:row}", "/api/v1/text-searches"
RESENT = ("message-not-found", "content-gone", "channel-gone", "refused-again", "store-busy")

OPERATIONS = (
    Operation(
        method="GET",
        path="/api/v1/messages",
        name="messages",
        role=Role.VIEWER,
        summary="Messages by names, states and time, without content",
        handler=_list,
        answer=MessagePage,
        query=MessageQuery,
    ),
    Operation(
        method="POST",
        path="/api/v1/messages/search",
        name="search",
        role=Role.VIEWER,
        summary="The same, by the patient's document too",
        handler=_search,
        answer=MessagePage,
        body=MessageSearch,
        audited="search-document, when a document is given",
    ),
    Operation(
        method="POST",
        path="/api/v1/messages/export",
        name="export",
        role=Role.OPERATOR,
        summary=f"At most {EXPORTED_MAX} messages with their content, one JSON object a line",
        handler=_export,
        answer=NDJSON,
        body=MessageSearch,
        audited="export",
    ),
    Operation(
        method="GET",
        path=MESSAGE,
        name="message",
        role=Role.VIEWER,
        summary="One message: original, tree, what each destination got, attempts, answers, timeline",
        handler=_open,
        answer=OpenedMessage,
        audited="open",
        problems=("message-not-found",),
    ),
    Operation(
        method="GET",
        path=f"{MESSAGE}/original",
        name="original",
        role=Role.OPERATOR,
        summary="The bytes exactly as they came",
        handler=_original,
        answer=BYTES,
        audited="export",
        problems=("message-not-found",),
    ),
    Operation(
        method="POST",
        path=f"{MESSAGE}/replay",
        name="replay",
        role=Role.OPERATOR,
        summary="Send the same bytes again as a new message",
        handler=_replay,
        answer=Resent,
        status=201,
        audited="replay",
        problems=RESENT,
    ),
    Operation(
        method="POST",
        path=f"{MESSAGE}/edit-and-resend",
        name="edit-and-resend",
        role=Role.OPERATOR,
        summary="Send changed content as a new message; the old one stays as it is",
        handler=_edit,
        answer=Resent,
        status=201,
        body=Edited,
        audited="edit-and-resend",
        problems=(*RESENT, "not-text", "nothing-changed", "nothing-written", "not-in-charset"),
    ),
    Operation(
        method="GET",
        path="/api/v1/follow",
        name="follow",
        role=Role.VIEWER,
        summary="Everything that happened under one correlation id, over all channels",
        handler=_follow,
        answer=Followed,
        query=FollowQuery,
    ),
    Operation(
        method="POST",
        path=TEXT,
        name="begin-text-search",
        role=Role.VIEWER,
        summary="Begin to read every original for a text",
        handler=_begin_text,
        answer=TextSearch,
        status=202,
        body=TextQuery,
        audited="search-text",
        problems=("searches-full",),
    ),
    Operation(
        method="GET",
        path=f"{TEXT}/{{search}}",
        name="text-search",
        role=Role.VIEWER,
        summary="How far a text search is, and once it is over what it found",
        handler=_text,
        answer=TextSearch,
        problems=("search-gone",),
    ),
    Operation(
        method="DELETE",
        path=f"{TEXT}/{{search}}",
        name="cancel-text-search",
        role=Role.VIEWER,
        summary="End a text search",
        handler=_cancel_text,
        answer=TextSearch,
        problems=("search-gone",),
    ),
    Operation(
        method="GET",
        path="/api/messages",
        name="messages-before-v1",
        role=Role.VIEWER,
        summary="The same as /api/v1/messages",
        handler=_list,
        answer=MessagePage,
        query=MessageQuery,
        is_deprecated=True,
    ),
    Operation(
        method="GET",
        path="/api/messages/{id:row}",
        name="message-before-v1",
        role=Role.VIEWER,
        summary="The same as /api/v1/messages/{id}",
        handler=_open,
        answer=OpenedMessage,
        audited="open",
        problems=("message-not-found",),
        is_deprecated=True,
    ),
)

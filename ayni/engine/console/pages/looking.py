"""Pages that show: the overview, channels, messages, one correlation id, text searches, alerts."""

from dataclasses import replace

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from ayni.engine.console.access.roles import Role
from ayni.engine.console.actions import looking, switches
from ayni.engine.console.actions.exporting import NDJSON, exported
from ayni.engine.console.api.questions import (
    AccountQuery,
    FollowQuery,
    MessageQuery,
    MessageSearch,
    TextQuery,
    correlation_id_of,
    moment_of,
)
from ayni.engine.console.language import texts_of
from ayni.engine.console.pages.forms import Page, Visit, asked, to
from ayni.engine.console.pages.rendering import page
from ayni.engine.console.shown.alerts import alerts_of
from ayni.engine.console.shown.messages import page_of
from ayni.engine.console.shown.picture import picture_of
from ayni.engine.console.shown.resources import DeliveryWord, MessageState
from ayni.engine.store.contract import Question

NEWEST = 10
"""Messages on a channel's own page."""
WORDS = {"states": MessageState.__args__, "delivery_states": DeliveryWord.__args__}  # type: ignore[attr-defined]


async def _overview(visit: Visit) -> Response:
    return page(visit.request, "overview.html", await _figures(visit))


async def _overview_live(visit: Visit) -> Response:
    return page(visit.request, "overview_live.html", await _figures(visit))


async def _figures(visit: Visit) -> dict[str, object]:
    figures = await run_in_threadpool(visit.desk.figures.all)
    alerts = await run_in_threadpool(alerts_of, visit.desk.alerts, texts_of(visit.request).language)
    return {"figures": figures, "channels": figures.channels, "alerts": alerts.alerts}


async def _channel(visit: Visit) -> Response:
    return page(visit.request, "channel.html", await _one_channel(visit))


async def _channel_live(visit: Visit) -> Response:
    return page(visit.request, "channel_live.html", await _one_channel(visit))


async def _one_channel(visit: Visit) -> dict[str, object]:
    channel = await switches.shown_channel(visit.desk, visit.path("channel"))
    question = Question(channel=channel.name, limit=NEWEST)
    found = await run_in_threadpool(page_of, visit.desk.store, question)
    deployed = visit.request.query_params.get("deployed", "") == channel.revision
    return {"channel": channel, "messages": found.messages, "deployed": deployed}


async def _messages(visit: Visit) -> Response:
    """Messages by what may stand in an address."""
    query: MessageQuery = asked(visit.request.query_params, MessageQuery)
    found = await run_in_threadpool(page_of, visit.desk.store, query.question())
    return _listed(visit, query, found)


async def _messages_by_document(visit: Visit) -> Response:
    """The same by a patient's document, which travels in the form and never in an address."""
    search: MessageSearch = asked(await visit.form(), MessageSearch)
    question = search.question(document=search.document)
    found = await looking.found_by_document(visit.desk, visit.user, question)
    return _listed(visit, search, found)


async def _export(visit: Visit) -> Response:
    """What the list shows, as a file."""
    search: MessageSearch = asked(await visit.form(), MessageSearch)
    lines = await exported(visit.desk, visit.user, search.question(document=search.document))
    headers = {"Content-Disposition": 'attachment; filename="messages.ndjson"'}
    return StreamingResponse(lines, media_type=NDJSON, headers=headers)


def _listed(visit: Visit, query: MessageQuery, found: object) -> Response:
    filters = {name: value for name, value in msgspec.to_builtins(query).items() if value is not None}
    channels = sorted(visit.desk.runtime.channels)
    context = {"found": found, "asked": query, "filters": filters, "channels": channels, **WORDS}
    return page(visit.request, "messages.html", context)


async def _message(visit: Visit) -> Response:
    """One message: as it came, what was made of it, every attempt and every answer."""
    found = await looking.opened_message(visit.desk, visit.user, visit.path("id"))
    is_deployed = found.channel in visit.desk.runtime.channels
    return page(visit.request, "message.html", {"message": found, "is_deployed": is_deployed})


async def _follow(visit: Visit) -> Response:
    if not visit.request.query_params.get("correlation_id", "").strip():
        return page(visit.request, "follow.html", {"followed": None})
    query: FollowQuery = asked(visit.request.query_params, FollowQuery)
    followed = await run_in_threadpool(looking.followed, visit.desk, correlation_id_of(query.correlation_id))
    times = [event.at for event in followed.timeline]
    took = (times[-1] - times[0]).total_seconds() if times else None
    context = {"followed": followed, "picture": picture_of(followed), "took": took}
    return page(visit.request, "follow.html", context)


async def _begin_text_search(visit: Visit) -> Response:
    query: TextQuery = asked(await visit.form(), TextQuery)
    begun = await looking.begin_text_search(visit.desk, visit.user, query.question(text=query.text))
    return to(f"/busquedas/{begun.id}")


async def _text_search(visit: Visit) -> Response:
    return page(visit.request, "text_search.html", await _searched(visit))


async def _text_search_live(visit: Visit) -> Response:
    return page(visit.request, "text_search_live.html", await _searched(visit))


async def _searched(visit: Visit) -> dict[str, object]:
    search = await looking.text_search(visit.desk, visit.user, visit.path("search"))
    return {"search": search, "is_over": search.state not in ("waiting", "running")}


async def _cancel_text_search(visit: Visit) -> Response:
    search = visit.path("search")
    if visit.desk.text_searches.find(visit.user.name, search).state in ("waiting", "running"):
        visit.desk.text_searches.cancel(visit.user.name, search)
    return to(f"/busquedas/{search}")


async def _go_on_with_text_search(visit: Visit) -> Response:
    """The next page: the same search among the messages before those that were found."""
    number = visit.path("search")
    earlier = visit.desk.text_searches.find(visit.user.name, number)
    question = visit.desk.text_searches.question(visit.user.name, number)
    before = replace(question, before_id=earlier.next_before_id or question.before_id)
    begun = await looking.begin_text_search(visit.desk, visit.user, before)
    return to(f"/busquedas/{begun.id}")


async def _conservation(visit: Visit) -> Response:
    """Counted when it is asked for, because it reads every row."""
    query: AccountQuery = asked(visit.request.query_params, AccountQuery)
    report = None
    if "count" in visit.request.query_params:
        span = (moment_of(query.since), moment_of(query.until))
        report = await run_in_threadpool(visit.desk.accounting.report, query.channel, *span)
    channels = sorted(visit.desk.runtime.channels)
    return page(visit.request, "conservation.html", {"report": report, "asked": query, "channels": channels})


async def _alerts(visit: Visit) -> Response:
    alerts = await run_in_threadpool(alerts_of, visit.desk.alerts, texts_of(visit.request).language)
    return page(visit.request, "alerts.html", {"alerts": alerts.alerts})


def _shows(path: str, name: str, handler: object) -> Page:
    return Page(method="GET", path=path, name=name, role=Role.VIEWER, handler=handler)  # type: ignore[arg-type]


def _asks(path: str, name: str, handler: object) -> Page:
    return Page(method="POST", path=path, name=name, role=Role.VIEWER, handler=handler)  # type: ignore[arg-type]


PAGES = (
    _shows("/", "page-overview", _overview),
    _shows("/vivo", "page-overview-live", _overview_live),
    _shows("/canales/{channel}", "page-channel", _channel),
    _shows("/canales/{channel}/vivo", "page-channel-live", _channel_live),
    _shows("/mensajes", "page-messages", _messages),
    _asks("/mensajes", "page-messages-by-document", _messages_by_document),
    Page(
        method="POST",
        path="/mensajes/exportar",
        name="page-export",
        role=Role.OPERATOR,
        handler=_export,
    ),
    _shows("/mensajes/{id:row}", "page-message", _message),
    _shows("/seguir", "page-follow", _follow),
    _asks("/busquedas", "page-begin-text-search", _begin_text_search),
    _shows("/busquedas/{search}", "page-text-search", _text_search),
    _shows("/busquedas/{search}/vivo", "page-text-search-live", _text_search_live),
    _asks("/busquedas/{search}/cancelar", "page-cancel-text-search", _cancel_text_search),
    _asks("/busquedas/{search}/seguir", "page-go-on-with-text-search", _go_on_with_text_search),
    _shows("/cuadre", "page-conservation", _conservation),
    _shows("/alertas", "page-alerts", _alerts),
)

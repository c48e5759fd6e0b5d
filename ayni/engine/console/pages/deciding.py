"""Pages that change: stopped deliveries, sending again, stopping and starting."""

from collections.abc import Awaitable, Callable
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from ayni.engine.console.access.roles import Role
from ayni.engine.console.actions import looking, resending, switches
from ayni.engine.console.actions.decisions import Decision, Pair, decide, decide_all, decide_one, stopped_for
from ayni.engine.console.api.questions import StoppedQuery
from ayni.engine.console.pages.forms import (
    CONTENT_FORM_BYTES_MAX,
    FORM_BYTES_MAX,
    Page,
    Visit,
    asked,
    form_of,
    to,
)
from ayni.engine.console.pages.rendering import page
from ayni.engine.console.problems import Problem
from ayni.engine.console.shown.resources import Decided, StoppedDelivery
from ayni.engine.console.shown.stopped import StoppedQuestion, alike, page_of

FILTERS = ("channel", "destination", "state", "said")
SHOWN_OF_MANY = 20
"""Deliveries named on the page that asks once more; the rest is a number."""


async def _stalled(visit: Visit) -> Response:
    query: StoppedQuery = asked(visit.request.query_params, StoppedQuery)
    found = await run_in_threadpool(page_of, visit.desk.store, query.question())
    context = {
        "found": found,
        "groups": alike(found.deliveries),
        "asked": query,
        "channels": sorted(visit.desk.runtime.channels),
        "destinations": sorted(visit.desk.runtime.deliverers),
        "decided": visit.request.query_params.get("decided", ""),
        "skipped": visit.request.query_params.get("skipped", ""),
    }
    return page(visit.request, "stalled.html", context)


async def _confirm(visit: Visit) -> Response:
    """Asks once more, with what will happen to how many."""
    pairs, question, decision = await _chosen(visit)
    if question is not None:
        stopped = await run_in_threadpool(stopped_for, visit.desk.store, question)
    else:
        stopped = await run_in_threadpool(_named, visit, pairs)
    if not stopped:
        raise Problem("nothing-chosen", 422)
    context = {
        "decision": decision,
        "stopped": stopped[:SHOWN_OF_MANY],
        "count": len(stopped),
        "pairs": [f"{message_id}-{delivery_id}" for message_id, delivery_id in pairs],
        "question": question,
    }
    return page(visit.request, "confirm.html", context)


def _named(visit: Visit, pairs: list[Pair]) -> list[StoppedDelivery]:
    messages = sorted({message_id for message_id, _ in pairs})
    found = (stopped_for(visit.desk.store, StoppedQuestion(message_id=each)) for each in messages)
    return [each for some in found for each in some if (each.message_id, each.delivery_id) in pairs]


async def _decide_many(visit: Visit) -> Response:
    pairs, question, decision = await _chosen(visit)
    decided: Decided
    if question is not None:
        decided = await decide_all(visit.desk, visit.user, question, decision)
    else:
        decided = await decide(visit.desk, visit.user, pairs, decision)
    form = await form_of(visit.request, FORM_BYTES_MAX)
    filters = {name: str(form[name]) for name in FILTERS if form.get(name)}
    count = {"decided": decided.decided, "skipped": decided.skipped}
    return to(f"/detenidos?{urlencode(count | filters)}")


async def _chosen(visit: Visit) -> tuple[list[Pair], StoppedQuestion | None, Decision]:
    """What the form is about: ticked deliveries, or every one of a filter."""
    form = await form_of(visit.request, FORM_BYTES_MAX)
    decision: Decision = "set-aside" if form.get("decision") == "set-aside" else "requeue"
    if form.get("all"):
        fields = {name: str(value) for name, value in form.items()}
        query: StoppedQuery = asked(fields, StoppedQuery)
        return [], query.question(), decision
    return [_pair(str(value)) for value in form.getlist("delivery")], None, decision


def _pair(value: str) -> Pair:
    message_id, _, delivery_id = value.partition("-")
    if not (message_id.isdecimal() and delivery_id.isdecimal()):
        raise Problem("not-as-described", 400, place="delivery")
    return int(message_id), int(delivery_id)


async def _send_again(visit: Visit) -> Response:
    """Tries a stopped delivery again."""
    return await _decided(visit, "requeue")


async def _set_aside(visit: Visit) -> Response:
    """Lets the lane of a stopped delivery go on without it."""
    return await _decided(visit, "set-aside")


async def _decided(visit: Visit, decision: Decision) -> Response:
    """Back to where it was decided: the message, or the list it was one row of."""
    message_id = visit.path("id")
    form = await visit.form()
    await decide_one(visit.desk, visit.user, (message_id, visit.path("delivery")), decision)
    if "listed" not in form:
        return to(f"/mensajes/{message_id}")
    filters = {name: form[name] for name in FILTERS if form.get(name)}
    return to(f"/detenidos?{urlencode({'decided': 1, 'skipped': 0} | filters)}")


async def _replay(visit: Visit) -> Response:
    made = await resending.replay(visit.desk, visit.user, visit.path("id"))
    return to(f"/mensajes/{made.id}")


async def _edit(visit: Visit) -> Response:
    """The original as text to change."""
    message = await looking.opened_message(visit.desk, visit.user, visit.path("id"))
    if not message.raw:
        raise Problem("content-gone", 409)
    if not message.charset:
        raise Problem("not-text", 409)
    return page(visit.request, "edit.html", {"message": message, "content": message.raw})


async def _edited(visit: Visit) -> Response:
    """What was written stays on the page when it is refused."""
    form = await visit.form(CONTENT_FORM_BYTES_MAX)
    content, message_id = form.get("content", ""), visit.path("id")
    try:
        made = await resending.edit_and_resend(visit.desk, visit.user, message_id, content)
    except Problem as problem:
        message = await looking.opened_message(visit.desk, visit.user, message_id)
        context = {"message": message, "content": content, "problem": problem}
        return page(visit.request, "edit.html", context, status=problem.status)
    return to(f"/mensajes/{made.id}")


def _switch(change: Callable[..., Awaitable[object]]) -> Callable[[Visit], Awaitable[Response]]:
    async def handler(visit: Visit) -> Response:
        await change(visit.desk, visit.user, visit.path("channel"))
        return to(f"/canales/{visit.path('channel')}")

    return handler


async def _deploy(visit: Visit) -> Response:
    deployed = await switches.deploy(visit.desk, visit.user, visit.path("channel"))
    return to(f"/canales/{deployed.channel}?deployed={deployed.revision}")


def _pausing(*, paused: bool) -> Callable[[Visit], Awaitable[Response]]:
    async def handler(visit: Visit) -> Response:
        form = await visit.form()
        if paused:
            await switches.drain_destination(visit.desk, visit.user, visit.path("partner"))
        else:
            await switches.pause(visit.desk, visit.user, visit.path("partner"), paused=False)
        channel = form.get("channel", "")
        return to(f"/canales/{channel}" if channel in visit.desk.runtime.channels else "/")

    return handler


def _does(path: str, name: str, handler: Callable[[Visit], Awaitable[Response]]) -> Page:
    return Page(method="POST", path=path, name=name, role=Role.OPERATOR, handler=handler)


DELIVERY = "/mensajes/{id:row}/entregas/{delivery:row}"
PAGES = (
    Page(method="GET", path="/detenidos", name="page-stalled", role=Role.VIEWER, handler=_stalled),
    _does("/detenidos/confirmar", "page-confirm", _confirm),
    _does("/detenidos", "page-decide-many", _decide_many),
    _does(f"{DELIVERY}/otra-vez", "page-requeue", _send_again),
    _does(f"{DELIVERY}/apartar", "page-set-aside", _set_aside),
    _does("/mensajes/{id:row}/repetir", "page-replay", _replay),
    Page(
        method="GET",
        path="/mensajes/{id:row}/editar",
        name="page-edit",
        role=Role.OPERATOR,
        handler=_edit,
    ),
    _does("/mensajes/{id:row}/editar", "page-edit-and-resend", _edited),
    _does("/canales/{channel}/iniciar", "page-start", _switch(switches.start)),
    _does("/canales/{channel}/detener", "page-stop", _switch(switches.stop)),
    _does("/canales/{channel}/vaciar", "page-drain", _switch(switches.drain)),
    Page(
        method="POST",
        path="/canales/{channel}/desplegar",
        name="page-deploy",
        role=Role.ADMINISTRATOR,
        handler=_deploy,
    ),
    _does("/destinos/{partner}/pausar", "page-pause", _pausing(paused=True)),
    _does("/destinos/{partner}/reanudar", "page-resume", _pausing(paused=False)),
)

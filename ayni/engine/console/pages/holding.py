"""Pages of legal holds: which there are, which messages they keep, putting and lifting them."""

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from ayni.engine.console.access.roles import Role
from ayni.engine.console.actions import holding
from ayni.engine.console.api.questions import HeldQuery, HoldFor, LiftHold, PutHold
from ayni.engine.console.pages.forms import Page, Visit, asked, to
from ayni.engine.console.pages.rendering import page
from ayni.engine.console.shown.holds import HoldChanged, holds_of, messages_held

HOLDS = "/retenciones"


async def _holds(visit: Visit) -> Response:
    return await _shown(visit)


async def _shown(visit: Visit, changed: HoldChanged | None = None) -> Response:
    found = await run_in_threadpool(holds_of, visit.desk.store)
    return page(visit.request, "holds.html", {"holds": found.holds, "changed": changed})


async def _messages(visit: Visit) -> Response:
    """The messages of one reason, which travels in the form and never in an address."""
    query: HeldQuery = asked(await visit.form(), HeldQuery)
    found = await run_in_threadpool(
        messages_held, visit.desk.store, query.reason, after_id=query.after_id, limit=query.limit
    )
    return page(visit.request, "held.html", {"reason": query.reason, "found": found})


async def _put(visit: Visit) -> Response:
    """By request or document; what was done stands on the page that follows."""
    wanted: PutHold = asked(await visit.form(), PutHold)
    which = holding.Held(question=wanted.question())
    return await _shown(visit, await holding.put(visit.desk, visit.user, wanted.reason.strip(), which))


async def _put_one(visit: Visit) -> Response:
    message_id = visit.path("id")
    wanted: HoldFor = asked(await visit.form(), HoldFor)
    await holding.put(visit.desk, visit.user, wanted.reason.strip(), holding.Held(messages=[message_id]))
    return to(f"/mensajes/{message_id}")


async def _lift(visit: Visit) -> Response:
    wanted: LiftHold = asked(await visit.form(), LiftHold)
    return await _shown(visit, await holding.lift(visit.desk, visit.user, wanted.reason.strip()))


PAGES = (
    Page(method="GET", path=HOLDS, name="page-holds", role=Role.VIEWER, handler=_holds),
    Page(method="POST", path=f"{HOLDS}/mensajes", name="page-held", role=Role.VIEWER, handler=_messages),
    Page(method="POST", path=HOLDS, name="page-hold", role=Role.OPERATOR, handler=_put),
    Page(
        method="POST",
        path="/mensajes/{id:row}/retener",
        name="page-hold-one",
        role=Role.OPERATOR,
        handler=_put_one,
    ),
    Page(
        method="POST", path=f"{HOLDS}/levantar", name="page-lift-hold", role=Role.ADMINISTRATOR, handler=_lift
    ),
)

"""Operations on legal holds. A reason travels in the body: addresses are kept in many places."""

from starlette.concurrency import run_in_threadpool

from ayni.engine.console.access.roles import Role
from ayni.engine.console.actions import holding
from ayni.engine.console.api.operation import Call, Operation
from ayni.engine.console.api.questions import HeldQuery, LiftHold, PutHold
from ayni.engine.console.shown.holds import HoldChanged, HoldList, holds_of, messages_held
from ayni.engine.console.shown.resources import MessagePage


async def _holds(call: Call) -> HoldList:
    return await run_in_threadpool(holds_of, call.desk.store)


async def _messages(call: Call) -> MessagePage:
    body: HeldQuery = call.body
    return await run_in_threadpool(
        messages_held, call.desk.store, body.reason, after_id=body.after_id, limit=body.limit
    )


async def _put(call: Call) -> HoldChanged:
    body: PutHold = call.body
    which = holding.Held(messages=body.messages, question=body.question())
    return await holding.put(call.desk, call.user, body.reason.strip(), which)


async def _lift(call: Call) -> HoldChanged:
    body: LiftHold = call.body
    return await holding.lift(call.desk, call.user, body.reason.strip(), body.messages)


HOLDS = "/api/v1/holds"
OPERATIONS = (
    Operation(
        method="GET",
        path=HOLDS,
        name="holds",
        role=Role.VIEWER,
        summary="Every legal hold: its reason, since when, by whom, how many messages",
        handler=_holds,
        answer=HoldList,
    ),
    Operation(
        method="POST",
        path=f"{HOLDS}/messages",
        name="held-messages",
        role=Role.VIEWER,
        summary="The messages a reason keeps, by number, without content",
        handler=_messages,
        answer=MessagePage,
        body=HeldQuery,
    ),
    Operation(
        method="POST",
        path=HOLDS,
        name="hold",
        role=Role.OPERATOR,
        summary="Keep messages beyond their time: by number, correlation id or document",
        handler=_put,
        answer=HoldChanged,
        body=PutHold,
        audited="hold",
        problems=("nothing-to-hold", "hold-too-wide"),
    ),
    Operation(
        method="POST",
        path=f"{HOLDS}/lift",
        name="lift-hold",
        role=Role.ADMINISTRATOR,
        summary="Lift a hold from these messages, or from all of its reason",
        handler=_lift,
        answer=HoldChanged,
        body=LiftHold,
        audited="lift-hold",
        problems=("hold-not-found",),
    ),
)

"""Operations on stopped deliveries, the audit and the accounts."""

from starlette.concurrency import run_in_threadpool

from ayni.engine.console.access.roles import Role
from ayni.engine.console.actions import keeping_accounts
from ayni.engine.console.actions.decisions import Decision, decide, decide_all, decide_one
from ayni.engine.console.api.operation import Call, Operation
from ayni.engine.console.api.questions import (
    AuditQuery,
    Decide,
    NewAccount,
    NewRole,
    StoppedQuery,
    VerifyQuery,
)
from ayni.engine.console.audit.audit import NUMBER_MAX, Verification
from ayni.engine.console.shown.resources import (
    AccountList,
    AccountSecret,
    AuditPage,
    Decided,
    StoppedPage,
)
from ayni.engine.console.shown.stopped import StoppedQuestion, page_of


async def _stopped(call: Call) -> StoppedPage:
    query: StoppedQuery = call.query
    return await run_in_threadpool(page_of, call.desk.store, query.question())


async def _requeue_all(call: Call) -> Decided:
    return await _decide(call, "requeue")


async def _set_aside_all(call: Call) -> Decided:
    return await _decide(call, "set-aside")


async def _decide(call: Call, decision: Decision) -> Decided:
    body: Decide = call.body
    if body.all:
        question = StoppedQuestion(
            channel=body.channel, destination=body.destination, state=body.state, said=body.said
        )
        return await decide_all(call.desk, call.user, question, decision)
    pairs = [(each.message_id, each.delivery_id) for each in body.deliveries]
    return await decide(call.desk, call.user, pairs, decision)


async def _requeue(call: Call) -> Decided:
    return await _decide_one(call, "requeue")


async def _set_aside(call: Call) -> Decided:
    return await _decide_one(call, "set-aside")


async def _decide_one(call: Call, decision: Decision) -> Decided:
    await decide_one(call.desk, call.user, (call.path("id"), call.path("delivery")), decision)
    return Decided(decided=1, skipped=0)


async def _audit(call: Call) -> AuditPage:
    query: AuditQuery = call.query
    entries = await run_in_threadpool(
        call.desk.audit.page, before=query.before or NUMBER_MAX, who=query.who, limit=query.limit
    )
    is_full = len(entries) >= query.limit
    return AuditPage(entries=entries, next_before=entries[-1].number if is_full else None)


async def _verify(call: Call) -> Verification:
    query: VerifyQuery = call.query
    return await run_in_threadpool(call.desk.audit.verify, query.expected)


async def _accounts(call: Call) -> AccountList:
    return keeping_accounts.accounts_of(call.desk)


async def _add(call: Call) -> AccountSecret:
    body: NewAccount = call.body
    return await keeping_accounts.add(call.desk, call.user, body.name, body.role)


async def _remove(call: Call) -> AccountList:
    return await keeping_accounts.remove(call.desk, call.user, call.path("name"))


async def _role(call: Call) -> AccountList:
    body: NewRole = call.body
    return await keeping_accounts.set_role(call.desk, call.user, call.path("name"), body.role)


async def _password(call: Call) -> AccountSecret:
    return await keeping_accounts.renew_password(call.desk, call.user, call.path("name"))


DELIVERY = "/api/v1/messages/{id:row}/deliveries/{delivery:row}"
ACCOUNT = "/api/v1/accounts/{name}"
KEPT = ("account-unknown", "account-last-administrator")

OPERATIONS = (
    Operation(
        method="GET",
        path="/api/v1/stalled",
        name="stalled",
        role=Role.VIEWER,
        summary="Deliveries about which a person decides: refused and stalled",
        handler=_stopped,
        answer=StoppedPage,
        query=StoppedQuery,
    ),
    Operation(
        method="POST",
        path="/api/v1/stalled/requeue",
        name="requeue-many",
        role=Role.OPERATOR,
        summary="Send these, or all that a filter finds, again",
        handler=_requeue_all,
        answer=Decided,
        body=Decide,
        audited="requeue",
    ),
    Operation(
        method="POST",
        path="/api/v1/stalled/set-aside",
        name="set-aside-many",
        role=Role.OPERATOR,
        summary="Let the lanes of these, or of all that a filter finds, go on without them",
        handler=_set_aside_all,
        answer=Decided,
        body=Decide,
        audited="set-aside",
    ),
    Operation(
        method="POST",
        path=f"{DELIVERY}/requeue",
        name="requeue",
        role=Role.OPERATOR,
        summary="Send one stopped delivery again",
        handler=_requeue,
        answer=Decided,
        audited="requeue",
        problems=("not-stopped",),
    ),
    Operation(
        method="POST",
        path=f"{DELIVERY}/set-aside",
        name="set-aside",
        role=Role.OPERATOR,
        summary="Let the lane of one stopped delivery go on without it",
        handler=_set_aside,
        answer=Decided,
        audited="set-aside",
        problems=("not-stopped",),
    ),
    Operation(
        method="GET",
        path="/api/v1/audit",
        name="audit",
        role=Role.ADMINISTRATOR,
        summary="Who looked at what and who did what, newest first",
        handler=_audit,
        answer=AuditPage,
        query=AuditQuery,
    ),
    Operation(
        method="GET",
        path="/api/v1/audit/verification",
        name="audit-verification",
        role=Role.ADMINISTRATOR,
        summary="Read the whole chain and say whether it is whole",
        handler=_verify,
        answer=Verification,
        query=VerifyQuery,
    ),
    Operation(
        method="GET",
        path="/api/v1/accounts",
        name="accounts",
        role=Role.ADMINISTRATOR,
        summary="Every account",
        handler=_accounts,
        answer=AccountList,
    ),
    Operation(
        method="POST",
        path="/api/v1/accounts",
        name="account-add",
        role=Role.ADMINISTRATOR,
        summary="Make an account; the answer holds its password, this once",
        handler=_add,
        answer=AccountSecret,
        status=201,
        body=NewAccount,
        audited="account-add",
        problems=("account-name", "account-taken"),
    ),
    Operation(
        method="DELETE",
        path=ACCOUNT,
        name="account-remove",
        role=Role.ADMINISTRATOR,
        summary="Remove an account; its sessions end",
        handler=_remove,
        answer=AccountList,
        audited="account-remove",
        problems=KEPT,
    ),
    Operation(
        method="PUT",
        path=f"{ACCOUNT}/role",
        name="account-role",
        role=Role.ADMINISTRATOR,
        summary="Give an account another role",
        handler=_role,
        answer=AccountList,
        body=NewRole,
        audited="account-role",
        problems=KEPT,
    ),
    Operation(
        method="POST",
        path=f"{ACCOUNT}/password",
        name="account-password",
        role=Role.ADMINISTRATOR,
        summary="Make a new password; the answer holds it, this once",
        handler=_password,
        answer=AccountSecret,
        audited="account-password",
        problems=("account-unknown",),
    ),
)

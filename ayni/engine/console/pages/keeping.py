"""Pages of the administrator: the audit and the accounts."""

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from ayni.engine.console.access.roles import Role
from ayni.engine.console.actions import keeping_accounts
from ayni.engine.console.api.questions import AuditQuery, NewAccount, NewRole
from ayni.engine.console.audit.audit import NUMBER_MAX
from ayni.engine.console.pages.forms import Page, Visit, asked, to
from ayni.engine.console.pages.rendering import page
from ayni.engine.console.shown.resources import AccountSecret

ACCOUNTS = "/cuentas"


async def _audit(visit: Visit) -> Response:
    query: AuditQuery = asked(visit.request.query_params, AuditQuery)
    entries = await run_in_threadpool(
        visit.desk.audit.page, before=query.before or NUMBER_MAX, who=query.who, limit=query.limit
    )
    context = {"entries": entries, "asked": query, "is_full": len(entries) >= query.limit}
    return page(visit.request, "audit.html", context)


async def _verify(visit: Visit) -> Response:
    verification = await run_in_threadpool(visit.desk.audit.verify)
    return page(visit.request, "verification.html", {"verification": verification})


async def _accounts(visit: Visit) -> Response:
    return _shown(visit)


async def _add(visit: Visit) -> Response:
    """The new account with its password: on this page and never again."""
    asked_for: NewAccount = asked(await visit.form(), NewAccount)
    return _shown(visit, await keeping_accounts.add(visit.desk, visit.user, asked_for.name, asked_for.role))


async def _renew(visit: Visit) -> Response:
    return _shown(visit, await keeping_accounts.renew_password(visit.desk, visit.user, visit.path("name")))


async def _set_role(visit: Visit) -> Response:
    asked_for: NewRole = asked(await visit.form(), NewRole)
    await keeping_accounts.set_role(visit.desk, visit.user, visit.path("name"), asked_for.role)
    return to(ACCOUNTS)


async def _remove(visit: Visit) -> Response:
    await keeping_accounts.remove(visit.desk, visit.user, visit.path("name"))
    return to(ACCOUNTS)


def _shown(visit: Visit, secret: AccountSecret | None = None) -> Response:
    found = keeping_accounts.accounts_of(visit.desk)
    context = {"accounts": found.accounts, "secret": secret, "roles": list(Role)}
    return page(visit.request, "accounts.html", context)


PAGES = tuple(
    Page(method=method, path=path, name=name, role=Role.ADMINISTRATOR, handler=handler)  # type: ignore[arg-type]
    for method, path, name, handler in (
        ("GET", "/auditoria", "page-audit", _audit),
        ("GET", "/auditoria/verificacion", "page-verification", _verify),
        ("GET", ACCOUNTS, "page-accounts", _accounts),
        ("POST", ACCOUNTS, "page-account-add", _add),
        ("POST", f"{ACCOUNTS}/{{name}}/clave", "page-account-password", _renew),
        ("POST", f"{ACCOUNTS}/{{name}}/rol", "page-account-role", _set_role),
        ("POST", f"{ACCOUNTS}/{{name}}/quitar", "page-account-remove", _remove),
    )
)

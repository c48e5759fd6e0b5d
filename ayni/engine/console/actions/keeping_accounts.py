"""Adding and removing accounts, and changing their roles and passwords."""

from collections.abc import Callable
from typing import TypeVar

from starlette.concurrency import run_in_threadpool

from ayni.engine.console.access.accounts import NAME, AccountRefused
from ayni.engine.console.access.doorkeeper import SignedIn
from ayni.engine.console.access.roles import Role
from ayni.engine.console.desk import Desk
from ayni.engine.console.problems import Problem
from ayni.engine.console.shown.resources import AccountList, AccountSecret, ShownAccount

STATUS = {"account-unknown": 404, "account-name": 422}
CONFLICT = 409

T = TypeVar("T")


def accounts_of(desk: Desk) -> AccountList:
    """Every account, by name."""
    found = desk.accounts.all()
    return AccountList(
        accounts=[ShownAccount(name=each.name, role=each.role, created_at=each.created_at) for each in found]
    )


async def add(desk: Desk, user: SignedIn, name: str, role: Role) -> AccountSecret:
    """A new account, with the password that is shown once; raises Problem."""
    password = await _changed(desk, user, "account-add", name, lambda: desk.accounts.add(name, role), role)
    return AccountSecret(name=name, role=role, password=password)


async def remove(desk: Desk, user: SignedIn, name: str) -> AccountList:
    """The accounts that are left; raises Problem."""
    await _changed(desk, user, "account-remove", name, lambda: desk.accounts.remove(name))
    return accounts_of(desk)


async def set_role(desk: Desk, user: SignedIn, name: str, role: Role) -> AccountList:
    """The accounts with the new role; raises Problem."""
    await _changed(desk, user, "account-role", name, lambda: desk.accounts.set_role(name, role), role)
    return accounts_of(desk)


async def renew_password(desk: Desk, user: SignedIn, name: str) -> AccountSecret:
    """The new password, shown once; raises Problem."""
    password = await _changed(
        desk, user, "account-password", name, lambda: desk.accounts.renew_password(name)
    )
    account = desk.accounts.find(name)
    assert account is not None
    return AccountSecret(name=name, role=account.role, password=password)


async def _changed(
    desk: Desk, user: SignedIn, action: str, name: str, change: Callable[[], T], role: Role | None = None
) -> T:
    """Names are written down only when they are such: people type passwords where the name belongs."""
    details = {"account": name if NAME.fullmatch(name) else "", **({"role": role.value} if role else {})}
    async with desk.acting(user, action, details=details):
        try:
            return await run_in_threadpool(change)
        except AccountRefused as error:
            known = ", ".join(each.name for each in desk.accounts.all())
            raise Problem(error.code, STATUS.get(error.code, CONFLICT), known=known) from error

"""Commands of the administrator: the audit and the accounts."""

import click

from ayni.engine.console.access.roles import Role
from ayni.engine.console.terminal import columns
from ayni.engine.console.terminal.asking import API, asks
from ayni.engine.console.terminal.client import Client, Refused, part
from ayni.engine.console.terminal.columns import Answer

ROLES = [role.value for role in Role]


@click.command(
    help="""Who looked at what and who did what; with --verify whether the chain is whole.

\b
Examples:
  ayni engine audit --who rosa
  ayni engine audit --verify
  ayni engine audit --verify --expect 1234:9f2c…
"""
)
@click.option("--who", default="")
@click.option("--before", type=int, help="Only entries before this number.")
@click.option("--limit", type=click.IntRange(1, 500), default=50, show_default=True)
@click.option("--verify", is_flag=True, help="Read the whole chain; ends with 1 when it is broken.")
@click.option("--expect", default="", help="A head noted earlier, which must still be there.")
@asks(lambda answer: columns.verification(answer) if "head" in answer else columns.audit(answer))
def audit(client: Client, verify: bool, expect: str, **asked: object) -> Answer:
    if not verify:
        return dict(client.get(f"{API}/audit", **asked))
    found: Answer = client.get(f"{API}/audit/verification", expected=expect)
    if not found["is_whole"]:
        raise Refused("\n".join(columns.verification(found)))
    return found


@click.group()
def account() -> None:
    """The accounts of the console."""


@account.command("list", help="Every account with its role.")
@asks(columns.accounts)
def account_list(client: Client) -> Answer:
    return dict(client.get(f"{API}/accounts"))


@account.command("add", help="Make an account; prints its password, this once.")
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), default="viewer", show_default=True)
@asks(columns.secret)
def account_add(client: Client, name: str, role: str) -> Answer:
    return dict(client.post(f"{API}/accounts", {"name": name, "role": role}))


@account.command("role", help="Give an account another role.")
@click.argument("name")
@click.argument("role", type=click.Choice(ROLES))
@asks(columns.accounts)
def account_role(client: Client, name: str, role: str) -> Answer:
    return dict(client.put(f"{API}/accounts/{part(name)}/role", {"role": role}))


@account.command("password", help="Make a new password; prints it, this once.")
@click.argument("name")
@asks(columns.secret)
def account_password(client: Client, name: str) -> Answer:
    return dict(client.post(f"{API}/accounts/{part(name)}/password"))


@account.command("remove", help="Remove an account; its sessions end.")
@click.argument("name")
@asks(columns.accounts)
def account_remove(client: Client, name: str) -> Answer:
    return dict(client.delete(f"{API}/accounts/{part(name)}"))


COMMANDS = (audit, account)

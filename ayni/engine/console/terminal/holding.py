"""Commands of legal hold: which there are, putting and lifting them."""

from typing import Any

import click

from ayni.engine.console.terminal import columns
from ayni.engine.console.terminal.asking import API, MESSAGE, asks, typed
from ayni.engine.console.terminal.client import Client
from ayni.engine.console.terminal.columns import Answer


@click.group()
def hold() -> None:
    """Legal holds: what is held is not deleted when its time is over."""


@hold.command("list", help="Every reason; with one, the messages it keeps.")
@click.argument("reason", default="")
@click.option("--after", "after_id", type=int, default=0, help="Only messages after this number.")
@click.option("--limit", type=click.IntRange(1, 500), default=100, show_default=True)
@asks(lambda answer: columns.holds(answer) if "holds" in answer else columns.held(answer))
def hold_list(client: Client, reason: str, **page: int) -> Answer:
    if reason:
        return dict(client.post(f"{API}/holds/messages", {"reason": reason, **page}))
    return dict(client.get(f"{API}/holds"))


@hold.command(
    "put",
    help="""Hold messages by number, or all of a request or of a patient's document.

The reason is the hold's name: a case's number and nothing of the patient. Audited.

\b
Examples:
  ayni engine hold put EXP-123-2026 41 42
  ayni engine hold put EXP-123-2026 --correlation-id QH-7M3K9XBT4D
  echo 99000017 | ayni engine hold put EXP-123-2026 --document -
""",
)
@click.argument("reason")
@click.argument("messages", type=MESSAGE, nargs=-1)
@click.option("--correlation-id", default="")
@click.option("--document", default="", help="The patient's document; - reads it.")
@asks(columns.hold_changed)
def hold_put(client: Client, reason: str, messages: tuple[int, ...], **found_by: str) -> Answer:
    chosen: dict[str, Any] = {name: typed(value) for name, value in found_by.items() if value}
    if len(chosen) + bool(messages) != 1:
        raise click.UsageError("give numbers of messages, --correlation-id or --document")
    return dict(client.post(f"{API}/holds", {"reason": reason, "messages": list(messages)} | chosen))


@hold.command(
    "lift",
    help="""Lift a hold, or only from some of its messages. Audited.

\b
Examples:
  ayni engine hold lift EXP-123-2026 42
  ayni engine hold lift EXP-123-2026 --yes
""",
)
@click.argument("reason")
@click.argument("messages", type=MESSAGE, nargs=-1)
@click.option("--yes", is_flag=True, help="Do not ask.")
@asks(columns.hold_changed)
def hold_lift(client: Client, reason: str, messages: tuple[int, ...], yes: bool) -> Answer:
    if not messages and not yes:
        click.confirm(f"lift {reason} from all its messages?", abort=True, err=True)
    return dict(client.post(f"{API}/holds/lift", {"reason": reason, "messages": list(messages)}))


COMMANDS = (hold,)

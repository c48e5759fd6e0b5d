"""Commands that look: channels, messages, one correlation id, alerts."""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from ayni.engine.console.terminal import columns
from ayni.engine.console.terminal.asking import API, LOOK_SECONDS, MESSAGE, asks, moment, typed
from ayni.engine.console.terminal.client import Client, Refused, part
from ayni.engine.console.terminal.columns import Answer

MESSAGE_STATES = ("accepted", "filtered", "refused")
DELIVERY_STATES = ("pending", "sending", "unknown", "delivered", "refused", "stalled", "set-aside")
"""Written out, because the store's own would be imported for each `--help`; a test compares them."""

TEXT_SIGNS_MIN = 3
"""Fewer are in nearly every message, and the interface takes none such."""
COUNT_SECONDS_MAX = 3600.0
"""Ten million rows take some minutes."""


FILTERS = (
    click.option("--channel", default=""),
    click.option("--state", type=click.Choice(MESSAGE_STATES), help="What was said to the sender."),
    click.option("--delivery-state", type=click.Choice(DELIVERY_STATES), help="Of one of its deliveries."),
    click.option("--control-id", default=""),
    click.option("--correlation-id", default=""),
    click.option("--document", default="", help="The patient's document; - reads it."),
    click.option("--since", callback=moment, help="30m, 2h, 1d or a time."),
    click.option("--until", callback=moment, help="30m, 2h, 1d or a time."),
    click.option("--before", "before_id", type=int, help="Only messages before this number."),
    click.option("--limit", type=click.IntRange(1, 500), default=50, show_default=True),
)


def filtered(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that choose among messages."""
    for option in reversed(FILTERS):
        command = option(command)
    return command


@click.command(
    help="""Channels: throughput, queue, age of the oldest, what awaits a decision.

\b
Examples:
  ayni engine status
  ayni engine status state_to_qhali --json
"""
)
@click.argument("channel", default="")
@asks(columns.channels)
def status(client: Client, channel: str) -> Answer:
    if channel:
        return {"channels": [client.get(f"{API}/channels/{part(channel)}")]}
    return dict(client.get(f"{API}/channels"))


@click.command(
    help="""Messages by names, states and time; by document and by text they are audited.

`-` reads the document or the text from standard input, so that no shell keeps it.

\b
Examples:
  ayni engine search --correlation-id QH-7M3K9XBT4D
  ayni engine search --channel intake_to_ehr --state refused --since 2h
  echo 99000017 | ayni engine search --document -
  ayni engine search --text "CONSULTORIO 1" --since 1d
"""
)
@filtered
@click.option("--text", default="", help="Reads every original for a text, with progress; - reads it.")
@asks(columns.messages)
def search(client: Client, text: str, document: str, **names: object) -> Answer:
    if text and len(text := typed(text)) < TEXT_SIGNS_MIN:
        raise click.BadParameter(f"write {TEXT_SIGNS_MIN} signs or more", param_hint="--text")
    asked = {name: value for name, value in names.items() if value not in (None, "")}
    if text:
        return _read_all(client, asked | {"text": text})
    if document:
        return dict(client.post(f"{API}/messages/search", asked | {"document": typed(document)}))
    return dict(client.get(f"{API}/messages", **asked))


def _read_all(client: Client, asked: dict[str, object]) -> Answer:
    """A text search, followed until it is over; ended when the person gives up."""
    found: Answer = client.post(f"{API}/text-searches", asked)
    address = f"{API}/text-searches/{part(found['id'])}"
    try:
        while found["state"] in ("waiting", "running"):
            time.sleep(LOOK_SECONDS)
            found = client.get(address)
            click.echo(f"\r{found['read']} of {found['of']} read", nl=False, err=True)
    except KeyboardInterrupt:
        client.delete(address)
        raise
    click.echo(err=True)
    if found["state"] != "done":
        raise Refused(f"the search is {found['state']}: begin it again")
    return found


@click.command(
    help="""One message: names, what happened, its original, what each destination got and answered. Audited.

\b
Examples:
  ayni engine show 41
  ayni engine show 41 --tree
  ayni engine show 41 --raw > original.hl7
"""
)
@click.argument("message", type=MESSAGE)
@click.option("--raw", is_flag=True, help="The bytes exactly as they came, and nothing else.")
@click.option("--tree", "as_tree", is_flag=True, help="Field by field.")
@asks(lambda answer: columns.tree(answer) if answer.get("as_tree") else columns.message(answer))
def show(client: Client, message: int, raw: bool, as_tree: bool) -> Answer:
    if raw:
        sys.stdout.buffer.write(client.raw("GET", f"{API}/messages/{message}/original"))
        click.get_current_context().exit()
    answer: Answer = client.get(f"{API}/messages/{message}")
    return answer | ({"as_tree": True} if as_tree else {})


@click.command(
    help="""Messages with their content, one JSON object a line: to a new file, or to standard output.

Takes what search takes, except a text. Content is patients': every message is written into the audit. How
to go on where there are more is said on standard error.

\b
Examples:
  ayni engine export --correlation-id QH-7M3K9XBT4D --out request.ndjson
  ayni engine export --channel intake_to_ehr --since 2h --limit 500 | jq -r .raw
  echo 99000017 | ayni engine export --document - --out messages.ndjson --json
"""
)
@filtered
@click.option("--out", type=click.Path(path_type=Path), help="A new file, made with mode 0600.")
@asks(columns.exported)
def export(client: Client, document: str, out: Path | None, **names: Any) -> Answer:
    asked = {name: value for name, value in names.items() if value not in (None, "")}
    asked |= {"document": typed(document)} if document else {}
    lines = client.raw("POST", f"{API}/messages/export", asked)
    found = [json.loads(line) for line in lines.splitlines()]
    if len(found) == names["limit"]:
        click.echo(f"older ones: --before {min(each['id'] for each in found)}", err=True)
    if out is None:
        return {"messages": found}
    _write_new(out, lines)
    return {"file": str(out), "exported": len(found)}


def _write_new(path: Path, content: bytes) -> None:
    """A file that only its owner reads, in the place of none; raises Refused."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
    except OSError as error:
        raise Refused(f"{path} was not written: {error.strerror}") from error


@click.command(
    help="""Everything that happened under one correlation id, over all channels.

\b
Example:
  ayni engine follow QH-7M3K9XBT4D
"""
)
@click.argument("correlation_id")
@asks(columns.followed)
def follow(client: Client, correlation_id: str) -> Answer:
    answer: Answer = client.get(f"{API}/follow", correlation_id=correlation_id)
    if not answer["messages"]:
        raise Refused(f"no message names {correlation_id}: check it")
    return answer


@click.command(
    help="""Whether everything that was received is somewhere: the sums of each channel and destination.

Ends with 1 when they do not come out. Reads every row of the store. The span chooses what the table counts;
the verdict is about the whole store.

\b
Examples:
  ayni engine conservation
  ayni engine conservation --channel state_to_qhali --since 1d
  ayni engine conservation --json > /mnt/elsewhere/counted-today.json
"""
)
@click.option("--channel", default="")
@click.option("--since", callback=moment, help="30m, 2h, 1d or a time.")
@click.option("--until", callback=moment, help="30m, 2h, 1d or a time.")
@asks(columns.conservation, is_well=lambda answer: bool(answer["is_kept"]))
def conservation(client: Client, **span: str | None) -> Answer:
    client.seconds_max = COUNT_SECONDS_MAX
    return dict(client.get(f"{API}/conservation", **span))


@click.command(help="What needs a person now.")
@asks(columns.alerts)
def alerts(client: Client) -> Answer:
    return dict(client.get(f"{API}/alerts"))


COMMANDS = (status, search, export, show, follow, conservation, alerts)

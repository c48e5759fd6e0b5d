"""Commands that change: stopped deliveries, sending again, stopping and starting."""

import time
from collections.abc import Callable
from typing import Any

import click

from ayni.engine.console.terminal import columns
from ayni.engine.console.terminal.asking import API, LOOK_SECONDS, MESSAGE, asks
from ayni.engine.console.terminal.client import Client, Refused, part
from ayni.engine.console.terminal.columns import Answer, Lines

FILTERS = (
    click.option("--channel", default=""),
    click.option("--destination", default=""),
    click.option("--state", type=click.Choice(["refused", "stalled"]), help="Only these."),
    click.option("--said", default="", help="Only those whose last attempt ended with exactly this."),
)


def filtered(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that choose among stopped deliveries."""
    for option in reversed(FILTERS):
        command = option(command)
    return command


@click.command(
    help="""Deliveries about which a person decides: refused and stalled.

\b
Examples:
  ayni engine stalled
  ayni engine stalled --destination qhali --state refused
  ayni engine stalled --said "value HTTP 422"
"""
)
@filtered
@click.option("--before", "before_id", type=int, help="Only messages before this number.")
@click.option("--limit", type=click.IntRange(1, 500), default=50, show_default=True)
@asks(columns.stalled)
def stalled(client: Client, **asked: object) -> Answer:
    return dict(client.get(f"{API}/stalled", **asked))


def _decision(name: str, sentence: str) -> click.Command:
    """`requeue` and `set-aside`: the same question, another answer."""

    @click.command(
        name,
        help=f"""{sentence}

Takes the numbers of messages, or with --all every delivery that the filter finds.

\b
Examples:
  ayni engine {name} 41 42
  ayni engine {name} --all --channel state_to_qhali --yes
""",
    )
    @click.argument("messages", type=MESSAGE, nargs=-1)
    @filtered
    @click.option("--all", "every", is_flag=True, help="Every stopped delivery that the filter finds.")
    @click.option("--yes", is_flag=True, help="Do not ask.")
    @asks(columns.decided)
    def decide(
        client: Client, messages: tuple[int, ...], every: bool, yes: bool, **asked: str | None
    ) -> Answer:
        if every == bool(messages):
            raise click.UsageError("give the numbers of messages, or --all")
        chosen = {option: value for option, value in asked.items() if value}
        body = _every(name, chosen, yes=yes) if every else _these(client, messages, chosen)
        return dict(client.post(f"{API}/stalled/{name}", body))

    return decide


def _every(name: str, chosen: dict[str, str], *, yes: bool) -> Answer:
    """Everything that the filter finds, once the person has said so twice."""
    if not yes:
        click.confirm(f"{name} every stopped delivery of {chosen or 'the engine'}?", abort=True, err=True)
    return chosen | {"all": True}


def _these(client: Client, messages: tuple[int, ...], chosen: dict[str, str]) -> Answer:
    """The stopped deliveries of these messages, as the interface wants them named."""
    pairs = []
    for message in messages:
        found = client.get(f"{API}/stalled", message_id=message, **chosen)["deliveries"]
        if not found:
            raise Refused(f"message {message} has no stopped delivery: see `ayni engine show {message}`")
        pairs += [{key: each[key] for key in ("message_id", "delivery_id")} for each in found]
    return {"deliveries": pairs}


@click.command(
    help="""Send a message's bytes through its channel again, as a new message.

\b
Example:
  ayni engine replay 41
"""
)
@click.argument("message", type=MESSAGE)
@asks(columns.resent)
def replay(client: Client, message: int) -> Answer:
    return dict(client.post(f"{API}/messages/{message}/replay"))


@click.command(
    help="""Change a message and send it as a new one; the old one stays as it is.

Opens the original in your editor ($EDITOR), or takes the changed content from a file. Audited.

\b
Examples:
  ayni engine edit 41
  ayni engine edit 41 --file corrected.hl7
"""
)
@click.argument("message", type=MESSAGE)
@click.option("--file", type=click.File("r", encoding="utf-8"), help="The changed content; - reads it.")
@asks(columns.resent)
def edit(client: Client, message: int, file: Any) -> Answer:
    content = file.read() if file else _edited(client.get(f"{API}/messages/{message}")["raw"])
    return dict(client.post(f"{API}/messages/{message}/edit-and-resend", {"content": content}))


def _edited(raw: str) -> str:
    """One segment a line while a person writes; the engine puts the carriage returns back."""
    text = raw.replace("\r\n", "\n").replace("\r", "\n") if raw.startswith("MSH") else raw
    changed = click.edit(text, require_save=True)
    if changed is None:
        raise Refused("nothing was saved: the message was not sent")
    return changed


NAMES = {"channel": "state_to_qhali", "destination": "qhali"}
"""Of an example."""


def _switch(
    name: str, path: str, argument: str, sentence: str, show: Callable[[Answer], Lines]
) -> click.Command:
    """A command that turns one thing and shows how it stands."""

    @click.command(name, help=f"{sentence}\n\n\b\nExample:\n  ayni engine {name} {NAMES[argument]}\n")
    @click.argument(argument)
    @asks(show)
    def switch(client: Client, **named: str) -> Answer:
        return dict(client.post(f"{API}/{path}/{part(named[argument])}/{name}"))

    return switch


@click.command(
    help="""Stop a channel and wait until nothing it took waits any more.

With --destination: pause a destination and wait until nothing is on its way to it; what it is owed waits.

\b
Examples:
  ayni engine drain state_to_qhali --seconds 600
  ayni engine drain qhali --destination
"""
)
@click.argument("name")
@click.option("--destination", "is_destination", is_flag=True, help="The name is a destination's.")
@click.option("--seconds", type=click.FloatRange(0), default=300, show_default=True, help="How long to wait.")
@asks(lambda answer: columns.channels(answer) if "channels" in answer else columns.channel(answer))
def drain(client: Client, name: str, is_destination: bool, seconds: float) -> Answer:
    return (_drained_destination if is_destination else _drained_channel)(client, name, seconds)


def _drained_channel(client: Client, name: str, seconds: float) -> Answer:
    address = f"{API}/channels/{part(name)}"
    found = _until(
        seconds,
        client.post(f"{address}/drain"),
        lambda: client.get(address),
        lambda answer: bool(answer["state"] != "draining"),
    )
    if found["state"] == "draining":
        raise Refused(f"{name} takes nothing more, but {found['queued']} still wait: see its destinations")
    return found


def _drained_destination(client: Client, name: str, seconds: float) -> Answer:
    found = _until(
        seconds,
        client.post(f"{API}/destinations/{part(name)}/drain"),
        lambda: client.get(f"{API}/channels"),
        lambda answer: not _in_hand(answer, name),
    )
    if count := _in_hand(found, name):
        raise Refused(f"{name} is paused, but {count} are still on their way: its answers are slow")
    return found


def _in_hand(answer: Answer, partner: str) -> int:
    destinations = (to for each in answer["channels"] for to in each["destinations"])
    return max((to["in_hand"] for to in destinations if to["partner"] == partner), default=0)


def _until(
    seconds: float, found: Answer, again: Callable[[], Answer], is_over: Callable[[Answer], bool]
) -> Answer:
    """The answer that says so, or the last one when the time is over."""
    until = time.monotonic() + seconds
    while not is_over(found) and time.monotonic() < until:
        time.sleep(LOOK_SECONDS)
        found = again()
    return found


COMMANDS = (
    stalled,
    _decision("requeue", "Send stopped deliveries again, in their order."),
    _decision("set-aside", "Let lanes go on without stopped deliveries."),
    replay,
    edit,
    drain,
    _switch("start", "channels", "channel", "Let a channel take messages.", columns.channel),
    _switch(
        "stop", "channels", "channel", "A channel takes no more; what it took is delivered.", columns.channel
    ),
    _switch("deploy", "channels", "channel", "Run what stands in a channel's folder now.", columns.deployed),
    _switch("pause", "destinations", "destination", "Hold what a destination is owed.", columns.channels),
    _switch(
        "resume",
        "destinations",
        "destination",
        "Send a paused destination what it is owed.",
        columns.channels,
    ),
)

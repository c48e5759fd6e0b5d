"""What every command that asks a running engine has: an address, an account, and lines or JSON as answer."""

import functools
import os
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click
import msgspec

from ayni.engine.console.terminal.client import Client, account_in
from ayni.engine.console.terminal.columns import Answer, Lines
from ayni.wire.clock import LIMA
from ayni.wire.settings import Environment, SettingError

API = "/api/v1"
NOT_WELL = 1
LOOK_SECONDS = 0.3
"""Between two looks at something that takes its time."""


def asks(
    show: Callable[[Answer], Lines], *, is_well: Callable[[Answer], bool] = lambda _: True
) -> Callable[[Callable[..., Answer]], Callable[..., None]]:
    """A command that asks a running engine: its address, its account, and lines or JSON as answer.

    It ends with 1 when the answer was given and is not well.
    """

    def wrap(command: Callable[..., Answer]) -> Callable[..., None]:
        @click.option("--url", help="The engine's console. [default: as AYNI_HOST and AYNI_ENGINE_PORT say]")
        @click.option(
            "--account",
            type=click.Path(dir_okay=False, path_type=Path),
            help="A file with user and password. [default: the first account, in the engine's data folder]",
        )
        @click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
        @functools.wraps(command)
        def asking(url: str | None, account: Path | None, as_json: bool, **named: Any) -> None:
            answer = command(_client(url, account), **named)
            if as_json:
                click.echo(msgspec.json.format(msgspec.json.encode(answer)).decode())
            else:
                for line in show(answer):
                    click.echo(line)
            if not is_well(answer):
                sys.exit(NOT_WELL)

        return asking

    return wrap


def _client(url: str | None, account: Path | None) -> Client:
    environment = Environment(os.environ)
    try:
        host, port = environment.text("AYNI_HOST"), environment.port("AYNI_ENGINE_PORT")
    except SettingError as error:
        raise click.UsageError(str(error)) from error
    file = account or environment.folder("engine") / "operator-account.txt"
    return Client(url or f"http://{host}:{port}", *account_in(file))


class _MessageNumber(click.ParamType[int]):
    """A message's number, as lists show it."""

    name = "message"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if not str(value).isdecimal():
            self.fail(f"{value} is not a message's number: `ayni engine search` lists them", param, ctx)
        return int(value)


MESSAGE = _MessageNumber()


def moment(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    """`30m`, `2h`, `1d` before now, or a time of ISO 8601."""
    if value is None:
        return None
    units = {"m": "minutes", "h": "hours", "d": "days"}
    if value[:-1].isdecimal() and value[-1:] in units:
        ago = timedelta(**{units[value[-1]]: int(value[:-1])})
        return (datetime.now(LIMA) - ago).isoformat(timespec="seconds")
    try:
        return datetime.fromisoformat(value).isoformat()
    except ValueError as error:
        raise click.BadParameter("write 30m, 2h, 1d or a time such as 2026-11-23T09:30") from error


def typed(value: str) -> str:
    """A value, or the first line of standard input for `-`: a shell keeps what is written on its lines."""
    return sys.stdin.readline().strip() if value == "-" else value

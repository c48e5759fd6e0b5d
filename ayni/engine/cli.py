"""`ayni engine …`: the engine itself, and everything its console can do, from a terminal.

Ends with 0 when it was done, 1 when it was refused or not found, 2 for a wrong use, 3 when no engine answers.
"""

import json
import sys
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import click

from ayni.engine.console.terminal import deciding, holding, keeping, looking

ELSEWHERE = {
    "test": ("ayni.engine.tooling.commands", "test_channels"),
    "check": ("ayni.engine.tooling.commands", "check_channels"),
    "new-channel": ("ayni.engine.tooling.commands", "new_channel"),
    "bench": ("ayni.engine.bench.command", "bench"),
}
"""Commands that ask no running engine; their modules are imported when one is used."""


class EngineGroup(click.Group):
    """The commands below and those of ELSEWHERE. With `--json` a program reads also what went wrong."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.obj = "--json" in args
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except click.ClickException as error:
            if not ctx.obj:
                raise
            code = "wrong-use" if isinstance(error, click.UsageError) else getattr(error, "code", "refused")
            click.echo(json.dumps({"error": {"code": code, "text": error.format_message()}}))
            ctx.exit(error.exit_code)

    def list_commands(self, ctx: click.Context) -> list[str]:
        there = (name for name, (module, _) in ELSEWHERE.items() if find_spec(module.rpartition(".")[0]))
        return sorted([*super().list_commands(ctx), *there])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in ELSEWHERE:
            return super().get_command(ctx, cmd_name)
        module, name = ELSEWHERE[cmd_name]
        command: click.Command = getattr(import_module(module), name)
        return command


@click.group(cls=EngineGroup, context_settings={"help_option_names": ["-h", "--help"]})
def engine() -> None:
    """The integration engine: run it, look into it, decide, and work on its channels."""


@engine.command()
def serve() -> None:
    """The engine alone, configured by the environment."""
    # structlog would bring it along where it is installed, for coloured tracebacks that nobody sees here
    sys.modules.setdefault("rich", None)  # type: ignore[arg-type]
    from ayni.engine.process import main

    main()


for each in (*looking.COMMANDS, *deciding.COMMANDS, *holding.COMMANDS, *keeping.COMMANDS):
    engine.add_command(each)

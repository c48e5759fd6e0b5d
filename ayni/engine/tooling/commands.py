"""The engineer's commands for channels: `ayni engine test`, `check` and `new-channel`.

What they need is imported when one of them runs: the `ayni` command shall answer at once.
"""

import asyncio
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from ayni.wire.failure import CannotStart

if TYPE_CHECKING:
    from ayni.engine.tooling.scaffolding import NewChannel

TEST_HELP = """
Runs every sample of the channels in FOLDER, or of those named, without server or network.

Shows what is not as expected, field by field, and ends with 1 when anything is. With --update what came
becomes what is expected: read the changes before you keep them. A sample that runs longer than --seconds is
told with the line where it was.

\b
Examples:
  ayni engine test channels
  ayni engine test channels intake_to_ehr --update
  ayni engine test channels/intake_to_ehr --json
"""

CHECK_HELP = """
Checks the channels in FOLDER as the engine does before it starts: declarations, settings, samples, imports.
A channel's own folder means that one, among the channels beside it.

A line for each finding, with what to do about it. Ends with 1 when there is an error; with --strict a
warning is enough. Settings are those of the environment.

\b
Examples:
  ayni engine check channels
  ayni engine check channels --strict --json
  ayni engine check channels/intake_to_ehr
"""

NEW_HELP = """
Makes a channel that works: its folder with channel.py, README.md, two samples and their test.

\b
Examples:
  ayni engine new-channel lab_results
  ayni engine new-channel lab_results --from mllp --to fhir
  ayni engine new-channel daily_report --from timer --to file --in channels --json
"""

KINDS_FROM = ("mllp", "fhir", "http", "file", "sql", "channel", "timer")
KINDS_TO = ("mllp", "fhir", "http", "file", "sql", "mail")
EXISTING = click.Path(exists=True, file_okay=False, path_type=Path)


def _channels() -> str:
    """The folder of channels that the engine would take."""
    return os.environ.get("AYNI_CHANNELS") or "channels"


FOLDER = click.argument("folder", default=_channels, type=EXISTING)
JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")


@click.command("test", help=TEST_HELP)
@FOLDER
@click.argument("names", nargs=-1)
@click.option("--update", is_flag=True, help="Make what came what is expected.")
@click.option(
    "--seconds",
    "seconds_max",
    type=click.FloatRange(0.01, 3600),
    default=10,
    show_default=True,
    help="How long one sample may run.",
)
@JSON
def test_channels(
    folder: Path, names: tuple[str, ...], update: bool, seconds_max: float, as_json: bool
) -> None:
    from ayni.engine.tooling.report import as_data, lines_of, summary_of
    from ayni.engine.tooling.running import folders_in, try_channel

    started = time.perf_counter()
    with _one_line_errors():
        folders = folders_in(folder, names)
    trials = []
    for each in folders:
        trials.append(try_channel(each, update=update, seconds_max=seconds_max, progress=_show_progress))
        _clear_progress()
        if not as_json:
            click.echo("\n".join(lines_of(trials[-1])))
    seconds = time.perf_counter() - started
    click.echo(_json(as_data(trials, seconds)) if as_json else summary_of(trials, seconds))
    raise SystemExit(0 if trials and all(each.is_as_expected for each in trials) else 1)


@click.command("check", help=CHECK_HELP)
@FOLDER
@click.option("--strict", is_flag=True, help="End with 1 for a warning too.")
@JSON
def check_channels(folder: Path, strict: bool, as_json: bool) -> None:
    from ayni.engine.tooling.checking import check
    from ayni.wire.settings import Environment

    async def in_a_loop() -> list[Any]:  # where connectors are opened by the engine
        return check(folder, Environment(os.environ))

    with _one_line_errors():
        found = asyncio.run(in_a_loop())
    counts = {level: sum(each.level == level for each in found) for level in ("error", "warning", "info")}
    said = " · ".join(f"{level}: {count}" for level, count in counts.items())
    click.echo(
        _json({"counts": counts, "findings": found}) if as_json else "\n".join([*map(str, found), said])
    )
    raise SystemExit(1 if counts["error"] or (strict and counts["warning"]) else 0)


@click.command("new-channel", help=NEW_HELP)
@click.argument("name")
@click.option("--from", "source", type=click.Choice(KINDS_FROM), default="http", show_default=True)
@click.option("--to", "destination", type=click.Choice(KINDS_TO), default="http", show_default=True)
@click.option("--in", "folder", default=_channels, type=EXISTING, help="The folder of channels.")
@JSON
def new_channel(name: str, source: str, destination: str, folder: Path, as_json: bool) -> None:
    from ayni.engine.tooling import scaffolding
    from ayni.wire.settings import Environment

    with _one_line_errors():
        made = scaffolding.new_channel(
            folder, name, source=source, destination=destination, environment=Environment(os.environ)
        )
    said = f"made {made.folder}: try it with `ayni engine test {made.folder}`, then change it"
    click.echo(_json(_made_as_data(made)) if as_json else said)


def _made_as_data(made: "NewChannel") -> dict[str, Any]:
    return {"channel": made.folder.name, "folder": str(made.folder), "files": made.files, "port": made.port}


@contextmanager
def _one_line_errors() -> Iterator[None]:
    try:
        yield
    except CannotStart as error:
        raise click.ClickException(str(error)) from error


def _show_progress(channel: str, number: int, count: int) -> None:
    """One line that is written over, for a person who looks on."""
    if sys.stderr.isatty():
        click.echo(f"\r{channel}: {number} of {count}\x1b[K", nl=False, err=True)


def _clear_progress() -> None:
    if sys.stderr.isatty():
        click.echo("\r\x1b[K", nl=False, err=True)


def _json(data: object) -> str:
    return msgspec.json.format(msgspec.json.encode(data), indent=2).decode()

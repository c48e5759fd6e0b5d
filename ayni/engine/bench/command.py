"""`ayni engine bench`: one cell of the benchmark, for people and for programs."""

from pathlib import Path

import click
import msgspec

from ayni.engine.bench.cell import CHANNELS, cell
from ayni.engine.bench.processes import CannotMeasure

EXAMPLES = """
Measures MLLP → transform → MLLP on this machine, both legs synced before the answer.

Beside it, in the same run: the MLLP echo without a store, and the store alone.

\b
Examples:
  ayni engine bench --connections 64 --seconds 20
  ayni engine bench --connections 1 --seconds 10 --json
"""

SHOWN = (
    "connections",
    "messages_per_second",
    "p50_ms",
    "p99_ms",
    "echo_per_second",
    "store_per_second",
    "ratio_to_echo",
)


@click.command(help=EXAMPLES)
@click.option("--connections", default=64, show_default=True, type=click.IntRange(1, 200))
@click.option("--seconds", default=10.0, show_default=True, type=click.FloatRange(1, 600))
@click.option(
    "--channels",
    default=CHANNELS,
    show_default=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder of the channel that is measured.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def bench(connections: int, seconds: float, channels: Path, *, as_json: bool) -> None:
    try:
        measured = cell(
            connections, seconds, channels=channels, say=lambda what: click.echo(f"  {what} …", err=True)
        )
    except CannotMeasure as error:
        raise click.ClickException(str(error)) from error
    found = {name: measured[name] for name in SHOWN}
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
        return
    for name, value in found.items():
        click.echo(f"{name.replace('_', ' '):22} {value:>12,}")

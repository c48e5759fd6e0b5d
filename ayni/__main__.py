"""The `ayni` command: the only module that may import every system, each only when it is asked for."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import click

from ayni.wire.failure import CannotStart
from ayni.wire.settings import SETTINGS, SettingError

USAGE = 2
PORT_MAX = 65535
UP_LINK_PROBE_SECONDS_MAX = "15"
"""Who plays with the systems and starts one again looks on; nobody does for five minutes."""
SETTING = {setting.name: setting for setting in SETTINGS}

UP_EXAMPLES = """
Starts QHALI, the integration engine and oneVisionCax as three processes on this machine.

Ctrl-C stops all three. Their data stay in the folder given by --var. One that ends leaves the others
running, and is started again when you press Enter.

\b
Examples:
  ayni up
  ayni up --qhali-port 9001 --onevision-port 9002
  AYNI_VAR=/tmp/ayni ayni up
"""

RUN_EXAMPLES = """
Starts the three systems on free ports in a temporary folder and plays every scenario.

Exits with 0 only if all of them pass. A failing one says which step failed, and its folder is kept.

\b
Examples:
  ayni exercise run
  ayni exercise run --json evidence.json
"""

Command = Callable[..., None]


@contextmanager
def _one_line_errors() -> Iterator[None]:
    """What the person at the terminal can put right is said in one line, without a traceback."""
    from ayni.exercise.processes import SystemFailed
    from ayni.exercise.systems import PortTaken

    try:
        yield
    except SettingError as error:
        raise click.UsageError(str(error)) from error
    except (PortTaken, SystemFailed, CannotStart) as error:
        raise click.ClickException(str(error)) from error


def _port_options(command: Command) -> Command:
    """An option for each port, with its environment variable and start value."""
    for name in reversed([name for name in SETTING if name.endswith("_PORT")]):
        command = click.option(
            "--" + name.removeprefix("AYNI_").lower().replace("_", "-"),
            name,
            envvar=name,
            type=click.IntRange(1, PORT_MAX),
            default=int(SETTING[name].default),
            show_default=True,
            show_envvar=True,
            help=SETTING[name].meaning,
        )(command)
    return command


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="ayni")
def main() -> None:
    """Ayni: a citizen's words reach the health record, and the answer comes back."""


@main.command(help=UP_EXAMPLES)
@_port_options
@click.option(
    "--var",
    "AYNI_VAR",
    envvar="AYNI_VAR",
    default="var",
    show_default=True,
    show_envvar=True,
    help=SETTING["AYNI_VAR"].meaning,
)
@click.option(
    "--link-probe-seconds-max",
    "AYNI_LINK_PROBE_SECONDS_MAX",
    envvar="AYNI_LINK_PROBE_SECONDS_MAX",
    default=UP_LINK_PROBE_SECONDS_MAX,
    show_default=True,
    show_envvar=True,
    help=SETTING["AYNI_LINK_PROBE_SECONDS_MAX"].meaning,
)
def up(**settings: Any) -> None:
    from ayni.exercise.up import up as start_and_watch

    with _one_line_errors():
        start_and_watch({name: str(value) for name, value in settings.items()})


@main.group()
def exercise() -> None:
    """Plays the scenarios against the three systems."""


@exercise.command("run", help=RUN_EXAMPLES)
@click.option(
    "--json",
    "evidence",
    type=click.File("wb", lazy=False),
    help="Write the evidence to this file.",
)
def exercise_run(evidence: BinaryIO | None) -> None:
    from ayni.exercise.run import run

    with _one_line_errors():
        passed = run(evidence)
    raise SystemExit(0 if passed else 1)


@main.command()
def qhali() -> None:
    """QHALI alone, configured by the environment."""
    from ayni.qhali.process import main as serve

    serve()


@main.command()
def onevision() -> None:
    """oneVisionCax alone, configured by the environment."""
    from ayni.onevision.process import main as serve

    serve()


@main.group()
def engine() -> None:
    """The integration engine."""


@engine.command("serve")
def engine_serve() -> None:
    """The engine alone, configured by the environment."""
    from ayni.engine.process import main as serve

    serve()


if __name__ == "__main__":
    main(prog_name="ayni")

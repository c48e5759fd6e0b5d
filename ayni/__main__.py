"""The `ayni` command: the only module that may import every system, each only when it is asked for."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from importlib import import_module
from pathlib import Path
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

CHAT_HELP = """
A conversation with QHALI in this terminal, without a network and without a language model.

Nothing is kept unless the request is sent at the end. That needs a QHALI with its data in AYNI_VAR: its
sender takes the request along. AYUDA helps, BAJA or Ctrl-C ends.

\b
Examples:
  ayni qhali chat
  printf '1\\ntengo tos desde ayer\\n' | ayni qhali chat
  AYNI_VAR=/tmp/ayni ayni qhali chat
"""

SMS_HELP = """
What an SMS gateway would carry between QHALI and one telephone: a simulator, nothing is sent anywhere.

Each line in is one message of the citizen, each line out one SMS: part/parts, alphabet, size, text. A part
holds 160 characters of GSM-7 or 70 of UCS-2, less when there are several. A digit chooses an answer, AYUDA
helps, BAJA or STOP ends and erases. The request is sent as by `ayni qhali chat`.

\b
Examples:
  ayni qhali sms
  printf 'hola\\n1\\ntengo tos desde ayer\\nBAJA\\n' | ayni qhali sms
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


ELSEWHERE = {"engine": "ayni.engine.cli", "terminology": "ayni.commands.terminology"}
"""Groups of commands with a module of their own, which is read when one is asked for."""


class Systems(click.Group):
    """The group below, with those of ELSEWHERE."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), *ELSEWHERE])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in ELSEWHERE:
            return super().get_command(ctx, cmd_name)
        group: click.Command = getattr(import_module(ELSEWHERE[cmd_name]), cmd_name)
        return group


@click.group(cls=Systems, context_settings={"help_option_names": ["-h", "--help"]})
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


@main.group(invoke_without_command=True)
@click.pass_context
def qhali(context: click.Context) -> None:
    """QHALI alone, configured by the environment."""
    if context.invoked_subcommand is None:
        from ayni.qhali.process import main as serve

        serve()


@qhali.command("evaluate")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option(
    "--json", "figures_file", type=click.Path(path_type=Path), help="Write the figures to this file."
)
@click.option("--errors", "with_errors", is_flag=True, help="Name every case that went wrong.")
@click.option(
    "--predictions",
    "predictions_file",
    type=click.Path(path_type=Path),
    help="Write what was made of each case to this file, one JSON line each.",
)
@click.option("--model", "model_address", default="", help="Let this language model listen too: URL#name.")
@click.option(
    "--model-key",
    "key_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The file of the model's key.",
)
def qhali_evaluate(
    files: tuple[Path, ...],
    figures_file: Path | None,
    with_errors: bool,
    predictions_file: Path | None,
    model_address: str,
    key_file: Path | None,
) -> None:
    """Plays written cases against the assistant: ayni qhali evaluate evaluations/*/*.jsonl --errors"""
    from ayni.qhali.evaluation.cases import InvalidCase
    from ayni.qhali.evaluation.command import evaluate
    from ayni.qhali.models import open_language_model

    try:
        with open_language_model(model_address, key_file, setting="--model") or nullcontext() as model:
            for line in evaluate(
                files,
                figures_file=figures_file,
                predictions_file=predictions_file,
                with_errors=with_errors,
                model=model,
            ):
                click.echo(line)
    except (InvalidCase, CannotStart) as error:
        raise click.ClickException(str(error)) from error


@qhali.command("model-card")
@click.argument("documents", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--figures",
    "figures_files",
    multiple=True,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file that `evaluate --json` wrote; its name heads its column.",
)
def qhali_model_card(documents: tuple[Path, ...], figures_files: tuple[Path, ...]) -> None:
    """Writes the figures into documents: ayni qhali model-card docs/qhali/model-card.md --figures dev.json"""
    from ayni.qhali.evaluation.cards import NoPlaceForFigures, rewrite

    try:
        for document in documents:
            rewrite(document, figures_files)
    except NoPlaceForFigures as error:
        raise click.ClickException(str(error)) from error


@qhali.command("chat", help=CHAT_HELP)
def qhali_chat() -> None:
    from ayni.qhali.terminal.chat import chat

    _converse(chat)


@qhali.command("sms", help=SMS_HELP)
def qhali_sms() -> None:
    from ayni.qhali.terminal.sms import sms

    _converse(sms)


def _converse(carry: Callable[..., Iterator[str]]) -> None:
    from ayni.qhali.terminal.lines import INTERRUPTED, typed_lines
    from ayni.qhali.terminal.sending import open_sending

    with _one_line_errors(), open_sending() as (now, sending):
        try:
            for text in carry(typed_lines(), now=now, sending=sending):
                click.echo(text)
        except KeyboardInterrupt:
            click.echo(INTERRUPTED)


@qhali.group()
def outbox() -> None:
    """The requests that QHALI could not hand to the engine."""


@outbox.command("list")
def outbox_list() -> None:
    """What waits and what was refused, oldest first; names no patient."""
    from ayni.qhali.outbox import line, unsettled

    with _one_line_errors():
        for row in unsettled():
            click.echo(line(row))


@outbox.command("send-again")
@click.argument("event_key")
def outbox_send_again(event_key: str) -> None:
    """Sends a refused one again, for example: ayni qhali outbox send-again QH-7M3K9XBT4D.Q001"""
    from ayni.qhali.outbox import send_again

    with _one_line_errors():
        if not send_again(event_key):
            raise click.ClickException(f"no refused row {event_key}; see: ayni qhali outbox list")


@main.group(invoke_without_command=True)
@click.pass_context
def onevision(context: click.Context) -> None:
    """oneVisionCax alone, configured by the environment."""
    if context.invoked_subcommand is None:
        from ayni.onevision.process import main as serve

        serve()


@onevision.group()
def account() -> None:
    """The accounts of staff."""


@account.command("add")
@click.argument("name")
@click.option("--role", required=True, type=click.Choice(["admision", "enfermeria", "medicina", "jefatura"]))
def account_add(name: str, role: str) -> None:
    """Makes an account and asks for its password: ayni onevision account add rosa --role admision"""
    from ayni.onevision.accounts.account import add_account

    with _one_line_errors():
        add_account(name, role)


if __name__ == "__main__":
    main(prog_name="ayni")

"""`python -m chaos`: the long forms. The exit code is 0 only where nothing was found."""

import asyncio
import random
import sys
from collections.abc import Callable

import click

from chaos import campaigns, fuzzing, mutations
from chaos.outcome import Outcome
from chaos.report import progress, save, say

ALL_EXAMPLES = """
Kills, power cuts, failing calls, lying peers and clock jumps, one after the other: at most 40 minutes on
two cores. Each writes var/chaos/<name>.json.

\b
Examples:
  python -m chaos all
  python -m chaos all --long
  python -m chaos kills --count 200 --seed 7
"""


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Breaks the engine on purpose and says whether anything was lost, moved or made up."""


def _finish(name: str, outcome: Outcome) -> bool:
    report = save(name, outcome)
    say(report)
    return outcome.is_clean


def _campaign(name: str) -> click.Command:
    @click.option("--count", default=campaigns.COUNTS[name], show_default=True, help="How many.")
    @click.option("--seed", default=None, type=int, help="The same seed draws the same blows.")
    def command(count: int, seed: int | None) -> None:
        drawn = random.randrange(1 << 30) if seed is None else seed  # noqa: S311 - draws blows
        outcome = asyncio.run(campaigns.run(name, count, drawn))
        outcome.counts["seed"] = drawn
        sys.exit(0 if _finish(name, outcome) else 1)

    return click.command(name, help=campaigns.CAMPAIGNS[name].__doc__)(command)


for each in campaigns.CAMPAIGNS:
    main.add_command(_campaign(each))


@main.command("all", help=ALL_EXAMPLES)
@click.option("--long", "is_long", is_flag=True, help="Ten times as many, with fuzzers and mutations: hours.")
@click.option("--seed", default=1, show_default=True, help="The same seed draws the same blows.")
def run_all(is_long: bool, seed: int) -> None:
    counts = campaigns.LONG_COUNTS if is_long else campaigns.COUNTS
    clean = [_finish(name, asyncio.run(campaigns.run(name, count, seed))) for name, count in counts.items()]
    if is_long:
        clean += [_finish("fuzz", fuzz_all(fuzzing.LONG_SECONDS)), _finish("mutations", mutate_all())]
    sys.exit(0 if all(clean) else 1)


@main.command("fuzz")
@click.option("--seconds", default=60, show_default=True, help="For each target.")
def fuzz(seconds: int) -> None:
    """Coverage-guided bytes for the frame reader and the HL7 parser; needs the package atheris."""
    sys.exit(0 if _finish("fuzz", fuzz_all(seconds)) else 1)


@main.command("mutations")
@click.option("--only", default="", help="One mutation, by a part of its name.")
def mutate(only: str) -> None:
    """Breaks copies of the engine, one way after the other; the short tests must notice each."""
    sys.exit(0 if _finish("mutations", mutate_all(only)) else 1)


def fuzz_all(seconds: int) -> Outcome:
    """Every target, one after the other."""
    return _told("fuzz", lambda outcome: fuzzing.run(outcome, seconds))


def mutate_all(only: str = "") -> Outcome:
    """Every mutation, or those whose name has a part."""
    return _told("mutations", lambda outcome: mutations.run(outcome, only))


def _told(name: str, work: Callable[[Outcome], None]) -> Outcome:
    outcome = Outcome(say=progress(name))
    work(outcome)
    return outcome


if __name__ == "__main__":
    main(prog_name="python -m chaos")

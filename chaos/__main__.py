"""`python -m chaos`: the long forms. The exit code is 0 only where nothing was found."""

import asyncio
import math
import random
import sys
from collections.abc import Callable

import click

from chaos import campaigns, fuzzing, mutations
from chaos.outcome import Outcome
from chaos.report import Report, progress, save, say, summary

ALL_EXAMPLES = """
Kills, power cuts, failing calls, lying peers, clock jumps and a database that goes away, one after the
other: at most 40 minutes on two cores. Each writes var/chaos/<name>.json, and all together
var/chaos/all.json.

With --long ten times as many, the fuzzers and the mutations; each of them ends after --minutes, whatever
is left, and says so: at most ten hours.

\b
Examples:
  python -m chaos all
  python -m chaos all --long
  python -m chaos all --long --minutes 2
  python -m chaos kills --count 200 --seed 7
"""
FUZZ_SECONDS_MAX = 1_200


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Breaks the engine on purpose and says whether anything was lost, moved or made up."""


def _finish(name: str, outcome: Outcome) -> Report:
    report = save(name, outcome)
    say(report)
    return report


def _campaign(name: str) -> click.Command:
    @click.option("--count", default=campaigns.COUNTS[name], show_default=True, help="How many.")
    @click.option("--seed", default=None, type=int, help="The same seed draws the same blows.")
    def command(count: int, seed: int | None) -> None:
        drawn = random.randrange(1 << 30) if seed is None else seed  # noqa: S311 - draws blows
        outcome = asyncio.run(campaigns.run(name, count, drawn))
        outcome.counts["seed"] = drawn
        sys.exit(0 if _finish(name, outcome)["clean"] else 1)

    return click.command(name, help=campaigns.CAMPAIGNS[name].__doc__)(command)


for each in campaigns.CAMPAIGNS:
    main.add_command(_campaign(each))


@main.command("all", help=ALL_EXAMPLES)
@click.option("--long", "is_long", is_flag=True, help="Ten times as many, with fuzzers and mutations.")
@click.option("--minutes", default=60.0, show_default=True, help="With --long: for each of them.")
@click.option("--seed", default=1, show_default=True, help="The same seed draws the same blows.")
def run_all(is_long: bool, minutes: float, seed: int) -> None:
    counts = campaigns.LONG_COUNTS if is_long else campaigns.COUNTS
    seconds_max = minutes * 60 if is_long else math.inf
    reports = [
        _finish(name, asyncio.run(campaigns.run(name, count, seed, seconds_max=seconds_max)))
        for name, count in counts.items()
    ]
    if is_long:
        seconds = min(FUZZ_SECONDS_MAX, int(seconds_max / len(fuzzing.TARGETS)))
        reports += [
            _finish("fuzz", fuzz_all(seconds)),
            _finish("mutations", mutate_all(seconds_max=seconds_max)),
        ]
    summary("long" if is_long else "all", reports)
    sys.exit(0 if all(report["clean"] for report in reports) else 1)


@main.command("fuzz")
@click.option("--seconds", default=60, show_default=True, help="For each target.")
def fuzz(seconds: int) -> None:
    """Coverage-guided bytes for the frame reader and the HL7 parser; needs the package atheris."""
    sys.exit(0 if _finish("fuzz", fuzz_all(seconds))["clean"] else 1)


@main.command("mutations")
@click.option("--only", default="", help="One mutation, by a part of its name.")
def mutate(only: str) -> None:
    """Breaks copies of the engine, one way after the other; the short tests must notice each."""
    sys.exit(0 if _finish("mutations", mutate_all(only))["clean"] else 1)


def fuzz_all(seconds: int) -> Outcome:
    """Every target, one after the other."""
    return _told("fuzz", lambda outcome: fuzzing.run(outcome, seconds))


def mutate_all(only: str = "", *, seconds_max: float = math.inf) -> Outcome:
    """Every mutation, or those whose name has a part."""
    return _told("mutations", lambda outcome: mutations.run(outcome, only), seconds_max=seconds_max)


def _told(name: str, work: Callable[[Outcome], None], *, seconds_max: float = math.inf) -> Outcome:
    outcome = Outcome(say=progress(name), seconds_max=seconds_max)
    work(outcome)
    return outcome


if __name__ == "__main__":
    main(prog_name="python -m chaos")

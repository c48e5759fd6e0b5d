"""How fast is the engine, and what bounds it? One run, so that every figure is of the same busy machine.

`make bench`, or `.venv/bin/python benchmarks/engine.py`: every cell, in under an hour, into
benchmarks/results/<date>-<commit>.json and .md. A run that was broken off goes on where it stopped.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from backlog import backlog, idle
from limits import syncs
from relay import relay, relay_by_two, relay_in_postgresql
from results import RESULTS, ROOT, Results
from startup import ready
from stored import cost_with_stored

CONNECTIONS = (1, 4, 16, 64)
Figures = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Scale:
    """How much of everything."""

    seconds: float
    queued: int
    channels: int
    tries: int
    stored: tuple[int, ...]


FULL = Scale(seconds=20.0, queued=1_000_000, channels=100, tries=5, stored=(0, 1_000_000, 10_000_000))
SHORT = Scale(seconds=0.5, queued=500, channels=5, tries=1, stored=(0, 5_000))
"""A minute: shows that every cell works, and measures nothing."""


def cells(scale: Scale) -> dict[str, Callable[[], Figures]]:
    """All cells that stand alone, in their order."""
    found: dict[str, Callable[[], Figures]] = {"syncs": syncs}
    for count in CONNECTIONS:
        found[f"relay-{count}"] = partial(relay, count, scale.seconds)
    for count in (CONNECTIONS[0], CONNECTIONS[-1]):
        found[f"postgresql-{count}"] = partial(relay_in_postgresql, count, scale.seconds)
    return found | {
        "two-engines": partial(relay_by_two, CONNECTIONS[-1], scale.seconds),
        "startup": partial(ready, scale.channels, scale.tries),
        "idle": idle,
        "backlog": partial(backlog, scale.queued),
    }


def measured(scale: Scale, wanted: Callable[[str], bool]) -> Iterator[tuple[str, Figures]]:
    """Each wanted cell with its figures, as soon as they are there."""
    for name, measure in cells(scale).items():
        if wanted(name):
            yield name, observed(measure)
    stored = [count for count in scale.stored if wanted(f"stored-{count}")]
    growing = cost_with_stored(stored, scale.seconds)
    for count in stored:
        figures = observed(lambda: next(growing, {}))
        yield f"stored-{count}", figures
        if "skipped" in figures:
            return


def observed(measure: Callable[[], Figures]) -> Figures:
    """The figures, and how many cores the rest of the machine used meanwhile."""
    began, busy, own = time.monotonic(), _busy_seconds(), _own_seconds()
    figures = measure()
    others = (_busy_seconds() - busy) - (_own_seconds() - own)
    return figures | {"other_cores": round(max(0.0, others / (time.monotonic() - began)), 2)}


def _busy_seconds() -> float:
    """Processor time of the whole machine: user, nice, system, interrupts; and what the host took from it."""
    fields = Path("/proc/stat").read_text("ascii").splitlines()[0].split()[1:]
    user, nice, system, _, _, irq, softirq, stolen = map(int, fields[:8])
    return (user + nice + system + irq + softirq + stolen) / os.sysconf("SC_CLK_TCK")


def _own_seconds() -> float:
    """Of this process and all it started and that has ended."""
    return sum(os.times()[:4])


def main() -> None:
    """Reads the options, measures what is wanted and not there yet, writes the results down."""
    given = _options()
    (ROOT / "var").mkdir(exist_ok=True)
    scale = SHORT if given.short else FULL
    results = Results(ROOT / "var" / "bench-short" if given.short else RESULTS)

    def wanted(name: str) -> bool:
        is_asked = not given.only or any(name == each or name.startswith(f"{each}-") for each in given.only)
        if is_asked and not (given.anew or given.short) and name in results:
            print(f"{name}: measured before, kept (--anew measures it again)", flush=True)
            return False
        return is_asked

    _measure(measured(scale, wanted), results)


def _measure(found: Iterable[tuple[str, Figures]], results: Results) -> None:
    began = time.monotonic()
    for name, figures in found:
        results.keep(name, figures)
        print(f"{name}  ({(time.monotonic() - began) / 60:.1f} min)", flush=True)
        for title, value in figures.items():
            print(f"  {title:32} {json.dumps(value)}", flush=True)
    print(f"written to {results.path.relative_to(ROOT)} and .md")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = [*cells(FULL), *(f"stored-{count}" for count in FULL.stored)]
    parser.add_argument(
        "--only", nargs="+", metavar="CELL", help=f"of: {', '.join(names)}; `relay` is all relay-…"
    )
    parser.add_argument("--anew", action="store_true", help="measure again what this commit has results of")
    parser.add_argument("--short", action="store_true", help="a form of a minute, for trying it")
    return parser.parse_args()


if __name__ == "__main__":
    main()

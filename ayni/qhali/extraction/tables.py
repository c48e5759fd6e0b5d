"""The tables of this package: CSV rows, and phrases under headings ("= fever")."""

import csv
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from ayni.qhali.extraction.phrases import Step, step


def data(*names: str) -> Traversable:
    """A file or folder of the package's data."""
    return files("ayni.qhali.extraction").joinpath("data", *names)


def read_table(name: str) -> list[dict[str, str]]:
    """The rows of one of this package's CSV tables."""
    return list(csv.DictReader(data(name).read_text("utf-8").splitlines()))


def headed_lines(table: Traversable) -> Iterator[tuple[str, str]]:
    """(heading, line) for every line that is neither empty, a comment nor a heading."""
    heading = ""
    for line in table.read_text("utf-8").splitlines():
        if line.startswith("= "):
            heading = line.removeprefix("= ").strip()
        elif line.strip() and not line.startswith("#"):
            yield heading, line.strip()


@cache
def families() -> dict[str, tuple[str, ...]]:
    """The families of words that phrases name with @."""
    lines = data("families.txt").read_text("utf-8").splitlines()
    rows = (line.split(" = ") for line in lines if " = " in line and not line.startswith("#"))
    return {name.strip(): tuple(words.split()) for name, words in rows}


@cache
def family(name: str) -> Step:
    """One family as a step, to ask of a word whether it belongs to it."""
    return step("|".join(_members(name)))


def _members(name: str) -> Iterator[str]:
    for word in families()[name]:
        if word.startswith("@"):
            yield from _members(word.removeprefix("@"))
        elif "_" not in word:
            yield word

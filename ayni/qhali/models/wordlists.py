"""The word lists of this package: headings with words, or with phrases between bars."""

from functools import cache
from importlib.resources import files


@cache
def words_under(table: str, heading: str) -> frozenset[str]:
    """The words below a heading of a table."""
    return frozenset(_below(table, heading).split())


@cache
def phrases_under(table: str, heading: str) -> tuple[tuple[str, ...], ...]:
    """The phrases below a heading, each as its words, the longest first."""
    phrases = (tuple(phrase.split()) for phrase in _below(table, heading).split("|"))
    return tuple(sorted(filter(None, phrases), key=len, reverse=True))


def _below(table: str, heading: str) -> str:
    text = files("ayni.qhali.models").joinpath("data", table).read_text("utf-8")
    _, _, rest = text.partition(f"\n= {heading}\n")
    lines = rest.partition("\n= ")[0].splitlines()
    return " ".join(line for line in lines if not line.startswith("#"))

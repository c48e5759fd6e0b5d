"""The symbols of UCUM, from `units.tsv`: which take a prefix, and how many of another unit they are.

A unit without a size is a measure of its own: `[iU]` is compared with `k[iU]`, never with `g`.
"""

from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

_FILE: Final = Path(__file__).with_name("units.tsv")


class Symbol(NamedTuple):
    """`number` of `unit`; None and "" for a measure of its own."""

    takes_prefix: bool
    number: Fraction | None
    unit: str


@cache
def symbols() -> dict[str, Symbol]:
    """Every unit that UCUM knows, as it spells it where case counts."""
    rows = (line.split("\t") for line in _FILE.read_text("utf-8").splitlines()[1:])
    return {
        symbol: Symbol(prefix == "yes", Fraction(number) if number else None, unit)
        for symbol, prefix, number, unit in rows
    }


@cache
def prefixes() -> dict[str, Fraction]:
    powers = zip(
        "Y Z E P T G M k h da d c m u n p f a z y".split(),  # noqa: SIM905 - symbols read best in a row
        (24, 21, 18, 15, 12, 9, 6, 3, 2, 1, -1, -2, -3, -6, -9, -12, -15, -18, -21, -24),
        strict=True,
    )
    binary = {symbol: Fraction(1024) ** power for power, symbol in enumerate(("Ki", "Mi", "Gi", "Ti"), 1)}
    return {symbol: Fraction(10) ** power for symbol, power in powers} | binary

"""Names of places as people write them; the registers have them in capitals and without accents."""

import csv
from functools import cache
from importlib.resources import files
from typing import Final

_DATA: Final = files("ayni.vocabulary.peru") / "data"
_SMALL: Final = frozenset({"DE", "DEL", "Y"})
_ARTICLES: Final = frozenset({"EL", "LA", "LOS", "LAS"})


def place_name(name: str) -> str:
    """A register's name for a page: `San José del Alto`, `Pampa La Calzada`, `Los Baños del Inca`.

    Accents only where a list has them: whole names of places, and Spanish words that have one spelling. What
    is not in capitals is somebody's own spelling and stays.
    """
    if name != name.upper():
        return name
    return _written().get(name) or _capitalised(name.split())


def _capitalised(words: list[str]) -> str:
    """Every word but the joining ones; an article only joins after `de`."""
    before = ["", *words]
    return " ".join(
        word.lower() if earlier and _joins(word, earlier) else _words().get(word, word.capitalize())
        for earlier, word in zip(before, words, strict=False)
    )


def _joins(word: str, earlier: str) -> bool:
    return word in _SMALL or (word in _ARTICLES and earlier == "DE")


@cache
def _written() -> dict[str, str]:
    return _list("place_names.csv")


@cache
def _words() -> dict[str, str]:
    return _list("accented_words.csv")


def _list(file: str) -> dict[str, str]:
    lines = (_DATA / file).read_text("utf-8").splitlines()
    return {row["name"]: row["written"] for row in csv.DictReader(lines)}

"""Which beginnings of a word may stand for it: "durante" begins like "duro" and has nothing to do with it."""

from functools import cache, lru_cache
from importlib.resources import files

from ayni.qhali.extraction.spelling import key_of, keys_of_beginning

LETTERS_MIN = 2


@lru_cache(maxsize=8192)
def beginnings_of(sound: str) -> frozenset[str]:
    """The beginnings of a word, given how it sounds, without those that it only shares by chance."""
    every = (sound[:length] for length in range(LETTERS_MIN, len(sound) + 1))
    return frozenset(each for each in every if not _is_by_chance(each, sound))


def _is_by_chance(beginning: str, sound: str) -> bool:
    whole, begun = _others().get(beginning, (frozenset[str](), ()))
    return sound in whole or sound.startswith(begun)


@cache
def _others() -> dict[str, tuple[frozenset[str], tuple[str, ...]]]:
    """For each beginning the words that only begin so: those whole, and those that go on."""
    text = files("ayni.qhali.extraction").joinpath("data", "only_begin_so.txt").read_text("utf-8")
    rows = (line.split(" = ") for line in text.splitlines() if " = " in line and not line.startswith("#"))
    return {
        key: (
            frozenset(key_of(word) for word in words.split() if not word.endswith("~")),
            tuple(
                each
                for word in words.split()
                if word.endswith("~")
                for each in keys_of_beginning(word.removesuffix("~"))
            ),
        )
        for beginning, words in rows
        for key in keys_of_beginning(beginning.strip())
    }
